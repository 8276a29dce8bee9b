"""In which points a pack permits what others forbid, and what differs. Pure.

Now, and from every day on which a change of either begins to hold. A part of a law that cannot be compared
with ours counts as looser: who reads the notice judges it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from portfolio.contact_rules.countries import countries_of_prefix
from portfolio.contact_rules.facts import Channel
from portfolio.contact_rules.looser_history import covers
from portfolio.contact_rules.looser_hours import looser_weekdays, windows_of
from portfolio.contact_rules.pack import (
    DAYS,
    AbandonmentWindow,
    CallerIdRule,
    Conduct,
    ExcludedDays,
    InboundRule,
    RulePack,
)

POINTS = (
    "conduct", "abandonment", "hours", "excluded_days", "caps", "silences", "forbidden_prefixes", "countries",
    "caller_id", "channels", "consent_required", "care_flags", "inbound",
)  # fmt: skip
"""What is compared, in this order."""
_NAMED = 8
"""Values of one difference that are named; whoever wants all of them reads the packs."""


@dataclass(frozen=True, slots=True)
class Looser:
    """One thing that a pack permits and a law forbids."""

    point: str
    """One of POINTS."""
    item: str
    """Which part of it: a setting, a window, a weekday, the name of a cap or silence of the law."""
    ours: str = ""
    """What the pack says: figures, or words that a screen translates; empty = nothing."""
    law: str = ""
    """What the law says; empty = nothing is permitted, or its label tells."""
    label_es: str = ""
    label_en: str = ""
    """Of the law's cap or silence."""
    by: str = ""
    """Name of the law's pack."""
    since: date | None = None
    """From which day on; None = already."""


def looser(pack: RulePack, laws: Sequence[RulePack], now: datetime) -> tuple[Looser, ...]:
    """What `pack` permits that one of `laws` forbids, now or from a later day on; empty = at least as strict.

    Countries are compared with those of all the laws together: each law is that of its own.
    """
    found: dict[tuple[str, str, str], Looser] = {}
    days = {change.start: change.effective_from for one in (pack, *laws) for change in one.changes}
    for at in (now, *sorted(start for start in days if start > now)):
        held = [law.at(at) for law in laws]
        for one in (*_countries(pack.at(at), held), *_differences(pack.at(at), held)):
            key = (one.point, one.item, one.by)
            if key not in found:
                found[key] = replace(one, since=days.get(at))
    return tuple(sorted(found.values(), key=lambda one: POINTS.index(one.point)))


def _differences(own: RulePack, laws: Iterable[RulePack]) -> Iterator[Looser]:
    for law in laws:
        parts = (
            _conduct(own.conduct, law.conduct), _abandonment(own.conduct, law.conduct), _hours(own, law),
            _excluded(own.excluded_days, law.excluded_days), _caps(own, law), _silences(own, law),
            _prefixes(own, law), _caller_id(own.caller_id, law.caller_id), _whom(own, law),
            _inbound(own.inbound, law.inbound),
        )  # fmt: skip
        yield from (replace(one, by=law.name) for part in parts for one in part)


def _conduct(own: Conduct, law: Conduct) -> Iterator[Looser]:
    if own.clock_start == "greeting_end" and law.clock_start == "answered":
        yield Looser("conduct", "clock_start", own.clock_start, law.clock_start)
    for name, more in (("connect_limit_seconds", True), ("minimum_ring_seconds", False)):
        ours, asked = getattr(own, name), getattr(law, name)
        if ours != asked and (ours > asked) == more:
            yield Looser("conduct", name, f"{ours:g} s", f"{asked:g} s")


def _abandonment(own: Conduct, law: Conduct) -> Iterator[Looser]:
    if law.unserved_counts and not own.unserved_counts:
        yield Looser("abandonment", "unserved_counts", "not_counted", "counted")
    if own.unserved_after_seconds > law.unserved_after_seconds:
        ours, asked = f"{own.unserved_after_seconds:g} s", f"{law.unserved_after_seconds:g} s"
        yield Looser("abandonment", "unserved_after_seconds", ours, asked)
    mine = {window.name: window for window in own.abandonment_windows}
    for asked_one in law.abandonment_windows:
        one = mine.get(asked_one.name)
        limit = _limit(asked_one, law)
        if one is None:
            yield Looser("abandonment", asked_one.name, "", _share(asked_one, limit))
        elif _limit(one, own) > limit or one.advance > asked_one.advance:
            yield Looser("abandonment", one.name, _share(one, _limit(one, own)), _share(asked_one, limit))


def _limit(window: AbandonmentWindow, conduct: Conduct) -> float:
    return conduct.max_abandonment if window.limit is None else min(window.limit, conduct.max_abandonment)


def _share(window: AbandonmentWindow, limit: float) -> str:
    return f"{limit * 100:g} %" + (f" + {window.advance}" if window.advance else "")


def _hours(own: RulePack, law: RulePack) -> Iterator[Looser]:
    for day in looser_weekdays(own.hours, law.hours):
        yield Looser("hours", DAYS[day], windows_of(own.hours, day), windows_of(law.hours, day))


