"""Predictive pacing: place calls while the marginal chance that one more is abandoned is under a price.

At the instants u at which a call placed now may be answered, the agents less the persons to be served are
N(u) = agents − Σ busy(u) − Σ answered(u), a sum of independent chances: each busy agent by what is left of
the conversation and wrap-up, each call in the air by what is left of its ring. The call is abandoned, or
takes the agent of a later one, with π = mean over k of max over l ≥ k of P(N(u_l) ≤ 0). The price of π
moves with the balance of the abandonments (feedback), so that the long-run share meets the target whatever
the model's error. Reference: pacing.md §4.7; Samuelson 1999 for the aim.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pacing.chances import Doubt, Shortage
from pacing.decision import Basis, Decision, Forecast
from pacing.floor import Ages, Floor, Window
from pacing.guard import Relief
from pacing.model import Model, Tables

Matrix = NDArray[np.float64]

SHARED = "shared_price"
"""In Floor.trim: logarithm of the price of all campaigns that share agents."""
BALANCE_GAIN = 0.06
"""Step of the price's logarithm for each abandonment that the windows have to spare, or lack, against the
aim."""
MOST_BALANCE = 2.0
MARGIN, MARGIN_SHARE = 3.0, 0.02
"""Abandonments that stay unspent under a window's limit: a few, and a share of those the limit allows.
Within them the price falls in proportion to what is left, so that the hard cap, which costs far more, is
seldom met."""
_LEAST = 0.05
_HIGHEST = math.log(0.3)
CANCEL_AT = 0.3
"""A ringing call is given up when the chance that its answer finds no agent is higher, or four times the
price."""
_MOST = 1024
"""Calls looked at in one decision; one is tried first, then four times as many while all of them pass."""


@dataclass(frozen=True, slots=True)
class Outlooks:
    """The floor's chances at the instants of a new call, shapes (n, instants)."""

    busy: Matrix
    """Each busy agent is not free by the instant and the patience of a person."""
    needs: Matrix
    """Each call in the air needs an agent by the instant: dialing, ringing, screened, in this order."""
    agents: int
    """Ready and busy ones, less the reserved and the persons who wait."""


@dataclass(frozen=True, slots=True)
class Predictive:
    """Places calls while the marginal chance of an abandonment is under a price."""

    model: Model
    target: float
    boost: float = 1.0
    cancel: bool = True

    def decide(self, floor: Floor) -> Decision:
        """Calls to add and ringing calls to give up."""
        tables = tables_of(self.model, floor)
        price = price_of(floor, self.target * self.boost)
        return placed(floor, tables, outlooks(tables, floor), price, self.cancel)

    def held_to(self, floor: Floor, decision: Decision) -> Decision:
        """The decision with the forecast of the calls that the limits have left of it."""
        tables = tables_of(self.model, floor)
        price = price_of(floor, self.target * self.boost)
        looks = outlooks(tables, floor)
        chance = chance_of(floor, tables, looks, decision.calls)
        forecast = foreseen(floor, tables, looks, (price, chance), decision.calls)
        return replace(decision, forecast=forecast)


def tables_of(model: Model, floor: Floor) -> Tables:
    """The tables for this floor's patience and present level of answering."""
    return model.tables(floor.limits.connect_limit, floor.trim.get("scale", 1.0))


def price_of(floor: Floor, aim: float) -> float:
    """The highest marginal chance of an abandonment that is worth a call.

    The learned level times exp(gain × balance); see `balance`. Campaigns that share agents have one price
    (`shared_price`).
    """
    if SHARED in floor.trim:
        return math.exp(min(_HIGHEST, floor.trim[SHARED]))
    aim = min([aim, *(window.limit for window in floor.windows)])
    return math.exp(min(_HIGHEST, level_of(floor, aim) + balance(floor.windows, aim)))


def level_of(floor: Floor, aim: float) -> float:
    """The learned level of the price's logarithm, or where it begins."""
    return floor.trim.get("log_price", first_price(aim))


def shared_price(members: Sequence[tuple[Floor, float]]) -> float:
    """Logarithm of the one price of campaigns that share agents, from the floor and the aim of each.

    The mean of their levels and pulls; and the smallest margin that is left to any of them. Were each to go
    by its own, who has traffic would get spare, who has spare all the room, and the others none.
    """
    moved, left = 0.0, 1.0
    for floor, wished in members:
        aim = min([wished, *(window.limit for window in floor.windows)])
        pull, margin = _pulled(floor.windows, aim)
        moved += (level_of(floor, aim) + pull) / len(members)
        left = min(left, margin)
    return moved + math.log(max(_LEAST, left))


def first_price(aim: float) -> float:
    """Logarithm of the price before anything was learned: the share of abandoned calls comes near to the
    price."""
    return math.log(max(1e-3, aim))


def balance(windows: tuple[Window, ...], aim: float) -> float:
    """What the logarithm of the price gains by the windows' counts.

    The tightest window's spare at the aim, or beyond the margin at its limit, times the gain, bounded; and
    within the margin the logarithm of the share of it that is left.
    """
    pull, left = _pulled(windows, aim)
    return pull + math.log(max(_LEAST, left))


def _pulled(windows: tuple[Window, ...], aim: float) -> tuple[float, float]:
    """(pull, share of the margin that is left), 0 and 1 without windows."""
    if not windows:
        return 0.0, 1.0
    pull, left = MOST_BALANCE, 1.0
    for window in windows:
        margin = MARGIN + MARGIN_SHARE * window.limit * window.live
        spare = window.spare()
        pull = min(pull, BALANCE_GAIN * min(window.spare(aim), spare - margin))
        left = min(left, spare / margin)
    return max(-MOST_BALANCE, pull), left


