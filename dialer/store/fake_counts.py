"""What the store in memory says of past calls; queries.sql says the same in SQL."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dialer.model.audit import Audits
from dialer.model.call import DOUBTED, Call
from dialer.model.outcomes import Outcome, tells_of_nobody
from dialer.model.verdict import VerdictRecord
from dialer.ports import AgentChange, DispositionMade, MinuteCount, PastCall
from dialer.store.fake_rows import CODES

CENSORED = frozenset({Outcome.CANCELLED, Outcome.LOST})
"""Ends that tell nothing of what the other side would have done."""

_NOBODY = frozenset({Outcome.ABANDONED, Outcome.UNSERVED})
_PERSONS = frozenset({None, Outcome.CONVERSATION, *_NOBODY})


def minute_counts(calls: Iterable[Call], since: datetime, until: datetime) -> tuple[MinuteCount, ...]:
    """Settled calls by minute, oldest first."""
    counts: dict[datetime, list[int]] = {}
    for call in calls:
        at = call.connected_at or call.ended_at
        if call.inbound or (call.reserved_for is not None and call.outcome not in _NOBODY):
            continue
        if at is not None and since <= at < until:
            row = counts.setdefault(at.replace(second=0, microsecond=0), [0] * 7)
            for place, yes in enumerate(_kinds(call)):
                row[place] += yes
            row[6] += round(call.limits.machine_error * 1_000_000) if _is_machine(call) else 0
    return tuple(MinuteCount(minute, *counts[minute]) for minute in sorted(counts))


def _kinds(call: Call) -> tuple[bool, ...]:
    person = call.verdict != "audit" and call.outcome in _PERSONS
    early = call.verdict != "audit" and call.outcome is Outcome.HUNG_UP_EARLY
    joined, doubted = call.connected_at is not None, call.verdict == DOUBTED
    return (
        call.outcome not in CENSORED and not broken(call),
        person and ((joined and not doubted) or call.outcome in _NOBODY),
        call.outcome is Outcome.ABANDONED,
        _is_machine(call),
        call.outcome is Outcome.UNSERVED,
        (early and call.waiting_at is not None) or (joined and doubted),
    )


def _is_machine(call: Call) -> bool:
    return call.verdict == "machine" or call.outcome is Outcome.MACHINE


def broken(call: Call) -> bool:
    """Whether the network or we broke it before anything rang, or it had no codec in common."""
    rang = call.ringing_at is not None or call.answered_at is not None
    return call.outcome is not None and tells_of_nobody(call.outcome, rang=rang)


def past_call(call: Call, log: Sequence[AgentChange]) -> PastCall:
    """An ended call as the learner is told of it."""
    machine = call.verdict in ("machine", "audit")
    human = call.waiting_at is not None and not machine
    spoken = call.outcome is Outcome.CONVERSATION
    unanswered = call.outcome.value if call.outcome is Outcome.CANCELLED else "other"
    return PastCall(
        ring=_seconds(call.placed_at, call.answered_at or call.ended_at) or 0.0,
        end="human" if human else "machine" if machine else unanswered,
        screening=_seconds(call.answered_at, call.verdict_at) if human or machine else None,
        talk=_seconds(call.connected_at, call.ended_at) if spoken else None,
        agent_id=call.agent_id if spoken else None,
        wrap=_wrap(call, log),
    )


def audits_of(audited: Iterable[VerdictRecord], said: Sequence[DispositionMade]) -> Audits:
    """What agents found who got a machine unknowing; who said nothing of it is not counted."""
    truths = [_truth(verdict, said) for verdict in audited]
    return Audits(len(truths) - truths.count(""), truths.count("person"))


def _truth(verdict: VerdictRecord, said: Sequence[DispositionMade]) -> str:
    codes = [made.code for made in said if made.attempt_id == verdict.attempt_id]
    if codes and codes[-1] == "machine":
        return "machine"
    return "person" if codes and CODES[codes[-1]].kind in ("right_party", "third_party") else ""


def _wrap(call: Call, log: Sequence[AgentChange]) -> float | None:
    if call.outcome is not Outcome.CONVERSATION or call.ended_at is None:
        return None
    end = call.ended_at
    later = sorted(
        (row for row in log if row.agent_id == call.agent_id and end <= row.at < end + timedelta(hours=1)),
        key=lambda row: row.at,
    )
    after = next((row for row in later if row.state not in ("wrap_up", "on_call")), None)
    return _seconds(end, after.at) if after is not None and after.state != "offline" else None


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start is not None and end is not None else None
