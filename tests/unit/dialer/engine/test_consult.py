"""A second agent on a call, told as scenes: asked beside the person, or with the person."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_ws.messages import AgentView
from dialer.engine import effects
from dialer.engine.inputs import SnapshotIn
from dialer.engine.rooms.calls import live_of
from dialer.engine.start import taken_up
from dialer.engine.views import agent_view
from dialer.model.agent import Agent, AgentState, LegState
from dialer.model.call import CallEventKind, CallState
from dialer.model.facts import ChannelAnswered, ChannelHungUp, Joined, Parted, PbxSnapshot
from dialer.model.handover import Handover
from dialer.model.outcomes import Outcome
from dialer.ports import OpenCall, Presence
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

    def told(self, agent: int) -> object:
        """What the agent's screen says of who hands the person over."""
        view = AgentView.model_validate(agent_view(self.state, self.agent(agent), self.now))
        return view.call and view.call.handover and view.call.handover.model_dump()

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


def test_a_colleague_who_is_asked_sees_the_note_at_once_and_what_was_said_when_it_is_handed_over() -> None:
    scene = Floor()
    scene.asks(agent_id=2, note="pide un plazo", code="callback", notes="")
    told = {"name": "Agent 1", "note": "pide un plazo", "code": "callback", "notes": ""}
    assert (scene.told(2), scene.told(1)) == (told, None)
    scene.command("agent.consult_complete", 1, call_id=str(scene.call_id), note="", notes="cobra el 10")
    told["notes"] = "cobra el 10"
    assert scene.told(2) == told
    (written,) = scene.turn.transitions
    assert written.handover == Handover(1, note="pide un plazo", code="callback", notes="cobra el 10")
    scene.join(scene.call_id, scene.legs()[1], "b3")
    assert scene.told(2) == told
    assert "handed_over_by" not in scene.state.calls[scene.call_id].routing


def test_an_agent_who_is_lost_meanwhile_has_left_the_note() -> None:
    scene = Floor()
    scene.asks(agent_id=2, note="pide un plazo")
    scene.fact(ChannelHungUp(scene.legs()[0], 44))
    assert scene.told(2) == {"name": "Agent 1", "note": "pide un plazo", "code": "", "notes": ""}


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


def test_a_colleague_who_puts_the_phone_down_once_the_person_has_left_the_three_ends_nothing() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    one, two = scene.legs()
    scene.fact(Joined(one, "b3"), Joined(str(scene.call_id), "b3"), Joined(two, "b3"))
    scene.fact(Parted(str(scene.call_id), "b3"))
    scene.later(1.1)
    assert scene.call(scene.call_id).state is CallState.WAITING
    scene.fact(ChannelHungUp(two, 16))
    scene.later(0.5)
    assert not scene.did(effects.HangUp)
    assert scene.call(scene.call_id).state is CallState.WAITING


def three_without_the_first_phone() -> Floor:
    """Three speak; the telephone of the first is away, and nobody has judged that yet."""
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    one, two = scene.legs()
    scene.fact(Joined(one, "b3"), Joined(str(scene.call_id), "b3"), Joined(two, "b3"))
    scene.state.agents[1] = replace(scene.agent(1), leg=LegState.DOWN, leg_id="")
    return scene


def test_nobody_is_joined_to_a_telephone_that_is_away() -> None:
    scene = three_without_the_first_phone()
    reloads(scene, 2)
    assert not scene.did(effects.JoinIn)


def test_three_need_all_telephones() -> None:
    scene = Floor()
    scene.aside()
    scene.state.agents[1] = replace(scene.agent(1), leg=LegState.DOWN, leg_id="")
    scene.says("consult_join")
    assert scene.refusal() == "no audio"
    assert not scene.did(effects.JoinIn)


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


