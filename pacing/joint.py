"""Campaigns that share agents, paced jointly: whose turn it is, and what each sees of the others.

They are decided one after the other in one tick (pacing.turns), each seeing what the earlier ones just
placed, at one price (pacing.predictive.shared_price). Two bounds
hold: a campaign's own cap over its own agents, with the calls of others that may take them; and
`Limits.joint`, the room that the cap leaves in the union of all agents and calls for the strictest of all
windows. So two campaigns that share agents never place more than one with the strictest windows would.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np

from pacing.floor import Ages, Floor, Window, rounded
from pacing.guard import cap_room, wilson_upper
from pacing.model import Model
from pacing.predictive import relief

BANK = 30.0
"""Calls that a campaign which wants some and gets none may save up at most."""


@dataclass(frozen=True, slots=True)
class Party:
    """One campaign with its own calls only, and the agents who work it and have its skills."""

    floor: Floor
    agents: frozenset[int] = frozenset()
    """Everybody at work: ready, on a call or wrapping up."""
    ready: tuple[int, ...] = ()
    """The agents of `floor.ready`, same order; likewise the next two."""
    on_call: tuple[int, ...] = ()
    wrap_up: tuple[int, ...] = ()
    wants: bool = True
    """Whether it would place calls if there were room."""
    answers: float = 0.0
    """Share of its calls that a person answers, 0–1; 0 = not known."""

    def placing(self, odds: Sequence[float]) -> "Party":
        """The same with further calls on their way, one for each of `odds`."""
        floor, more = self.floor, np.asarray(odds, dtype=np.float64)
        known = _filled(floor.dialing_odds, floor.dialing.size)
        dialing = np.concatenate([floor.dialing, np.zeros(more.size)])
        return replace(
            self, floor=replace(floor, dialing=dialing, dialing_odds=np.concatenate([known, more]))
        )


# --- whose turn it is -----------------------------------------------------------------------------


def groups(crews: Mapping[int, AbstractSet[int]]) -> list[frozenset[int]]:
    """Campaigns that are joined by shared agents, directly or through others."""
    joined: dict[int, int] = {}  # group → the one that it has become part of
    home: dict[int, int] = {}  # agent → group of the first campaign that the agent works
    known: dict[int, int] = {}  # a crew that many campaigns have → its group
    found: dict[int, list[int]] = {}
    for number, (campaign, crew) in enumerate(crews.items()):
        same = known.get(id(crew)) if crew else None
        touched = {home[agent] for agent in crew if agent in home} if same is None else {same}
        groups_of_it = {_whole(joined, group) for group in touched}
        found[number] = [*(one for group in groups_of_it for one in found.pop(group)), campaign]
        joined |= dict.fromkeys(groups_of_it, number)
        known[id(crew)] = number
        if same is None:
            home |= dict.fromkeys(crew, number)
    return [frozenset(members) for members in found.values()]


def _whole(joined: dict[int, int], group: int) -> int:
    """The group that this one is part of by now."""
    while group in joined:
        group = joined[group]
    return group


def levelled(
    served: Mapping[int, float], weights: Mapping[int, float], wanting: AbstractSet[int]
) -> dict[int, float]:
    """Calls over weight of each campaign of a group, so that nobody saves up without end.

    Deficit round robin: who wants nothing keeps no claim, who is new begins level with the hindmost, and who
    wants but gets nothing claims BANK calls at most.
    """
    known = [served[campaign] for campaign in wanting if campaign in served]
    least, most = min(known, default=0.0), max(known, default=0.0)
    level: dict[int, float] = {}
    for campaign, weight in weights.items():
        lowest = most - BANK / weight if campaign in wanting else least
        level[campaign] = max(served.get(campaign, least), lowest)
    return level


def order(served: Mapping[int, float]) -> list[int]:
    """Campaigns in the order of deciding: who got least for its weight comes first."""
    return sorted(served, key=lambda campaign: (served[campaign], campaign))


# --- what each sees of the others -----------------------------------------------------------------


def overlap(own: AbstractSet[int], other: AbstractSet[int]) -> float:
    """Share of the other campaign's agents who are ours too: how often its call takes one of ours."""
    if own is other:
        return float(bool(own))
    return len(own & other) / len(other) if other else 0.0


def seen(own: Party, others: Iterable[Party], model: Model) -> Floor:
    """The floor that a campaign is decided on: its own, with the calls of others that may take its agents."""
    sharing = [(other, share) for other in others if (share := overlap(own.agents, other.agents)) > 0]
    if not sharing:
        return own.floor
    floor = _beside(own, sharing)
    union = union_floor(own, [other for other, _ in sharing])
    room = cap_room(union, max(0, own.floor.limits.tokens), relief(model, union))
    # Lines are this campaign's own: calls of others take none of them.
    guests = floor.in_flight - own.floor.in_flight
    limits = replace(floor.limits, joint=float(room), lines=floor.limits.lines + guests)
    return replace(floor, limits=limits)


def thinned(count: int, share: float) -> tuple[list[int], float]:
    """Places of the calls that stand for `share` of `count`, spread evenly, and the weight of each (≤ 1)."""
    expected = count * share
    kept = min(count, math.ceil(expected - 1e-9))
    places = [int((place + 0.5) * count / kept) for place in range(kept)]
    return places, (expected / kept if kept else 0.0)


