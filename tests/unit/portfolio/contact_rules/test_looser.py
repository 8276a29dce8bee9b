"""In which points a pack permits what another one forbids."""

from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.contact_rules.looser import POINTS, Looser, looser
from portfolio.contact_rules.pack import Change, RulePack
from portfolio.rule_packs import built_in, load_pack

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
LAW = load_pack("es-collections")
STRICT = load_pack("default-strict")
DAY, ROLLING, MONTH = LAW.conduct.abandonment_windows
NATIONAL = [name for name in built_in() if name.endswith("-collections")]


def with_(pack: RulePack = LAW, **parts: Any) -> RulePack:
    return RulePack.model_validate({**{name: getattr(pack, name) for name in RulePack.model_fields}, **parts})


def part(name: str, pack: RulePack = LAW, **changes: Any) -> RulePack:
    """The pack with a few words of one part changed."""
    return with_(pack, **{name: getattr(pack, name).model_copy(update=changes)})


def found(pack: RulePack, *laws: RulePack, now: datetime = NOW) -> list[str]:
    """'point.item' of each difference, with the day from which it holds."""
    return [told(one) for one in looser(pack, laws or (LAW,), now)]


def told(one: Looser) -> str:
    return f"{one.point}.{one.item}" + (f" from {one.since}" if one.since else "")


def conduct(**changes: Any) -> RulePack:
    return with_(part("conduct", **changes), changes=())


LAW_NOW = with_(changes=())


@pytest.mark.parametrize("name", built_in())
def test_no_pack_is_looser_than_itself(name: str) -> None:
    assert looser(load_pack(name), (load_pack(name),), NOW) == ()


@pytest.mark.parametrize(
    ("pack", "point"),
    [
        (conduct(connect_limit_seconds=3.0), "conduct.connect_limit_seconds"),
        (conduct(minimum_ring_seconds=10.0), "conduct.minimum_ring_seconds"),
        (conduct(abandonment_windows=(ROLLING, MONTH)), "abandonment.calendar_day"),
        (conduct(abandonment_windows=(DAY.model_copy(update={"advance": 1}), ROLLING, MONTH)),
         "abandonment.calendar_day"),
        (conduct(unserved_after_seconds=2.0), "abandonment.unserved_after_seconds"),
        (part("excluded_days", LAW_NOW, public_holidays=False), "excluded_days.public_holidays"),
        (part("excluded_days", LAW_NOW, unknown_region="national"), "excluded_days.unknown_region"),
        (part("excluded_days", LAW_NOW, open_anyway=frozenset({date(2026, 12, 8)})),
         "excluded_days.open_anyway"),
        (with_(LAW_NOW, forbidden_prefixes=LAW.forbidden_prefixes[1:]), "forbidden_prefixes.starts"),
        (with_(LAW_NOW, countries=None, forbidden_prefixes=LAW.forbidden_prefixes), "countries.codes"),
        (part("countries", LAW_NOW, codes=frozenset({"ES", "PT"})), "countries.codes"),
        (with_(LAW_NOW, caller_id=None), "caller_id.must_be"),
        (part("caller_id", LAW_NOW, not_prefixes=("+346",)), "caller_id.not_prefixes"),
        (with_(LAW_NOW, caps=LAW.caps[1:]), "caps.attempts_per_day"),
        (with_(LAW_NOW, silences=LAW.silences[:2]), "silences.after_machine"),
    ],
)  # fmt: skip
def test_each_point_is_told(pack: RulePack, point: str) -> None:
    assert found(pack, LAW_NOW) == [point]
    assert point.split(".")[0] in POINTS


def test_no_caps_and_no_silences_are_looser_rule_by_rule() -> None:
    assert found(with_(caps=(), silences=())) == [
        "caps.attempts_per_day", "caps.attempts_per_week",
        "silences.after_conversation", "silences.after_abandoned", "silences.after_machine",
    ]  # fmt: skip


def test_what_differs_is_told() -> None:
    """Figures as they are; a rule of the law by its label."""
    windows = {**LAW.hours.windows, "saturday": LAW.hours.windows["monday"]}
    (saturday,) = looser(part("hours", windows=windows), (LAW,), NOW)
    assert (saturday.item, saturday.ours, saturday.law, saturday.by) == (
        "saturday", "09:00–21:00", "", "es-collections",
    )  # fmt: skip
    (day, *_) = looser(conduct(max_abandonment=0.05), (LAW_NOW,), NOW)
    assert (day.item, day.ours, day.law) == ("calendar_day", "5 %", "3 %")
    (cap,) = looser(with_(caps=LAW.caps[:1]), (LAW,), NOW)
    assert (cap.label_es, cap.label_en) == (LAW.caps[1].label_es, LAW.caps[1].label_en)