def test_a_third_who_is_lost_leaves_the_two_as_they_are_and_no_order_to_nobody() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    scene.fact(ChannelHungUp(scene.legs()[1], 44))
    assert not scene.did(effects.Release) + scene.did(effects.Bridge)
    assert scene.agent(2).state is AgentState.READY
    assert scene.shown(1) is None


def test_a_person_who_hangs_up_after_the_third_was_lost_frees_nobodys_leg() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    scene.state.agents[2] = replace(scene.agent(2), leg=LegState.DOWN, leg_id="")
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    assert not scene.did(effects.Release)
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


# --- a new leg in mid-call, and who still hears somebody -----------------------------------------


def reloads(scene: Floor, agent: int) -> str:
    """The agent's page is a new one, and its phone answers; the new leg."""
    scene.command("agent.attach", agent, page=f"another{agent}")
    (order,) = scene.did(effects.OriginateLeg)
    scene.fact(ChannelAnswered(order.order.channel_id))
    return order.order.channel_id


@pytest.mark.parametrize("agent", [1, 2])
def test_a_reload_beside_the_person_leaves_the_person_with_the_music(agent: int) -> None:
    scene = Floor()
    scene.aside()
    reloads(scene, agent)
    assert scene.did(effects.Bridge) == [effects.Bridge(*scene.legs())]
    assert not scene.did(effects.JoinIn)


def test_a_reload_of_either_of_three_brings_that_one_back() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    second = reloads(scene, 2)
    assert scene.did(effects.JoinIn) == [effects.JoinIn(second, scene.legs()[0])]
    assert not scene.did(effects.Bridge)
    first = reloads(scene, 1)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), first)]
    assert scene.did(effects.JoinIn) == [effects.JoinIn(second, first)]


def test_a_colleague_who_has_left_gets_nobody_before_the_line_is_quiet() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    one, two = scene.legs()
    scene.fact(Joined(one, "b3"), Joined(str(scene.call_id), "b3"), Joined(two, "b3"))
    scene.says("consult_end")
    other = scene.human(2)
    assert scene.state.calls[other].assigned is None
    scene.fact(Parted(two, "b3"))
    assert scene.state.calls[other].assigned == 2


def test_a_list_that_is_older_than_the_parting_does_not_call_the_colleague_back_in() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    one, two = scene.legs()
    scene.fact(Joined(one, "b3"), Joined(str(scene.call_id), "b3"), Joined(two, "b3"))
    asked = scene.now
    scene.now += timedelta(seconds=1)
    scene.says("consult_end")
    together = [a_channel(name, bridge_id="b3") for name in (str(scene.call_id), one, two)]
    scene.take(SnapshotIn(PbxSnapshot(tuple(together)), asked))
    assert scene.shown(1) is None
    assert scene.agent(2).state is AgentState.READY


def test_a_colleague_whose_order_to_leave_was_lost_is_told_again_to_leave_and_not_called_in() -> None:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    one, two = scene.legs()
    together = (str(scene.call_id), one, two)
    scene.fact(*(Joined(name, "b3") for name in together))
    scene.says("consult_end")
    scene.later(2)
    scene.snapshot(*(a_channel(name, bridge_id="b3") for name in together))
    assert scene.did(effects.Release) == [effects.Release(two)]
    assert (scene.shown(1), scene.agent(2).state) == (None, AgentState.READY)


def test_a_colleague_who_never_left_the_bridge_is_the_guest_again() -> None:
    """The order to leave was lost: by the PBX this agent still hears the person."""
    scene = Floor()
    one, two = scene.legs()
    scene.later(5)
    scene.snapshot(*(a_channel(name, bridge_id="b1") for name in (str(scene.call_id), one, two)))
    assert scene.shown(2) == {"name": "Agent 1", "guest": True, "three": True}
    assert scene.agent(2).state is AgentState.ON_CALL