def _beside(own: Party, sharing: Sequence[tuple[Party, float]]) -> Floor:
    """Add the others' calls: unanswered ones thinned by the overlap, answered ones as agents spoken for."""
    floor, reserved = own.floor, own.floor.reserved
    guests = [_guests(own, other, share) for other, share in sharing]
    for other, share in sharing:
        reserved = round(reserved + share * (other.floor.screening.size + other.floor.waiting.size), 3)
    return replace(
        floor,
        dialing=_more(floor.dialing, [guest.dialing for guest in guests]),
        ringing=_more(floor.ringing, [guest.ringing for guest in guests]),
        rung=_more(_rung(floor), [guest.rung for guest in guests]),
        dialing_odds=_more(
            _filled(floor.dialing_odds, floor.dialing.size), [guest.dialing_odds for guest in guests]
        ),
        ringing_odds=_more(
            _filled(floor.ringing_odds, floor.ringing.size), [guest.ringing_odds for guest in guests]
        ),
        reserved=reserved,
    )


@dataclass(frozen=True, slots=True)
class _Guests:
    """Another campaign's unanswered calls, as many as take our agents."""

    dialing: Ages
    ringing: Ages
    rung: Ages
    dialing_odds: Ages
    ringing_odds: Ages


def _guests(own: Party, other: Party, share: float) -> _Guests:
    guest = other.floor
    likelier = other.answers / own.answers if own.answers > 0 and other.answers > 0 else 1.0
    odds, ringing_odds = (
        _filled(guest.dialing_odds, guest.dialing.size),
        _filled(guest.ringing_odds, guest.ringing.size),
    )
    if share == 1.0:  # none is left out
        return _Guests(guest.dialing, guest.ringing, _rung(guest), likelier * odds, likelier * ringing_odds)
    places, weight = thinned(guest.dialing.size + guest.ringing.size, share)
    dialing = [place for place in places if place < guest.dialing.size]
    ringing = [place - guest.dialing.size for place in places if place >= guest.dialing.size]
    factor = weight * likelier
    return _Guests(
        guest.dialing[dialing],
        guest.ringing[ringing],
        _rung(guest)[ringing],
        factor * odds[dialing],
        factor * ringing_odds[ringing],
    )


def union_floor(own: Party, sharing: Sequence[Party]) -> Floor:
    """Agents and calls of campaigns that share agents as if they were one, held to the strictest window."""
    parties = [own, *sharing]
    # Who neither calls nor wants to can lose nobody.
    held = [own, *(other for other in sharing if other.wants or other.floor.in_flight)]
    strict = max(held, key=lambda party: wilson_upper(party.floor.live_answers, party.floor.dialed)).floor
    on_call, on_call_speed = _agents(parties, "on_call")
    wrap_up, wrap_up_speed = _agents(parties, "wrap_up")
    return replace(
        own.floor,
        ready=_agents(parties, "ready")[0],
        on_call=on_call,
        on_call_speed=on_call_speed,
        wrap_up=wrap_up,
        wrap_up_speed=wrap_up_speed,
        dialing=_joined([party.floor.dialing for party in parties]),
        ringing=_joined([party.floor.ringing for party in parties]),
        rung=_joined([_rung(party.floor) for party in parties]),
        dialing_odds=_joined([_filled(p.floor.dialing_odds, p.floor.dialing.size) for p in parties]),
        ringing_odds=_joined([_filled(p.floor.ringing_odds, p.floor.ringing.size) for p in parties]),
        screening=_joined([party.floor.screening for party in parties]),
        screening_after=np.zeros(0),
        waiting=_joined([party.floor.waiting for party in parties]),
        windows=tuple(_windows(held)),
        dialed=strict.dialed,
        live_answers=strict.live_answers,
        reserved=max(party.floor.reserved for party in parties),
    )


def _windows(parties: Iterable[Party]) -> Iterable[Window]:
    for party in parties:
        # A campaign without any window has nothing to spare, and so have those that share with it.
        yield from party.floor.windows or (Window("none", 0.0),)


def _agents(parties: Sequence[Party], state: str) -> tuple[Ages, Ages]:
    """Ages and speeds of every agent in a state, each once."""
    # Campaigns that the same people work are told so by the same tuple: who is found in one is in the other.
    first = {id(getattr(party, state)): party for party in reversed(parties)}
    distinct = [party for party in parties if first[id(getattr(party, state))] is party]
    if len(distinct) == 1:
        return _paced(distinct[0], state)
    found: dict[int, tuple[float, float]] = {}
    for party in distinct:
        ages, pace = _paced(party, state)
        for agent, age, speed in zip(getattr(party, state), ages, pace, strict=True):
            found.setdefault(agent, (float(age), float(speed)))
    whole = np.asarray(list(found.values()), dtype=np.float64).reshape(-1, 2)
    return whole[:, 0].copy(), whole[:, 1].copy()


def _paced(party: Party, state: str) -> tuple[Ages, Ages]:
    ages: Ages = getattr(party.floor, state)
    speeds: Ages = getattr(party.floor, f"{state}_speed", np.zeros(0))
    return ages, _filled(speeds, ages.size)


def _rung(floor: Floor) -> Ages:
    return floor.rung if floor.rung.size == floor.ringing.size else floor.ringing


def _filled(values: Ages, size: int) -> Ages:
    return values if values.size == size else np.ones(size, dtype=np.float64)


def _more(values: Ages, guests: Sequence[Ages]) -> Ages:
    return rounded(np.concatenate([values, *guests]))


def _joined(parts: Sequence[Ages]) -> Ages:
    return np.concatenate(parts)
