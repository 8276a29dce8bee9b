"""Whether a trunk may be dialled on: a circuit breaker, as a table. Pure.

A trunk that breaks calls rests, longer each time; then one call at a time tries it.
Sources: RFC 3261 §20.33 and §21.5.4 (503 and Retry-After).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dialer.model.outcomes import VERDICTS, Blame, Outcome, Retry


class TrunkState(StrEnum):
    """Whether calls go out on a trunk."""

    CLOSED = "closed"
    """The circuit is whole: calls go out."""
    OPEN = "open"
    """It rests."""
    HALF_OPEN = "half_open"
    """One call at a time tries it."""


class TrunkEvent(StrEnum):
    """What moves a trunk from one state to another."""

    BROKE = "broke"
    """Too many of the calls on it failed."""
    RESTED = "rested"
    WORKED = "worked"
    """The call that tried it got through."""


class Sign(StrEnum):
    """What the first that is heard of a call says of its trunk."""

    THROUGH = "through"
    """It rang, was answered, or the other side ended it: the trunk works."""
    REFUSED = "refused"
    """There is no such number, it says."""
    FAILED = "failed"
    """The network or we broke it."""


_T, _E = TrunkState, TrunkEvent
TRANSITIONS: dict[tuple[TrunkState, TrunkEvent], TrunkState] = {
    (_T.CLOSED, _E.BROKE): _T.OPEN,
    (_T.OPEN, _E.RESTED): _T.HALF_OPEN,
    (_T.HALF_OPEN, _E.WORKED): _T.CLOSED,
    (_T.HALF_OPEN, _E.BROKE): _T.OPEN,
}

WINDOW = timedelta(seconds=60)
"""How long a sign counts against the trunk."""
MEMORY = timedelta(hours=1)
"""How long it counts as to what is normal: a small floor has few calls a minute."""
_MOST_SIGNS = 100
FEWEST_FAILED, FAILED_SHARE = 5, 0.5
"""It breaks with so many failures, when they are this share of the signs."""
FEWEST_REFUSED, REFUSED_SHARE = 20, 0.9
"""Or when it refuses nearly every number; a list of bad numbers does not look like that."""
FEWEST_NORMAL, NORMAL_SHARE = 10, 0.5
"""Refusals are normal when so many signs are known and no more than this share are refusals."""
RUN = 3
"""So many refusals in a row are the trunk's doing, or may be: none of a run is believed from here on."""
FIRST_REST, LAST_REST = timedelta(seconds=10), timedelta(minutes=10)
"""Rests: doubled with each that was in vain."""
LONGEST_WAIT = timedelta(hours=1)
"""A Retry-After is heeded up to this: one header must not end a day's work."""
PROBE_LIMIT = timedelta(seconds=60)
"""A call of which nothing was heard for so long tries the trunk no longer."""


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of one trunk."""

    state: TrunkState = TrunkState.CLOSED
    since: datetime | None = None
    """When this state began; calls placed before say nothing of it."""
    until: datetime | None = None
    """When its rest ends; only while open."""
    why: str = ""
    """What broke it, such as 'SIP 503: 5 of 5'; kept until it is closed."""
    rest: timedelta = timedelta()
    """The last rest."""
    wait_until: datetime | None = None
    """Not before, says the carrier (Retry-After)."""
    probing_since: datetime | None = None
    signs: tuple[tuple[datetime, Sign], ...] = ()

    def bears(self, now: datetime) -> bool:
        """Whether a call may go out on it now."""
        match self.state:
            case TrunkState.CLOSED:
                return True
            case TrunkState.OPEN:
                return False
            case TrunkState.HALF_OPEN:
                return self.probing_since is None or now - self.probing_since >= PROBE_LIMIT

    def counted(self, now: datetime, window: timedelta = WINDOW) -> dict[Sign, int]:
        """Signs of the window."""
        recent = [sign for at, sign in self.signs if now - at < window]
        return {sign: recent.count(sign) for sign in Sign}

    def believed(self, now: datetime) -> bool:
        """Whether a refusal that was told just now is the number's, not the trunk's."""
        newest = [sign for _, sign in self.signs if sign is not Sign.FAILED][-RUN:]
        return self.normal(now) and Sign.THROUGH in newest

    def normal(self, now: datetime) -> bool:
        """Whether few numbers are refused; with too few signs nobody knows."""
        counts = self.counted(now, MEMORY)
        known = counts[Sign.THROUGH] + counts[Sign.REFUSED]
        believed = known >= FEWEST_NORMAL and counts[Sign.REFUSED] <= NORMAL_SHARE * known
        return self.state is TrunkState.CLOSED and believed


def sign_of(outcome: Outcome) -> Sign | None:
    """What an unanswered end says of the trunk; None where nobody knows: cancelled, lost."""
    verdict = VERDICTS[outcome]
    if outcome in (Outcome.CANCELLED, Outcome.LOST, Outcome.UNKNOWN):
        return None
    if verdict.blame is not Blame.CALLEE and outcome is not Outcome.INTERCEPT:
        return Sign.FAILED
    return Sign.REFUSED if verdict.retry is Retry.DAY else Sign.THROUGH


def dialled(breaker: Breaker, now: datetime) -> Breaker:
    """A call goes out on it."""
    return replace(breaker, probing_since=now) if breaker.state is TrunkState.HALF_OPEN else breaker


def looked(breaker: Breaker, now: datetime) -> Breaker:
    """Time has passed."""
    if breaker.state is TrunkState.OPEN and breaker.until is not None and now >= breaker.until:
        return replace(_moved(breaker, TrunkEvent.RESTED, now), until=None, probing_since=None)
    return breaker


def told(breaker: Breaker, sign: Sign | None, words: str, *, placed_at: datetime, now: datetime) -> Breaker:
    """The first that is heard of a call; None frees the trunk for another try and says nothing more."""
    if breaker.since is not None and placed_at < breaker.since:
        return breaker
    if sign is None:
        return replace(breaker, probing_since=None)
    recent = tuple(one for one in breaker.signs if now - one[0] < MEMORY)
    breaker = replace(breaker, signs=(*recent, (now, sign))[-_MOST_SIGNS:])
    match breaker.state:
        case TrunkState.HALF_OPEN if sign is Sign.THROUGH:
            return replace(_moved(breaker, TrunkEvent.WORKED, now), why="", rest=timedelta())
        case TrunkState.HALF_OPEN:
            return _broke(breaker, words or sign.value, now)
        case TrunkState.CLOSED:
            why = _broken_by(breaker.counted(now), words)
            return _broke(breaker, why, now) if why else breaker
        case _:
            return breaker


def unsaid(breaker: Breaker) -> Breaker:
    """Without the last that got through: what rings and is refused then has not rung anywhere."""
    places = [place for place, (_, sign) in enumerate(breaker.signs) if sign is Sign.THROUGH]
    kept = breaker.signs[: places[-1]] + breaker.signs[places[-1] + 1 :] if places else breaker.signs
    return replace(breaker, signs=kept)


def asked_to_wait(breaker: Breaker, wait: timedelta, now: datetime) -> Breaker:
    """The carrier said Retry-After: it holds when the trunk breaks, or prolongs its rest."""
    until = now + min(wait, LONGEST_WAIT)
    breaker = replace(breaker, wait_until=max(until, breaker.wait_until or until))
    if breaker.state is TrunkState.OPEN and breaker.until is not None:
        return replace(breaker, until=max(breaker.until, until))
    return breaker


def _broken_by(counts: dict[Sign, int], words: str) -> str:
    known = sum(counts.values())
    failed, refused = counts[Sign.FAILED], counts[Sign.REFUSED]
    if failed >= FEWEST_FAILED and failed >= FAILED_SHARE * known:
        return f"{words or Sign.FAILED.value}: {failed} of {known}"
    if refused >= FEWEST_REFUSED and refused >= REFUSED_SHARE * known:
        return f"{words or Sign.REFUSED.value}: {refused} of {known}"
    return ""


def _broke(breaker: Breaker, why: str, now: datetime) -> Breaker:
    rest = min(LAST_REST, max(FIRST_REST, breaker.rest * 2))
    until = max(now + rest, breaker.wait_until or now)
    moved = _moved(breaker, TrunkEvent.BROKE, now)
    return replace(moved, until=until, rest=rest, why=why, wait_until=None)


def _moved(breaker: Breaker, event: TrunkEvent, now: datetime) -> Breaker:
    """In the next state nothing is known yet."""
    state = TRANSITIONS[breaker.state, event]
    return replace(breaker, state=state, since=now, probing_since=None, signs=())