def _excluded(own: ExcludedDays, law: ExcludedDays) -> Iterator[Looser]:
    if law.public_holidays and not own.public_holidays:
        yield Looser("excluded_days", "public_holidays", "open", "closed")
    elif law.public_holidays:
        if law.unknown_region == "every_region" and own.unknown_region == "national":
            yield Looser("excluded_days", "unknown_region", own.unknown_region, law.unknown_region)
        if opened := own.open_anyway - law.open_anyway - own.also:
            yield Looser("excluded_days", "open_anyway", _some(map(str, opened)))
    if missing := law.also - own.also:
        yield Looser("excluded_days", "also", "", _some(map(str, missing)))


def _caps(own: RulePack, law: RulePack) -> Iterator[Looser]:
    for cap in law.caps:
        met = not cap.channels & own.channels or any(covers(mine, cap) for mine in own.caps)
        if not met:
            yield Looser("caps", cap.name, label_es=cap.label_es, label_en=cap.label_en)


def _silences(own: RulePack, law: RulePack) -> Iterator[Looser]:
    for rule in law.silences:
        if not any(covers(mine, rule) for mine in own.silences):
            yield Looser("silences", rule.name, label_es=rule.label_es, label_en=rule.label_en)


def _prefixes(own: RulePack, law: RulePack) -> Iterator[Looser]:
    """A number of a country that the pack does not call needs no line of its own."""
    missing = [
        start for start in law.forbidden_prefixes
        if not start.startswith(own.forbidden_prefixes) and _called(start, own)
    ]  # fmt: skip
    if missing:
        yield Looser("forbidden_prefixes", "starts", "", _some(missing))


def _called(start: str, pack: RulePack) -> bool:
    if pack.countries is None:
        return True
    found = countries_of_prefix(start)
    return found is None or bool(found & pack.countries.codes)


def _countries(own: RulePack, laws: Sequence[RulePack]) -> Iterator[Looser]:
    if not laws or any(law.countries is None for law in laws):
        return
    codes = frozenset().union(*(law.countries.codes for law in laws if law.countries))
    by = laws[0].name
    if own.countries is None:
        yield Looser("countries", "codes", "every_country", _some(codes), by=by)
    elif more := own.countries.codes - codes:
        yield Looser("countries", "codes", _some(more), by=by)


def _caller_id(own: CallerIdRule | None, law: CallerIdRule | None) -> Iterator[Looser]:
    if law is None:
        return
    if own is None:
        yield Looser("caller_id", "must_be", "not_looked_at", law.must_be)
        return
    if law.must_be == "registered" and own.must_be != "registered":
        yield Looser("caller_id", "must_be", own.must_be, law.must_be)
    if law.prefixes and not (own.prefixes and all(one.startswith(law.prefixes) for one in own.prefixes)):
        yield Looser("caller_id", "prefixes", _some(own.prefixes), _some(law.prefixes))
    if shown := [one for one in law.not_prefixes if _may_show(one, own)]:
        yield Looser("caller_id", "not_prefixes", "", _some(shown))


def _may_show(start: str, own: CallerIdRule) -> bool:
    """Whether some number of that start may be shown."""
    among = not own.prefixes or any(start.startswith(one) or one.startswith(start) for one in own.prefixes)
    return among and not start.startswith(own.not_prefixes)


def _whom(own: RulePack, law: RulePack) -> Iterator[Looser]:
    sets: tuple[tuple[str, frozenset[str]], ...] = (
        ("channels", _words(own.channels) - _words(law.channels)),
        ("consent_required", _words((law.consent_required & own.channels) - own.consent_required)),
        ("care_flags", frozenset(own.care_flags - law.care_flags)),
    )
    for name, more in sets:
        if more:
            yield Looser(name, name, _some(more))


def _words(channels: Iterable[Channel]) -> frozenset[str]:
    return frozenset(one.value for one in channels)


def _inbound(own: InboundRule | None, law: InboundRule | None) -> Iterator[Looser]:
    if law is None:
        return
    if own is None:
        yield Looser("inbound", "answered_within_seconds", "", _answered(law))
        return
    if law.case_number_told and not own.case_number_told:
        yield Looser("inbound", "case_number_told", "not_told", "told")
    slow = own.answered_within_seconds > law.answered_within_seconds
    if slow or own.answered_share < law.answered_share:
        yield Looser("inbound", "answered_within_seconds", _answered(own), _answered(law))
    if law.complaint_working_days is not None and not _as_early(own, law):
        ours = "" if own.complaint_working_days is None else str(own.complaint_working_days)
        yield Looser("inbound", "complaint_working_days", ours, str(law.complaint_working_days))


def _answered(rule: InboundRule) -> str:
    return f"{rule.answered_share * 100:g} % / {rule.answered_within_seconds:g} s"


def _as_early(own: InboundRule, law: InboundRule) -> bool:
    """Whether a complaint is due as early; of another calendar nobody knows."""
    if own.complaint_working_days is None or law.complaint_working_days is None:
        return False
    calendar = (own.complaint_country, own.complaint_zone) == (law.complaint_country, law.complaint_zone)
    weekdays = own.complaint_weekdays >= law.complaint_weekdays
    return calendar and weekdays and own.complaint_working_days <= law.complaint_working_days


def _some(values: Iterable[str]) -> str:
    found = sorted(values)
    return ", ".join(found[:_NAMED]) + (" …" if len(found) > _NAMED else "")
