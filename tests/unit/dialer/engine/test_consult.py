"""A second agent on a call, told as scenes: asked beside the person, or with the person."""

from typing import Any

import pytest

from agent_ws.messages import AgentView
from dialer.engine import effects
from dialer.engine.views import agent_view
from dialer.model.agent import AgentState
from dialer.model.call import CallEventKind, CallState
from dialer.model.facts import ChannelHungUp, Joined, Parted
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import Scene, a_channel


class Floor(Scene):
    """Two agents; the first talks to somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.works(1)
        self.call_id = self.talks(1)
        self.works(2, page="page0002", legal=60)

    def asks(self, **to: object) -> None:
        """The first calls the second in; the person is left alone and hears music."""
        self.command("agent.consult", 1, call_id=str(self.call_id), **(to or {"agent_id": 2}))

    def aside(self) -> None:
        """They talk beside the person."""
        self.asks()
        one, two = self.legs()
        self.fact(Parted(one, "b1"), Parted(str(self.call_id), "b1"), Joined(two, "b2"), Joined(one, "b2"))

    def says(self, kind: str, agent: int = 1) -> None:
        self.command(f"agent.{kind}", agent, call_id=str(self.call_id))

    def legs(self) -> tuple[str, str]:
        return self.agent(1).leg_id, self.agent(2).leg_id

    def shown(self, agent: int) -> object:
        """What the agent's screen says of the other one."""
        view = AgentView.model_validate(agent_view(self.state, self.agent(agent), self.now))
        return view.call and view.call.consult and view.call.consult.model_dump()

    def kinds(self) -> list[CallEventKind]:
        return [transition.event.kind for transition in self.turn.transitions]

    def refusal(self) -> str:
        return str(self.pushed("refused")[-1]["reason"])


@pytest.mark.parametrize("to", [{"agent_id": 2}, {"skill": "legal"}])
def test_a_colleague_is_called_in_while_the_person_hears_music(to: dict[str, object]) -> None:
    scene = Floor()
    scene.asks(**to)
    assert scene.did(effects.Bridge) == [effects.Bridge(*scene.legs())]
    assert scene.kinds() == []
    assert scene.agent(2).state is AgentState.ON_CALL
    assert scene.shown(1) == {"name": "Agent 2", "guest": False, "three": False}
    assert scene.shown(2) == {"name": "Agent 1", "guest": True, "three": False}


def test_a_person_who_hears_music_meanwhile_has_not_lost_the_agent() -> None:
    scene = Floor()
    scene.aside()
    scene.later(5)
    scene.snapshot(a_channel(str(scene.call_id), context="cadencia-hold"), *map(a_channel, scene.legs()))
    assert scene.call(scene.call_id).state is CallState.CONNECTED
    assert not scene.did(effects.Bridge)


def test_the_person_goes_over_when_the_colleague_agrees() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_complete")
    assert scene.kinds() == [CallEventKind.TRANSFERRED]
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[1])]
    assert scene.agent(1).state is AgentState.WRAP_UP
    scene.join(scene.call_id, scene.legs()[1], "b3")
    assert scene.call(scene.call_id).agent_id == 2
    assert (scene.agent(2).state, scene.shown(2)) == (AgentState.ON_CALL, None)


def test_the_colleague_leaves_and_the_person_is_back() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_end")
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[0])]
    assert scene.agent(2).state is AgentState.READY
    assert scene.call(scene.call_id).agent_id == 1
    assert scene.shown(1) is None


def test_the_colleague_may_leave_by_themselves() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_end", agent=2)
    assert scene.agent(2).state is AgentState.READY
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[0])]


def test_three_speak_and_one_leaves() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    one, two = scene.legs()
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), one)]
    assert scene.did(effects.JoinIn) == [effects.JoinIn(two, one)]
    scene.fact(Joined(one, "b3"), Joined(str(scene.call_id), "b3"), Joined(two, "b3"))
    assert scene.shown(2) == {"name": "Agent 1", "guest": True, "three": True}
    scene.says("consult_end")
    assert scene.did(effects.Release) == [effects.Release(two)]
    assert not scene.did(effects.Bridge)
    assert scene.call(scene.call_id).state is CallState.CONNECTED


def test_after_three_have_spoken_the_person_may_stay_with_the_colleague() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    scene.says("consult_complete")
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[1])]
    scene.join(scene.call_id, scene.legs()[1], "b4")
    assert scene.call(scene.call_id).agent_id == 2


def test_a_person_who_hangs_up_frees_the_colleague_and_the_agent_wraps_up() -> None:
    scene = Floor()
    scene.aside()
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    assert scene.turn.transitions[-1].call.outcome is Outcome.CONVERSATION
    assert scene.did(effects.Release) == [effects.Release(scene.legs()[1])]
    assert (scene.agent(1).state, scene.agent(2).state) == (AgentState.WRAP_UP, AgentState.READY)
    assert scene.state.last_outcome == {}


def test_an_agent_who_is_lost_meanwhile_has_handed_the_person_over() -> None:
    scene = Floor()
    scene.aside()
    scene.fact(ChannelHungUp(scene.legs()[0], 16))
    assert scene.kinds() == [CallEventKind.TRANSFERRED]
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[1])]


def test_a_colleague_who_is_lost_meanwhile_gives_the_person_back() -> None:
    scene = Floor()
    scene.aside()
    scene.fact(ChannelHungUp(scene.legs()[1], 16))
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[0])]
    assert scene.call(scene.call_id).state is CallState.CONNECTED
    assert scene.agent(2).state is AgentState.READY


@pytest.mark.parametrize("kind", ["hang_up", "its_a_machine", "consult_complete", "consult_join", "transfer"])
def test_the_call_is_not_the_colleagues_to_end_or_to_hand_on(kind: str) -> None:
    scene = Floor()
    scene.aside()
    to: dict[str, Any] = {"agent_id": 1} if kind == "transfer" else {}
    scene.command(f"agent.{kind}", 2, call_id=str(scene.call_id), **to)
    assert scene.refusal() == "not your call"
    assert not scene.did(effects.HangUp)


def test_nor_to_dispose_of() -> None:
    scene = Floor()
    scene.aside()
    scene.command("agent.dispose", 2, call_id=str(scene.call_id), code="cannot_pay")
    assert scene.refusal() == "not your call"
    assert not scene.turn.dispositions


def test_nobody_is_called_in_who_is_not_free_and_nobody_twice() -> None:
    scene = Floor()
    scene.command("agent.pause", 2, code="break")
    scene.asks()
    assert scene.refusal() == "nobody is free for it"
    scene.command("agent.ready", 2)
    scene.asks()
    scene.asks()
    assert scene.refusal() == "somebody was called in already"


@pytest.mark.parametrize("kind", ["consult_join", "consult_complete", "consult_end"])
def test_without_a_colleague_there_is_nothing_to_end(kind: str) -> None:
    scene = Floor()
    scene.says(kind)
    assert scene.refusal() == "nobody was called in"


def test_who_asks_a_colleague_cannot_hand_the_person_on_blindly() -> None:
    scene = Floor()
    scene.works(3, page="page0003")
    scene.aside()
    scene.command("agent.transfer", 1, call_id=str(scene.call_id), agent_id=3)
    assert scene.refusal() == "not your call"
