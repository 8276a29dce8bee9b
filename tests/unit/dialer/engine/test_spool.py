"""No recording, no call: told before it happens, for campaigns that say so, and nobody is cut off."""

from typing import Any

import pytest

from dialer.engine import effects
from dialer.engine.inputs import SpoolIn
from dialer.model.call import CallState
from dialer.model.holds import Hold, HoldCode
from dialer.model.outcomes import Outcome
from dialer.ports import LeadsLeft
from tests.unit.dialer.engine.scenes import Scene

MB = 1 << 20


def a_floor(**more: Any) -> Scene:
    """With room for a gigabyte as the limit of dialling, and four as that of the alarm."""
    scene = Scene(**more)
    scene.works()
    scene.state.tally(1).left = LeadsLeft(100)
    scene.state.spool_low, scene.state.spool_full = 4096 * MB, 1024 * MB
    return scene


def measured(scene: Scene, megabytes: int) -> list[str]:
    """The alarms of a turn that hears of so much room."""
    return [kind for kind, *_ in scene.take(SpoolIn(megabytes * MB)).alarms]


def dials(scene: Scene) -> bool:
    """Whether the next pacing places calls."""
    scene.pace()
    return bool(scene.ordered())


def test_the_alarm_comes_before_it_is_full_and_once() -> None:
    scene = a_floor()
    found = [measured(scene, room) for room in (5000, 4000, 3900, 1000, 900, 1100, 6000, 4000)]
    assert found == [[], ["spool_low"], [], ["spool_full"], [], [], [], ["spool_low"]]


def test_without_room_nobody_is_called_who_must_be_recorded() -> None:
    scene = a_floor()
    measured(scene, 1000)
    assert not dials(scene)
    assert scene.state.tally(1).last == Hold(HoldCode.NO_ROOM)
    measured(scene, 2000)
    assert dials(scene)


@pytest.mark.parametrize("setting", ["record", "record_or_no_call"])
def test_a_campaign_may_call_without_recording(setting: str) -> None:
    scene = a_floor(**{setting: False})
    measured(scene, 1000)
    assert dials(scene)


def test_where_nobody_measures_nothing_is_barred() -> None:
    assert dials(a_floor())


def test_who_speaks_is_left_alone_and_who_was_about_to_be_called_is_not_called() -> None:
    scene = a_floor()
    talking = scene.talks()
    measured(scene, 1000)
    assert scene.call(talking).state is CallState.CONNECTED
    about_to = scene.dials(person_id=2)
    assert [step.call.outcome for step in scene.turn.transitions] == [Outcome.CANCELLED]
    assert str(about_to) not in [order.order.channel_id for order in scene.did(effects.Originate)]
