"""What the ledger says: caps and silences, per person, number or debt, over rolling or calendar spans.

What holds per person holds for the line as well: who shares a telephone is not rung for the other's sake.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from portfolio.contact_rules.facts import Approach, Channel, LedgerEntry
from portfolio.contact_rules.lines import line_of
from portfolio.contact_rules.opening import Opening
from portfolio.contact_rules.pack import Cap, RulePack, Silence, Spanned
from portfolio.contact_rules.verdicts import RuleRefusal

Group = Sequence[LedgerEntry]
_HERE = " on the line"
_NEVER = datetime.max.replace(tzinfo=UTC)


class History:
    """The ledger as one question sees it."""

    def __init__(
        self,
        ledger: Sequence[LedgerEntry],
        number: str,
        channel: Channel,
        approach: Approach,
        now: datetime,
        opening: Opening,
    ) -> None:
        """`opening` knows the zones in which calendar spans end."""
        self._ledger, self._line, self._channel = ledger, line_of(number), channel
        self._approach, self._now, self._zones = approach, now, opening.zones

    def refusals(self, rules: RulePack) -> Iterator[RuleRefusal]:
        """Every cap that is reached and every silence that lasts."""
        made, happened = len(self._ledger), {entry.kind for entry in self._ledger}
        for cap in rules.caps:
            if made >= cap.most and self._holds(cap):
                yield from self._capped(cap)
        for silence in rules.silences:
            if silence.after in happened and not self._may_break(silence):
                yield from self._silent(silence)

    def _holds(self, cap: Cap) -> bool:
        return self._channel in cap.channels and not (cap.unless_invited and self._approach.invited)

    def _may_break(self, silence: Silence) -> bool:
        asked = self._approach
        reserved = silence.unless_agent_reserved and asked.agent_reserved
        return reserved or (silence.unless_invited and asked.invited)

    def _capped(self, cap: Cap) -> Iterator[RuleRefusal]:
        """The call that is asked for would be one more."""
        found = []
        for group, shared in self._groups(cap.unit):
            counted = (e for e in group if e.kind in cap.counts and e.channel in cap.channels)
            ends = self._running(cap, counted)
            if len(ends) >= cap.most:
                until = ends[-cap.most] if cap.most else None
                found.append(
                    RuleRefusal(cap.name, until, f"{len(ends)} of {cap.most}{_HERE * shared}", shared)
                )
        yield from _longest(found)

    def _silent(self, silence: Silence) -> Iterator[RuleRefusal]:
        after, elsewhere = silence.after, silence.other_channels
        found = []
        for group, shared in self._groups(silence.unit):
            happened = (
                e for e in group if e.kind == after and not (elsewhere and e.channel == self._channel)
            )
            ends = self._running(silence, happened)
            if ends:
                found.append(RuleRefusal(silence.name, ends[-1], f"after {after}{_HERE * shared}", shared))
        yield from _longest(found)

    def _groups(self, unit: str) -> Iterable[tuple[Group, bool]]:
        """Entries that a rule of this unit looks at, and whether it does so for the others on the line only.

        A contact on no named number counts for each.
        """
        if unit == "debt":
            return ((group, False) for group in self._by_debt())
        on_the_line = [
            e
            for e in self._ledger
            if (e.same_person if e.number is None else line_of(e.number) == self._line)
        ]
        if unit == "number":
            return ((on_the_line, False),)
        return (([e for e in self._ledger if e.same_person], False), (on_the_line, True))

    def _by_debt(self) -> Iterable[Group]:
        """One group for each debt that the contact would be about."""
        mine = [e for e in self._ledger if e.same_person]
        if not self._approach.debts:
            return (mine,)
        return ([e for e in mine if e.debts is None or d in e.debts] for d in self._approach.debts)

    def _running(self, rule: Spanned, entries: Iterable[LedgerEntry]) -> list[datetime]:
        """When each of these entries ceases to count, of those that still do, in order."""
        now = self._now
        if rule.per == "hours":
            window = rule.window
            return sorted(end for e in entries if (end := _utc(e.at) + window) > now)
        return sorted(end for e in entries if (end := self._calendar_end(rule.per, _utc(e.at))) > now)

    def _calendar_end(self, per: str, at: datetime) -> datetime:
        """The latest end of the local day or week of an instant; without a zone a whole one more."""
        if not self._zones:
            return at + timedelta(days=2 if per == "calendar_day" else 8)
        return max(_end_of(per, at, zone) for zone in self._zones)


@lru_cache(maxsize=4096)
def _end_of(per: str, at: datetime, zone: ZoneInfo) -> datetime:
    """Midnight after the local day, or after the local Sunday."""
    day = at.astimezone(zone).date()
    days = 1 if per == "calendar_day" else 7 - day.weekday()
    return datetime.combine(day + timedelta(days=days), time(), tzinfo=zone).astimezone(UTC)


@lru_cache(maxsize=64)
def _spoken(always: tuple[str, ...], names: tuple[str, ...]) -> tuple[str, ...]:
    return (*always, *names)


def spoken_rules(always: tuple[str, ...], rules: RulePack) -> tuple[str, ...]:
    """Every rule that a permission was asked of."""
    return _spoken(always, rules.names)


def _longest(found: list[RuleRefusal]) -> list[RuleRefusal]:
    """Of one rule's refusals for several debts, or for person and line, the one that ends last."""
    return sorted(found, key=lambda refusal: (refusal.until or _NEVER, not refusal.shared))[-1:]


def _utc(at: datetime) -> datetime:
    return at if at.tzinfo is UTC else at.astimezone(UTC)
