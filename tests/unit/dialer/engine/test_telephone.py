"""What the PBX tells of calls that were without an engine for a while."""

import pytest

from dialer.engine import effects
from dialer.model.call import CallState
from dialer.model.facts import ChannelAnswered, ChannelHungUp, MessagePlayed, Screened
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import Scene


def test_whom_the_dialplan_excused_while_we_were_frozen_was_abandoned() -> None:
    """All of it is read at once, after the freeze; an agent is idle by then."""
    scene = Scene(screening="progress")
    scene.works()
    channel = str(scene.dials())
    scene.fact(ChannelAnswered(channel), MessagePlayed(channel, "start"))
    assert [t.call.outcome for t in scene.turn.transitions][-1] is Outcome.ABANDONED
    assert not scene.did(effects.Bridge)
    assert not scene.did(effects.PlayMessage)


def test_who_hung_up_in_the_midst_of_the_message_was_abandoned_too() -> None:
    scene = Scene(screening="progress")
    channel = str(scene.dials())
    scene.fact(ChannelAnswered(channel), MessagePlayed(channel, "start"), ChannelHungUp(channel, 16))
    assert [t.call.outcome for t in scene.turn.transitions][-1] is Outcome.ABANDONED


def test_who_waits_and_is_excused_by_the_dialplan_hears_the_message_once() -> None:
    scene = Scene(screening="off")
    call_id = scene.dials()
    channel = str(call_id)
    scene.fact(ChannelAnswered(channel))
    scene.fact(Screened(channel, "OFF"))
    assert scene.call(call_id).state is CallState.WAITING
    scene.fact(MessagePlayed(channel, "start"))
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.ABANDONED]
    assert not scene.did(effects.PlayMessage)


@pytest.mark.parametrize(
    ("by_pbx", "outcome", "alarms"),
    [(True, Outcome.LOST, ["hung_up_by_pbx"]), (False, Outcome.HUNG_UP_EARLY, [])],
)
def test_a_call_that_our_own_dialplan_ends_is_not_the_persons(
    by_pbx: bool, outcome: Outcome, alarms: list[str]
) -> None:
    scene = Scene(screening="progress")
    channel = str(scene.dials())
    scene.fact(ChannelAnswered(channel))
    scene.fact(ChannelHungUp(channel, 16, by_pbx=by_pbx))
    assert [t.call.outcome for t in scene.turn.transitions] == [outcome]
    assert [alarm[0] for alarm in scene.turn.alarms] == alarms


def test_an_end_that_the_pbx_brings_before_anybody_answered_is_as_it_was() -> None:
    scene = Scene()
    channel = str(scene.dials())
    scene.fact(ChannelHungUp(channel, 17, "SIP 486", by_pbx=True))
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.BUSY]
