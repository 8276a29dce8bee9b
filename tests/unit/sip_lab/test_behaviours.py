"""Numbers behave as composed, look real, and the mix is what was asked for."""

from collections import Counter

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sip_lab.behaviours import (
    BEHAVIOURS,
    BY_NAME,
    DEFAULT_MIX,
    behaviour_of,
    bounds,
    drawn_number,
    number_for,
    ring_seconds,
    talk_seconds,
)

names = st.sampled_from([behaviour.name for behaviour in BEHAVIOURS])
countries = st.sampled_from(["ES", "MX", "CO", "CL", "AR"])


@given(names, st.integers(0, 4_999), countries)
def test_a_composed_number_is_valid_and_behaves_as_told(name: str, index: int, country: str) -> None:
    number = number_for(name, index, country)
    parsed = phonenumbers.parse(number)
    assert phonenumbers.is_valid_number_for_region(parsed, country)
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    assert behaviour_of(number).name == name
    assert behaviour_of(number, seed=99, mix={"busy": 1}).name == name


@given(names, names, st.integers(0, 4_999), st.integers(0, 4_999), countries)
def test_composed_numbers_do_not_repeat(one: str, two: str, first: int, second: int, country: str) -> None:
    same = number_for(one, first, country) == number_for(two, second, country)
    assert same == ((one, first) == (two, second))


@given(st.integers(0, 999_999), countries)
def test_a_number_without_a_code_is_valid_and_the_mix_decides(index: int, country: str) -> None:
    number = drawn_number(index, country)
    assert phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), country)
    assert {behaviour_of(number, 1, {name: 1}).name for name in ("person", "busy")} == {"person", "busy"}


def test_there_is_no_number_beyond_the_last() -> None:
    with pytest.raises(ValueError, match="no index"):
        number_for("person", 10_000, "ES")
    with pytest.raises(ValueError, match="no index"):
        number_for("person", -1, "ES")
    with pytest.raises(ValueError, match="no index"):
        drawn_number(1_000_000, "ES")


def test_codes_and_names_are_unique() -> None:
    assert len({behaviour.code for behaviour in BEHAVIOURS}) == len(BEHAVIOURS)
    assert len(BY_NAME) == len(BEHAVIOURS)


def test_drawn_numbers_follow_the_mix() -> None:
    mix = {"person": 3, "busy": 1}
    drawn = Counter(behaviour_of(f"+346{n:08d}", 7, mix).name for n in range(21_110_000, 21_114_000))
    assert 0.72 < drawn["person"] / drawn.total() < 0.78


def test_another_seed_draws_otherwise() -> None:
    numbers = [f"+346{n:08d}" for n in range(21_110_000, 21_110_200)]
    assert [behaviour_of(n, 1).name for n in numbers] != [behaviour_of(n, 2).name for n in numbers]


def test_a_changed_mix_keeps_every_number_whose_share_did_not_move() -> None:
    numbers = [f"+346{n:08d}" for n in range(21_110_000, 21_114_000)]
    before, after = {"person": 20, "busy": 80}, {"person": 45, "busy": 55}
    people = [{n for n in numbers if behaviour_of(n, 7, mix).name == "person"} for mix in (before, after)]
    assert people[0] < people[1]
    assert 0.42 < len(people[1]) / len(numbers) < 0.48


@given(st.dictionaries(names, st.integers(0, 1_000), min_size=1).filter(lambda mix: sum(mix.values()) > 0))
def test_bounds_cover_every_draw(mix: dict[str, int]) -> None:
    shares = [bound for _, bound in bounds(mix)]
    assert shares == sorted(shares)
    assert shares[-1] == 10_000


def test_a_mix_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        bounds({"person": 0})


@given(names, st.integers(0, 4_999), st.floats(0.1, 2.0))
def test_times_stay_in_their_span(name: str, index: int, tempo: float) -> None:
    behaviour = BY_NAME[name]
    number, pace = number_for(name, index), behaviour.pace(tempo)
    low, high = behaviour.ring
    assert low * pace - 1e-9 <= ring_seconds(number, behaviour, 1, tempo) <= high * pace + 1e-9
    low, high = behaviour.talk
    assert low * pace - 1e-9 <= talk_seconds(number, behaviour, 1, tempo) <= high * pace + 1e-9


def test_the_default_mix_leaves_out_the_benchmarks() -> None:
    assert not {"instant", "tone"} & set(DEFAULT_MIX)
