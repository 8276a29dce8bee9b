"""Whether the hours of one pack lie within those of another. Pure."""

from collections.abc import Iterator

from portfolio.contact_rules.pack import MINUTES_OF_DAY, CallingHours

_WEEK = 7


def looser_weekdays(own: CallingHours, law: CallingHours) -> Iterator[int]:
    """Weekdays, 0 = Monday, on which `own` is open in a minute in which `law` is not.

    The part of a window that runs into the next day ends with the holidays of the day before as well: it is
    stricter than a window that starts after midnight, not the other way round.
    """
    for day in range(_WEEK):
        ours, late = _minutes(own, day)
        asked, asked_late = _minutes(law, day)
        if ours & ~asked or late & ~(asked | asked_late):
            yield day


def windows_of(hours: CallingHours, day: int) -> str:
    """The windows that start on a weekday, and those of the evening before that reach into it."""
    before = (f"00:00–{_clock(w.end)}" for w in hours.of((day - 1) % _WEEK) if w.crosses and w.end)
    return ", ".join((*before, *(f"{_clock(w.start)}–{_clock(w.end)}" for w in hours.of(day))))


def _minutes(hours: CallingHours, day: int) -> tuple[int, int]:
    """Open minutes of a weekday as bits: of its own windows, and of those of the day before."""
    own = carried = 0
    for window in hours.of(day):
        own |= _bits(window.start, MINUTES_OF_DAY if window.crosses else window.end)
    for window in hours.of((day - 1) % _WEEK):
        if window.crosses:
            carried |= _bits(0, window.end)
    return own, carried


def _bits(start: int, end: int) -> int:
    return ((1 << (end - start)) - 1) << start


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
