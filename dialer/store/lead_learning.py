"""Trains the answer model from the attempts in Postgres, keeps it in lead_models, puts it into use."""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import orjson
import structlog
from numpy.typing import NDArray

from dialer.exceptions import CommitRefused, StoreUnavailable
from dialer.ports import Clock
from dialer.store.lead_chances import LeadChances
from dialer.store.lead_facts import HISTORY, TELLING, LeadFact, features_of
from dialer.store.pool import session
from dialer.store.rows import Row
from dialer.store.sql import queries
from pacing.lead_scores import Scores, scores
from pacing.lead_training import HALF_LIFE, train
from pacing.leads import LeadFeatures, LeadModel, Numbers

if TYPE_CHECKING:
    from dialer.store.pool import Pool

log = structlog.get_logger(__name__)

DAYS = 56
"""Days of attempts to learn from: four half-lives, what is older weighs next to nothing."""
MOST_ATTEMPTS = 100_000
FEWEST_ATTEMPTS = 200
"""With fewer no model is put into use: all leads count as average."""
EVERY = timedelta(hours=1)
_AGAIN = timedelta(minutes=5)
"""After a training that failed."""
_TESTED = 0.2
"""Share of the attempts, the newest, that the model is tried on."""
_LOOK = 15.0
"""Seconds between looks whether it is time."""
_PATIENCE = 120.0
"""Seconds the reading of the attempts may take."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Past attempts, the newest first."""

    leads: LeadFeatures
    answered: NDArray[np.bool_]
    age_days: Numbers

    def __len__(self) -> int:
        return len(self.leads)

    def take(self, part: slice) -> "Evidence":
        """Some of them."""
        return Evidence(self.leads.take(part), self.answered[part], self.age_days[part])


@dataclass(frozen=True, slots=True)
class Lesson:
    """A trained model and how the same training did on the newest attempts without having seen them."""

    model: LeadModel
    attempts: int
    scores: Scores

    @property
    def useful(self) -> bool:
        """Whether it told unseen attempts better than their mean does."""
        return self.scores.log_loss < self.scores.base_log_loss


def study(evidence: Evidence, half_life: float = HALF_LIFE) -> Lesson:
    """Train on the older attempts, try on the newest, then train on all. Takes seconds: for a thread."""
    newest = int(len(evidence) * _TESTED)
    older, tried = evidence.take(slice(newest, None)), evidence.take(slice(0, newest))
    judged = train(older.leads, older.answered, age_days=older.age_days, half_life=half_life)
    base = float(older.answered.mean()) if len(older) else 0.0
    found = scores(judged.predict(tried.leads)[0], tried.answered, base=base)
    model = train(evidence.leads, evidence.answered, age_days=evidence.age_days, half_life=half_life)
    return Lesson(model, len(evidence), found)


async def past_attempts(pool: "Pool", now: datetime, days: int = DAYS) -> Evidence:
    """The attempts of the last days that say something of the person."""
    outcomes = [outcome.value for outcome in TELLING]
    async with session(pool) as connection:
        rows = await connection.fetch(
            queries()["past_attempts"],
            now - timedelta(days=days),
            outcomes,
            MOST_ATTEMPTS,
            HISTORY,
            timeout=_PATIENCE,
        )
    return await asyncio.to_thread(_evidence, rows, now)


async def save(pool: "Pool", lesson: Lesson, now: datetime) -> None:
    """Keep a model and its scores."""
    content = await asyncio.to_thread(_written, lesson.model)
    metrics = asdict(lesson.scores)
    async with session(pool) as connection:
        await connection.execute(queries()["save_lead_model"], now, lesson.attempts, metrics, content)


def _written(model: LeadModel) -> str:
    """Hundreds of kilobytes: written in a thread, not where calls wait."""
    return orjson.dumps(model.as_record()).decode()


class LeadLearning:
    """Keeps the answer model of one store fresh. Nobody else writes lead_models or puts a model in use."""

    def __init__(self, pool: "Pool", chances: LeadChances, clock: Clock) -> None:
        self._pool, self._chances, self._clock = pool, chances, clock
        self._next_at: datetime | None = None

    async def run(self, wanted: Callable[[], bool]) -> None:
        """Once an hour while `wanted`; what was learned before a restart is taken up first. Never ends."""
        taken_up = False
        while True:
            try:
                taken_up = taken_up or await self.take_up()
                if wanted() and self._due():
                    await self.learn()
            except (StoreUnavailable, CommitRefused, ArithmeticError, ValueError) as error:
                # Calls go on with the model in use: learning is never worth a call.
                log.warning("leads.learning_failed", error=str(error))
            await asyncio.sleep(_LOOK)

    def _due(self) -> bool:
        if self._next_at is None:
            return True
        # Further off than ever is planned: the clock was set back meanwhile.
        return not timedelta(0) < self._next_at - self._clock.now() <= EVERY

    async def take_up(self) -> bool:
        """Use the newest stored model, if there is one of this version."""
        async with session(self._pool) as connection:
            row = await connection.fetchrow(queries()["newest_lead_model"])
        if row is not None:
            try:
                self._chances.model = LeadModel.from_record(row["content"])
                self._next_at = row["at"] + EVERY
            except (LookupError, TypeError, ValueError) as error:
                log.warning("leads.model_unusable", error=str(error))
        return True

    async def learn(self) -> Lesson | None:
        """Train; keep and use what is useful. None when there is too little to learn from."""
        now = self._clock.now()
        self._next_at = now + _AGAIN
        evidence = await past_attempts(self._pool, now)
        if len(evidence) < FEWEST_ATTEMPTS:
            self._next_at = now + EVERY
            return None
        lesson = await asyncio.to_thread(study, evidence)
        self._next_at = now + EVERY
        if lesson.useful:
            self._chances.model = lesson.model
            await save(self._pool, lesson, now)
        log.info(
            "leads.learned",
            useful=lesson.useful,
            attempts=lesson.attempts,
            log_loss=round(lesson.scores.log_loss, 4),
            base_log_loss=round(lesson.scores.base_log_loss, 4),
            auc=round(lesson.scores.auc, 3),
        )
        return lesson


def _evidence(rows: list[Row], now: datetime) -> Evidence:
    return Evidence(
        features_of([_fact(row) for row in rows]),
        np.array([row["answered"] for row in rows], dtype=np.bool_),
        np.array([(now - row["placed_at"]).total_seconds() / 86_400 for row in rows], dtype=np.float64),
    )


def _fact(row: Row) -> LeadFact:
    return LeadFact(
        campaign_id=row["campaign_id"],
        list_id=row["list_id"],
        at=row["placed_at"],
        zone=row["zone"],
        kind=row["kind"],
        phone_attempts=row["phone_attempts"],
        lead_attempts=row["lead_attempts"],
        last_outcome=row["last_outcome"] or "",
        known_at=row["known_at"],
        answered_at=row["answered_at"],
    )
