"""An agent hands the person on, told as scenes."""

from dataclasses import replace

import pytest

from agent_ws.messages import AgentView
from dialer.engine import effects
from dialer.engine.rooms.calls import live_of
from dialer.engine.views import agent_view
from dialer.model.agent import AgentState
from dialer.model.call import CallEventKind, CallState
from dialer.model.facts import ChannelHungUp, Joined, Parted
from dialer.model.handover import Handover
from dialer.model.outcomes import Outcome
from dialer.ports import OpenCall
from tests.unit.dialer.engine.scenes import Scene


class Floor(Scene):
    """Two agents; the first talks to somebody."""

    def __init__(self) -> None:
        super().__init__(verify_first=True)
        self.works(1)
        self.call_id = self.talks(1)
        self.works(2, page="page0002", legal=60)

    def hands_on(self, **to: object) -> None:
        self.command("agent.transfer", 1, call_id=str(self.call_id), **to)


@pytest.mark.parametrize("to", [{"agent_id": 2}, {"skill": "legal"}])
def test_the_person_goes_to_the_other_agent_at_once_with_all_that_is_known(to: dict[str, object]) -> None:
    scene = Floor()
    scene.command("agent.verify_identity", 1, call_id=str(scene.call_id))
    scene.hands_on(**to)
    assert [t.event.kind for t in scene.turn.transitions] == [CallEventKind.TRANSFERRED]
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.agent(2).leg_id)]
    assert not scene.did(effects.Park)
    assert not scene.did(effects.HangUp)
    assert scene.agent(1).state is AgentState.WRAP_UP
    assert scene.agent(2).state is AgentState.ON_CALL
    scene.fact(Parted(str(scene.call_id), "b1"), Parted(scene.agent(1).leg_id, "b1"))
    scene.join(scene.call_id, scene.agent(2).leg_id, "b2")
    assert (scene.call(scene.call_id).state, scene.call(scene.call_id).agent_id) == (CallState.CONNECTED, 2)
    assert AgentView.model_validate(scene.pushed("agent")[-1]).call is not None
    assert scene.state.calls[scene.call_id].verified


def test_whoever_handed_a_person_on_sees_how_it_was_and_the_wait_begins_anew() -> None:
    scene = Floor()
    was = scene.state.calls[scene.call_id].routing
    scene.later(100)
    scene.hands_on(agent_id=2)
    now = scene.state.calls[scene.call_id].routing
    shown = agent_view(scene.state, scene.agent(1), scene.now)["call"]
    assert shown["routing"] == was != now
    assert now["waited_s"] == 0.0


def test_both_say_what_came_of_it() -> None:
    scene = Floor()
    scene.hands_on(agent_id=2)
    scene.command("agent.dispose", 1, call_id=str(scene.call_id), code="cannot_pay")
    assert [made.agent_id for made in scene.turn.dispositions] == [1]
    assert scene.agent(1).state is AgentState.READY
    scene.join(scene.call_id, scene.agent(2).leg_id, "b2")
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    assert scene.turn.transitions[-1].call.outcome is Outcome.CONVERSATION
    assert scene.agent(2).state is AgentState.WRAP_UP
    scene.command("agent.dispose", 2, call_id=str(scene.call_id), code="cannot_pay")
    assert [made.agent_id for made in scene.turn.dispositions] == [2]


ALONG = {"note": "espera su nómina", "code": "promise", "notes": "cobra el 10"}
"""What the first agent's page sends along."""
TOLD = {"name": "Agent 1", **ALONG}


def handed_over(scene: Scene, agent: int) -> object:
    """What the agent's screen says of who handed the person over."""
    view = AgentView.model_validate(agent_view(scene.state, scene.agent(agent), scene.now))
    return view.call and view.call.handover and view.call.handover.model_dump()


@pytest.mark.parametrize("to", [{"agent_id": 2}, {"skill": "legal"}])
def test_a_blind_transfer_tells_who_hands_over_and_what_was_said(to: dict[str, object]) -> None:
    scene = Floor()
    scene.hands_on(**to, **ALONG)
    assert handed_over(scene, 2) == TOLD
    assert handed_over(scene, 1) is None
    scene.join(scene.call_id, scene.agent(2).leg_id, "b2")
    assert handed_over(scene, 2) == TOLD
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    assert handed_over(scene, 2) == TOLD


def test_what_went_along_is_in_the_books_and_known_again_after_a_restart() -> None:
    scene = Floor()
    scene.hands_on(agent_id=2, **ALONG)
    (written,) = scene.turn.transitions
    assert written.handover == Handover(by=1, agent_id=2, **ALONG)
    card = scene.state.calls[scene.call_id].card
    scene.join(scene.call_id, scene.agent(2).leg_id, "b2")
    joined = scene.call(scene.call_id)
    scene.state.calls[scene.call_id] = live_of(OpenCall(joined, card, handover=written.handover))
    assert handed_over(scene, 2) == TOLD


