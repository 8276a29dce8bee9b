"""The recording's pause: what the screen says is so, and what is wanted is ordered until it is so."""

from uuid import UUID

from dialer.engine import effects
from dialer.engine.inputs import SnapshotIn
from dialer.engine.muting import to_ask
from dialer.engine.rooms.calls import live_of
from dialer.model.facts import ChannelSnapshot, LinkDown, LinkUp, OrderRefused, PbxSnapshot, RecordingPaused
from dialer.ports import OpenCall
from tests.unit.dialer.engine.scenes import Scene, a_channel


class Card(Scene):
    """A person who is about to tell a card number."""

    def __init__(self) -> None:
        super().__init__()
        self.leg = self.works().leg_id
        self.call_id: UUID = self.talks()

    def presses(self, paused: bool = True) -> None:
        self.command("agent.pause_recording", call_id=str(self.call_id), paused=paused)

    def says(self, paused: bool) -> None:
        self.fact(RecordingPaused(str(self.call_id), paused))

    @property
    def screen(self) -> str:
        shown = self.pushed("agent")
        return str(shown[-1]["call"]["recording"]) if shown else ""

    @property
    def orders(self) -> list[bool]:
        return [order.paused for order in self.did(effects.PauseRecording)]

    def alarms(self) -> list[str]:
        return [kind for kind, *_ in self.turn.alarms if kind.startswith("recording")]

    def channels(self) -> tuple[ChannelSnapshot, ...]:
        person = a_channel(str(self.call_id), context="cadencia-waiting", bridge_id="b1")
        return person, a_channel(self.leg, context="cadencia-agent", bridge_id="b1")

    def looks(self, *, silent: bool) -> None:
        self.take(SnapshotIn(PbxSnapshot(self.channels()), self.now, {}, {str(self.call_id): silent}))


def test_the_screen_says_pausing_until_the_pbx_has_paused() -> None:
    scene = Card()
    scene.presses()
    assert (scene.screen, scene.orders) == ("pausing", [True])
    scene.says(True)
    assert scene.screen == "paused"
    scene.presses(False)
    assert (scene.screen, scene.orders) == ("paused", [False])
    scene.says(False)
    assert scene.screen == "on"
    assert not scene.alarms()


def test_a_pause_pressed_in_a_cut_is_an_alarm_and_is_ordered_when_the_link_is_back() -> None:
    scene = Card()
    scene.fact(LinkDown("cut"))
    scene.presses()
    assert scene.screen == "pausing"
    scene.pace(2.9)
    assert not scene.alarms()
    scene.pace(0.2)
    assert scene.alarms() == ["recording_not_paused"]
    scene.pace(5)
    assert not scene.alarms()
    assert not scene.orders
    scene.fact(LinkUp())
    scene.looks(silent=False)
    scene.pace()
    assert scene.orders == [True]
    scene.says(True)
    assert scene.screen == "paused"


def test_a_refused_pause_is_an_alarm_at_once_and_is_tried_again_every_second() -> None:
    scene = Card()
    scene.presses()
    scene.fact(OrderRefused(str(scene.call_id), "pause_recording", "Cannot set mute flag"))
    assert scene.alarms() == ["recording_not_paused"]
    scene.pace(0.5)
    assert scene.orders == []
    scene.pace(0.5)
    assert scene.orders == [True]
    scene.fact(OrderRefused(str(scene.call_id), "pause_recording", "Cannot set mute flag"))
    assert not scene.alarms()


def test_what_the_pbx_says_when_asked_is_what_the_screen_says() -> None:
    """A pause that is confirmed and then lost, by whatever means, is seen and ordered again."""
    scene = Card()
    scene.presses()
    scene.says(True)
    assert to_ask(scene.state) == [str(scene.call_id)]
    scene.now = scene.now.replace(second=15)
    scene.looks(silent=False)
    assert scene.screen == "pausing"
    scene.pace()
    assert scene.orders == [True]


def test_an_answer_that_was_lost_is_made_good_by_asking() -> None:
    scene = Card()
    scene.presses()
    scene.fact(LinkDown("cut"))
    scene.fact(LinkUp())
    scene.looks(silent=True)
    assert scene.screen == "paused"
    scene.pace(2)
    assert not scene.orders


def test_a_recording_that_goes_on_silent_is_resumed_though_the_order_was_lost() -> None:
    scene = Card()
    scene.presses()
    scene.says(True)
    scene.fact(LinkDown("cut"))
    scene.presses(False)
    scene.fact(LinkUp())
    scene.looks(silent=True)
    scene.pace(1)
    assert scene.orders == [False]


def test_after_a_restart_of_the_engine_a_pause_is_believed_only_when_the_pbx_says_so() -> None:
    scene = Card()
    known = scene.state.calls[scene.call_id]
    scene.state.calls[scene.call_id] = live_of(OpenCall(known.call, known.card, paused=True))
    assert to_ask(scene.state) == [str(scene.call_id)]
    scene.pace()
    assert scene.orders == [True]
    scene.says(True)
    assert scene.screen == "paused"
