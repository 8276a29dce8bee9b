"""Audio into the real detector, its words into the engine, the engine's orders back: who keeps the call."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from dialer.call_progress import control
from dialer.call_progress.announcements import book_of
from dialer.call_progress.audio_files import AudioFiles
from dialer.call_progress.audiosocket import Refusal
from dialer.call_progress.detector import CallStream, Detector
from dialer.engine import effects
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.campaign import Screening
from dialer.model.facts import ChannelAnswered, ChannelHungUp, ChannelRinging, EarsUp, HeardFact
from dialer.model.outcomes import Outcome
from tests.unit.dialer.call_progress.sounds import frames, samples, silence, tone
from tests.unit.dialer.call_progress.test_detector import MODEL, LoudPool
from tests.unit.dialer.call_progress.test_listener import greeting
from tests.unit.dialer.engine.scenes import START, Scene

Sound = np.ndarray[tuple[int], np.dtype[np.float64]]
BEEP = tone((1000,), 0.4)


class Line:
    """One call that is answered, an idle agent, and everything between the far end's mouth and the agent."""

    def __init__(self, **more: Any) -> None:
        self.scene = Scene(**{"screening": Screening.PROGRESS, "listen_on": 6.0, **more})
        files = AudioFiles(None, today=lambda: START.date())  # type: ignore[arg-type]
        self.detector = Detector(MODEL, book_of([]), LoudPool(9), files, clock=self._now)
        self._stream: CallStream | None = None
        self.heard: list[str] = []
        self.scene.fact(EarsUp())
        self.scene.works()
        self.call_id = self.scene.dials()
        self.told(ChannelRinging(str(self.call_id)), ChannelAnswered(str(self.call_id)))
        stream = self.detector.expected(self.call_id)
        assert not isinstance(stream, Refusal)
        self._stream = stream
        self.answered_at = self.scene.now

    def says(self, *parts: Sound) -> None:
        """The far end, in real time; the PBX joins at once whom the engine wants joined."""
        for frame in frames(samples(*parts)):
            self.scene.now += timedelta(seconds=0.02)
            if self._stream is not None and not self._stream.hear(frame.tobytes()):
                self._stream.over()
                self._stream = None
            said: list[HeardFact] = []
            self.detector.unsent.told(lambda fact, said=said: said.append(fact) or True)  # type: ignore[misc]
            if said:
                self.told(*said)

    def commanded(self, kind: str, **body: Any) -> None:
        """The agent presses a key."""
        self.scene.command(kind, call_id=str(self.call_id), **body)
        self._obeyed()

    @property
    def listened_to(self) -> bool:
        return self.call_id in self.detector.calls

    @property
    def state(self) -> CallState:
        return self.scene.call(self.call_id).state

    def outcome(self) -> Outcome | None:
        assert self.call_id not in self.scene.state.calls
        ends = [step.call for step in self.steps if step.call.state is CallState.ENDED]
        (end,) = ends
        return end.outcome

    def told(self, *facts: Any) -> None:
        """Something happens."""
        self.scene.fact(*facts)
        self._obeyed()

    def _obeyed(self) -> None:
        """What the engine's shell does with the orders for the detector, and the PBX with those for it."""
        self.steps = list(self.scene.turn.transitions)
        joins = self.scene.did(effects.Bridge)
        for effect in self.scene.turn.effects:
            match effect:
                case effects.Listen(order):
                    self.detector.obey(order)
                case effects.HandOver(channel):
                    self.detector.obey(control.HandedOver(channel))
                case effects.StopListening(channel):
                    self.detector.obey(control.Forget(channel))
        for join in joins:
            self.scene.join(UUID(join.customer), join.leg)
            self._obeyed()

    def _now(self) -> float:
        return (self.scene.now - START).total_seconds()


def test_a_word_a_pause_a_greeting_and_a_beep_free_the_agent_in_time() -> None:
    line = Line()
    line.says(silence(0.4), greeting(0.5), silence(0.8))
    assert line.state is CallState.CONNECTED
    assert line.scene.agent().state is AgentState.ON_CALL
    assert line.listened_to
    line.says(greeting(3.4), silence(0.4), BEEP, silence(1.2))
    assert line.outcome() is Outcome.MACHINE
    assert line.scene.agent().state is AgentState.READY
    assert line.scene.now - line.answered_at < timedelta(seconds=1.0 + 6.0 + 1.5)
    assert line.scene.results() == (0, 0)
    assert not line.listened_to


def test_the_machine_is_found_out_while_it_still_waits_for_an_agent() -> None:
    """No agent is free when the call is handed over: the ears go on through the wait."""
    line = Line(connect_limit=5.0)
    line.scene.command("agent.pause", code="break")
    line.says(silence(0.4), greeting(2.2), silence(1.35))
    assert (line.state, line.scene.call(line.call_id).verdict) == (CallState.WAITING, "unsure")
    line.says(greeting(3.2), silence(0.2), BEEP, silence(1.2))
    assert line.outcome() is Outcome.MACHINE
    assert line.scene.did(effects.PlayMessage) == []


def test_a_person_who_lets_the_agent_speak_keeps_them_whatever_beeps() -> None:
    line = Line()
    line.says(silence(0.4), greeting(0.5), silence(1.2), greeting(1.5), silence(0.5), BEEP, silence(4.0))
    assert line.state is CallState.CONNECTED
    assert line.scene.agent().state is AgentState.ON_CALL
    assert not line.listened_to


def test_a_clear_person_is_not_listened_to_after_the_join() -> None:
    """Clear while all agents are busy: nobody takes it before the verdict."""
    line = Line()
    line.scene.command("agent.pause", code="break")
    line.says(silence(0.4), greeting(0.5), silence(1.0))
    assert line.scene.call(line.call_id).verdict == "human"
    assert not line.listened_to


@pytest.mark.parametrize(
    ("key", "body"),
    [
        ("agent.verify_identity", {}),
        ("agent.pause_recording", {"paused": True}),
        ("agent.dispose", {"code": "cannot_pay"}),
    ],
)
def test_whom_the_agent_treats_as_a_person_no_ear_takes_away(key: str, body: dict[str, Any]) -> None:
    line = Line()
    line.says(silence(0.4), greeting(0.5), silence(0.8), greeting(1.0))
    line.commanded(key, **body)
    line.says(greeting(2.6), silence(0.4), BEEP, silence(1.2))
    assert line.state is CallState.CONNECTED
    assert not line.listened_to


def test_whoever_an_agent_has_had_and_lost_is_a_person_to_the_next() -> None:
    line = Line()
    line.says(silence(0.4), greeting(0.5), silence(0.8))
    line.told(ChannelHungUp(line.scene.agent().leg_id, 41))
    assert line.state is CallState.WAITING
    assert not line.listened_to


def test_without_listening_on_the_ears_stop_at_the_hand_over() -> None:
    line = Line(listen_on=0.0)
    line.says(silence(0.4), greeting(0.5), silence(0.8))
    assert line.state is CallState.CONNECTED
    line.says(greeting(3.4), silence(0.4), BEEP, silence(1.2))
    assert line.state is CallState.CONNECTED
