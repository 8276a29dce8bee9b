"""A campaign that finds nobody to call: how long it leaves the store alone, and what it says meanwhile."""

from datetime import timedelta
from typing import Any

import pytest

from dialer.engine.inputs import PlacedIn, RefreshIn
from dialer.model.campaign import CampaignStatus
from dialer.ports import LeadsLeft, PlaceResult, Waiting, waiting_of
from tests.unit.dialer.engine.scenes import START, Scene

MORNING = START + timedelta(hours=9)
NIGHT = waiting_of([("calling_hours", 40, MORNING), ("excluded_day", 2, MORNING + timedelta(days=1))])


def dry(scene: Scene, waiting: Waiting | None = None) -> None:
    """The store has nobody to call."""
    scene.works()
    scene.pace()
    scene.take(PlacedIn(1, 1, PlaceResult(dry=True, waiting=waiting)))


def reads(scene: Scene, **more: Any) -> None:
    """The engine reads the campaign again, with something changed."""
    scene.campaign = scene.campaign.model_copy(update=more)
    left = {1: scene.state.tally(1).left}
    scene.take(RefreshIn((scene.campaign,), tuple(scene.state.agents.values()), left))


def strip(scene: Scene) -> str:
    """The last decision as the supervisor's strip has it a second later."""
    scene.pace(1)
    (row,) = scene.pushed("floor")[-1]["campaigns"]
    return str(row["last_decision"])


def test_the_strip_has_the_hold_or_the_reason_as_data_too() -> None:
    scene = Scene()
    scene.works()
    working = row(scene)
    assert (working["why"]["mode"], working["why"]["ready"], working["hold"]) == ("predictive", 1, None)
    dry(scene, NIGHT)
    held = row(scene)
    assert (held["why"], held["hold"]["code"]) == (None, "outside_hours")
    assert (held["hold"]["until"], held["hold"]["leads"]) == (MORNING.isoformat(), 42)


def test_when_the_rules_change_nobody_waits_for_the_end_of_the_rest() -> None:
    scene = Scene()
    dry(scene)
    scene.pace(1)
    assert not scene.ordered()
    reads(scene, rules=0)
    scene.pace(0.1)
    assert not scene.ordered()
    reads(scene, rules=1)
    scene.pace(0.1)
    assert scene.ordered()


def test_at_night_the_last_decision_says_until_when() -> None:
    scene = Scene()
    dry(scene, NIGHT)
    assert strip(scene) == f"outside hours until {MORNING.isoformat()}"
    for _ in range(3):
        scene.pace(20)
        scene.take(PlacedIn(1, 1, PlaceResult(dry=True, waiting=NIGHT)))
        assert strip(scene) == f"outside hours until {MORNING.isoformat()}"


def test_else_it_names_the_rule_that_holds_most_and_the_next_instant() -> None:
    soon = START + timedelta(minutes=20)
    scene = Scene()
    dry(scene, waiting_of([("calling_hours", 12, MORNING), ("attempts_per_day", 30, MORNING), ("", 3, soon)]))
    assert strip(scene) == f"nobody to call until {soon.isoformat()}: 30 of 45 wait, attempts_per_day"


def test_of_retries_alone_and_of_nobody_at_all_it_is_not_silent_either() -> None:
    soon = START + timedelta(minutes=20)
    scene = Scene()
    dry(scene, waiting_of([("", 3, soon)]))
    assert strip(scene) == f"nobody to call until {soon.isoformat()}: 3 of 3 wait, retry"
    other = Scene()
    dry(other, waiting_of([]))
    assert strip(other) == "nobody to call: no list has a lead to give"


def test_when_the_instant_comes_or_somebody_is_called_it_says_what_the_pacing_does() -> None:
    scene = Scene()
    dry(scene, waiting_of([("calling_hours", 1, START + timedelta(seconds=30))]))
    assert strip(scene).startswith("outside hours")
    scene.later(30)
    assert strip(scene).startswith("predictive: 1 ready")
    other = Scene()
    dry(other, NIGHT)
    other.take(PlacedIn(1, 1, PlaceResult()))
    assert strip(other).startswith("predictive: 1 ready")


