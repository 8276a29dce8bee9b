"""Who waits in the queue hears the number of the case: what the caller's side of a real call received."""

import shutil
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from sip_lab.ami import Ami
from sip_lab.packages import cache_home
from tests.lab.eventually import eventually
from tests.lab.lab_process import Lab
from tests.lab.pbx import Pbx

CASE = "10385276"
"""Each digit once, so that each has one place."""
ALIKE = 0.6
"""Correlation of what was heard with the prompt, through the codec of the trunk."""
Samples = npt.NDArray[np.float64]


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    running = Lab("--bots", "1", "--tempo", "0.3")
    yield running
    running.remove()


@pytest.fixture(scope="module")
def pbx(lab: Lab) -> Iterator[Pbx]:
    opened = Pbx(lab.facts)
    yield opened
    opened.ami.close()


def prompts(language: str) -> Path:
    """Asterisk's own digits."""
    (found,) = cache_home().glob(f"rootfs-*/usr/share/asterisk/sounds/{language}/digits")
    return found


def samples(path: Path) -> Samples:
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16).astype(float)


def place_of(prompt: Samples, heard: Samples) -> tuple[float, int]:
    """How alike the likest stretch is, 0 to 1, and where it begins, in samples."""
    size = heard.size + prompt.size
    spectra = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(prompt, size))
    product = np.fft.irfft(spectra, size)[: heard.size]
    power = np.concatenate([[0.0], np.cumsum(heard**2)])
    power = np.pad(power, (0, prompt.size), mode="edge")
    energy = power[prompt.size : prompt.size + heard.size] - power[: heard.size]
    alike = product / np.sqrt(np.maximum(energy, 1e4) * np.sum(prompt**2))
    best = int(np.argmax(alike))
    return float(alike[best]), best


def hears(lab: Lab, pbx: Pbx, caller: str, **variables: str) -> Samples:
    """Somebody calls in, waits, and is told how it stands; all that they received."""
    at = lab["carrier"]
    with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"]) as carrier:
        carrier.action(
            "Originate",
            [f"CALLER={caller}", "PATIENCE=90", "KEY=", "KEY_AFTER=0"],
            Channel="PJSIP/34910000000@pbx", CallerID=f"<{caller}>", Context="calls-in", Exten="s",
            Priority=1, Timeout=30000, Async="true",
        )  # fmt: skip
    came = pbx.ami.wait(lambda e: e.get("UserEvent") == "CadenciaArrived", 20)
    channel, mine = came["Channel"], came["Uniqueid"]
    said = {"CADENCIA_ROUNDS": "120", "CADENCIA_BELIEF": "60000", "CADENCIA_POSITION": "1"}
    said |= {"CADENCIA_MINUTES": "0", "CADENCIA_CASE": CASE, **variables}
    for name, value in said.items():
        pbx.ami.action("Setvar", Channel=channel, Variable=name, Value=value)
    pbx.ami.action("Redirect", Channel=channel, Context="cadencia-admitted", Exten="s", Priority=1)
    pbx.user_event(mine, "CadenciaScreened")
    pbx.ami.action("Redirect", Channel=channel, Context="cadencia-announce", Exten="s", Priority=1)
    pbx.user_event(mine, "CadenciaCase", 40)
    eventually(lambda: pbx.places()[mine]["Context"] == "cadencia-queue", 20)
    pbx.ami.action("Hangup", Channel=channel, Cause=16)
    pbx.event(mine, "Hangup")
    file = Path(at["heard_dir"]) / f"calls-in-{caller}-in.wav"
    eventually(lambda: is_whole(file), 20)
    return samples(file)


def is_whole(file: Path) -> bool:
    """Whether the carrier has closed the recording."""
    try:
        return samples(file).size > 0
    except (OSError, EOFError, wave.Error):
        return False


def told(folder: Path, heard: Samples) -> list[tuple[float, int]]:
    return [place_of(samples(folder / f"{digit}.wav"), heard) for digit in CASE]


def test_the_digits_are_heard_in_their_order_with_a_pause_in_the_middle(lab: Lab, pbx: Pbx) -> None:
    found = told(prompts("es"), hears(lab, pbx, "34690000001"))
    assert min(alike for alike, _ in found) > ALIKE, found
    places = [place / 8000 for _, place in found]
    assert places == sorted(places)
    gaps = np.diff(places)
    assert int(np.argmax(gaps)) == 3, gaps
    missing = samples(prompts("es") / "9.wav"), samples(prompts("es") / "4.wav")
    heard = samples(Path(lab["carrier"]["heard_dir"]) / "calls-in-34690000001-in.wav")
    assert max(place_of(one, heard)[0] for one in missing) < ALIKE


def test_digits_of_the_firms_own_voice_are_told_in_place_of_asterisks(lab: Lab, pbx: Pbx) -> None:
    own = lab.state / "own"
    shutil.copytree(prompts("en"), own / "es" / "digits")
    for path in (own, *own.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    heard = hears(lab, pbx, "34690000002", CADENCIA_SOUNDS=str(own))
    found = told(own / "es" / "digits", heard)
    assert min(alike for alike, _ in found) > ALIKE, found
    assert [place for _, place in found] == sorted(place for _, place in found)
