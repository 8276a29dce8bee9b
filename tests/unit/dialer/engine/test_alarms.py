"""What lasts has an alarm that ends with it."""

import pytest

from dialer.engine.inputs import ClockIn, Input, RefreshIn, SpoolIn
from dialer.model.facts import EarsDown, EarsUp, LinkDown, LinkUp
from dialer.ports import LeadsLeft
from tests.unit.dialer.engine.scenes import Scene

MB = 1 << 20


def scene_with_a_spool() -> Scene:
    scene = Scene()
    scene.state.spool_low, scene.state.spool_full = 100 * MB, 50 * MB
    return scene


@pytest.mark.parametrize(
    ("begins", "ends", "kind"),
    [
        (ClockIn("the clock was set"), ClockIn(""), "clock_in_doubt"),
        (SpoolIn(80 * MB), SpoolIn(900 * MB), "spool_low"),
        (SpoolIn(8 * MB), SpoolIn(900 * MB), "spool_full"),
    ],
)
def test_an_alarm_of_what_lasts_is_over_with_it_once(begins: Input, ends: Input, kind: str) -> None:
    scene = scene_with_a_spool()
    assert [alarm[0] for alarm in scene.take(begins).alarms] == [kind]
    assert kind in [one for one, _ in scene.take(ends).alarms_over]
    assert not scene.take(ends).alarms_over
    assert [alarm[0] for alarm in scene.take(begins).alarms] == [kind]
    assert kind in [one for one, _ in scene.take(ends).alarms_over]


def test_a_link_and_a_detector_that_are_back_end_their_alarms() -> None:
    scene = Scene()
    scene.fact(EarsUp())
    scene.fact(EarsDown("refused", 1.0))
    assert [alarm[0] for alarm in scene.turn.alarms] == ["detector_down"]
    scene.fact(EarsUp())
    assert scene.turn.alarms_over == [("detector_down", "progress")]
    scene.fact(LinkDown("gone"))
    assert [alarm[0] for alarm in scene.turn.alarms] == ["pbx_link_down"]
    scene.fact(LinkUp())
    assert scene.turn.alarms_over == [("pbx_link_down", "pbx")]


def test_what_is_well_and_wrong_again_within_a_turn_has_its_alarm() -> None:
    scene = Scene()
    scene.fact(LinkDown("gone"))
    scene.fact(LinkUp(), LinkDown("gone again"))
    assert [alarm[0] for alarm in scene.turn.alarms] == ["pbx_link_down"]
    assert not scene.turn.alarms_over
    scene.fact(LinkUp())
    assert scene.turn.alarms_over == [("pbx_link_down", "pbx")]


def test_where_no_alarm_is_open_nothing_is_written_of_what_is_well() -> None:
    scene = Scene()
    scene.fact(LinkUp())
    scene.fact(EarsUp())
    assert not scene.turn.alarms_over


ABOUT = ("trunk_open", "carrier"), ("trunk_open", "old"), ("caller_id_blocked", "+34999999999"), (
    "screening_stopped", "gone",
)  # fmt: skip


def test_what_no_campaign_names_any_more_alarms_nobody() -> None:
    """Nobody will ever call through that trunk, or with that number, to find that it is well."""
    scene = Scene()
    agents = tuple(scene.state.agents.values())
    told = *ABOUT, ("screening_stopped", scene.campaign.code)
    refresh = RefreshIn((scene.campaign,), agents, {1: LeadsLeft(5)}, open_alarms=5, alarmed=told)
    over = scene.take(refresh).alarms_over
    assert [about for about in over if about in told] == list(ABOUT[1:])
    assert not scene.take(refresh).alarms_over