def test_the_clock_and_the_unserved() -> None:
    early = conduct(clock_start="answered", unserved_counts=True)
    late = conduct(clock_start="greeting_end", unserved_counts=False)
    assert found(early, late) == []
    assert found(late, early) == ["conduct.clock_start", "abandonment.unserved_counts"]


def test_a_stricter_pack_is_none() -> None:
    windows = (DAY.model_copy(update={"limit": 0.02}), ROLLING, MONTH)
    strict = conduct(abandonment_windows=windows, connect_limit_seconds=1.0, minimum_ring_seconds=20.0)
    assert found(strict, LAW_NOW) == []
    assert found(LAW_NOW, strict) == [
        "conduct.connect_limit_seconds", "conduct.minimum_ring_seconds", "abandonment.calendar_day",
    ]  # fmt: skip


def later(day: date, **parts: Any) -> RulePack:
    """The law as a pack of one's own, with one more change."""
    return with_(changes=(*LAW.changes, Change(effective_from=day, zone="Europe/Madrid", **parts)))


SHARE = LAW.conduct.model_copy(update={"max_abandonment": 0.2})


def test_a_change_of_ours_that_holds_from_a_later_day_is_looser_today() -> None:
    windows = ("calendar_day", "rolling_24h", "rolling_30d")
    pack = later(date(2027, 1, 1), conduct=SHARE)
    assert found(pack) == [f"abandonment.{name} from 2027-01-01" for name in windows]
    # From that day on it is a fact.
    assert found(pack, now=datetime(2027, 1, 2, tzinfo=UTC)) == [f"abandonment.{name}" for name in windows]


def test_a_change_of_the_law_is_looked_at_as_well() -> None:
    """Who copied the pack without its changes is looser from the day of the law on, and is told so today."""
    assert found(LAW_NOW) == [
        "caller_id.must_be from 2026-12-28", "inbound.answered_within_seconds from 2026-12-28",
    ]  # fmt: skip


def test_what_is_looser_for_a_while_only_counts_too() -> None:
    back = Change(effective_from=date(2027, 2, 1), zone="Europe/Madrid", conduct=LAW.conduct)
    pack = later(date(2027, 1, 1), conduct=SHARE)
    assert len(found(with_(pack, changes=(*pack.changes, back)))) == 3
    assert found(with_(pack, changes=(*pack.changes, back)), now=back.start) == []


def test_each_law_of_several_is_asked() -> None:
    mexico = load_pack("mx-collections")
    both = part("countries", codes=frozenset({"ES", "MX"}))
    assert found(both, LAW, mexico) == ["forbidden_prefixes.starts", "caller_id.must_be"]
    assert {one.by for one in looser(both, (LAW, mexico), NOW)} == {"mx-collections"}


def test_a_forbidden_number_of_a_country_that_is_not_called_needs_no_line() -> None:
    assert "forbidden_prefixes.starts" not in found(LAW, load_pack("us-collections"))


# Days on which one of two packs changes, and what a change may do: each step a share.
STEPS = st.lists(st.tuples(st.integers(1, 60), st.sampled_from([0.01, 0.03, 0.05])), max_size=4)


def stepped(steps: list[tuple[int, float]]) -> RulePack:
    days = {(NOW + timedelta(days=ahead)).date(): share for ahead, share in steps}
    changes = tuple(
        Change(effective_from=day, conduct=LAW.conduct.model_copy(update={"max_abandonment": share}))
        for day, share in sorted(days.items())
    )
    return with_(changes=changes)


@given(STEPS, STEPS)
def test_a_pack_is_looser_just_when_it_is_so_on_some_day(
    ours: list[tuple[int, float]], asked: list[tuple[int, float]]
) -> None:
    pack, law = stepped(ours), stepped(asked)
    days = [NOW + timedelta(days=ahead) for ahead in range(62)]
    shares = [(pack.at(day).conduct.max_abandonment, law.at(day).conduct.max_abandonment) for day in days]
    assert bool(looser(pack, (law,), NOW)) == any(mine > its for mine, its in shares)


def test_the_draws_of_steps_reach_every_order() -> None:
    """Premise: a loosening before, after and on the day of the law's own is among the draws."""
    seen = set()
    for mine, its in product((1, 2), (1, 2)):
        pack, law = stepped([(mine, 0.01)]), stepped([(its, 0.01)])
        seen.add((mine < its, mine > its, bool(looser(pack, (law,), NOW))))
    assert seen == {(False, False, False), (True, False, False), (False, True, True)}


@pytest.mark.parametrize("country", NATIONAL)
def test_a_country_s_own_pack_keeps_its_own_law_in_every_later_year(country: str) -> None:
    law = load_pack(country)
    for years in range(5):
        assert looser(law, (law,), NOW + timedelta(days=365 * years)) == ()
