"""The faults: component × kind × phase. A case can be run alone: `engine-kill-ringing`."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is done to a component."""

    KILL = "kill"
    """kill -9."""
    FREEZE = "freeze"
    """SIGSTOP, and SIGCONT after a while."""
    CUT = "cut"
    """Its link is reset and refused."""
    STALL = "stall"
    """Its link lets nothing pass and stays open."""


class Phase(StrEnum):
    """Where a call is when the fault comes."""

    COMMITTING = "committing"
    """The engine's COMMIT has reached the database, its answer has not come back."""
    DIALING = "dialing"
    RINGING = "ringing"
    GREETING = "greeting"
    """A person has answered and is saying who they are."""
    SCREENING = "screening"
    WAITING = "waiting"
    CONNECTED = "connected"
    HANGING_UP = "hanging-up"
    """As connected; and while the fault lasts, the agent presses to hang up."""
    CONSULTING = "consulting"
    """An agent asks a colleague, the person hears music."""
    THREE_WAY = "three-way"
    WRAP_UP = "wrap-up"
    QUEUED = "queued"
    """Somebody who called in waits."""


LINKS: Mapping[str, str] = {
    "postgres": "engine-postgres",
    "valkey": "engine-valkey",
    "ami": "engine-ami",
    "detector": "engine-detector",
    "audio": "pbx-detector",
}
"""The link of a component: of `audio`, the one by which the PBX lets the detector hear."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fault at one moment."""

    components: tuple[str, ...]
    kind: Kind
    phase: Phase
    seconds: float = 5.0
    """How long a freeze, a cut or a stall lasts."""

    @property
    def name(self) -> str:
        """As given to `make faults CASE=…`."""
        return f"{'+'.join(self.components)}-{self.kind}-{self.phase}"


EVERYWHERE = tuple(phase for phase in Phase if phase is not Phase.HANGING_UP)
ON_THE_LINE = (Phase.RINGING, Phase.GREETING, Phase.WAITING, Phase.CONNECTED, Phase.QUEUED)
ROUGHLY = (Phase.GREETING, Phase.CONNECTED)
MATRIX: Sequence[tuple[str, Sequence[Kind], Sequence[Phase]]] = (
    ("engine", (Kind.KILL, Kind.FREEZE), EVERYWHERE),
    ("postgres", (Kind.KILL, Kind.FREEZE, Kind.CUT), EVERYWHERE),
    ("postgres", (Kind.FREEZE, Kind.CUT), (Phase.HANGING_UP,)),
    ("engine", (Kind.FREEZE,), (Phase.HANGING_UP,)),
    ("ami", (Kind.CUT, Kind.STALL), (Phase.HANGING_UP,)),
    ("postgres", (Kind.STALL,), ON_THE_LINE),
    ("ami", (Kind.CUT,), EVERYWHERE),
    ("ami", (Kind.STALL,), ON_THE_LINE),
    ("pbx", (Kind.KILL, Kind.FREEZE), ON_THE_LINE),
    ("carrier", (Kind.KILL, Kind.FREEZE), ROUGHLY),
    ("valkey", (Kind.KILL, Kind.FREEZE, Kind.CUT), ON_THE_LINE),
    ("detector", (Kind.KILL, Kind.FREEZE, Kind.CUT), (Phase.RINGING, Phase.GREETING, Phase.SCREENING)),
    ("audio", (Kind.CUT, Kind.STALL), (Phase.GREETING, Phase.SCREENING)),
    ("web", (Kind.KILL, Kind.FREEZE), (Phase.CONNECTED, Phase.WRAP_UP)),
    ("archive", (Kind.KILL, Kind.FREEZE), (Phase.CONNECTED,)),
)
SHORT = (
    Case(("engine",), Kind.KILL, Phase.RINGING),
    Case(("engine",), Kind.KILL, Phase.GREETING),
    Case(("engine",), Kind.FREEZE, Phase.GREETING),
    Case(("engine", "postgres"), Kind.KILL, Phase.CONNECTED),
    Case(("postgres",), Kind.FREEZE, Phase.COMMITTING),
    Case(("ami",), Kind.CUT, Phase.HANGING_UP),
    Case(("postgres",), Kind.CUT, Phase.COMMITTING),
    Case(("valkey",), Kind.KILL, Phase.GREETING),
    Case(("detector",), Kind.KILL, Phase.SCREENING),
    Case(("pbx",), Kind.KILL, Phase.CONNECTED),
)
"""The most dangerous ones, for every run of the tests."""


def every() -> Iterator[Case]:
    """All of them, in the matrix's order."""
    for component, kinds, phases in MATRIX:
        yield from (Case((component,), kind, phase) for kind in kinds for phase in phases)
    yield Case(("engine", "postgres"), Kind.KILL, Phase.CONNECTED)
    yield Case(("engine", "valkey"), Kind.KILL, Phase.GREETING)
    yield Case(("engine", "pbx"), Kind.KILL, Phase.CONNECTED)


def chosen(words: Sequence[str], seed: int) -> list[Case]:
    """Cases whose names hold one of the words; all, shuffled by the seed, without words."""
    known = {case.name: case for case in (*SHORT, *every())}
    if not words:
        cases = list(known.values())
        random.Random(seed).shuffle(cases)
        return cases
    if words == ["short"]:
        return list(SHORT)
    found = [case for name, case in known.items() if any(word in name for word in words)]
    if not found:
        raise SystemExit(f"no case is named so; there are:\n{chr(10).join(known)}")
    return found