def outlooks(tables: Tables, floor: Floor) -> Outlooks:
    """Chances of everybody on the floor."""
    parts = [
        chances(ages, beside)
        for ages, beside, chances in (
            (floor.dialing, floor.dialing_odds, tables.calls),
            (floor.ringing, floor.ringing_odds, tables.calls),
            (floor.screening, floor.screening_after, tables.screened),
        )
        if ages.size
    ]
    needs = np.concatenate(parts) if len(parts) > 1 else parts[0] if parts else np.zeros((0, tables.at.size))
    busy = tables.busy(floor)
    ready = floor.ready.size - math.ceil(floor.reserved - 1e-9)
    return Outlooks(busy, needs, ready + busy.shape[0] - floor.waiting.size)


def new_calls(tables: Tables, floor: Floor, more: int) -> Matrix:
    """Chances of the calls that may be placed, the first `more` in their order."""
    if not floor.next_odds.size:
        return tables.new_rows[:more]
    odds = np.ones(more)
    known = floor.next_odds[:more]
    odds[: known.size] = known
    return np.asarray(1.0 - (1.0 - tables.new[None, :]) ** odds[:, None])


def marginal(short: Matrix) -> Matrix:
    """π of one more call from P(no agent) at the instants, rows of calls already added."""
    worst = np.maximum.accumulate(short[:, ::-1], axis=1)[:, 1:]
    return np.asarray(np.add.reduce(worst, axis=1) / worst.shape[1])


def placed(floor: Floor, tables: Tables, looks: Outlooks, price: float, cancel: bool) -> Decision:
    """The decision at a price."""
    calls, chance, short = affordable(floor, tables, looks, price)
    # As many calls as idle agents cost nothing, whatever the doubt makes of them.
    own = math.floor(floor.ready.size - floor.reserved + 1e-9) - floor.in_flight
    if own > calls:
        calls, chance = own, chance_of(floor, tables, looks, own)
    gone = given_up(floor, looks, short, price) if cancel and not calls else ()
    forecast = foreseen(floor, tables, looks, (price, chance), calls)
    basis = Basis("predictive", floor.ready.size - floor.reserved, floor.in_flight)
    return Decision(calls, basis, cancel=gone, forecast=forecast)


def affordable(floor: Floor, tables: Tables, looks: Outlooks, price: float) -> tuple[int, float, Ages]:
    """Calls whose marginal chance is within the price, that of the last, and P(no agent) without them."""
    if looks.agents <= 0:
        return 0, 1.0, np.ones(tables.at.size)
    most = 1
    while True:
        tail = Shortage(looks.busy, looks.needs, looks.agents, most, doubt_of(floor))
        short = tail.with_more(new_calls(tables, floor, most))
        costs = marginal(short)
        within = int((costs > price).argmax()) if costs[-1] > price else most + 1
        if within <= most or most >= _MOST:
            calls = min(within, most)
            return calls, float(costs[max(0, calls - 1)]), short[0]
        most *= 4


def chance_of(floor: Floor, tables: Tables, looks: Outlooks, calls: int) -> float:
    """Marginal chance of the last of so many calls, or of the next when there is none."""
    if looks.agents <= 0:
        return 1.0
    tail = Shortage(looks.busy, looks.needs, looks.agents, max(1, calls), doubt_of(floor))
    return float(marginal(tail.with_more(new_calls(tables, floor, max(1, calls))))[max(0, calls - 1)])


def foreseen(
    floor: Floor, tables: Tables, looks: Outlooks, costs: tuple[float, float], calls: int
) -> Forecast:
    """What is expected when so many calls are placed; costs: (price, chance of the last call)."""
    middle = tables.at.size // 2
    added = new_calls(tables, floor, calls)[:, middle] if calls else np.zeros(0)
    live = float(np.add.reduce(looks.needs[:, middle])) + float(np.add.reduce(added))
    free = looks.busy.shape[0] - float(np.add.reduce(looks.busy[:, middle]))
    price, chance = costs
    return Forecast(round(chance, 6), round(price, 6), round(live, 3), round(free, 3))


def doubt_of(floor: Floor) -> Doubt:
    """How unsure the learner is of the levels."""
    return Doubt(floor.trim.get("free_cv", 0.0), floor.trim.get("answer_cv", 0.0))


def given_up(floor: Floor, looks: Outlooks, short: Ages, price: float) -> tuple[int, ...]:
    """Ringing calls past the minimum ring whose answer would find no agent, the likeliest first; few at a
    time."""
    most = max(CANCEL_AT, 4 * price)
    if floor.rung.size != floor.ringing.size or not floor.ringing.size:
        return ()
    if short.max() <= most:
        return ()
    due = np.nonzero(floor.rung >= floor.limits.minimum_ring)[0]
    if not due.size:
        return ()
    rows = looks.needs[floor.dialing.size + due]
    steps = rows.copy()
    steps[:, 1:] -= rows[:, :-1]
    total = rows[:, -1]
    chance = steps @ short / np.maximum(total, 1e-9)
    wanted = np.nonzero((chance > most) & (total > 1e-4))[0]
    order = wanted[np.argsort(-total[wanted], kind="stable")]
    return tuple(sorted(int(due[i]) for i in order[: 1 + floor.agents // 25]))


def relief(model: Model, floor: Floor) -> Relief:
    """Agents who become free before the last of the calls placed now is answered."""
    if floor.on_call.size + floor.wrap_up.size == 0:
        return Relief()
    busy = tables_of(model, floor).busy(floor)[:, -2]
    mean = float(np.add.reduce(1.0 - busy))
    return Relief(mean, (floor.trim.get("free_cv", 0.0) * mean) ** 2)
