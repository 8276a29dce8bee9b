"""Failed logins are limited; memory is too; strangers do not touch what is kept for those who are known."""

from datetime import UTC, datetime, timedelta

from consoles.login_limits import ADDRESS, PAIR, STRANGERS, LoginLimiter, Try

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ANA = Try("ana", "10.0.0.1")


def test_five_tries_then_one_every_twelve_seconds() -> None:
    limiter = LoginLimiter()
    assert [limiter.take(ANA, NOW) for _ in range(PAIR.burst)] == [0] * PAIR.burst
    assert limiter.take(ANA, NOW) == 12
    assert limiter.take(ANA, NOW + timedelta(seconds=6)) == 6
    assert limiter.take(ANA, NOW + timedelta(seconds=12)) == 0
    assert limiter.take(ANA, NOW + timedelta(seconds=12)) == 12


def test_others_are_not_held_back() -> None:
    limiter = LoginLimiter()
    for _ in range(PAIR.burst + 1):
        limiter.take(ANA, NOW)
    assert limiter.take(Try("bea", "10.0.0.1"), NOW) == 0
    assert limiter.take(Try("ana", "10.0.0.2"), NOW) == 0


def asks(limiter: LoginLimiter, login: str, address: str = "10.0.0.1", device: str = "") -> int:
    return limiter.knock(login, address, device, NOW).wait


def test_asking_for_many_logins_from_one_address_is_limited() -> None:
    limiter = LoginLimiter()
    asked = [asks(limiter, f"user{n}") for n in range(ADDRESS.burst + 1)]
    assert asked == [0] * ADDRESS.burst + [1]
    assert asks(limiter, "ana", "10.0.0.2") == 0
    assert limiter.knock("ana", "10.0.0.1", "", NOW + timedelta(seconds=1)).wait == 0


def test_a_crowd_without_browsers_leaves_room_for_who_has_one() -> None:
    limiter = LoginLimiter()
    for n in range(ADDRESS.burst):
        asks(limiter, f"user{n}")
    asked = [asks(limiter, f"user{n}", device=f"made up {n}") for n in range(ADDRESS.burst + 1)]
    assert asked == [0] * ADDRESS.burst + [1]


def test_who_came_before_may_ask_though_the_address_is_tired() -> None:
    limiter = LoginLimiter()
    limiter.let_in(ANA, "browser", limiter.knock("ana", "10.0.0.1", "", NOW), NOW)
    for n in range(ADDRESS.burst):
        asks(limiter, f"user{n}", device="made up")
        asks(limiter, f"user{n}", "10.0.0.2", device="made up")
    at_home = [asks(limiter, "ana", device="new") for _ in range(PAIR.burst + 1)]
    assert at_home == [0] * PAIR.burst + [1], "and not for ever"
    assert asks(limiter, "ana", "10.0.0.2", device="browser") == 0
    assert asks(limiter, "bea", "10.0.0.2", device="browser") > 0


def test_who_is_refused_anyhow_does_not_tire_the_address() -> None:
    limiter = LoginLimiter()
    for _ in range(PAIR.burst):
        limiter.take(ANA, NOW)
    assert {asks(limiter, "ana") for _ in range(2 * ADDRESS.burst)} == {12}
    assert asks(limiter, "bea") == 0


def test_trying_one_login_from_many_addresses_is_limited() -> None:
    limiter = LoginLimiter()
    taken = [limiter.take(Try("ana", f"10.0.1.{n}"), NOW) for n in range(STRANGERS.burst + 1)]
    assert taken == [0] * STRANGERS.burst + [6]


def test_who_is_known_is_held_back_by_nobody_else() -> None:
    limiter = LoginLimiter()
    for n in range(STRANGERS.burst):
        limiter.take(Try("ana", f"10.0.1.{n}"), NOW)
    assert limiter.take(Try("ana", "10.0.0.1", known_address=True), NOW) == 0
    assert limiter.take(Try("ana", "10.9.9.9", device="browser"), NOW) == 0
    assert limiter.take(ANA, NOW) > 0


def test_a_known_browser_may_not_guess_for_ever_either() -> None:
    limiter = LoginLimiter()
    known = Try("ana", "10.0.0.1", device="browser")
    assert [limiter.take(known, NOW) for _ in range(PAIR.burst + 1)] == [0] * PAIR.burst + [12]


def test_good_logins_count_for_nothing() -> None:
    limiter = LoginLimiter()
    for n in range(500):
        tried = Try(f"user{n}", "10.0.0.1")
        knock = limiter.knock(tried.login, tried.address, "", NOW)
        assert (knock.wait, limiter.take(tried, NOW)) == (0, 0)
        limiter.let_in(tried, "browser", knock, NOW)


def test_memory_is_bounded() -> None:
    limiter = LoginLimiter(max_buckets=10)
    for n in range(100):
        tried = Try("ana", f"10.0.0.{n}")
        limiter.take(tried, NOW)
        limiter.let_in(tried, f"browser {n}", limiter.knock("ana", tried.address, "", NOW), NOW)
        limiter.knock("ana", f"10.0.2.{n}", "", NOW)
    assert len(limiter) <= 2 * 10


def test_a_try_at_which_nobody_looked_was_none_and_forgives_nothing() -> None:
    limiter = LoginLimiter()
    for _ in range(2 * PAIR.burst):
        assert limiter.take(ANA, NOW) == 0
        limiter.undo(ANA, NOW)
    for _ in range(PAIR.burst - 1):
        assert limiter.take(ANA, NOW) == 0
    limiter.take(ANA, NOW)
    limiter.undo(ANA, NOW)
    assert [limiter.take(ANA, NOW), limiter.take(ANA, NOW)] == [0, 12]


def test_who_was_not_heard_has_not_tired_the_address_either() -> None:
    """A shift that comes all at once is sent away for the crowd, and comes again."""
    limiter = LoginLimiter()
    for n in range(2 * ADDRESS.burst):
        tried = Try(f"user{n}", "10.0.0.1")
        knock = limiter.knock(tried.login, tried.address, "", NOW)
        assert (knock.wait, limiter.take(tried, NOW)) == (0, 0)
        limiter.undo(tried, NOW, knock)
    assert [asks(limiter, f"user{n}") for n in range(ADDRESS.burst + 1)] == [0] * ADDRESS.burst + [1]


def test_a_known_browser_that_was_not_heard_may_ask_as_often_and_is_forgiven_nothing() -> None:
    limiter, known = LoginLimiter(), Try("ana", "10.0.0.1", device="browser")
    limiter.let_in(known, "browser", limiter.knock("ana", "10.0.0.1", "browser", NOW), NOW)
    heard = limiter.knock("ana", "10.0.0.1", "browser", NOW)
    for _ in range(2 * PAIR.burst):
        limiter.take(known, NOW)
        limiter.undo(known, NOW, limiter.knock("ana", "10.0.0.1", "browser", NOW))
    taken = [limiter.knock("ana", "10.0.0.1", "browser", NOW).taken for _ in range(PAIR.burst)]
    assert [one == heard.taken for one in taken] == [True] * (PAIR.burst - 1) + [False]
