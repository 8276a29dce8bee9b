"""A list of channels is older than the facts that overtook it."""

from datetime import timedelta
from uuid import UUID

import pytest

from dialer.engine import effects
from dialer.engine.inputs import SnapshotIn
from dialer.engine.state import Turn
from dialer.model.call import CallState
from dialer.model.facts import ChannelHungUp, ChannelSnapshot, Joined, PbxSnapshot
from dialer.model.orders import DIALPLAN
from tests.unit.dialer.engine.scenes import Scene, a_channel


class Overtaken(Scene):
    """Asks for a list, then lives on; `arrives` brings the list."""

    def asks(self) -> None:
        self.asked_at = self.now
        self.now += timedelta(milliseconds=10)

    def arrives(self, *channels: ChannelSnapshot) -> Turn:
        return self.take(SnapshotIn(PbxSnapshot(channels, dialplan=DIALPLAN), self.asked_at))


def waiting(call_id: UUID, leg: str) -> tuple[ChannelSnapshot, ChannelSnapshot]:
    """The person and the agent, not joined."""
    return a_channel(str(call_id), context="cadencia-waiting"), a_channel(leg, context="cadencia-agent")


@pytest.fixture
def scene() -> Overtaken:
    return Overtaken()


def test_two_who_were_joined_meanwhile_stay_joined(scene: Overtaken) -> None:
    leg, call_id = scene.works().leg_id, scene.human()
    scene.asks()
    scene.join(call_id, leg)
    scene.arrives(*waiting(call_id, leg))
    assert scene.call(call_id).state is CallState.CONNECTED
    assert scene.did(effects.Park) == []


def test_a_list_between_both_halves_of_a_join_does_not_undo_the_first(scene: Overtaken) -> None:
    leg, call_id = scene.works().leg_id, scene.human()
    scene.asks()
    scene.fact(Joined(str(call_id), "b1"))
    scene.arrives(*waiting(call_id, leg))
    scene.fact(Joined(leg, "b1"))
    assert scene.call(call_id).state is CallState.CONNECTED


def test_a_leg_that_came_up_meanwhile_is_not_missed(scene: Overtaken) -> None:
    scene.asks()
    leg = scene.works().leg_id
    scene.arrives()
    assert scene.agent().leg_id == leg


def test_a_phone_that_was_called_meanwhile_is_not_called_twice(scene: Overtaken) -> None:
    leg = scene.works().leg_id
    scene.asks()
    scene.command("agent.attach", page="page0002")
    called = dict(scene.state.pending_legs)
    scene.arrives(a_channel(leg, context="cadencia-agent"))
    assert scene.state.pending_legs == called


def test_a_leg_that_was_hung_up_meanwhile_is_not_taken_over(scene: Overtaken) -> None:
    leg = scene.works().leg_id
    scene.asks()
    scene.fact(ChannelHungUp(leg, 16, ""))
    scene.arrives(a_channel(leg, context="cadencia-agent"))
    assert scene.agent().leg_id == ""


def test_what_was_heard_is_forgotten(scene: Overtaken) -> None:
    scene.talks(scene.works().id)
    scene.asks()
    scene.arrives()
    assert scene.state.heard == {}
