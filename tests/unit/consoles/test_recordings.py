"""Where the list of recordings goes on."""

import re
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from consoles.recordings import CURSOR, NEWEST, Cursor

INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(4999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(INSTANTS, st.integers(0, 10**18 - 1))
def test_a_cursor_comes_back_as_it_went(placed_at: datetime, recording_id: int) -> None:
    cursor = Cursor(placed_at, recording_id)
    assert re.search(CURSOR, str(cursor))
    assert Cursor.parse(str(cursor)) == cursor


def test_the_first_page_has_a_cursor_too() -> None:
    assert re.search(CURSOR, str(NEWEST))
    assert Cursor.parse(str(NEWEST)) == NEWEST
