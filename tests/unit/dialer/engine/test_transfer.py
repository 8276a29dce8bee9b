"""An agent hands the person on, told as scenes."""

from dataclasses import replace

import pytest

from agent_ws.messages import AgentView
from dialer.engine import effects
from dialer.engine.views import agent_view
from dialer.model.agent import AgentState
from dialer.model.call import CallEventKind, CallState
from dialer.model.facts import ChannelHungUp, Joined, Parted
from dialer.model.outcomes import Outcome
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
