"""How many leads each list of a campaign gives, and in which order: pure arithmetic."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

T = TypeVar("T")
_LIST, _URGENT = 200_000, 100_000
"""Steps of a rank: a lead's own priority has 16 bits."""


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


def tiers(lists: Iterable[ListAtWork]) -> Iterator[list[ListAtWork]]:
    """Lists of equal priority together, the highest first."""
    ordered = sorted(lists, key=lambda one: (-one.priority, one.id))
    for _, together in groupby(ordered, key=lambda one: one.priority):
        yield list(together)


def shares(lists: Sequence[ListAtWork], wanted: int) -> dict[int, int]:
    """List → leads to ask of it: by weight, largest remainder first, never above its room."""
    left = {one.id: wanted if one.room is None else min(one.room, wanted) for one in lists}
    given = dict.fromkeys(left, 0)
    while wanted > 0:
        open_lists = [one for one in lists if left[one.id] > 0]
        if not open_lists:
            break
        total = sum(one.weight for one in open_lists)
        exact = {one.id: wanted * one.weight / total for one in open_lists}
        parts = {key: int(part) for key, part in exact.items()}
        spare = wanted - sum(parts.values())
        for key in sorted(exact, key=lambda key: (parts[key] - exact[key], key))[:spare]:
            parts[key] += 1
        for key, part in parts.items():
            taken = min(part, left[key])
            given[key] += taken
            left[key] -= taken
            wanted -= taken
    return given


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
