"""Where a page of the register of complaints ends, as a text."""

from datetime import UTC, datetime, timedelta

from portfolio.complaints import Place

CURSOR = r"^([01]-([0-9]{1,17})?-[0-9]{1,17}-[0-9]{1,18})?$"
"""Done or not, deadline and opening in microseconds since 1970, and an id; empty = from the start."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def place_text(place: Place) -> str:
    """What `parse_place` understands."""
    turn = "" if place.turn is None else str(_ticks(place.turn))
    return f"{int(place.done)}-{turn}-{_ticks(place.opened_at)}-{place.id}"


def parse_place(text: str) -> Place | None:
    """From a text of CURSOR; None = from the start."""
    if not text:
        return None
    done, turn, opened, number = text.split("-")
    return Place(done == "1", _instant(turn) if turn else None, _instant(opened), int(number))


def _ticks(at: datetime) -> int:
    return (at - _EPOCH) // _TICK


def _instant(ticks: str) -> datetime:
    return _EPOCH + int(ticks) * _TICK
