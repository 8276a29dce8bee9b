"""An agent puts the telephone down: what was meant, told as scenes."""

from dataclasses import replace
from uuid import UUID

import pytest

from dialer.engine import effects
from dialer.model.agent import AgentState
from dialer.model.call import CallEventKind, CallState
from dialer.model.facts import ChannelAnswered, ChannelHungUp, EndpointReachable, Joined, Parted
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import Scene

A_MOMENT = 0.5
"""Seconds until it is looked again."""


class Floor(Scene):
    """One agent talks to somebody."""

    def __init__(self) -> None:
        super().__init__()
        self.works(1)
        self.call_id = self.talks(1)

    def puts_down(self, cause: int = 16) -> None:
        """The agent's phone ends its leg."""
        leg = self.agent(1).leg_id
        self.fact(Parted(leg, "b1"), Parted(str(self.call_id), "b1"), ChannelHungUp(leg, cause))

    def ended(self) -> UUID | None:
        """The person who was hung up in the last turn."""
        return next((UUID(effect.channel) for effect in self.did(effects.HangUp)), None)

    def lost(self) -> bool:
        """Whether the person was taken to have lost the agent in the last turn."""
        return CallEventKind.AGENT_LOST in {one.event.kind for one in self.turn.transitions}


@pytest.mark.parametrize("cause", [16, 0])
def test_a_phone_that_is_put_down_ends_the_call_as_the_key_does(cause: int) -> None:
    scene = Floor()
    scene.puts_down(cause)
    assert (scene.ended(), scene.lost()) == (None, False)
    scene.later(A_MOMENT)
    assert (scene.ended(), scene.lost()) == (scene.call_id, False)
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    assert scene.turn.transitions[-1].call.outcome is Outcome.CONVERSATION
    assert scene.agent(1).state is AgentState.WRAP_UP


def test_the_phone_is_called_anew_for_the_next_person() -> None:
    scene = Floor()
    scene.puts_down()
    scene.later(A_MOMENT)
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    scene.later(1)
    (order,) = scene.did(effects.OriginateLeg)
    scene.fact(ChannelAnswered(order.order.channel_id))
    scene.command("agent.dispose", call_id=str(scene.call_id), code="cannot_pay")
    assert scene.agent(1).available


@pytest.mark.parametrize("cause", [44, 41, 102, 127])
def test_a_phone_that_failed_or_fell_silent_has_lost_the_person(cause: int) -> None:
    scene = Floor()
    scene.puts_down(cause)
    assert (scene.ended(), scene.lost()) == (None, True)


def test_a_page_that_goes_away_with_its_phone_has_lost_the_person() -> None:
    scene = Floor()
    scene.puts_down()
    scene.command("agent.detach", page="page0001")
    scene.later(A_MOMENT)
    assert (scene.ended(), scene.lost()) == (None, True)


def test_a_reload_brings_the_person_back_whatever_the_old_page_said() -> None:
    scene = Floor()
    scene.puts_down()
    scene.command("agent.attach", page="page0002")
    (order,) = scene.did(effects.OriginateLeg)
    scene.fact(ChannelAnswered(order.order.channel_id))
    assert effects.Bridge(str(scene.call_id), order.order.channel_id) in scene.did(effects.Bridge)
    scene.fact(Joined(str(scene.call_id), "b2"), Joined(order.order.channel_id, "b2"))
    scene.later(A_MOMENT)
    assert (scene.ended(), scene.lost()) == (None, False)
    assert scene.call(scene.call_id).state is CallState.CONNECTED


def test_an_old_leg_that_a_new_page_drops_is_no_goodbye() -> None:
    scene = Floor()
    scene.command("agent.attach", page="page0002")
    scene.puts_down()
    assert scene.lost()
    scene.later(A_MOMENT)
    assert scene.ended() is None


def test_a_phone_that_is_switched_off_has_lost_the_person() -> None:
    scene = Floor()
    scene.puts_down()
    scene.fact(EndpointReachable("web-01", False))
    scene.later(A_MOMENT)
    assert (scene.ended(), scene.lost()) == (None, True)


def test_another_phone_that_is_switched_off_changes_nothing() -> None:
    scene = Floor()
    scene.puts_down()
    scene.fact(EndpointReachable("web-02", False))
    scene.later(A_MOMENT)
    assert scene.ended() == scene.call_id


def test_a_person_who_hangs_up_first_is_not_hung_up_again() -> None:
    scene = Floor()
    scene.puts_down()
    scene.fact(ChannelHungUp(str(scene.call_id), 16))
    scene.later(A_MOMENT)
    assert (scene.ended(), scene.lost()) == (None, False)
    assert scene.agent(1).state is AgentState.WRAP_UP


def test_a_phone_put_down_while_the_own_call_rings_gives_it_up() -> None:
    scene = Scene(mode="preview")
    scene.works(1)
    call_id = scene.dials()
    scene.state.agents[1] = replace(scene.agent(1), state=AgentState.CALLING, call_id=call_id)
    scene.fact(ChannelHungUp(scene.agent(1).leg_id, 16))
    scene.later(A_MOMENT)
    assert [one.call.outcome for one in scene.turn.transitions] == [Outcome.CANCELLED]
    assert scene.agent(1).state is AgentState.READY


def test_between_two_people_a_phone_that_is_put_down_is_just_called_again() -> None:
    scene = Scene()
    scene.works(1)
    scene.fact(ChannelHungUp(scene.agent(1).leg_id, 16))
    scene.later(1)
    assert len(scene.did(effects.OriginateLeg)) == 1
    assert scene.agent(1).state is AgentState.READY
