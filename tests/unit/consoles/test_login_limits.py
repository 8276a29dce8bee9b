"""Failed logins are limited; memory is too."""

from datetime import UTC, datetime, timedelta

from consoles.login_limits import ADDRESS, PAIR, LoginLimiter

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_five_tries_then_one_every_twelve_seconds() -> None:
    limiter = LoginLimiter()
    assert [limiter.take("ana", "::1", NOW) for _ in range(PAIR.burst)] == [0] * PAIR.burst
    assert limiter.take("ana", "::1", NOW) == 12
    assert limiter.take("ana", "::1", NOW + timedelta(seconds=6)) == 6
    assert limiter.take("ana", "::1", NOW + timedelta(seconds=12)) == 0
    assert limiter.take("ana", "::1", NOW + timedelta(seconds=12)) == 12


def test_others_are_not_held_back() -> None:
    limiter = LoginLimiter()
    for _ in range(PAIR.burst + 1):
        limiter.take("ana", "::1", NOW)
    assert limiter.take("bea", "::1", NOW) == 0
    assert limiter.take("ana", "::2", NOW) == 0


def test_trying_many_logins_from_one_address_is_limited() -> None:
    limiter = LoginLimiter()
    taken = [limiter.take(f"user{n}", "::1", NOW) for n in range(ADDRESS.burst + 1)]
    assert taken == [0] * ADDRESS.burst + [1]


def test_good_logins_count_for_nothing() -> None:
    limiter = LoginLimiter()
    for n in range(500):
        assert limiter.take(f"user{n % 200}", "::1", NOW) == 0
        limiter.give_back(f"user{n % 200}", "::1", NOW)


def test_memory_is_bounded() -> None:
    limiter = LoginLimiter(max_buckets=10)
    for n in range(100):
        limiter.take("ana", f"10.0.0.{n}", NOW)
    assert len(limiter) == 10
