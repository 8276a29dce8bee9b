"""Many simulated days made into rows of one table, and what follows from them. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bench.figures import table
from bench.pacing_families import ORACLES, OURS, VARIANTS
from pacing.simulator.intervals import Estimate, estimate


class Day(Protocol):
    """What the simulator says of one day; shares 0–1, times in seconds unless named otherwise."""

    @property
    def occupancy(self) -> float:
        """(talk + wrap-up) / time at work."""
        ...

    @property
    def talk(self) -> float:
        """Talk / time at work."""
        ...

    @property
    def idle_per_call(self) -> float:
        """Idle seconds per connected call."""
        ...

    @property
    def abandonment(self) -> float:
        """Of the live answers, persons whom screening took for machines counted on both sides."""
        ...

    @property
    def worst_window(self) -> float:
        """Abandonment of the worst rolling 30 minutes."""
        ...

    @property
    def live(self) -> int:
        """Live answers that were settled."""
        ...

    @property
    def abandoned(self) -> int:
        """Of those, the ones without an agent in time."""
        ...

    @property
    def dials(self) -> int:
        """Calls placed."""
        ...

    @property
    def cancels(self) -> int:
        """Ringing calls given up."""
        ...

    @property
    def connected(self) -> int:
        """Persons who reached an agent."""
        ...

    @property
    def decision_ms_mean(self) -> float:
        """Milliseconds a decision took."""
        ...

    @property
    def decision_ms_p99(self) -> float:
        """The same of the slowest in a hundred."""
        ...

    @property
    def hourly(self) -> Sequence[tuple[int, int]]:
        """(live, abandoned) of each hour."""
        ...


@dataclass(frozen=True, slots=True)
class Row:
    """One policy in one scenario at one size."""

    scenario: str
    agents: int
    family: str
    policy: str
    """With its setting."""
    setting: float | None
    days: int
    occupancy: Estimate
    talk: float
    idle: float
    abandonment: Estimate
    """The mean is that of all answers, the interval that of the days."""
    worst_window: float
    """Mean over the days of their worst 30 minutes."""
    over: float
    """Share of days above the limit."""
    dials: float
    """Per live contact."""
    cancels: float
    ms_mean: float
    ms_p99: float

    def as_record(self) -> dict[str, Any]:
        """JSON-able."""
        record = {name: getattr(self, name) for name in self.__slots__}
        for name in ("occupancy", "abandonment"):
            found: Estimate = record[name]
            record[name] = found.mean
            record[f"{name}_half"] = None if math.isnan(found.half) else found.half
        return record


def row_of(
    scenario: str,
    agents: int,
    family: str,
    policy: str,
    setting: float | None,
    days: Sequence[Day],
    limit: float,
) -> Row:
    """The days of one policy, taken together."""
    live = sum(day.live for day in days)
    whole = math.fsum(day.abandonment * day.live for day in days) / live if live else 0.0
    connected = max(1, sum(day.connected for day in days))
    return Row(
        scenario=scenario,
        agents=agents,
        family=family,
        policy=policy,
        setting=setting,
        days=len(days),
        occupancy=estimate([day.occupancy for day in days]),
        talk=_mean([day.talk for day in days]),
        idle=_mean([day.idle_per_call for day in days]),
        abandonment=Estimate(whole, estimate([day.abandonment for day in days]).half),
        worst_window=_mean([day.worst_window for day in days]),
        over=_mean([float(day.abandonment > limit) for day in days]),
        dials=sum(day.dials for day in days) / connected,
        cancels=sum(day.cancels for day in days) / connected,
        ms_mean=_mean([day.decision_ms_mean for day in days]),
        ms_p99=_mean([day.decision_ms_p99 for day in days]),
    )


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


_HEAD = (
    "scenario", "agents", "policy", "occupancy %", "talk %", "idle s / call", "abandoned %", "worst 30 min %",
    "days over %", "dials / live", "cancels / live", "ms mean / p99",
)  # fmt: skip


def report(rows: Sequence[Row], limit: float) -> str:
    """The table; an abandonment above the limit is marked."""
    return table(_HEAD, [_cells(row, limit) for row in rows])


def _cells(row: Row, limit: float) -> tuple[object, ...]:
    mark = "" if row.abandonment.mean <= limit else " !"
    return (
        row.scenario,
        row.agents,
        row.policy,
        row.occupancy.text(100, 1),
        f"{100 * row.talk:.1f}",
        f"{row.idle:.1f}",
        row.abandonment.text(100, 2) + mark,
        f"{100 * row.worst_window:.1f}",
        f"{100 * row.over:.0f}",
        f"{row.dials:.2f}",
        f"{row.cancels:.2f}",
        f"{row.ms_mean:.2f} / {row.ms_p99:.2f}",
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Ours beside the others in one scenario at one size; None where there is nothing to compare."""

    scenario: str
    agents: int
    ours: Row
    rival: Row | None
    """The baseline of the highest occupancy among those within the limit."""
    progressive: Row | None
    oracle: Row | None
    """Oracle A."""

    @property
    def ratio(self) -> float:
        """Our occupancy over the rival's; infinite without one."""
        return self.ours.occupancy.mean / self.rival.occupancy.mean if self.rival else math.inf

    @property
    def gap_closed(self) -> float:
        """Share of the way from progressive to oracle A; NaN when one of them was not run."""
        if self.progressive is None or self.oracle is None:
            return math.nan
        floor = self.progressive.occupancy.mean
        return (self.ours.occupancy.mean - floor) / (self.oracle.occupancy.mean - floor)

    def text(self) -> str:
        """One line."""
        ours, rival = self.ours, self.rival
        said = f"{self.scenario}, {self.agents} agents: ours {ours.occupancy.text(100)} %"
        said += f" at {ours.abandonment.text(100, 2)} % abandoned"
        if rival is not None:
            lead = 100 * (ours.occupancy.mean - rival.occupancy.mean)
            said += f"; best baseline {rival.occupancy.text(100)} % ({rival.policy}), {lead:+.1f} points"
        if not math.isnan(self.gap_closed):
            said += f"; {self.gap_closed:.0%} of the gap from progressive to oracle A"
        return said


def standings(rows: Sequence[Row], limit: float) -> list[Standing]:
    """Ours against every baseline that keeps the limit, cell by cell."""
    found = []
    for ours in (row for row in rows if row.family == OURS):
        beside = [row for row in rows if (row.scenario, row.agents) == (ours.scenario, ours.agents)]
        rivals = [
            r for r in beside if r.family not in (OURS, *VARIANTS, *ORACLES) and r.abandonment.mean <= limit
        ]
        found.append(
            Standing(
                ours.scenario,
                ours.agents,
                ours,
                max(rivals, key=lambda row: row.occupancy.mean, default=None),
                next((row for row in beside if row.family == "progressive"), None),
                next((row for row in beside if row.family == ORACLES[0]), None),
            )
        )
    return found


def failures(found: Sequence[Standing], limit: float, least_ratio: float) -> list[str]:
    """Why a gate on these standings would not open: abandonment surely above the limit, or a rival ahead."""
    said = []
    for standing in found:
        where, ours = f"{standing.scenario}, {standing.agents} agents", standing.ours.abandonment
        half = 0.0 if math.isnan(ours.half) else ours.half
        if ours.mean - half > limit:
            said.append(f"{where}: {ours.text(100, 2)} % abandoned, the limit is {limit:.1%}")
        if standing.rival is not None and standing.ratio < least_ratio:
            said.append(
                f"{where}: {standing.ratio:.3f} of {standing.rival.policy}, asked for {least_ratio:.3f}"
            )
    return said
