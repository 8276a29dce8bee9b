"""The plot of simulated days: four panels over the day, one line for each policy."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pacing.floor import Ages
from pacing.simulator.course import Course

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS = ("#0b6e6e", "#d1602b", "#5b4b9a", "#8a8d3b", "#b03060", "#3a77b7")
_INK, _GRID = "#22313a", "#dfe5e8"
_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.edgecolor": "#9aa8b0",
    "axes.labelcolor": _INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "text.color": _INK,
    "xtick.color": _INK,
    "ytick.color": _INK,
    "svg.fonttype": "none",
    "svg.hashsalt": "cadencia",
}
_PANELS: tuple[tuple[str, Callable[[Course], Ages]], ...] = (
    ("occupancy_axis", lambda course: 100.0 * course.occupancy),
    ("abandonment_axis", lambda course: 100.0 * course.abandonment),
    ("flight_axis", lambda course: course.in_flight),
    ("idle_axis", lambda course: course.idle),
)


def draw(
    path: Path,
    policies: Mapping[str, Sequence[Course]],
    *,
    title: str,
    opens: float,
    limit: float,
    words: Mapping[str, str],
) -> None:
    """Write the plot; the ending of the path says the format. `opens` in seconds since midnight."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with matplotlib.rc_context(_STYLE):
        figure, axes = pyplot.subplots(2, 2, figsize=(12, 7.6), sharex=True, layout="constrained")
        for axis, (label, read) in zip(axes.flat, _PANELS, strict=True):
            _panel(axis, policies, read, opens)
            axis.set_title(words[label])
        _limit(axes.flat[1], 100.0 * limit, words["limit"], policies)
        top = max(100.0, *(axis.get_ylim()[1] for axis in axes.flat[:1]))
        axes.flat[0].set_ylim(max(0.0, _lowest(policies) - 5.0), min(102.0, top))
        _hours(axes[1], policies, opens, words["hour"])
        seeds = len(next(iter(policies.values())))
        figure.suptitle(title, x=0.01, ha="left", fontsize=14, fontweight="bold")
        handles, names = axes.flat[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower left", ncols=max(1, len(names)), frameon=False)
        if seeds > 1:
            band = words["band"].format(seeds=seeds)
            figure.text(0.99, 0.012, band, ha="right", va="bottom", fontsize=8.5, color="#5d6d76")
        figure.savefig(path, dpi=140, metadata={"Date": None} if path.suffix == ".svg" else None)
        pyplot.close(figure)


def _panel(
    axis: "Axes", policies: Mapping[str, Sequence[Course]], read: Callable[[Course], Ages], opens: float
) -> None:
    for place, (name, courses) in enumerate(policies.items()):
        colour = _COLOURS[place % len(_COLOURS)]
        hours = (opens + courses[0].ends) / 3600.0
        values = np.asarray([read(course) for course in courses])
        known = ~np.isnan(values).any(axis=0)
        axis.plot(
            hours[known], values[:, known].mean(axis=0), color=colour, linewidth=1.9, label=name, zorder=3
        )
        if len(courses) > 1:
            low, high = values[:, known].min(axis=0), values[:, known].max(axis=0)
            axis.fill_between(hours[known], low, high, color=colour, alpha=0.16, linewidth=0, zorder=2)
    axis.grid(visible=True, color=_GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    axis.set_ylim(bottom=0.0)
    axis.margins(x=0.01)


def _limit(axis: "Axes", limit: float, word: str, policies: Mapping[str, Sequence[Course]]) -> None:
    """The limit as a line; what is far above it in the first minutes does not squeeze the rest."""
    settled = [100.0 * c.abandonment[c.ends >= 3600.0] for courses in policies.values() for c in courses]
    late = np.concatenate([part[~np.isnan(part)] for part in settled] or [np.zeros(0)])
    axis.axhline(limit, color="#b3261e", linewidth=1.3, linestyle=(0, (5, 3)), zorder=4)
    axis.set_ylim(0.0, 1.15 * max(1.5 * limit, float(late.max(initial=0.0))))
    axis.annotate(
        f"{word} {limit:g} %", (1.0, limit), xycoords=("axes fraction", "data"), xytext=(-4, 4),
        textcoords="offset points", ha="right", va="bottom", color="#b3261e", fontsize=9,
    )  # fmt: skip


def _lowest(policies: Mapping[str, Sequence[Course]]) -> float:
    values = [100.0 * c.occupancy[1:] for courses in policies.values() for c in courses]
    whole = np.concatenate(values)
    whole = whole[~np.isnan(whole)]
    return float(np.percentile(whole, 2)) if whole.size else 0.0


def _hours(axes: Sequence["Axes"], policies: Mapping[str, Sequence[Course]], opens: float, word: str) -> None:
    from matplotlib.ticker import FuncFormatter, MultipleLocator

    last = max(float(courses[0].ends[-1]) for courses in policies.values())
    step = next((step for step in (0.25, 0.5, 1.0, 2.0) if last / 3600.0 / step <= 10), 4.0)
    for axis in axes:
        axis.xaxis.set_major_locator(MultipleLocator(step))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda hour, _: clock(hour * 3600.0)))
        axis.set_xlabel(word)
        axis.set_xlim(opens / 3600.0, (opens + last) / 3600.0)


def clock(seconds: float) -> str:
    """Seconds since midnight as 09:30."""
    minutes = round(seconds / 60.0)
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"
