"""Counters of the windows against a slow reference that keeps every instant."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.engine.counts import Count, Counts
from dialer.model.audit import Audits
from dialer.ports import MinuteCount
from pacing import Window
from portfolio.contact_rules import AbandonmentWindow

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = AbandonmentWindow(name="calendar_day", zone="Europe/Madrid")
ROLLING = [AbandonmentWindow(name=name) for name in ("rolling_1h", "rolling_24h", "rolling_30d")]
SETTLED = st.tuples(
    st.integers(0, 40 * 86_400).map(lambda seconds: timedelta(seconds=seconds)),
    st.sampled_from(["live", "abandoned", "machine", "none", "unserved", "early"]),
)
AUDITS = st.integers(0, 500).flatmap(lambda n: st.builds(Audits, st.just(n), st.integers(0, n // 2)))
History = list[tuple[datetime, str]]


def history(drawn: list[tuple[timedelta, str]]) -> History:
    return sorted((NOON - age, kind) for age, kind in drawn)


def counted(past: History) -> Counts:
    counts = Counts()
    for at, kind in past:
        settle(counts, at, kind)
    return counts


ERROR = 0.04


def settle(counts: Counts, at: datetime, kind: str) -> None:
    """What the engine says of a call of this kind."""
    counts.add(
        at,
        live=kind in ("live", "abandoned", "unserved"),
        abandoned=kind == "abandoned",
        machine=kind == "machine",
        unserved=kind == "unserved",
        early=kind == "early",
        error=ERROR,
    )


def slow(past: History, since: datetime) -> Count:
    kinds = [kind for at, kind in past if at >= since]
    abandoned, unserved = kinds.count("abandoned"), kinds.count("unserved")
    machines = kinds.count("machine")
    live = kinds.count("live") + abandoned + unserved
    return Count(live, abandoned, machines, unserved, machines * round(ERROR * 1_000_000))


@given(st.lists(SETTLED, max_size=60))
def test_a_calendar_day_is_exact(drawn: list[tuple[timedelta, str]]) -> None:
    past = history(drawn)
    assert counted(past).count(DAY, NOON) == slow(past, datetime(2026, 11, 23, 23, tzinfo=UTC))


@given(st.lists(SETTLED, max_size=60), st.sampled_from(ROLLING), AUDITS, st.floats(0.01, 0.1))
def test_a_rolling_window_errs_to_the_strict_side_by_one_bucket(
    drawn: list[tuple[timedelta, str]], rule: AbandonmentWindow, audits: Audits, limit: float
) -> None:
    past = history(drawn)
    (window,) = counted(past).windows([rule], NOON, most=limit, audits=audits)
    assert rule.span is not None
    true = slow(past, NOON - rule.span)
    (exact,) = _as_windows(true, rule, limit, audits)
    assert window.spare() <= exact.spare() + 1e-9
    assert window.rate >= exact.rate - 1e-9
    assert window.house_rate >= exact.house_rate - 1e-9
    wider = slow(past, NOON - rule.span - timedelta(hours=1))
    assert true.abandoned <= window.abandoned <= wider.abandoned
    assert window.live <= wider.live


def _as_windows(count: Count, rule: AbandonmentWindow, limit: float, audits: Audits) -> tuple[Window, ...]:
    counts = Counts()
    kinds = (count.live, count.abandoned, count.machines, count.unserved)
    counts.put(MinuteCount(NOON, count.live, *kinds, suspected=count.suspected))
    return counts.windows([rule], NOON, most=limit, audits=audits)


@given(st.lists(SETTLED, max_size=60), st.lists(st.integers(0, 3 * 86_400), max_size=8))
def test_what_time_passes_by_is_the_same_as_a_fresh_count(
    drawn: list[tuple[timedelta, str]], looks: list[int]
) -> None:
    past = history(drawn)
    lived, moments = Counts(), sorted(NOON - timedelta(seconds=look) for look in looks)
    for at, kind in past:
        while moments and moments[0] <= at:
            lived.count(DAY, moments[0])
            lived.count(ROLLING[1], moments.pop(0))
        settle(lived, at, kind)
    for rule in (DAY, *ROLLING):
        assert lived.count(rule, NOON) == counted(past).count(rule, NOON)


@pytest.mark.parametrize(
    ("night", "zone"),
    [
        ("2026-10-25", "Europe/Madrid"),
        ("2026-03-29", "Europe/Madrid"),
        ("2026-07-01", "Asia/Kathmandu"),
    ],
)
def test_nothing_leaks_across_midnight(night: str, zone: str) -> None:
    rule = AbandonmentWindow(name="calendar_day", zone=zone)
    midnight = datetime.fromisoformat(night).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    counts = Counts()
    counts.add(midnight - timedelta(milliseconds=1), live=True, abandoned=True)
    assert counts.count(rule, midnight - timedelta(milliseconds=1)).abandoned == 1
    assert counts.count(rule, midnight) == Count()
    counts.add(midnight, live=True)
    assert counts.count(rule, midnight + timedelta(hours=20)) == Count(live=1)


def test_the_rebuilt_counts_are_the_lived_ones() -> None:
    lived, rebuilt = Counts(), Counts()
    for second in range(0, 7200, 7):
        lived.add(NOON + timedelta(seconds=second), live=second % 2 == 0)
    for minute in range(120):
        seconds = [second for second in range(0, 7200, 7) if second // 60 == minute]
        row = MinuteCount(NOON + timedelta(minutes=minute), len(seconds), sum(s % 2 == 0 for s in seconds))
        rebuilt.put(row)
    now = NOON + timedelta(hours=2)
    assert [lived.count(rule, now) for rule in ROLLING] == [rebuilt.count(rule, now) for rule in ROLLING]
    assert lived.share(now) == rebuilt.share(now)


def test_memory_is_bounded() -> None:
    counts = Counts()
    for hour in range(24 * 60):
        now = NOON + timedelta(hours=hour)
        counts.add(now, live=True)
        counts.count(ROLLING[2], now)
    assert len(counts.minutes) <= 52
    assert len(counts.hours) <= 31 * 24 + 1
    counts.put(MinuteCount(NOON + timedelta(days=70), 5000, 2500))
    dialed, live = counts.share(NOON + timedelta(days=70))
    assert (dialed, live) == (3000, 500)


def test_who_hung_up_in_silence_is_counted_by_the_house_whatever_the_law_says() -> None:
    counts = Counts()
    counts.put(MinuteCount(NOON, 200, live=100, abandoned=1, unserved=4, early=3))
    rule = AbandonmentWindow(name="rolling_24h")
    (lax,) = counts.windows([rule], NOON, most=0.03)
    (strict,) = counts.windows([rule], NOON, most=0.03, unserved_by_law=True)
    assert lax.rate == pytest.approx(1 / 96)  # nor do they dilute the law's share
    assert strict.rate == lax.house_rate == strict.house_rate == pytest.approx(5 / 100)
    assert lax.spare() == strict.spare() == pytest.approx((3 - 5) / 0.97)
    assert counts.share(NOON) == (200, 103)  # who was gone at once answered all the same


def test_the_campaigns_own_limit_bounds_every_window_and_errors_count() -> None:
    counts = Counts()
    counts.put(MinuteCount(NOON, 200, 100, 2, 50, suspected=2_000_000))
    lax = AbandonmentWindow(name="rolling_24h", limit=0.05)
    strict = AbandonmentWindow(name="rolling_30d", limit=0.01)
    windows = counts.windows([lax, strict], NOON, most=0.03)
    assert [(window.limit, window.screened_out) for window in windows] == [(0.03, 2.0), (0.01, 2.0)]
    assert windows[0].rate == pytest.approx(4 / 102)


def test_every_machine_keeps_the_error_that_its_own_screening_was_known_for() -> None:
    """A hundred machines of AMD(), then a hundred of a better detector: the past is not made better by it."""
    counts, rule = Counts(), AbandonmentWindow(name="rolling_24h")
    for error in (0.25, 0.02, 0.0):
        for _ in range(100):
            counts.add(NOON, machine=True, error=error)
            counts.add(NOON, live=True, error=0.9)  # no machine: its error is none
    (window,) = counts.windows([rule], NOON, most=0.03)
    assert window.screened_out == pytest.approx(27.0)
    assert window.rate == pytest.approx(27 / 327)


def test_what_audits_show_counts_for_the_past_as_well_and_is_weighed_against_what_was_expected() -> None:
    """Forty audits weigh as much as the expectation: (5 % + 15 %) / 2 of 200 machines."""
    counts, rule = Counts(), AbandonmentWindow(name="rolling_24h")
    counts.put(MinuteCount(NOON, 300, 100, machines=200, suspected=200 * 50_000))
    (window,) = counts.windows([rule], NOON, most=0.03, audits=Audits(40, 6))
    assert window.screened_out == pytest.approx(20.0)


def test_who_turns_out_to_be_a_machine_brings_its_error_along() -> None:
    counts = Counts()
    counts.add(NOON, live=True)
    counts.no_person(NOON, 0.05)
    assert counts.count(ROLLING[1], NOON) == Count(machines=1, suspected=50_000)
