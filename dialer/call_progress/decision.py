"""When enough was heard. Pure: evidence in, verdict out.

A person greets and waits, so a word and a silence decide for the person: soon when it is clear, and otherwise
after a silence that few greetings of machines hold. A machine must be certain. What is neither waits for more
evidence until the limit, and then counts as a person; or goes to an agent who would be idle.
"""

from dataclasses import dataclass
from enum import StrEnum

EARLIEST_MACHINE = 5.5
"""Seconds after the onset before which nobody is a machine: companies greet people with whole sentences
(docs/adr/0037). Nobody is harmed by a machine that is recognised late."""


class Kind(StrEnum):
    """Who answered."""

    HUMAN = "human"
    UNSURE = "unsure"
    MACHINE = "machine"


class Cause(StrEnum):
    """Why; the engine takes the last three for unsure."""

    GREETING = "greeting"
    """Spoke and waits."""
    TALKING = "talking"
    """Goes on as machines do."""
    UNCLEAR = "unclear"
    LATE = "late certainty"
    BEEP = "beep after a greeting"
    WAITED = "waited"
    """Spoke as machines do, too, and waits longer than most of them."""
    DEAD_AIR = "dead_air"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class Policy:
    """When to decide what; seconds."""

    threshold: float
    """Probability from which on it is a machine; above 1 = never."""
    earliest: float = EARLIEST_MACHINE
    """From the onset until speech alone can make a machine."""
    paused: float = 0.35
    """Silence in which nobody becomes a machine by speech: a company's sentence may be over."""
    limit: float = 9.0
    """From the answer until an unclear call counts as a person."""
    clear: float = 0.27
    """Probability below which a first look at the silence finds a person."""
    first_look: float = 0.65
    first_look_ends: float = 0.72
    waited: float = 1.24
    """Silence after which whoever spoke is a person who waits for us."""
    dead_air: float = 3.0
    """Without any speech."""
    yields: float = 0.9
    """Silence in which the other side is expected to speak."""
    certain: float = 0.99
    """Probability from which on a call that was handed over is a machine after all…"""
    certain_for: float = 1.0
    """… when it stays there for so long…"""
    certain_spoken: float = 4.0
    """… and so much was said, without a silence in which an agent speaks."""
    beep_talk: float = 3.0
    """Speech without such a silence, after which a beep may be a machine's to a call that was handed over…"""
    beep_gap: float = 1.5
    """… when it comes so soon after the last word…"""
    beep_silence: float = 1.0
    """… and nobody speaks for so long after it…"""
    beep_p: float = 0.5
    """… and nothing speaks for a person."""
    patient: float = 1.5
    """Without any speech, until an idle agent may have the call."""
    unclear_silence: float = 0.4
    unclear_below: float = 0.7


@dataclass(frozen=True, slots=True)
class Estimate:
    """What is known of a call at one instant."""

    at: float
    """Seconds since the answer."""
    onset: float | None
    """When speech began."""
    silence: float
    """Seconds since the last speech."""
    p: float
    """Probability of a machine; 0.5 before any speech."""
    yielded: bool = False
    """Whether there was a silence in which an agent has begun to talk: what follows is a conversation."""
    toning: bool = False
    """Whether tones are in the air that are not understood yet."""
    spoken: float = 0.0
    """Seconds of speech."""
    certain: float = 0.0
    """Seconds for which p has been near certainty."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Who answered, and why."""

    kind: Kind
    cause: Cause
    p: float
    at: float


def decide(seen: Estimate, policy: Policy) -> Verdict | None:
    """The verdict, or None to hear more. Dead air is a person's, never a machine's."""
    if seen.onset is None:
        if seen.at >= policy.limit or (seen.at >= policy.dead_air and not seen.toning):
            return _verdict(Kind.HUMAN, Cause.DEAD_AIR, seen)
        return None
    goes_on = seen.at - seen.onset >= policy.earliest and seen.silence < policy.paused
    if seen.p >= policy.threshold and goes_on:
        return _verdict(Kind.MACHINE, Cause.TALKING, seen)
    first_look = policy.first_look <= seen.silence <= policy.first_look_ends
    if first_look and seen.p < policy.clear:
        return _verdict(Kind.HUMAN, Cause.GREETING, seen)
    if seen.silence >= policy.waited:
        return _verdict(Kind.HUMAN, Cause.GREETING if seen.p < policy.clear else Cause.WAITED, seen)
    if seen.at >= policy.limit:
        return _verdict(Kind.HUMAN, Cause.DEADLINE, seen)
    return None


def unclear(seen: Estimate, policy: Policy) -> bool:
    """Whether an idle agent may have the call: somebody waits, and nothing speaks for a machine."""
    if seen.onset is None:
        return seen.at >= policy.patient and not seen.toning
    return seen.silence >= policy.unclear_silence and seen.p < policy.unclear_below


def follow(seen: Estimate, policy: Policy) -> Verdict | None:
    """Whether a call that was handed over unclear proves to be a machine, which never lets one speak.

    An agent may be speaking to a person: nothing here is decided by one instant.
    """
    able = policy.threshold <= 1 and seen.onset is not None and not seen.yielded
    certain = seen.certain >= policy.certain_for and seen.spoken >= policy.certain_spoken
    return _verdict(Kind.MACHINE, Cause.LATE, seen) if able and certain else None


def _verdict(kind: Kind, cause: Cause, seen: Estimate) -> Verdict:
    return Verdict(kind, cause, round(seen.p, 4), round(seen.at, 3))
