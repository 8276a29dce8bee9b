"""Types of what comes in from outside: bounded, and bearable to Postgres, screens and clocks."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from portfolio.plain_text import MAX_NUMBER, cleaned, is_plain

MAX_AMOUNT = 10**12
"""Minor units of money in one amount."""
CALLBACK_HORIZON, PROMISE_HORIZON = timedelta(days=366), timedelta(days=3660)
"""How far ahead a callback or a promise may lie."""
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Dates beyond these are slips: zones, epochs and calendars of some reader cannot bear them."""


def _one_line(text: str) -> str:
    if not is_plain(text):
        raise ValueError("control characters")
    return text


def _bearable(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"not between {FIRST_YEAR} and {LAST_YEAR}")
    return day


def _instant(at: datetime) -> datetime:
    _bearable(at)
    return at.astimezone(UTC)


Code = Annotated[str, StringConstraints(min_length=1, max_length=40), AfterValidator(_one_line)]
"""A code, as of a disposition or a skill."""
MaybeCode = Annotated[str, StringConstraints(max_length=40), AfterValidator(_one_line)]
"""A code, or nothing."""
Line = Annotated[str, StringConstraints(max_length=500), AfterValidator(_one_line)]
"""One line without control characters: what holds some is refused."""
Words = Annotated[str, StringConstraints(max_length=4000), AfterValidator(cleaned)]
"""What a person wrote: control characters are left out, so that nobody's note is lost for one."""
Note = Annotated[str, StringConstraints(max_length=1000), AfterValidator(cleaned)]
"""A few words for a colleague."""
PageKey = Annotated[str, StringConstraints(min_length=8, max_length=64), AfterValidator(_one_line)]
"""Random id of one load of a page."""
Id = Annotated[int, Field(ge=1, le=MAX_NUMBER)]
"""Number of a row."""
Whole = Annotated[int, Field(ge=-MAX_NUMBER, le=MAX_NUMBER)]
"""A whole number that a column holds."""
Amount = Annotated[int, Field(gt=0, le=MAX_AMOUNT)]
"""Money in minor units."""
Day = Annotated[date, AfterValidator(_bearable)]
"""A date that every reader can bear."""
Instant = Annotated[AwareDatetime, AfterValidator(_instant)]
"""An instant with its zone, in UTC, that every reader can bear."""
