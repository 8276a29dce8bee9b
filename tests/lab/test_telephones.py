"""The odd telephones do what their table says, seen by the pbx, by the truth and in what they heard."""

import wave
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from sip_lab import truth
from sip_lab.behaviours import BEHAVIOURS, number_for
from sip_lab.truth import CallTruth
from tests.lab.eventually import eventually
from tests.lab.lab_process import Facts, Lab
from tests.lab.pbx import Leg, Pbx

INDEX = 11
NEVER_UP = {"late-answer", "overloaded", "no-codec"}
"""For the pbx nobody answers; tests of their own."""


def told(facts: Facts, name: str, index: int = INDEX) -> CallTruth:
    """The last call to the number of a telephone."""
    number = number_for(name, index)
    return [call for call in truth.read(Path(facts["truth_path"])) if call.number == number][-1]


def sound(call: CallTruth) -> tuple[float, "np.ndarray[tuple[int], np.dtype[np.int16]]"]:
    """When what a telephone heard begins, and the sound."""
    path = Path(call.heard)
    with wave.open(str(path)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
    return call.heard_from or 0.0, samples


@pytest.fixture(scope="module")
def calls(lab: Lab) -> Mapping[str, tuple[CallTruth, Leg]]:
    """One call to each telephone, all at once, each left alone for as long as its habit needs, then ended."""
    pbx = Pbx(lab.facts)
    names = [b.name for b in BEHAVIOURS if b.telephone and b.name not in NEVER_UP]
    ids = {name: pbx.dial(number_for(name, INDEX), "CADENCIA_FALLBACK=120") for name in names}
    legs = {name: Leg(mine, pbx.screened(mine)["Channel"]) for name, mine in ids.items()}
    for name in ("moved", "refers", "reinvites"):
        eventually(lambda name=name: told(lab.facts, name).odd, 20)  # type: ignore[misc]
    for leg in legs.values():
        pbx.ami.send("Hangup", Channel=leg.channel, Cause=16)
    eventually(lambda: all(told(lab.facts, name).ended for name in names), 20)
    pbx.ami.close()
    return {name: (told(lab.facts, name), leg) for name, leg in legs.items()}


def test_every_telephone_rings_is_answered_greets_and_ends(
    calls: Mapping[str, tuple[CallTruth, Leg]],
) -> None:
    for name, (call, _) in calls.items():
        assert call.behaviour == name
        assert call.rang is not None
        assert call.answered is not None
        assert call.greeted is not None
        assert call.ended is not None
        assert 0.4 < call.answered - call.rang < 4.0
        assert 0.25 < call.greeted - call.answered < 4.0


def test_what_was_odd_stands_in_the_truth(calls: Mapping[str, tuple[CallTruth, Leg]]) -> None:
    assert [what for _, what in calls["moved"][0].odd] == ["moved"]
    assert calls["refers"][0].odd[0][1].startswith("REFER ")
    assert calls["reinvites"][0].odd[0][1].startswith("INVITE ")
    assert calls["telephone"][0].odd == ()


def test_what_it_hears_is_kept_from_the_answer_on(
    lab: Lab, calls: Mapping[str, tuple[CallTruth, Leg]]
) -> None:
    call, _ = calls["telephone"]
    began, samples = sound(call)
    assert call.answered is not None
    assert call.ended is not None
    assert abs(began - call.answered) < 0.1
    assert abs(len(samples) / 8000 - (call.ended - call.answered)) < 1.0
    deaf_call, _ = calls["deaf"]
    assert deaf_call.heard != call.heard


def test_a_late_answer_crosses_our_cancel(pbx: Pbx, lab: Lab) -> None:
    mine = pbx.dial(number_for("late-answer", INDEX), timeout=3)
    pbx.event(mine, "Hangup", 20)
    eventually(lambda: told(lab.facts, "late-answer").ended, 10)
    call = told(lab.facts, "late-answer")
    assert call.answered is not None
    assert call.rang is not None
    assert 2.5 < call.answered - call.rang < 6
    assert [what for _, what in call.odd] == ["crossed"]
    assert call.hung_up_by == "caller"


def test_who_is_overloaded_refuses_at_once(pbx: Pbx, lab: Lab) -> None:
    hangup = pbx.event(pbx.dial(number_for("overloaded", INDEX)), "Hangup")
    assert (hangup["Cause"], hangup["TechCause"]) == ("34", "503")
    eventually(lambda: told(lab.facts, "overloaded").ended)
    call = told(lab.facts, "overloaded")
    assert (call.rang, call.answered, call.hung_up_by) == (None, None, "network")


def test_an_answer_without_a_codec_in_common_is_none_for_the_pbx(pbx: Pbx, lab: Lab) -> None:
    """Who picked up hears a click; the pbx says 488 of itself, after the ringing."""
    mine = pbx.dial(number_for("no-codec", INDEX))
    hangup = pbx.event(mine, "Hangup")
    assert (hangup["Cause"], hangup["TechCause"]) == ("58", "488")
    assert not any(e.get("ChannelStateDesc") == "Up" for e in pbx.ami.events if e.get("Uniqueid") == mine)
    eventually(lambda: told(lab.facts, "no-codec").ended)
    call = told(lab.facts, "no-codec")
    assert call.answered is not None
    assert call.hung_up_by == "caller"


def test_what_an_agent_says_is_heard_and_measured_from_the_greeting_on(pbx: Pbx, lab: Lab) -> None:
    """The bot of the lab talks without end: it is heard within a second of the join."""
    agent = pbx.agent("bot-0007")
    mine = pbx.dial(number_for("vad", 12))
    customer = Leg(mine, pbx.screened(mine)["Channel"])
    eventually(lambda: told(lab.facts, "vad", 12).greeted, 10)
    pbx.bridge(customer, agent)
    greeted = told(lab.facts, "vad", 12).greeted

    def voice_at() -> float | None:
        began, samples = sound(told(lab.facts, "vad", 12))
        loud = np.flatnonzero(np.abs(samples) > 1000)
        return began + float(loud[0]) / 8000 if loud.size else None

    first = eventually(voice_at, 10)
    assert first is not None
    assert greeted is not None
    assert -0.5 < first - greeted < 5
    pbx.hang_up(customer, agent)
