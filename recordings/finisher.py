"""The steps that bring one call's recording to its final state, repeatable after a stop at any of them.

Order: encode beside its place → rename into it → commit the row → clear the spool. A stop leaves the
spool files (before the commit) or the complete recording (after it), so doing the whole thing again is always
right.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from recordings import captured
from recordings.captured import Capture
from recordings.encode import encode, publish, relative_path
from recordings.ledger import Claim, Facts, Ledger, Row
from recordings.library import verify
from recordings.verdict import Status, Verdict, judge

ALARM_MISSING = "recording_missing"

T = TypeVar("T")


class Step(StrEnum):
    """Where the archiving of one call stands; tests stop the process after each."""

    CLAIMED = "claimed"
    ENCODING = "encoding"
    ENCODED = "encoded"
    PUBLISHED = "published"
    WRITTEN = "written"
    COMMITTED = "committed"
    CLEARED = "cleared"


Listener = Callable[[UUID, Step], None]


def nobody(attempt: UUID, step: Step) -> None:
    """Listens to no step."""


@dataclass(frozen=True, slots=True)
class Finisher:
    """Archives one call at a time for each caller."""

    spool: Path
    archive: Path
    shortest: float
    """Answered calls up to this many seconds need no recording."""
    ledger: Ledger
    threads: Executor
    after: Listener = nobody
    """Hears of each step, from any thread."""

    async def finish(self, attempt: UUID) -> Row | None:
        """Archive a call whose files are complete; the row if one was written.

        Raises OSError or a database error; then nothing is lost and the call can be tried again.
        """
        async with self.ledger.claim(attempt) as claim:
            if claim is None:
                return None
            self.after(attempt, Step.CLAIMED)
            status, row = await self._settle(attempt, claim)
        self.after(attempt, Step.COMMITTED)
        clear = captured.discard if status is Status.ARCHIVED else captured.set_aside
        await self._in_thread(lambda: clear(self.spool, attempt))
        self.after(attempt, Step.CLEARED)
        return row

    async def _settle(self, attempt: UUID, claim: Claim) -> tuple[Status, Row | None]:
        """Write the row this call deserves, unless a good recording is there already."""
        facts = claim.facts
        if await self._in_thread(lambda: verify(self.archive, facts.path, facts.sha256)):
            return Status(facts.status or Status.ARCHIVED), None
        capture = await self._in_thread(lambda: captured.look(self.spool, attempt))
        verdict = judge(capture, None if facts.vanished else facts.seconds)
        if not capture.usable and (facts.status == verdict.status or not self._is_due(facts)):
            return verdict.status, None
        row = await self._in_thread(lambda: self._record(attempt, capture, facts.answered_at, verdict))
        await claim.write(row)
        if verdict.status is not Status.ARCHIVED and self._is_due(facts):
            await claim.alarm(ALARM_MISSING, f"{verdict.status}: {verdict.detail}")
        self.after(attempt, Step.WRITTEN)
        return verdict.status, row

    def _is_due(self, facts: Facts) -> bool:
        """Whether this call had to be recorded."""
        return facts.record and (facts.seconds or 0.0) > self.shortest

    def _record(self, attempt: UUID, capture: Capture, answered_at: datetime, verdict: Verdict) -> Row:
        """Encode and publish what there is (in a thread); the row that says so."""
        if not capture.usable:
            return Row(verdict.status, detail=verdict.detail)
        path = relative_path(attempt, answered_at)
        target = self.archive / path
        made = encode(capture, target, lambda: self.after(attempt, Step.ENCODING))
        self.after(attempt, Step.ENCODED)
        publish(made, target)
        self.after(attempt, Step.PUBLISHED)
        return Row(verdict.status, path, made.sha256, made.size, made.duration_ms, made.peaks, verdict.detail)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """Run file work beside the loop."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)
