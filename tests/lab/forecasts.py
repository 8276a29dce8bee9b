"""What the pacing decided and forecast, read back from the database, beside what came of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import comb
from statistics import fmean
from typing import Any

from pacing import Basis, Bound, Decision, Floor, Forecast, Model, Pace, Why, decide
from sip_lab.behaviours import BY_NAME
from sip_lab.truth import CallTruth
from tests.lab.whole import Whole

DECISIONS = """
SELECT at, calls, why::text AS why, cancel, forecast::text AS forecast, inputs::text AS inputs
FROM pacing_decisions ORDER BY at
"""
MODELS = "SELECT epoch, version, content::text AS content FROM pacing_models"
ATTEMPTS = "SELECT number, placed_at, connected_at, ended_at FROM attempts ORDER BY placed_at"
_JUST_PLACED = 0.2
"""Seconds from a decision within which its calls are placed; the next decision comes after 0.25."""


@dataclass(frozen=True, slots=True)
class Decided:
    """One stored decision and what deciding again on its stored inputs gives. Times: seconds since 1970."""

    at: float
    floor: Floor
    stored: Decision
    again: Decision


@dataclass(frozen=True, slots=True)
class Came:
    """One attempt: our times, and whether by the carrier's truth a person answered."""

    placed: float
    connected: float | None
    ended: float | None
    answered: float | None
    """When a person answered; None for everything else."""

    @property
    def abandoned(self) -> bool:
        """A person answered and was never given an agent, for whatever reason: stricter than the law."""
        return self.answered is not None and self.connected is None

    def in_the_air(self, at: float) -> bool:
        """Placed by then or just after, and neither with an agent nor over."""
        over = [time for time in (self.connected, self.ended) if time is not None]
        return self.placed <= at + _JUST_PLACED and (not over or min(over) > at)


async def decided(whole: Whole) -> list[Decided]:
    """Every stored decision, decided again."""
    models: Mapping[tuple[int, int], Model] = {
        (row["epoch"], row["version"]): Model.from_record(json.loads(row["content"]))
        for row in await whole.rows(MODELS)
    }
    return [_again(row, models) for row in await whole.rows(DECISIONS)]


def _again(row: Any, models: Mapping[tuple[int, int], Model]) -> Decided:
    inputs = json.loads(row["inputs"])
    floor = Floor.from_record(inputs["floor"])
    again = decide(Pace(**inputs["pace"]), models[inputs["epoch"], inputs["model"]], floor)
    forecast = Forecast(**json.loads(row["forecast"])) if row["forecast"] else None
    why = Why.from_record(json.loads(row["why"]))
    basis = Basis(why.mode, why.ready, why.in_flight, why.calls_per_agent)
    held_by = Bound(why.held_by) if why.held_by else None
    stored = Decision(row["calls"], basis, why.capped, tuple(row["cancel"]), forecast, held_by)
    return Decided(row["at"].timestamp(), floor, stored, again)


async def came(whole: Whole) -> list[Came]:
    """Every attempt, by our book and by the carrier's."""
    people = {call.number: call.answered for call in whole.truth() if _person(call)}
    rows = await whole.rows(ATTEMPTS)
    return [
        Came(
            row["placed_at"].timestamp(),
            row["connected_at"] and row["connected_at"].timestamp(),
            row["ended_at"] and row["ended_at"].timestamp(),
            people.get(row["number"]),
        )
        for row in rows
    ]


def _person(call: CallTruth) -> bool:
    return call.answered is not None and BY_NAME[call.behaviour].live


def most_by_chance(answers: int, target: float, certainty: float = 0.99) -> int:
    """The most abandonments that a true rate of `target` brings with this certainty (exact binomial)."""
    so_far = 0.0
    for abandoned in range(answers + 1):
        so_far += comb(answers, abandoned) * target**abandoned * (1 - target) ** (answers - abandoned)
        if so_far >= certainty:
            return abandoned
    return answers


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the run: what was forecast in it, on the mean, and what came."""

    begin: float
    """Seconds after the first call."""
    placed: int
    people: int
    """Of the calls placed in it, those a person answered."""
    abandoned: int
    in_air: float
    live_forecast: float | None
    """Live answers of the calls in the air, mean over the decisions."""
    live_came: float | None
    chance_forecast: float | None
    """Chance that the last call placed is abandoned, mean over the decisions that placed calls."""
    capped: float
    """Share of the decisions that the hard cap held back."""
    busy: float
    """Share of the agents at work that were on a call."""


def spans(decisions: Sequence[Decided], attempts: Sequence[Came], length: float) -> list[Span]:
    """The run in stretches of `length` seconds, from the first call placed to the last decision."""
    start, end = attempts[0].placed, decisions[-1].at
    count = int((end - start) // length) + 1
    edges = [start + i * length for i in range(count + 1)]
    return [_span(decisions, attempts, a, b, start) for a, b in pairwise(edges)]


def _span(
    decisions: Sequence[Decided], attempts: Sequence[Came], begin: float, end: float, start: float
) -> Span:
    made = [d for d in decisions if begin <= d.at < end]
    told = [(d, d.stored.forecast) for d in made if d.stored.forecast is not None]
    calls = [a for a in attempts if begin <= a.placed < end]
    return Span(
        begin - start,
        len(calls),
        sum(a.answered is not None for a in calls),
        sum(a.abandoned for a in calls),
        fmean(d.floor.in_flight + d.stored.calls for d in made) if made else 0.0,
        _mean(forecast.live_soon for _, forecast in told),
        _mean(answers_after(attempts, d.at) for d, _ in told) if told else None,
        _mean(forecast.abandon_chance for d, forecast in told if d.stored.calls),
        _mean(d.again.capped for d in made) or 0.0,
        _mean(d.floor.on_call.size / d.floor.agents for d in made if d.floor.agents) or 0.0,
    )


def answers_after(attempts: Iterable[Came], at: float) -> int:
    """How many of the calls then in the air, those just placed included, a person answered."""
    return sum(a.answered is not None for a in attempts if a.in_the_air(at))


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return fmean(found) if found else None


def table(rows: Iterable[Span]) -> str:
    """Forecast and outcome beside each other, one line for each stretch."""
    lines = [
        "           calls  people    in   live answers    chance of abandonment  held by   agents",
        "  seconds placed  answer   air   forecast came   forecast*        came  the cap  on call",
    ]
    lines += [_line(span) for span in rows]
    return "\n".join([*lines, "  * of the last call of a decision; the calls before it have a smaller one"])


def _line(span: Span) -> str:
    share, bad = (n / span.placed if span.placed else 0.0 for n in (span.people, span.abandoned))
    live = f"{_told(span.live_forecast, 1):>10} {_told(span.live_came, 1):>4}"
    chance = f"{_told(span.chance_forecast and 100 * span.chance_forecast, 2):>9} % {100 * bad:9.2f} %"
    calls = f"{span.placed:6d} {share:7.0%} {span.in_air:5.1f}"
    return f"  {span.begin:7.0f} {calls} {live} {chance} {span.capped:7.0%} {span.busy:8.0%}"


def _told(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
