"""Public holidays per country and region, from the `holidays` package."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=4096)
def public_holidays(country: str, region: str | None, year: int) -> frozenset[date] | None:
    """Days off in a year; region None (or one not known) = those of every region, '' = national ones only.

    None when the package does not know the country or the year: the gate then refuses.
    """
    known = holidays.list_supported_countries().get(country)
    if known is None:
        return None
    if region == "":
        return _days(country, None, year)
    if region is not None and region in known:
        return _days(country, region, year)
    found = [_days(country, each, year) for each in (None, *known)]
    return frozenset().union(*(days for days in found if days is not None)) if all(found) else None


def _days(country: str, region: str | None, year: int) -> frozenset[date] | None:
    days = frozenset(holidays.country_holidays(country, subdiv=region, years=year))
    # A country always has some; none at all means the year is out of the package's range.
    return days or None