def test_an_agent_on_a_pause_who_is_found_in_a_bridge_is_taken_out_of_it() -> None:
    scene = Floor()
    scene.command("agent.pause", 2, code="break")
    one, two = scene.legs()
    scene.later(5)
    scene.snapshot(*(a_channel(name, bridge_id="b1") for name in (str(scene.call_id), one, two)))
    assert scene.did(effects.Release) == [effects.Release(two)]
    assert scene.shown(1) is None


def test_a_colleague_is_asked_only_by_a_telephone_that_is_there() -> None:
    scene = Floor()
    scene.fact(ChannelHungUp(scene.legs()[0], 16))
    scene.asks()
    assert scene.refusal() == "no audio"
    assert not scene.did(effects.Bridge)


# --- a telephone that went while nobody looked ----------------------------------------------------


def looks_after_a_cut(scene: Floor, *legs: str, person: str = "b3") -> None:
    """The list of channels after a cut: the person, and the legs that are left, in their bridge."""
    scene.now += timedelta(seconds=5)
    hold = a_channel(str(scene.call_id), context="cadencia-hold")
    here = a_channel(str(scene.call_id), context="cadencia-waiting", bridge_id=person) if person else hold
    scene.snapshot(here, *(a_channel(leg, bridge_id=person) for leg in legs))


def three() -> Floor:
    scene = Floor()
    scene.aside()
    scene.says("consult_join")
    scene.fact(*(Joined(name, "b3") for name in (*scene.legs(), str(scene.call_id))))
    return scene


def test_who_stayed_with_the_guest_alone_is_the_guests_in_the_books() -> None:
    scene = three()
    looks_after_a_cut(scene, scene.legs()[1])
    assert scene.kinds() == [CallEventKind.TRANSFERRED, CallEventKind.BRIDGED]
    assert scene.call(scene.call_id).agent_id == 2
    assert scene.agent(1).state is AgentState.WRAP_UP
    assert scene.shown(2) is None
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    assert scene.agent(2).state is AgentState.WRAP_UP


def test_who_heard_music_as_the_agent_was_lost_unseen_goes_to_the_colleague() -> None:
    scene = Floor()
    scene.aside()
    looks_after_a_cut(scene, scene.legs()[1], person="")
    assert scene.kinds() == [CallEventKind.TRANSFERRED]
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[1])]


def test_a_colleague_who_was_lost_unseen_gives_the_person_back() -> None:
    scene = Floor()
    scene.aside()
    looks_after_a_cut(scene, scene.legs()[0], person="")
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.legs()[0])]
    assert (scene.kinds(), scene.shown(1)) == ([], None)
    assert scene.agent(2).state is AgentState.READY
    assert not scene.did(effects.Park)


def test_a_third_who_was_lost_unseen_leaves_the_two_as_they_are() -> None:
    scene = three()
    looks_after_a_cut(scene, scene.legs()[0])
    assert (scene.kinds(), scene.shown(1)) == ([], None)
    assert scene.agent(2).state is AgentState.READY
    assert not scene.did(effects.Bridge)


def test_a_person_whom_both_have_left_alone_in_a_bridge_waits() -> None:
    scene = three()
    looks_after_a_cut(scene)
    assert scene.call(scene.call_id).state is CallState.WAITING
    assert scene.did(effects.Park) == [effects.Park(str(scene.call_id))]
    assert scene.agent(2).state is AgentState.READY


def test_a_person_who_is_gone_with_the_agent_has_been_handed_to_nobody() -> None:
    scene = three()
    scene.now += timedelta(seconds=5)
    scene.snapshot(a_channel(scene.legs()[1]))
    assert CallEventKind.TRANSFERRED not in scene.kinds()
    assert scene.agent(1).state is AgentState.WRAP_UP
    assert scene.agent(2).state is AgentState.READY


# --- an engine that died in the middle -----------------------------------------------------------


