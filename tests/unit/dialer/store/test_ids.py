"""Identities of attempts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dialer.store.ids import uuid7

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2900, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


@given(MOMENTS)
def test_it_is_a_version_7_uuid_that_tells_its_time(now: datetime) -> None:
    made = uuid7(now)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    told = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=made.int >> 80)
    assert abs(told - now) <= timedelta(milliseconds=2)


@given(MOMENTS)
def test_later_sorts_later_and_no_two_are_the_same(now: datetime) -> None:
    first, second, later = uuid7(now), uuid7(now), uuid7(now + timedelta(milliseconds=3))
    assert first != second
    assert later > max(first, second)
