"""How an attempt ended, whose doing it was, and whether the number may be tried again."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The closed list of results of an attempt."""

    CONVERSATION = "conversation"
    ABANDONED = "abandoned"
    MACHINE = "machine"
    HUNG_UP_EARLY = "hung_up_early"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    UNALLOCATED = "unallocated"
    CONGESTION = "congestion"
    CARRIER_FAILURE = "carrier_failure"
    CANCELLED = "cancelled"
    LOST = "lost"
    UNKNOWN = "unknown"


class Blame(StrEnum):
    """Whose doing an outcome is."""

    CALLEE = "callee"
    CARRIER = "carrier"
    OURS = "ours"


class Retry(StrEnum):
    """Advice on calling the same number again."""

    LATER = "later"
    SOON = "soon"
    NEVER = "never"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an outcome means for the next step with this number."""

    blame: Blame
    retry: Retry


VERDICTS: dict[Outcome, Verdict] = {
    Outcome.CONVERSATION: Verdict(Blame.CALLEE, Retry.DONE),
    Outcome.ABANDONED: Verdict(Blame.OURS, Retry.LATER),
    Outcome.MACHINE: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.HUNG_UP_EARLY: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.BUSY: Verdict(Blame.CALLEE, Retry.SOON),
    Outcome.NO_ANSWER: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.REJECTED: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.UNALLOCATED: Verdict(Blame.CALLEE, Retry.NEVER),
    Outcome.CONGESTION: Verdict(Blame.CARRIER, Retry.SOON),
    Outcome.CARRIER_FAILURE: Verdict(Blame.CARRIER, Retry.SOON),
    Outcome.CANCELLED: Verdict(Blame.OURS, Retry.LATER),
    Outcome.LOST: Verdict(Blame.OURS, Retry.LATER),
    Outcome.UNKNOWN: Verdict(Blame.CARRIER, Retry.LATER),
}

# Q.850 causes as Asterisk reports them on Hangup (ast_sip_hangup_sip2cause); ITU-T Q.850 table 1.
_CAUSES: dict[int, Outcome] = {
    1: Outcome.UNALLOCATED,
    2: Outcome.CARRIER_FAILURE,
    3: Outcome.CARRIER_FAILURE,
    4: Outcome.UNALLOCATED,
    16: Outcome.NO_ANSWER,
    17: Outcome.BUSY,
    18: Outcome.NO_ANSWER,
    19: Outcome.NO_ANSWER,
    20: Outcome.NO_ANSWER,
    21: Outcome.REJECTED,
    22: Outcome.UNALLOCATED,
    26: Outcome.NO_ANSWER,
    27: Outcome.CARRIER_FAILURE,
    28: Outcome.UNALLOCATED,
    31: Outcome.NO_ANSWER,
    34: Outcome.CONGESTION,
    38: Outcome.CARRIER_FAILURE,
    41: Outcome.CARRIER_FAILURE,
    42: Outcome.CONGESTION,
    44: Outcome.CONGESTION,
    58: Outcome.CARRIER_FAILURE,
    102: Outcome.NO_ANSWER,
    127: Outcome.CARRIER_FAILURE,
}


def outcome_of_cause(cause: int) -> Outcome:
    """Outcome of a call that ended unanswered with a Q.850 cause; an unlisted cause is UNKNOWN."""
    return _CAUSES.get(cause, Outcome.UNKNOWN)
