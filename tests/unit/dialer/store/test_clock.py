"""The one clock."""

from datetime import UTC, datetime, timedelta

from dialer.store.clock import SystemClock


def test_it_is_utc_and_never_goes_back() -> None:
    clock = SystemClock()
    readings = [clock.now() for _ in range(100)]
    assert readings == sorted(readings)
    assert readings[0].tzinfo is UTC


def test_it_tells_the_time_of_the_machine() -> None:
    assert abs(SystemClock().now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_it_is_set_only_when_told() -> None:
    clock = SystemClock()
    clock.shift(timedelta(hours=1))
    assert timedelta(minutes=59) < clock.now() - clock.wall() < timedelta(minutes=61)