def test_who_has_handed_over_is_not_told_so_by_a_new_engine() -> None:
    scene = Floor()
    scene.hands_on(agent_id=2, **ALONG)
    wrapping = scene.state.wrapping[1]
    scene.state.wrapping[1] = live_of(
        OpenCall(wrapping.call, wrapping.card, handover=Handover(by=1, agent_id=None, **ALONG))
    )
    assert handed_over(scene, 1) is None


def test_who_hands_on_what_was_handed_over_still_sees_by_whom_and_the_third_sees_the_second() -> None:
    scene = Floor()
    scene.hands_on(agent_id=2, **ALONG)
    scene.join(scene.call_id, scene.agent(2).leg_id, "b2")
    scene.works(3, page="page0003")
    scene.command("agent.transfer", 2, call_id=str(scene.call_id), agent_id=3, note="sigue usted")
    assert handed_over(scene, 2) == TOLD
    assert handed_over(scene, 3) == {"name": "Agent 2", "note": "sigue usted", "code": "", "notes": ""}


def test_a_person_handed_to_somebody_whose_phone_fails_is_anybodys() -> None:
    """Only the one who was meant, until it was tried: music and then the message is no hand-over."""
    scene = Floor()
    scene.works(3, page="page0003")
    scene.hands_on(agent_id=2)
    scene.later(1.1)
    assert scene.did(effects.Bridge)[-1] == effects.Bridge(str(scene.call_id), scene.agent(3).leg_id)


def test_a_person_whose_next_agent_is_lost_for_good_is_anybodys() -> None:
    scene = Floor()
    scene.hands_on(agent_id=2)
    scene.join(scene.call_id, scene.agent(2).leg_id, "b2")
    scene.fact(ChannelHungUp(scene.agent(2).leg_id, 44))
    scene.works(3, page="page0003")
    scene.later(9)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.agent(3).leg_id)]


def test_after_a_restart_only_the_one_who_was_meant_until_that_was_tried() -> None:
    scene = Floor()
    meant = Handover(by=1, agent_id=2)
    live = scene.state.calls[scene.call_id]
    assert live_of(OpenCall(live.call, live.card, handover=meant)).handover == meant
    joined = replace(live.call, agent_id=2)
    assert live_of(OpenCall(joined, live.card, handover=meant)).handover == Handover(by=1)


@pytest.mark.parametrize(
    "to", [{"skill": "tax"}, {"agent_id": 1}, {"agent_id": 77}, {}, {"agent_id": 2, "skill": "legal"}]
)
def test_nobody_is_handed_to_nowhere(to: dict[str, object]) -> None:
    scene = Floor()
    scene.hands_on(**to)
    assert len(scene.pushed("refused")) == 1
    assert (scene.turn.transitions, scene.did(effects.Bridge)) == ([], [])
    assert scene.agent(1).state is AgentState.ON_CALL


def test_an_agent_who_is_busy_is_no_target() -> None:
    scene = Floor()
    scene.command("agent.pause", 2, code="break")
    scene.hands_on(agent_id=2)
    assert scene.pushed("refused")[-1]["reason"] == "nobody is free for it"


def test_the_screen_names_who_is_free() -> None:
    scene = Floor()
    scene.command("agent.verify_identity", 1, call_id=str(scene.call_id))
    assert scene.pushed("agent")[-1]["transfer_to"] == [
        {"skill": "legal", "agent_id": None, "name": "legal", "free": 1},
        {"skill": "", "agent_id": 2, "name": "Agent 2", "free": 1},
    ]


def test_a_person_whose_second_join_fails_is_not_given_back_to_the_first() -> None:
    scene = Floor()
    scene.works(3, page="page0003", legal=10)
    scene.hands_on(skill="legal")
    scene.command("agent.dispose", 1, call_id=str(scene.call_id), code="cannot_pay")
    scene.later(1.1)
    assert scene.did(effects.Bridge)[-1].leg == scene.agent(3).leg_id
    scene.state.agents[3] = replace(scene.agent(3), skills={})
    scene.join(scene.call_id, scene.agent(3).leg_id, "b3")
    assert scene.call(scene.call_id).agent_id == 3


def test_only_the_own_call_can_be_handed_on() -> None:
    scene = Floor()
    scene.command("agent.transfer", 2, call_id=str(scene.call_id), agent_id=1)
    scene.command("agent.transfer", 1, call_id="nonsense", agent_id=2)
    scene.fact(Joined(scene.agent(2).leg_id, "b9"))
    assert scene.call(scene.call_id).agent_id == 1
