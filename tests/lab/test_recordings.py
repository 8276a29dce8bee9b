"""What a real Asterisk writes is what the archive expects."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
import soundfile

from recordings.captured import Capture, Condition, look
from recordings.encode import encode, publish
from recordings.measure import LEFT, RIGHT, active_seconds
from recordings.verdict import Status, judge
from sip_lab.behaviours import number_for
from tests.lab.eventually import eventually
from tests.lab.lab_process import Lab
from tests.lab.pbx import Leg, Pbx


class Tape:
    """The spool of the lab's pbx."""

    def __init__(self, lab: Lab) -> None:
        self.spool = Path(lab["pbx"]["recordings_dir"])

    def variables(self, mine: str) -> tuple[str, ...]:
        """What makes the dialplan record a call."""
        return (f"CADENCIA_REC={self.spool / mine}", "CADENCIA_SCREEN=off", "CADENCIA_FALLBACK=60")

    def of(self, name: str) -> Capture:
        """The files of a call."""
        return look(self.spool, UUID(name))


@pytest.fixture
def tape(lab: Lab) -> Tape:
    """Where recordings appear."""
    return Tape(lab)


def _talk(pbx: Pbx, lab: Lab, tape: Tape, name: str) -> tuple[Leg, Leg]:
    """A recorded person joined to a bot agent."""
    agent = pbx.agent(lab["bots"][0]["endpoint"])
    person = pbx.customer(number_for("tone", 40), *tape.variables(name))
    pbx.bridge(person, agent)
    pbx.event(person.id, "BridgeEnter")
    return person, agent


def _dominant(samples: np.ndarray, rate: int) -> float:
    """The strongest frequency."""
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * rate / len(samples))


def test_files_stay_open_during_the_call_and_are_closed_after_it(
    lab: Lab, pbx: Pbx, tape: Tape, tmp_path: Path
) -> None:
    name = "3d6c4f2e-0d57-4d0e-8f64-0a4a9d0a8f11"
    person, agent = _talk(pbx, lab, tape, name)
    eventually(lambda: tape.of(name).seconds > 4)
    assert {side.condition for side in tape.of(name).sides} == {Condition.OPEN}
    pbx.hang_up(person, agent)
    eventually(lambda: tape.of(name).closed)
    capture = tape.of(name)
    assert judge(capture, capture.seconds).status is Status.ARCHIVED
    assert abs(capture.customer.seconds - capture.agent.seconds) < 0.1
    target = tmp_path / "call.opus"
    publish(encode(capture, target, lambda: None), target)
    sound, rate = soundfile.read(target)
    assert abs(len(sound) / rate - capture.seconds) < 0.06
    # The called number sounds 1 kHz; the agent says something.
    assert abs(_dominant(sound[:, LEFT], rate) - 1000) < 10
    assert abs(_dominant(sound[:, RIGHT], rate) - 1000) > 10
    assert active_seconds(target, LEFT) > 3
    assert active_seconds(target, RIGHT) > 0.5


@pytest.fixture
def own_lab() -> Iterator[Lab]:
    """A lab whose pbx may be killed."""
    lab = Lab("--bots", "0", "--web-agents", "0", "--services", "pbx,carrier")
    yield lab
    lab.remove()


def test_the_audio_of_a_killed_pbx_is_kept(own_lab: Lab, tmp_path: Path) -> None:
    tape, name, pbx = Tape(own_lab), "8b0f4c55-7a52-4f6e-9a3b-5f0f2f1d7c22", Pbx(own_lab.facts)
    pbx.customer(number_for("tone", 41), *tape.variables(name))
    eventually(lambda: tape.of(name).seconds > 4)
    os.kill(own_lab["pbx"]["pid"], signal.SIGKILL)
    pbx.ami.close()
    capture = tape.of(name)
    assert {side.condition for side in capture.sides} == {Condition.OPEN}
    assert judge(capture, None).status is Status.ARCHIVED
    target = tmp_path / "call.opus"
    publish(encode(capture, target, lambda: None), target)
    assert active_seconds(target, LEFT) > 3
