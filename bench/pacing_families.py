"""The pacing policies of the benchmark and the settings that are tried of each."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from pacing.baselines import (
    ErlangOpen,
    Issabel,
    Pacer,
    PerIdle,
    PerLogged,
    Progressive,
    Settings,
    Unicom,
    Vicidial,
    Webitel,
)

OURS, ORACLES = "cadencia", ("oracle-a", "oracle-b")
VARIANTS = ("cadencia-day", "cadencia-no-cancel", "cadencia-1%")
"""Ours under another law: no day above the limit; no ringing call given up; one abandoned in a hundred."""
_AGENTS_PER_SERVER, _CPS_PER_SERVER = 25, 5.0
"""VICIdial's own figures for one telephony server."""


@dataclass(frozen=True, slots=True)
class Family:
    """Pacers that differ in one setting; without settings to try it is a single one."""

    key: str
    build: Callable[[float, int], Pacer | str]
    """(setting, agents) → a fresh pacer of one day, or the name under which the simulator has it."""
    settings: tuple[float, ...] = ()
    """Increasing; the best is sought among these and between them."""


def _geometric(first: float, last: float, count: int) -> tuple[float, ...]:
    step = (last / first) ** (1 / (count - 1))
    return tuple(round(first * step**i, 2) for i in range(count))


def _vicidial(agents: int, **chosen: object) -> Vicidial:
    servers = math.ceil(agents / _AGENTS_PER_SERVER)
    return Vicidial(Settings(cps=servers * _CPS_PER_SERVER, **chosen))  # type: ignore[arg-type]


def _single(key: str, build: Callable[[int], Pacer | str]) -> Family:
    return Family(key, lambda _, agents: build(agents))


_ALL = (
    _single("progressive", lambda _: Progressive()),
    Family("per-idle", lambda r, _: PerIdle(r), _geometric(1.2, 20.0, 8)),
    Family("per-logged", lambda r, _: PerLogged(r), _geometric(1.05, 4.0, 8)),
    _single("vicidial", lambda n: _vicidial(n)),
    _single("vicidial-average", lambda n: _vicidial(n, method="AVERAGE")),
    _single("vicidial-tapered", lambda n: _vicidial(n, method="TAPERED")),
    Family(
        "vicidial-max", lambda m, n: _vicidial(n, available_only=True, max_level=m), _geometric(2.0, 20.0, 7)
    ),
    Family("erlang", lambda target, _: ErlangOpen(target), (0.01, 0.02, 0.03, 0.05, 0.08)),
    _single("issabel", lambda _: Issabel()),
    _single("webitel", lambda _: Webitel()),
    _single("unicom", lambda _: Unicom()),
    _single(OURS, lambda _: OURS),
    *(_single(named, lambda _, named=named: named) for named in (*VARIANTS, *ORACLES)),  # type: ignore[misc]
)
FAMILIES = {family.key: family for family in _ALL}
USUAL = tuple(key for key in FAMILIES if key not in ("vicidial-average", "vicidial-tapered", *VARIANTS))
"""Those of a run that names none."""


def chosen(trials: dict[float, tuple[float, float]], limit: float) -> float:
    """The setting of the highest occupancy within the limit, or of the least abandonment when none keeps it.

    `trials`: setting → (occupancy, abandonment).
    """
    kept = [setting for setting, (_, abandonment) in trials.items() if abandonment <= limit]
    if kept:
        return max(kept, key=lambda setting: trials[setting][0])
    return min(trials, key=lambda setting: trials[setting][1])


def between(setting: float, tried: dict[float, tuple[float, float]]) -> tuple[float, ...]:
    """The settings half way to the neighbours that were tried."""
    ordered = sorted(tried)
    place = ordered.index(setting)
    around = ordered[max(0, place - 1) : place] + ordered[place + 1 : place + 2]
    halves = (round((setting + other) / 2, 4) for other in around)
    return tuple(half for half in halves if half not in tried)