class Restarted(Floor):
    """The next engine: what the books say, and the channels as they are."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = self.legs()
        call = self.state.calls[self.call_id]
        self.state.calls.clear()
        self.state.calls[self.call_id] = live_of(OpenCall(call.call, call.card))
        self.state.bridges.clear()
        self.state.heard, self.state.looked = {}, False
        for agent, page in ((1, "page0001"), (2, "page0002")):
            self.state.agents[agent] = replace(
                taken_up(
                    self.state,
                    Agent(agent, f"Agent {agent}", f"web-{agent:02d}", {}, frozenset({1})),
                    Presence(agent, self.now, "on_call", "", self.call_id),
                    self.now,
                ),
                session=page,
            )

    def looks(self, *, person: str, one: str, two: str) -> None:
        """The first list of channels, with the bridge of each."""
        bridges = {str(self.call_id): person, self.one: one, self.two: two}
        where = {"": "cadencia-hold"}
        self.snapshot(
            *(a_channel(name, bridge_id=at, context=where.get(at, "x")) for name, at in bridges.items())
        )


def test_after_a_restart_a_colleague_in_the_persons_bridge_is_the_third_again() -> None:
    scene = Restarted()
    scene.looks(person="b3", one="b3", two="b3")
    assert scene.agent(2).state is AgentState.ON_CALL
    assert scene.shown(2) == {"name": "Agent 1", "guest": True, "three": True}
    assert scene.shown(1) == {"name": "Agent 2", "guest": False, "three": True}
    other = scene.human(2)
    assert scene.state.calls[other].assigned is None
    scene.says("consult_end")
    assert scene.did(effects.Release) == [effects.Release(scene.two)]


def test_after_a_restart_a_person_who_is_with_the_guest_alone_is_the_guests() -> None:
    scene = Restarted()
    scene.snapshot(a_channel(str(scene.call_id), bridge_id="b3"), a_channel(scene.two, bridge_id="b3"))
    assert scene.call(scene.call_id).agent_id == 2
    assert scene.agent(1).state is AgentState.WRAP_UP


def test_after_a_restart_two_who_spoke_beside_the_person_still_do() -> None:
    scene = Restarted()
    scene.looks(person="", one="b2", two="b2")
    assert scene.shown(1) == {"name": "Agent 2", "guest": False, "three": False}
    assert scene.call(scene.call_id).state is CallState.CONNECTED
    scene.says("consult_join")
    assert scene.did(effects.Bridge) == [effects.Bridge(str(scene.call_id), scene.one)]


def test_after_a_restart_a_colleague_who_is_in_no_bridge_is_free_and_the_person_keeps_the_agent() -> None:
    scene = Restarted()
    scene.looks(person="b1", one="b1", two="")
    assert (scene.agent(2).state, scene.shown(1)) == (AgentState.READY, None)
    assert scene.call(scene.call_id).agent_id == 1


def test_after_a_restart_a_person_who_is_alone_goes_back_to_the_agent() -> None:
    scene = Restarted()
    scene.looks(person="", one="", two="")
    assert scene.agent(2).state is AgentState.READY
    assert effects.Bridge(str(scene.call_id), scene.one) in scene.did(effects.Bridge)


def test_before_the_lines_were_looked_at_nothing_is_done_to_a_remembered_colleague() -> None:
    scene = Restarted()
    assert scene.agent(2).state is AgentState.ON_CALL
    scene.says("consult_end")
    assert scene.refusal() == "the lines are being looked at"
    assert not scene.did(effects.Bridge)


def test_who_lost_both_telephones_waits_for_anybody() -> None:
    """Just after a restart the colleague's leg is not known yet, as the agent's own is lost."""
    floor = Floor()
    floor.aside()
    one, _ = floor.legs()
    floor.state.agents[2] = replace(floor.agent(2), leg=LegState.DOWN, leg_id="")
    floor.fact(ChannelHungUp(one, 41))
    assert not [bridge for bridge in floor.did(effects.Bridge) if not bridge.leg]
    assert floor.call(floor.call_id).state is CallState.WAITING
