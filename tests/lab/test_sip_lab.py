"""Every behaviour of the carrier ends as its table says, seen from the pbx and from the carrier."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sip_lab import truth
from sip_lab.ami import Event
from sip_lab.behaviours import BEHAVIOURS, BY_NAME, behaviour_of, number_for, ring_seconds, talk_seconds
from sip_lab.truth import CallTruth
from tests.lab.eventually import eventually
from tests.lab.lab_process import Facts, Lab
from tests.lab.pbx import Leg, Pbx

ENDLESS = {"patient", "tone"}
RING_LIMIT = 8.0
TEMPO = 0.3


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended: for the pbx (Q.850 cause, SIP code as told) and for the carrier."""

    cause: str
    sip: str
    by: str


ENDINGS: Mapping[str, Ending] = {
    "person": Ending("16", "", "person"),
    "patient": Ending("16", "", "caller"),
    "silent": Ending("16", "", "person"),
    "quitter": Ending("16", "", "person"),
    "voicemail": Ending("16", "", "person"),
    "voicemail-now": Ending("16", "", "person"),
    "busy": Ending("17", "486", "network"),
    "no-answer": Ending("19", "480", "caller"),
    "rejected": Ending("21", "603", "person"),
    "unwanted": Ending("127", "607", "person"),
    "blocked": Ending("127", "608", "network"),
    "unallocated": Ending("1", "404", "network"),
    "congestion": Ending("34", "503", "network"),
    "intercept": Ending("1", "404", "network"),
    "fax": Ending("16", "", "person"),
    "redirect": Ending("16", "", "person"),
    "business": Ending("16", "", "person"),
    "instant": Ending("16", "", "person"),
    "tone": Ending("16", "", "caller"),
    # Tones and announcements go on for longer than this caller lets it ring.
    "busy-tone": Ending("19", "480", "caller"),
    "congestion-tone": Ending("19", "480", "caller"),
    "off": Ending("19", "480", "caller"),
    "music-ring": Ending("16", "", "person"),
    "answered-busy": Ending("16", "", "person"),
    "answered-sit": Ending("16", "", "person"),
    "pausey-voicemail": Ending("16", "", "person"),
    "fax-calling": Ending("16", "", "person"),
    "clip": Ending("16", "", "person"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """One call as the pbx and the carrier saw it."""

    number: str
    answered: bool
    hangup: Event
    told: CallTruth


def calls_to(facts: Facts, number: str) -> list[CallTruth]:
    """The carrier's record of a number."""
    return [call for call in truth.read(Path(facts["truth_path"])) if call.number == number]


def watch(pbx: Pbx, facts: Facts, number: str, mine: str) -> Seen:
    """Waits for the end of a call and reads what the carrier says of it."""
    hangup = pbx.event(mine, "Hangup", 60)
    states = [e for e in pbx.ami.events if e.get("Event") == "Newstate" and e.get("Uniqueid") == mine]
    answered = any(state["ChannelStateDesc"] == "Up" for state in states)
    eventually(lambda: any(call.ended for call in calls_to(facts, number)), 5)
    return Seen(number, answered, hangup, calls_to(facts, number)[-1])


@pytest.fixture(scope="module")
def every(lab: Lab) -> Mapping[str, Seen]:
    """One call to each behaviour, all at once."""
    facts = lab.facts
    pbx = Pbx(facts)
    numbers = {b.name: number_for(b.name, 1) for b in BEHAVIOURS if not b.telephone}
    calls = {name: pbx.dial(number, timeout=RING_LIMIT) for name, number in numbers.items()}
    for name in ENDLESS:
        leg = Leg(calls[name], pbx.screened(calls[name])["Channel"])
        pbx.ami.send("Hangup", Channel=leg.channel, Cause=16)
    seen = {name: watch(pbx, facts, numbers[name], mine) for name, mine in calls.items()}
    pbx.ami.close()
    return seen


def test_every_behaviour_has_a_known_ending() -> None:
    """Those with a telephone of their own: test_telephones.py."""
    assert set(ENDINGS) == {b.name for b in BEHAVIOURS if not b.telephone}


@pytest.mark.parametrize("name", ENDINGS)
def test_a_call_ends_as_its_behaviour_says(every: Mapping[str, Seen], name: str) -> None:
    seen, expected = every[name], ENDINGS[name]
    assert seen.hangup["Cause"] == expected.cause
    assert seen.hangup.get("TechCause", "") == expected.sip
    assert seen.answered == BY_NAME[name].answers
    assert seen.told.behaviour == name
    assert seen.told.hung_up_by == expected.by
    assert (seen.told.answered is not None) == BY_NAME[name].answers


@pytest.mark.parametrize("name", ["person", "silent", "voicemail", "business", "redirect"])
def test_ring_and_talk_times_are_those_drawn(every: Mapping[str, Seen], name: str) -> None:
    told, behaviour = every[name].told, BY_NAME[name]
    assert told.answered is not None
    assert told.rang is not None
    assert told.answered - told.rang >= ring_seconds(told.number, behaviour, 1, TEMPO) - 0.05
    assert told.talk_seconds >= talk_seconds(told.number, behaviour, 1, TEMPO) - 0.05


def test_an_announcement_is_early_media(every: Mapping[str, Seen]) -> None:
    told = every["intercept"].told
    assert told.progress is not None
    assert told.ended is not None
    assert told.ended - told.progress > 3
    assert told.rang is None


def test_a_number_without_a_code_behaves_as_the_mix_says(pbx: Pbx, lab: Lab) -> None:
    numbers = [f"+3465511{n:04d}" for n in range(40, 60)]
    calls = [pbx.dial(number, timeout=0.5) for number in numbers]
    eventually(lambda: all(calls_to(lab.facts, number) for number in numbers))
    for mine in calls:
        for row in pbx.places().values():
            if row["Uniqueid"] == mine:
                pbx.ami.send("Hangup", Channel=row["Channel"])
        pbx.event(mine, "Hangup")
    told = {number: calls_to(lab.facts, number)[0].behaviour for number in numbers}
    assert told == {number: behaviour_of(number, lab["seed"]).name for number in numbers}


def test_the_detector_hears_what_is_said(pbx: Pbx) -> None:
    screening = ("CADENCIA_SCREEN=amd", "CADENCIA_FALLBACK=60")
    calls = {name: pbx.dial(number_for(name, 2), *screening) for name in ("patient", "voicemail-now")}
    verdicts = {name: pbx.screened(mine) for name, mine in calls.items()}
    assert verdicts["patient"]["Status"] == "HUMAN"
    assert verdicts["voicemail-now"]["Status"] == "MACHINE"
    pbx.hang_up(*(Leg(mine, verdicts[name]["Channel"]) for name, mine in calls.items()))
