"""`cadencia progress`: train and judge the answering-machine detection, and teach it announcements."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from dialer.call_progress.decision import Policy
from dialer.call_progress.model import Model, UnusableWeights
from dialer.call_progress.service import weights
from dialer.call_progress.training import report
from dialer.call_progress.training.assemble import assemble
from dialer.call_progress.training.clips import UnusableClips
from dialer.call_progress.training.course import Course, course
from dialer.call_progress.training.judge import judged, score
from dialer.call_progress.training.traces import Array, Trace, traces
from dialer.cli.announcements import announcements

progress = typer.Typer(no_args_is_help=True, help="Who or what answered: train and judge the detection.")
progress.add_typer(announcements, name="announcements")

Clips = Annotated[list[Path], typer.Argument(help="folders of labelled clips, each with its labels.csv")]
Rate = Annotated[float, typer.Option(help="share of people who may be called machines", min=0.0, max=0.5)]
Plots = Annotated[Path | None, typer.Option("--plots", help="folder for pictures; none = no pictures")]


def _say(line: str) -> None:
    typer.echo(f"cadencia: {line}", err=True)


@progress.command("train")
def run_train(
    clips: Clips,
    out: Annotated[Path, typer.Option(help="where to write the weights")],
    beside: Annotated[
        list[Path] | None, typer.Option(help="more clips, to learn from and not to be judged on")
    ] = None,
    false_positives: Rate = 0.02,
    folder: Plots = None,
) -> None:
    """Train on labelled clips, judged by cross-validation on speakers the model has not heard."""
    tried, more = _heard(clips), _heard(beside or [])
    told = {
        "clips": len(tried), "groups": len({t.label.group for t in tried}),
        "beside": len(more), "voices_beside": len({t.label.group for t in more}),
    }  # fmt: skip
    version = f"{datetime.now(UTC):%Y-%m-%d}.{len(tried) + len(more)}"
    made = course(tried, more, version=version, told=told, false_positives=false_positives, say=_say)
    out.write_text(made.model.as_json() + "\n", "utf-8")
    _tell(made, folder)
    typer.echo(f"weights {version} written to {out}: set CADENCIA_PROGRESS_WEIGHTS to use them")


@progress.command("evaluate")
def run_evaluate(
    clips: Clips,
    weights_file: Annotated[Path | None, typer.Option("--weights", help="none = those we ship")] = None,
    false_positives: Rate = 0.02,
    folder: Plots = None,
) -> None:
    """Judge weights on labelled clips. Clips that they were trained on flatter them; your own do not."""
    try:
        model = weights(weights_file)
    except (OSError, UnusableWeights) as error:
        raise typer.BadParameter(str(error)) from None
    tried = _heard(clips)
    rows = [_probabilities(model, trace) for trace in tried]
    threshold = model.threshold_for(false_positives)
    found = judged(tried, rows, Policy(threshold))
    typer.echo(f"weights {model.version}, {len(tried)} clips")
    _print([*report.summary(score(found), threshold), *report.tables(found), *report.confusion(found)])
    if folder:
        _print([f"picture: {path}" for path in report.plots(folder, tried, rows, model)])


@progress.command("assemble")
def run_assemble(
    recordings: Annotated[list[Path], typer.Argument(help="folders of recordings, one for each voice")],
    out: Annotated[Path, typer.Option(help="folder for the clips")],
    count: Annotated[int, typer.Option(min=2, max=100_000)] = 5000,
    seed: int = 1,
) -> None:
    """Assemble clips of many voices, to learn turn-taking from: train --beside takes them."""
    assemble(recordings, out, count, seed, _say)


def _heard(folders: Sequence[Path]) -> list[Trace]:
    try:
        return traces(folders, _say)
    except UnusableClips as error:
        raise typer.BadParameter(str(error)) from None


def _probabilities(model: Model, trace: Trace) -> Array:
    found: Array = 1 / (1 + np.exp(-model.logits(trace.vectors)))
    return found


def _tell(made: Course, folder: Path | None) -> None:
    policy = replace(Policy(2.0), threshold=made.threshold)
    found = judged(made.tried, made.unseen, policy)
    typer.echo("on speakers that were held out:")
    _print([*report.summary(made.score, made.threshold), *report.tables(found), *report.confusion(found)])
    if folder:
        _print([f"picture: {path}" for path in report.plots(folder, made.tried, made.unseen, made.model)])


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        typer.echo(line)
