"""`cadencia leads`: the answer model, trained and tried by hand."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import typer
import uvloop

from dialer.settings import Settings
from dialer.store.lead_learning import DAYS, FEWEST_ATTEMPTS, Lesson, past_attempts, save, study
from dialer.store.pool import close_pool, open_pool
from pacing.lead_training import HALF_LIFE
from pacing.leads import FACTORS

leads = typer.Typer(no_args_is_help=True, help="The chance that a person answers each lead.")


@leads.callback()
def _group() -> None:
    """The chance that a person answers each lead."""


@leads.command("train")
def train_leads(
    days: Annotated[int, typer.Option(help="days of attempts to learn from", min=1, max=365)] = DAYS,
    half_life: Annotated[
        float, typer.Option(help="days after which an attempt counts half", min=0.5)
    ] = HALF_LIFE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="show the scores, keep nothing")] = False,
) -> None:
    """Train the answer model; print how it does on the newest fifth of the attempts, unseen.

    It is kept for the engine's next start, unless the mean alone does better.
    """
    lesson = uvloop.run(_trained(days, half_life, dry_run))
    if lesson is None:
        typer.echo(
            f"cadencia: fewer than {FEWEST_ATTEMPTS} attempts to learn from: all leads count as average"
        )
        raise typer.Exit(1)
    for line in report(lesson):
        typer.echo(line)


async def _trained(days: int, half_life: float, dry_run: bool) -> Lesson | None:
    pool = await open_pool(Settings().database_url.get_secret_value(), 1)
    try:
        now = datetime.now(UTC)
        evidence = await past_attempts(pool, now, days)
        if len(evidence) < FEWEST_ATTEMPTS:
            return None
        lesson = await asyncio.to_thread(study, evidence, half_life)
        if lesson.useful and not dry_run:
            await save(pool, lesson, now)
        return lesson
    finally:
        await close_pool(pool)


def report(lesson: Lesson) -> list[str]:
    """What was learned, in lines."""
    found = lesson.scores
    gain = 1.0 - found.log_loss / found.base_log_loss if found.base_log_loss > 0 else 0.0
    return [
        f"cadencia: learned from {lesson.attempts} attempts, tried on the newest {found.attempts} unseen",
        f"log loss {found.log_loss:.4f}, of the mean alone {found.base_log_loss:.4f} ({gain:+.1%})",
        f"Brier {found.brier:.4f}, AUC {found.auc:.3f}, calibration error {found.calibration_error:.4f}",
        *([] if lesson.useful else ["no better than the mean alone: not kept"]),
        "predicted  answered  attempts",
        *(f"{b.predicted:9.1%} {b.answered:9.1%} {b.attempts:9d}" for b in found.buckets),
        "how much groups differ, standard deviation in logits:",
        *(
            f"{factor:>15} {group.variance**0.5:6.3f}  {group.size - 1} groups"
            for factor, group in zip(FACTORS[1:], lesson.model.groups[1:], strict=True)
        ),
    ]
