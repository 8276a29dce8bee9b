"""What an evaluation says: tables in text, and pictures."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dialer.call_progress.model import Model
from dialer.call_progress.training.judge import Judged, Score, by
from dialer.call_progress.training.traces import Array, Trace


def summary(score: Score, threshold: float) -> list[str]:
    """The errors in a few lines."""
    return [
        f"threshold                         {threshold:6.2f}",
        f"people called machines, consumers {score.false_positives:6.1%}",
        f"people called machines, all alike {score.false_positives_raw:6.1%}",
        f"machines not recognised           {score.false_negatives:6.1%}",
        f"balanced accuracy, consumers      {score.balanced:6.1%}",
        f"person, after end of greeting     {_seconds(score.after_greeting)}",
        f"person, after onset of speech     {_seconds(score.after_onset)}",
    ]


def _seconds(spread: tuple[float, float]) -> str:
    return f"{spread[0]:5.2f} s  p95 {spread[1]:.2f} s"


def tables(verdicts: Sequence[Judged]) -> list[str]:
    """Shares called machine, by kind and by language."""
    lines = []
    for words, machines in (("people called machines", False), ("machines recognised", True)):
        for name, key in (("kind", _kind), ("language", _language)):
            cells = by(verdicts, key, machines=machines).items()
            row = "  ".join(f"{value or '?'} {share:.0%} of {count}" for value, (share, count) in cells)
            lines.append(f"{words}, by {name}: {row}")
    return lines


def _kind(trace: Trace) -> str:
    return trace.label.kind


def _language(trace: Trace) -> str:
    return trace.label.lang


def confusion(verdicts: Sequence[Judged]) -> list[str]:
    """Who it was against what was said."""
    kinds = ("human", "unsure", "machine")
    lines = [f"{'':10}" + "".join(f"{kind:>10}" for kind in kinds)]
    for label in ("human", "machine"):
        counts = [sum(t.label.label == label and v.value == kind for t, v, _ in verdicts) for kind in kinds]
        lines.append(f"{label:10}" + "".join(f"{count:>10}" for count in counts))
    return lines


def plots(folder: Path, traces: Sequence[Trace], probabilities: Sequence[Array], model: Model) -> list[Path]:
    """Calibration, operating points and what is known when, as PNG files."""
    logging.getLogger("matplotlib").setLevel(logging.WARNING)
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    folder.mkdir(parents=True, exist_ok=True)
    figure, (left, middle, right) = pyplot.subplots(1, 3, figsize=(15, 4.5))
    _calibration(left, traces, probabilities)
    shares = [(p.false_positives, 1 - p.false_negatives) for p in model.points]
    middle.plot([100 * x for x, _ in shares], [100 * y for _, y in shares], marker=".")
    middle.set(xlabel="people called machines, %", ylabel="machines recognised, %", title="Operating points")
    _by_time(right, traces, probabilities)
    figure.tight_layout()
    path = folder / "evaluation.png"
    figure.savefig(path, dpi=110)
    pyplot.close(figure)
    return [path]


def _calibration(axes: Any, traces: Sequence[Trace], probabilities: Sequence[Array]) -> None:
    said = np.concatenate([row[trace.spoke][::9] for trace, row in zip(traces, probabilities, strict=True)])
    true = np.concatenate([np.full(len(t.at[t.spoke][::9]), float(t.machine)) for t in traces])
    edges = np.linspace(0, 1, 11)
    place = np.clip(np.digitize(said, edges) - 1, 0, 9)
    means = [
        (said[place == bin_].mean(), true[place == bin_].mean())
        for bin_ in range(10)
        if (place == bin_).any()
    ]
    axes.plot([0, 1], [0, 1], "--", linewidth=0.8)
    axes.plot(*zip(*means, strict=True), marker="o")
    axes.set(xlabel="said", ylabel="were machines", title="Calibration, unseen voices")


def _by_time(axes: Any, traces: Sequence[Trace], probabilities: Sequence[Array]) -> None:
    times = np.arange(0.5, 6.1, 0.25)
    for machine, words in ((False, "people"), (True, "machines")):
        rows = []
        for now in times:
            values = [
                float(row[np.flatnonzero(trace.spoke & (trace.since <= now))[-1]])
                for trace, row in zip(traces, probabilities, strict=True)
                if trace.machine == machine and (trace.spoke & (trace.since <= now)).any()
            ]
            rows.append(np.quantile(values, [0.1, 0.5, 0.9]) if values else [np.nan] * 3)
        low, mid, high = np.array(rows).T
        axes.plot(times, mid, label=words)
        axes.fill_between(times, low, high, alpha=0.2)
    axes.set(xlabel="seconds after the onset", ylabel="probability of a machine", title="What is known when")
    axes.legend()
