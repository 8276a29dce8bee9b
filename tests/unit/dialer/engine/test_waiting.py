"""A campaign that finds nobody to call: how long it leaves the store alone, and what it says meanwhile."""

from datetime import timedelta
from typing import Any

from dialer.engine.inputs import PlacedIn, RefreshIn
from dialer.model.campaign import CampaignStatus
from dialer.ports import PlaceResult, Waiting, waiting_of
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
    left = {1: scene.state.tally(1).leads_left}
    scene.take(RefreshIn((scene.campaign,), tuple(scene.state.agents.values()), left))


def strip(scene: Scene) -> str:
    """The last decision as the supervisor's strip has it a second later."""
    scene.pace(1)
    (row,) = scene.pushed("floor")[-1]["campaigns"]
    return str(row["last_decision"])


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


def test_a_campaign_that_does_not_run_waits_for_nobody() -> None:
    scene = Scene()
    dry(scene, NIGHT)
    reads(scene, status=CampaignStatus.PAUSED)
    assert not strip(scene).startswith("outside hours")
