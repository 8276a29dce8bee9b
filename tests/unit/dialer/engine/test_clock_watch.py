"""Three clocks: which is believed, and what moves when ours is set."""

from datetime import timedelta

import pytest

from dialer.engine import effects
from dialer.engine.clock_watch import Judgement, Reading, judge
from dialer.engine.inputs import FactIn
from dialer.engine.shift import shifted
from dialer.model.call import CallState
from dialer.model.facts import ChannelAnswered
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import START, Scene

HOUR, NONE = timedelta(hours=1), timedelta(0)


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


@pytest.mark.parametrize(
    ("machine", "database", "asking", "step", "in_doubt"),
    [
        (NONE, NONE, NONE, NONE, False),
        (seconds(1.9), NONE, NONE, NONE, False),
        (HOUR, HOUR, NONE, HOUR, False),
        (-HOUR, -HOUR, NONE, -HOUR, False),
        (HOUR, NONE, NONE, NONE, True),
        (NONE, HOUR, NONE, NONE, True),
        (NONE, seconds(-2.1), NONE, NONE, True),
        (NONE, seconds(4), seconds(3), NONE, False),
    ],
)
def test_ours_follows_only_where_two_others_agree(
    machine: timedelta, database: timedelta, asking: timedelta, step: timedelta, in_doubt: bool
) -> None:
    """All are how far they are from our clock; `asking` is half the time that the question took."""
    said = judge(Reading(START, START + machine, START + database, asking))
    assert (said.step, bool(said.in_doubt)) == (step, in_doubt)
    assert said == Judgement() or (said.step != NONE) != bool(said.in_doubt)


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_every_wait_goes_on_as_if_nothing_had_happened(step: timedelta) -> None:
    """A person who waits 1.2 s of 1.7, an agent who wraps up, a call that rings."""
    scene = Scene()
    scene.works()
    spoken = scene.talks()
    waiting, ringing = scene.human(2), scene.dials(3)
    rung = scene.call(ringing).deadline_at
    scene.later(1.2)
    shifted(scene.state, step)
    scene.now += step
    scene.later(0.4)
    assert scene.call(waiting).state is CallState.WAITING
    assert scene.call(spoken).state is CallState.CONNECTED
    assert rung is not None
    assert scene.call(ringing).deadline_at == rung + step
    scene.later(0.2)
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(waiting))]


def test_what_is_known_twice_moves_once() -> None:
    scene = Scene()
    call_id = scene.human()
    assert scene.state.waiting[call_id] is scene.state.calls[call_id]
    before = scene.call(call_id).waiting_at
    shifted(scene.state, HOUR)
    assert before is not None
    assert scene.call(call_id).waiting_at == before + HOUR


def test_what_waits_to_be_read_keeps_its_age() -> None:
    told = FactIn(ChannelAnswered("x"), START, START + seconds(1))
    assert shifted(told, HOUR) == FactIn(ChannelAnswered("x"), START + HOUR, START + HOUR + seconds(1))


def test_who_was_about_to_be_called_as_the_doubt_began_is_not_called() -> None:
    scene = Scene()
    scene.works()
    scene.state.clock_in_doubt = True
    about_to = scene.dials()
    assert [step.call.outcome for step in scene.turn.transitions] == [Outcome.CANCELLED]
    assert str(about_to) not in [order.order.channel_id for order in scene.did(effects.Originate)]
