"""What a simulated day came to."""

from dataclasses import dataclass

import numpy as np

from pacing.simulator.day import Simulation

WINDOW = 1800.0


@dataclass(frozen=True, slots=True)
class Day:
    """One day. Shares 0–1, seconds; who was served by nobody counts as abandoned: by us, by screening that
    took them for a machine, or because they hung up in silence."""

    occupancy: float
    """(talk + wrap-up) / time at work."""
    talk: float
    idle_per_call: float
    abandonment: float
    worst_window: float
    """Highest abandonment of any half hour of the day."""
    live: int
    """Persons: connected, abandoned, unserved, or screened out."""
    abandoned: int
    """Those served by nobody."""
    dials: int
    cancels: int
    connected: int
    decision_ms_mean: float
    decision_ms_p99: float
    hourly: tuple[tuple[int, int], ...]
    """(live, abandoned) of each hour."""
    unserved: float = 0.0
    """Share of the persons who hung up in silence; it is within `abandonment`."""


def measured(day: Simulation) -> Day:
    """The measures of a day that has been lived."""
    counts = day.counts
    staffed = max(1e-9, day.staffed_time)
    idle = day.staffed_time - day.talk_time - day.wrap_time
    at = np.asarray([time for time, _ in counts.settled])
    bad = np.asarray([abandoned for _, abandoned in counts.settled], dtype=np.int64)
    took = 1000.0 * np.asarray(day.decision_seconds or [0.0])
    return Day(
        occupancy=(day.talk_time + day.wrap_time) / staffed,
        talk=day.talk_time / staffed,
        idle_per_call=idle / max(1, counts.connected),
        abandonment=float(bad.sum() / max(1, bad.size)),
        worst_window=_worst(at, bad),
        live=int(bad.size),
        abandoned=int(bad.sum()),
        dials=counts.dials,
        cancels=counts.cancels,
        connected=counts.connected,
        decision_ms_mean=float(took.mean()),
        decision_ms_p99=float(np.percentile(took, 99)),
        hourly=_hourly(at, bad, day.now),
        unserved=counts.silent / max(1, bad.size),
    )


def _worst(
    at: np.ndarray[tuple[int], np.dtype[np.float64]], bad: np.ndarray[tuple[int], np.dtype[np.int64]]
) -> float:
    """Of the half hours that end with an answer, once a half hour has passed."""
    summed = np.concatenate(([0], np.cumsum(bad)))
    last = np.arange(1, at.size + 1)
    first = np.searchsorted(at, at - WINDOW)
    whole = at >= WINDOW
    return float(((summed[last] - summed[first]) / (last - first))[whole].max(initial=0.0))


def _hourly(
    at: np.ndarray[tuple[int], np.dtype[np.float64]],
    bad: np.ndarray[tuple[int], np.dtype[np.int64]],
    end: float,
) -> tuple[tuple[int, int], ...]:
    hours = (at / 3600.0).astype(np.intp)
    size = int(np.ceil(end / 3600.0))
    live = np.bincount(hours, minlength=size)[:size]
    abandoned = np.bincount(hours, weights=bad, minlength=size)[:size]
    return tuple((int(n), int(b)) for n, b in zip(live, abandoned, strict=True))
