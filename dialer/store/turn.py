"""Writes one turn of the engine: all of it or nothing, once, and only while the fence holds."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any
from uuid import UUID

from dialer.exceptions import FenceLost, VersionConflict
from dialer.model.number import FORGOTTEN
from dialer.model.outcomes import Outcome, Retry
from dialer.model.verdict import VerdictRecord
from dialer.ports import EngineCommit, LearnerRecord, ModelRecord, PacingRecord, Transition
from dialer.store.lead_advice import (
    DELAYS,
    attempts_to_settle,
    attempts_to_spare,
    lead_advice,
    places_to_keep,
)
from dialer.store.pool import session, transaction
from dialer.store.rows import step_row
from dialer.store.sql import queries

if TYPE_CHECKING:
    from dialer.store.pool import Connection, Pool

Rows = list[dict[str, Any]]


def _advice(outcome: Outcome) -> dict[str, Any]:
    advice = lead_advice(outcome)
    delay = None if advice.delay is None else advice.delay.total_seconds()
    unfit = advice.dead or advice.silenced
    return {"outcome": outcome.value, "delay": delay, "unfit": unfit, "refused": advice.refused}


_ADVICE: Rows = [_advice(outcome) for outcome in Outcome]
_LATER = DELAYS[Retry.LATER].total_seconds()
_DAY = DELAYS[Retry.DAY].total_seconds()
_SOON = DELAYS[Retry.SOON].total_seconds()


class _Stale(Exception):
    """A guarded update hit no row; nothing is written, or rolled back, before anybody asks why."""


async def write(pool: "Pool", commit: EngineCommit, fence: int) -> None:
    """Write a turn; one that was written before, answer lost, is seen and left alone."""
    rounds = list(_rounds(commit.transitions)) or [[]]
    late = commit.late_answers or commit.alarms_over
    beside = attempts_to_settle(commit) or places_to_keep(commit) or late
    alone = len(rounds) == 1 and not beside
    try:
        # The commonest turns are one statement: one round trip between a person's answer and the agent.
        async with session(pool) if alone else transaction(pool) as connection:
            await _write(connection, commit, rounds, fence)
    except _Stale:
        await _explain(pool, [row for steps in rounds for row in steps])


async def _write(connection: "Connection", commit: EngineCommit, rounds: Sequence[Rows], fence: int) -> None:
    if commit.dispositions:
        said = [made.attempt_id for made in commit.dispositions]
        await connection.execute(queries()["dispose_persons"], said)
    beside = _beside(commit)
    for steps in rounds:
        await _steps(connection, steps, beside, fence)
        beside = _NOTHING
    if places := places_to_keep(commit):
        await connection.execute(queries()["keep_places"], places)
    if commit.late_answers:
        late = [asdict(answer) for answer in commit.late_answers]
        await connection.execute(queries()["answer_late"], late)
    if commit.alarms_over:
        kinds, subjects = zip(*commit.alarms_over, strict=True)
        await connection.execute(queries()["alarms_over"], kinds, subjects)
    if commit.dispositions:
        await connection.execute(queries()["dispose"], [asdict(made) for made in commit.dispositions])
    if failed := attempts_to_spare(commit):
        await connection.execute(queries()["spare_leads"], failed)
    if touched := attempts_to_settle(commit):
        await connection.execute(queries()["settle_leads"], touched, _ADVICE, _LATER, _DAY, _SOON)
        if commit.dispositions:
            at = max(made.at for made in commit.dispositions)
            await connection.execute(queries()["withdraw_callbacks"], said, at)


async def _steps(connection: "Connection", steps: Rows, beside: Sequence[Rows], fence: int) -> None:
    result = await connection.fetchrow(queries()["write_turn"], fence, steps, *beside, FORGOTTEN.days)
    if result is None or result["fence"] != fence:
        raise FenceLost(f"ours is {fence}, the newest is {result and result['fence']}")
    if not result["written"]:
        raise _Stale


async def _explain(pool: "Pool", steps: Rows) -> None:
    """Nothing to say when every step already stands as we meant it: a turn is written whole or not at all."""
    async with session(pool) as connection:
        written = await connection.fetchval(queries()["written_already"], steps)
    if written != len(steps):
        first = ", ".join(f"{row['id']} to version {row['version']}" for row in steps[:5])
        raise VersionConflict(f"{written} of {len(steps)} steps stand: {first}")


def _rounds(transitions: Iterable[Transition]) -> Iterator[Rows]:
    """The first step of every call, then the second of those that took two, and so on."""
    left = list(transitions)
    while left:
        seen: set[UUID] = set()
        now: list[Transition] = []
        later: list[Transition] = []
        for transition in left:
            (later if transition.call.id in seen else now).append(transition)
            seen.add(transition.call.id)
        yield [step_row(transition) for transition in now]
        left = later


_NOTHING: Sequence[Rows] = ([], [], [], [], [], [], [], [])


def _beside(commit: EngineCommit) -> Sequence[Rows]:
    """What is written beside the steps: shifts, pacing, alarms, marks of recordings, verdicts, trunks."""
    return (
        [asdict(change) for change in commit.agents],
        [_flat(record) for record in commit.pacing],
        [alarm._asdict() for alarm in commit.alarms],
        [asdict(mark) for mark in commit.marks],
        [_flat(record) for record in commit.models],
        [_flat(record) for record in commit.learners],
        [_flat(record) for record in commit.verdicts],
        [asdict(launch) for launch in commit.launches],
    )


def _flat(record: PacingRecord | ModelRecord | LearnerRecord | VerdictRecord) -> dict[str, Any]:
    """Like asdict(), without a copy of every number of a large floor."""
    return {part.name: getattr(record, part.name) for part in fields(record)}
