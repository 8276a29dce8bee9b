"""What really happened to every call, as the carrier saw it. Written by its dialplan, read here."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from sip_lab.behaviours import BEHAVIOURS


@dataclass(frozen=True, slots=True)
class CallTruth:
    """One call that reached the carrier. Times are seconds since 1970; None: did not happen."""

    call: str
    number: str
    behaviour: str
    sip_call_id: str
    invited: float
    trunk: str = ""
    """On which of the pbx's trunks it came."""
    dialled: str = ""
    """The number as it came over the wire."""
    rang: float | None = None
    progress: float | None = None
    beeped: float | None = None
    """When a voicemail's beep was over."""
    answered: float | None = None
    ended: float | None = None
    hung_up_by: str | None = None
    greeted: float | None = None
    """When a person's greeting was over. (The recordings of voices end with 0.3 s of silence.)"""
    heard_from: float | None = None
    """The instant of the first sample of `heard`."""
    heard: str = ""
    """File of what the called side heard, where the lab keeps it."""
    odd: tuple[tuple[float, str], ...] = ()
    """What a telephone did that is odd, and when."""

    @property
    def talk_seconds(self) -> float:
        """From answer to end; 0 when there was no answer or no end yet."""
        if self.answered is None or self.ended is None:
            return 0.0
        return self.ended - self.answered

    def as_json(self) -> dict[str, object]:
        """For printing."""
        return asdict(self)


_FIELDS = {
    "ring": "rang",
    "progress": "progress",
    "answer": "answered",
    "greeted": "greeted",
    "heard": "heard_from",
    "beep": "beeped",
    "end": "ended",
}
_REDIRECTED = {b.name for b in BEHAVIOURS if b.telephone} | {"redirect"}


def read(path: Path) -> list[CallTruth]:
    """Every call so far, in order of arrival. A line that is only half written yet is left out."""
    with path.open("rb") as lines:
        return from_lines(lines)


def from_lines(lines: Iterable[bytes]) -> list[CallTruth]:
    """As `read`, from lines. A leg reached through a 302 is folded into the call it belongs to."""
    calls: dict[str, CallTruth] = {}
    for line in lines:
        if not line.endswith(b"\n"):
            break
        fact = json.loads(line)
        key = fact["call"]
        if fact["event"] == "invite":
            calls[key] = _begun(key, fact)
        elif key in calls:
            calls[key] = _told(calls[key], fact)
    return _folded(calls.values())


def _begun(key: str, fact: Mapping[str, Any]) -> CallTruth:
    wire = fact.get("trunk", ""), fact.get("dialled", "")
    return CallTruth(key, fact["number"], fact["behaviour"], fact["sip_call_id"], fact["at"], *wire)


def _told(call: CallTruth, fact: dict[str, object]) -> CallTruth:
    if fact["event"] == "odd":
        return replace(call, odd=(*call.odd, (float(str(fact["at"])), str(fact["what"]))))
    changes: dict[str, object] = {_FIELDS[str(fact["event"])]: fact["at"]}
    if fact["event"] == "end":
        changes["hung_up_by"] = fact["by"]
    if fact["event"] == "heard":
        changes["heard"] = fact["file"]
    return replace(call, **changes)  # type: ignore[arg-type]


def _folded(calls: Iterable[CallTruth]) -> list[CallTruth]:
    whole: list[CallTruth] = []
    waiting: dict[str, int] = {}
    for call in calls:
        if call.behaviour == "forwarded" and call.number in waiting:
            place = waiting.pop(call.number)
            first = whole[place]
            whole[place] = replace(
                call,
                call=first.call,
                behaviour=first.behaviour,
                invited=first.invited,
                trunk=first.trunk,
                dialled=first.dialled,
            )
            continue
        if call.behaviour in _REDIRECTED:
            waiting[call.number] = len(whole)
        whole.append(call)
    return whole
