"""Agents who want to leave, or must; people who left."""

from dialer.engine.inputs import RefreshIn
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.facts import ChannelAnswered, ChannelHungUp, Parted, Screened
from dialer.model.outcomes import Outcome
from dialer.ports import LeadsLeft
from tests.unit.dialer.engine.scenes import Scene


def test_a_pause_asked_while_being_joined_is_taken_when_the_join_fails() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.human()
    scene.command("agent.pause", code="break")
    scene.fact(ChannelHungUp(str(call_id), 16, ""))
    assert (scene.agent().state, scene.agent().pause_code) == (AgentState.PAUSED, "break")
    assert scene.agent().next_pause == ""


def test_a_lost_leg_is_told_of_once() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.fact(Parted(leg, "b1"), Parted(str(call_id), "b1"), ChannelHungUp(leg, 16, ""))
    scene.later(1.2)
    scene.later(1.2)
    assert scene.call(call_id).state is CallState.WAITING
    assert scene.state.illegal_events == 0


def test_who_works_here_no_more_gets_nobody() -> None:
    scene = Scene()
    scene.works()
    scene.take(RefreshIn((scene.campaign,), (), {1: LeadsLeft(5)}))
    call_id = scene.human()
    assert scene.agent().state is AgentState.OFFLINE
    assert scene.state.calls[call_id].assigned is None


def test_who_works_here_no_more_ends_the_conversation_first() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.take(RefreshIn((scene.campaign,), (), {1: LeadsLeft(5)}))
    assert (scene.call(call_id).state, scene.agent().state) == (CallState.CONNECTED, AgentState.ON_CALL)
    scene.fact(ChannelHungUp(str(call_id), 16, ""))
    scene.take(RefreshIn((scene.campaign,), (), {1: LeadsLeft(5)}))
    assert scene.agent().state is AgentState.OFFLINE


def test_who_hangs_up_during_the_screening_disturbs_no_agent_and_is_no_live_answer() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)))
    scene.fact(Screened(str(call_id), "HANGUP", ""))
    assert scene.agent().state is AgentState.READY
    scene.fact(ChannelHungUp(str(call_id), 16, ""))
    (ended,) = scene.turn.transitions
    assert ended.call.outcome is Outcome.HUNG_UP_EARLY
    assert scene.results() == (0, 0)
