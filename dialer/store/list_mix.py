"""How many leads each list of a campaign gives, and in which order: pure arithmetic."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby
from math import floor
from typing import TypeVar

T = TypeVar("T")
_LIST, _URGENT = 200_000, 100_000
"""Steps of a rank: a lead's own priority has 16 bits."""
_TURN, _ORDER = 0.7548776662466927, 0.5698402909980532
"""Powers of the plastic number: pairs of their multiples spread evenly over the square (Roberts 2018, R2)."""
_STEP = 0.6180339887498949
"""Golden ratio: its multiples spread evenly over a wheel."""


@dataclass(frozen=True, slots=True)
class ListAtWork:
    """A list that may give leads now."""

    id: int
    priority: int = 0
    weight: int = 1
    fresh_share: float | None = None
    """Of leads never called before, among those it gives; None = as they come."""
    room: int | None = None
    """Calls left of today's quota; None = no quota."""
    given: int = 0
    """Calls of today: by them the turn goes round."""


def tiers(lists: Iterable[ListAtWork]) -> Iterator[list[ListAtWork]]:
    """Lists of equal priority together, the highest first."""
    ordered = sorted(lists, key=lambda one: (-one.priority, one.id))
    for _, together in groupby(ordered, key=lambda one: one.priority):
        yield list(together)


def shares(lists: Sequence[ListAtWork], wanted: int, turn: int = 0) -> dict[int, int]:
    """List → leads to ask of it: by weight, never above its room. `turn`: calls made before.

    At the beginning the largest remainder comes first. Then who has no whole number gets one more or less in
    turn, so that over time each list has its weight, however few are wanted (Madow 1949).
    """
    left = {one.id: wanted if one.room is None else min(one.room, wanted) for one in lists}
    given = dict.fromkeys(left, 0)
    while wanted > 0:
        open_lists = [one for one in lists if left[one.id] > 0]
        if not open_lists:
            break
        total = sum(one.weight for one in open_lists)
        parts = _parts({one.id: wanted * one.weight / total for one in open_lists}, wanted, turn)
        for key, part in parts.items():
            taken = min(part, left[key])
            given[key] += taken
            left[key] -= taken
            wanted -= taken
    return given


def _parts(exact: dict[int, float], wanted: int, turn: int) -> dict[int, int]:
    """Whole numbers that make `wanted`, each less than one away from what is due."""
    if turn == 0:
        parts = {key: int(part) for key, part in exact.items()}
        spare = wanted - sum(parts.values())
        for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:spare]:
            parts[key] += 1
        return parts
    ended = {key: min(total, wanted) for key, total in zip(exact, accumulate(exact.values()), strict=True)}
    ended[next(reversed(ended))] = wanted  # whatever the last bits of the sum say
    spin, begun, parts = turn * _TURN % 1.0, 0, {}
    for key, end in ended.items():
        upto = floor(end + spin)
        parts[key], begun = upto - begun, upto
    return parts


def mixed(fresh: Sequence[T], again: Sequence[T], share: float, count: int) -> list[T]:
    """`count` of both, evenly interleaved at the share of fresh ones; one that runs short is filled up."""
    result: list[T] = []
    news, olds = iter(fresh), iter(again)
    taken_fresh = 0
    while len(result) < count:
        wants_fresh = taken_fresh < share * (len(result) + 1)
        first, second = (news, olds) if wants_fresh else (olds, news)
        lead = next(first, None)
        if lead is None and (lead := next(second, None)) is None:
            break
        taken_fresh += wants_fresh
        result.append(lead)
    return result


def on_a_wheel(queues: Sequence[tuple[int, Sequence[T]]], turn: int) -> list[T]:
    """Queues with their shares, merged so that each advances in proportion. `turn`: calls made before.

    Each share is an arc of a wheel, each lead a place on it; the wheel is read in golden steps from where
    `turn` has brought it, so that however few of the result are taken, over time no queue is last. What a
    queue holds beyond its share comes after all shares.
    """
    wheel = max(1, sum(share for share, _ in queues))
    keyed: list[tuple[float, int, T]] = []
    begun, start = 0, int(turn * _ORDER % 1.0 * wheel)
    for number, (share, queue) in enumerate(queues):
        places = (divmod(place, max(1, share)) for place in range(len(queue)))
        keys = sorted(lap + (begun + at - start) % wheel * _STEP % 1.0 for lap, at in places)
        keyed += [(key + (share == 0), number, lead) for key, lead in zip(keys, queue, strict=True)]
        begun += share
    return [lead for _, _, lead in sorted(keyed, key=lambda entry: entry[:2])]


def in_turn(queues: Sequence[tuple[int, Sequence[T]]]) -> list[T]:
    """Queues with their weights, merged so that each advances in proportion."""
    keyed = [
        ((place + 1) / weight, number, lead)
        for number, (weight, queue) in enumerate(queues)
        for place, lead in enumerate(queue)
    ]
    return [lead for _, _, lead in sorted(keyed, key=lambda entry: entry[:2])]


def rank(list_priority: int, urgent: bool, priority: int) -> int:
    """One number for how early a lead must come, whatever its chance of an answer."""
    return list_priority * _LIST + urgent * _URGENT + priority
