"""How an attempt ended, whose doing it was, and whether the number may be tried again."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The closed list of results of an attempt."""

    CONVERSATION = "conversation"
    ABANDONED = "abandoned"
    MACHINE = "machine"
    MESSAGE_LEFT = "message_left"
    """A machine whose greeting we heard out, and to which our message was played."""
    FAX = "fax"
    HUNG_UP_EARLY = "hung_up_early"
    """Answered and hung up at once: within the instants that no dialer could have used."""
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    DECLINED = "declined"
    """Somebody, or their telephone, pressed the call away (603)."""
    UNWANTED = "unwanted"
    """A wish for silence (607, RFC 8197): this line is not called again."""
    UNREACHABLE = "unreachable"
    """Switched off or out of coverage."""
    UNALLOCATED = "unallocated"
    NUMBER_CHANGED = "number_changed"
    INTERCEPT = "intercept"
    """An announcement or information tone of the network whose meaning is not known."""
    BARRED = "barred"
    """The carrier refuses our trunk, caller ID or codec: a fault of ours, not of the number."""
    CALLER_BLOCKED = "caller_blocked"
    """Some analysis on the way holds our caller ID for a nuisance (608, RFC 8688)."""
    CONGESTION = "congestion"
    CARRIER_FAILURE = "carrier_failure"
    CANCELLED = "cancelled"
    GAVE_UP = "gave_up"
    """Called in and hung up before an agent came."""
    UNSERVED = "unserved"
    """Answered us and hung up before an agent came, though not yet abandoned; or called in and waited as long
    as the campaign lets people wait."""
    CALLBACK_TAKEN = "callback_taken"
    """Called in and chose to be called back when it is their turn."""
    ONE_WAY_AUDIO = "one_way_audio"
    """An agent spoke to somebody of whom nothing was ever heard: the line, not the person."""
    NO_MEDIA = "no_media"
    """Rang and was answered, but no codec in common: nobody could hear anybody."""
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
    DAY = "day"
    """The number was refused, which a broken trunk does to good ones: another day."""
    TOMORROW = "tomorrow"
    """The number is good, but what broke the call breaks the next too, and the telephone rings each time."""
    SILENCE = "silence"
    """Never on this line: who is there does not want it."""
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
    Outcome.MESSAGE_LEFT: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.FAX: Verdict(Blame.CALLEE, Retry.NEVER),
    Outcome.HUNG_UP_EARLY: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.BUSY: Verdict(Blame.CALLEE, Retry.SOON),
    Outcome.NO_ANSWER: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.REJECTED: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.DECLINED: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.UNWANTED: Verdict(Blame.CALLEE, Retry.SILENCE),
    Outcome.UNREACHABLE: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.UNALLOCATED: Verdict(Blame.CALLEE, Retry.DAY),
    Outcome.NUMBER_CHANGED: Verdict(Blame.CALLEE, Retry.DAY),
    Outcome.INTERCEPT: Verdict(Blame.CARRIER, Retry.LATER),
    Outcome.BARRED: Verdict(Blame.OURS, Retry.SOON),
    Outcome.CALLER_BLOCKED: Verdict(Blame.OURS, Retry.SOON),
    Outcome.CONGESTION: Verdict(Blame.CARRIER, Retry.SOON),
    Outcome.CARRIER_FAILURE: Verdict(Blame.CARRIER, Retry.SOON),
    Outcome.CANCELLED: Verdict(Blame.OURS, Retry.LATER),
    Outcome.GAVE_UP: Verdict(Blame.CALLEE, Retry.LATER),
    Outcome.UNSERVED: Verdict(Blame.OURS, Retry.LATER),
    Outcome.CALLBACK_TAKEN: Verdict(Blame.CALLEE, Retry.SOON),
    Outcome.ONE_WAY_AUDIO: Verdict(Blame.CARRIER, Retry.LATER),
    Outcome.NO_MEDIA: Verdict(Blame.CARRIER, Retry.TOMORROW),
    Outcome.LOST: Verdict(Blame.OURS, Retry.LATER),
    Outcome.UNKNOWN: Verdict(Blame.CARRIER, Retry.LATER),
}

_MAY_HAVE_RUNG = frozenset({Outcome.CANCELLED, Outcome.LOST, Outcome.UNKNOWN, Outcome.INTERCEPT})
"""Of these nobody knows whether the telephone rang, though nothing said so: they count as calls."""


def spares(outcome: Outcome, *, rang: bool) -> bool:
    """Whether the network or we broke the call before anybody could notice it: then it was none for them."""
    return VERDICTS[outcome].blame is not Blame.CALLEE and not rang and outcome not in _MAY_HAVE_RUNG


def tells_of_nobody(outcome: Outcome, *, rang: bool) -> bool:
    """Whether the end says nothing of how people answer: the trunk broke the call, rung (no codec) or not."""
    return outcome is Outcome.NO_MEDIA or spares(outcome, rang=rang)


SPARED_UNRUNG = tuple(outcome for outcome in Outcome if spares(outcome, rang=False))
"""Outcomes that are no call to anybody unless it had rung."""
