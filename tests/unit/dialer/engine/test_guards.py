"""Guards that no other test would miss, each with an expectation of its own."""

from datetime import timedelta
from uuid import UUID

import pytest

from dialer.engine import effects
from dialer.engine.inputs import CommandIn, FactIn, SnapshotIn, StalledIn
from dialer.engine.state import Turn
from dialer.engine.turns import take_turn
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.commands import Transfer
from dialer.model.facts import ChannelAnswered, ChannelRinging, ChannelSnapshot, Joined, Parted, PbxSnapshot
from dialer.model.orders import DIALPLAN
from dialer.model.outcomes import Outcome
from dialer.ports import Command
from tests.unit.dialer.engine.scenes import Scene, a_channel


def test_who_is_being_joined_as_the_limit_comes_hears_no_message() -> None:
    """1.6 s: an agent is there. 2.0 s: past the limit, the join under way. 2.2 s: they speak."""
    scene = Scene()
    call_id = scene.human()
    scene.later(1.6)
    leg = scene.works().leg_id
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), leg)]
    scene.later(0.4)
    assert not scene.did(effects.PlayMessage)
    assert scene.call(call_id).state is CallState.WAITING
    scene.now += timedelta(seconds=0.2)
    scene.join(call_id, leg)
    assert scene.call(call_id).state is CallState.CONNECTED
    assert scene.results() == (1, 0)


class Looked(Scene):
    """Lists of channels that are asked for at one instant and come at a later one."""

    def listed(self, asked: float, came: float, *channels: ChannelSnapshot) -> Turn:
        start = self.now
        self.now = start + timedelta(seconds=came)
        turn = self.take(
            SnapshotIn(PbxSnapshot(channels, dialplan=DIALPLAN), start + timedelta(seconds=asked))
        )
        self.now = start
        return turn


def test_a_list_that_was_asked_for_before_the_last_word_of_a_call_does_not_end_it() -> None:
    scene = Looked()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    scene.now += timedelta(seconds=3)
    heard = scene.now
    scene.take(FactIn(ChannelAnswered(str(call_id)), heard, heard))
    scene.listed(-0.01, 0.02)
    assert scene.call(call_id).state is CallState.SCREENING


def test_a_list_that_was_asked_for_after_the_last_word_of_a_call_does() -> None:
    scene = Looked()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    scene.now += timedelta(seconds=3)
    scene.listed(0.01, 0.02)
    assert call_id not in scene.state.calls


def test_an_old_list_parts_nobody() -> None:
    scene = Looked()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.listed(
        -0.01,
        0.02,
        a_channel(str(call_id), context="cadencia-waiting"),
        a_channel(leg, context="cadencia-agent"),
    )
    assert scene.call(call_id).state is CallState.CONNECTED
    assert not scene.did(effects.Park)


def test_who_has_just_left_the_bridge_is_not_parked_by_an_old_list() -> None:
    """The join to the next agent may be under way: a second passes first."""
    scene = Looked()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.fact(Parted(str(call_id), "b1"))
    scene.listed(-0.01, 0.02, a_channel(str(call_id)), a_channel(leg, context="cadencia-agent"))
    assert scene.call(call_id).state is CallState.CONNECTED
    scene.later(1.1)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), leg)]


def test_no_deadline_is_judged_after_the_instant_until_which_everything_was_read() -> None:
    scene = Scene()
    call_id = scene.human()
    over = scene.now + timedelta(seconds=30)
    until = scene.now + timedelta(seconds=1.6)
    every = timedelta(hours=1)
    take_turn(scene.state, (), now=over, pacing_every=every, known_until=until)
    assert call_id in scene.state.calls
    take_turn(scene.state, (), now=over, pacing_every=every)
    assert call_id not in scene.state.calls


def test_what_fell_due_before_a_look_is_judged_with_it() -> None:
    scene = Scene()
    call_id = scene.human()
    scene.now += timedelta(seconds=10)
    scene.take(StalledIn("we stood still"))
    assert not scene.did(effects.PlayMessage)
    scene.now += timedelta(seconds=0.1)
    scene.snapshot(a_channel(str(call_id), context="cadencia-waiting"))
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(call_id))]


def test_who_was_screened_to_the_end_unseen_waits_since_then() -> None:
    """Four seconds of screening and two to connect are over: no agent in the seventh second comes in time."""
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)))
    answered = scene.now
    scene.later(7)
    call = scene.call(call_id)
    assert call.waiting_at == answered + timedelta(seconds=4)
    scene.later(0.01)
    assert scene.turn.transitions[-1].call.outcome is Outcome.ABANDONED


@pytest.mark.parametrize(("second_look", "gone"), [(1.4, False), (1.5, True)])
def test_an_originate_may_be_under_way_for_a_second_and_a_half(second_look: float, gone: bool) -> None:
    """The two looks must lie so far apart; a second one that comes too early proves nothing."""
    scene = Looked()
    call_id = scene.dials()
    scene.listed(1.0, 1.01)
    assert call_id in scene.state.calls
    scene.listed(1.0 + second_look, 3.0)
    assert (call_id not in scene.state.calls) is gone
    assert [t.call.outcome for t in scene.turn.transitions] == ([Outcome.LOST] if gone else [])


def hands_on(call_id: UUID, to: int) -> CommandIn:
    return CommandIn(Command(Transfer(call_id, agent_id=to), 1))


def two_agents() -> Scene:
    scene = Scene()
    scene.works(1)
    return scene


def test_who_is_joined_in_this_very_turn_is_not_handed_on_in_it() -> None:
    scene = two_agents()
    call_id = scene.human()
    scene.works(2, "page0002")
    leg = scene.agent(1).leg_id
    joined = [FactIn(Joined(str(call_id), "b1"), scene.now), FactIn(Joined(leg, "b1"), scene.now)]
    scene.take(*joined, hands_on(call_id, to=2))
    assert [body["reason"] for body in scene.pushed("refused")] == ["not your call"]
    assert (scene.call(call_id).agent_id, scene.agent(2).state) == (1, AgentState.READY)


def test_nobody_is_handed_on_past_the_colleague_who_was_called_in() -> None:
    scene = two_agents()
    call_id = scene.talks()
    scene.works(2, "page0002")
    scene.works(3, "page0003")
    scene.command("agent.consult", call_id=str(call_id), agent_id=2)
    assert scene.state.calls[call_id].consult is not None
    scene.take(hands_on(call_id, to=3))
    assert [body["reason"] for body in scene.pushed("refused")] == ["not your call"]
    assert scene.agent(3).state is AgentState.READY
    assert scene.state.calls[call_id].consult is not None