def test_what_forbids_to_dial_at_all_stands_before_what_the_leads_wait_for() -> None:
    scene = Scene()
    dry(scene, NIGHT)
    reads(scene, caller_id_refused="caller_id_prefix")
    assert strip(scene) == "caller id not permitted: caller_id_prefix"


@pytest.mark.parametrize("status", [CampaignStatus.PAUSED, CampaignStatus.STOPPED])
@pytest.mark.parametrize("called", [False, True])
def test_a_campaign_that_is_halted_says_so_and_no_older_reason(status: CampaignStatus, called: bool) -> None:
    scene = Scene()
    if called:
        scene.works()
        scene.pace()
    else:
        dry(scene, NIGHT)
    reads(scene, status=status)
    assert strip(scene) == f"campaign {status}: nobody is called until somebody starts it"
    reads(scene, status=CampaignStatus.RUNNING)
    assert not strip(scene).startswith("campaign ")


def test_a_quota_that_is_reached_says_until_when() -> None:
    scene = Scene()
    dry(scene, waiting_of([("quota_full", 12, MORNING)]))
    assert strip(scene) == f"quota reached until {MORNING.isoformat()}: 12 wait"


def test_lists_that_are_paused_wait_for_somebody_not_for_an_instant() -> None:
    scene = Scene()
    dry(scene, waiting_of([("list_paused", 9, None)]))
    assert strip(scene) == "nobody to call: 9 of 9 wait, list_paused"
    scene.later(86_400)
    assert strip(scene) == "nobody to call: 9 of 9 wait, list_paused"
    mixed = Scene()
    dry(mixed, waiting_of([("list_paused", 9, None), ("quota_full", 2, MORNING)]))
    assert strip(mixed) == f"nobody to call until {MORNING.isoformat()}: 2 of 11 wait, quota_full"


def test_old_lists_that_are_paused_hide_no_hours() -> None:
    scene = Scene()
    dry(scene, waiting_of([("list_paused", 900, None), ("calling_hours", 40, MORNING)]))
    assert strip(scene) == f"outside hours until {MORNING.isoformat()}"


def test_while_nothing_may_be_dialled_at_all_it_says_why() -> None:
    scene = Scene()
    scene.works()
    scene.state.dialplan = "another"
    assert strip(scene) == "halted: the PBX has another dialplan"
    scene.state.pbx_up = False
    assert strip(scene) == "halted: the PBX does not answer"


def row(scene: Scene) -> dict[str, Any]:
    """The campaign on the supervisor's strip a second later."""
    scene.pace(1)
    (found,) = scene.pushed("floor")[-1]["campaigns"]
    return dict(found)


def test_who_rests_is_counted_and_until_when_is_said() -> None:
    scene = Scene()
    soon = START + timedelta(minutes=20)
    later = soon + timedelta(minutes=1)
    left = {1: LeadsLeft(open=231, resting=200, wakes=((soon, 150), (later, 50)))}
    scene.take(RefreshIn((scene.campaign,), tuple(scene.state.agents.values()), left))
    shown = row(scene)
    assert (shown["leads_left"], shown["leads_resting"]) == (231, 200)
    assert shown["resting_until"] == soon.isoformat()
    # The count is some seconds old: who has woken meanwhile rests no more, and the next one's time is said.
    scene.later(20 * 60)
    shown = row(scene)
    assert (shown["leads_resting"], shown["resting_until"]) == (50, later.isoformat())
    scene.later(60)
    shown = row(scene)
    assert (shown["leads_resting"], shown["resting_until"]) == (0, None)


def test_lines_and_pace_that_nobody_set_follow_who_is_logged_in() -> None:
    scene = Scene()
    before = row(scene)
    scene.works()
    after = row(scene)
    assert (before["max_lines"], after["max_lines"]) == (0, 11)
    scene.changes(1, max_lines=7, max_cps=2.5)
    assert (row(scene)["max_lines"], row(scene)["max_cps"]) == (7, 2.5)
