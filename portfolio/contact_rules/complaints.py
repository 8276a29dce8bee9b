"""By when a complaint must be answered, as the rules of the day on which it came have it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from portfolio.contact_rules.pack import DAYS, InboundRule, RulePack

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of an answer."""

    due_on: date
    until: datetime
    """The end of that day where the law holds, UTC."""
    source: str
    """Where the rule was read."""
    near_days: int = 3
    """For so many days before that end an open complaint is near its deadline."""

    @property
    def near_at(self) -> datetime:
        """From when on it is near."""
        return self.until - timedelta(days=self.near_days)


def deadline(pack: RulePack, opened_at: datetime) -> Deadline | None:
    """The deadline of a complaint; None = the pack sets none for that day.

    The day on which it came does not count. Holidays of a region count as working days: the strict reading.
    """
    rule = pack.at(opened_at).inbound
    if rule is None or rule.complaint_working_days is None:
        return None
    zone = ZoneInfo(rule.complaint_zone)
    working = _working_days(pack, rule, opened_at.astimezone(zone).date())
    last = next(islice(working, rule.complaint_working_days - 1, None))
    end = datetime.combine(last + _DAY, time(), zone).astimezone(UTC)
    return Deadline(last, end, rule.source, rule.complaint_near_days)


def deadlines_from(pack: RulePack) -> datetime | None:
    """The first instant whose complaints have a deadline; None = the pack never sets one."""
    begins = (datetime.min.replace(tzinfo=UTC), *(change.start for change in pack.changes))
    rules = ((at, pack.at(at).inbound) for at in begins)
    return next((at for at, rule in rules if rule and rule.complaint_working_days is not None), None)


def _working_days(pack: RulePack, rule: InboundRule, after: date) -> Iterator[date]:
    """Every working day after a day; a year whose holidays nobody knows has none."""
    day = after
    while True:
        day += _DAY
        holidays = pack.calendar(rule.complaint_country or "", "", day.year) or frozenset()
        free = day in holidays - pack.excluded_days.open_anyway
        if DAYS[day.weekday()] in rule.complaint_weekdays and not free:
            yield day
