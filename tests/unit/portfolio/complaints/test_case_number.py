"""Numbers that are told over the telephone."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portfolio.complaints.case_number import DIGITS, drawn, is_sound, spoken
from portfolio.complaints.numbers import crowded

numbers = st.integers(0, 10 ** (DIGITS - 1) - 1).map(lambda n: drawn(lambda most: n % most))


@given(numbers)
def test_eight_digits_in_two_groups(number: str) -> None:
    assert len(number) == DIGITS
    assert is_sound(number)
    assert spoken(number) == f"{number[:4]} {number[4:]}"


@given(numbers, st.integers(0, DIGITS - 1), st.integers(1, 9))
def test_one_digit_that_was_misheard_is_noticed(number: str, place: int, by: int) -> None:
    wrong = str((int(number[place]) + by) % 10)
    assert not is_sound(number[:place] + wrong + number[place + 1 :])


@given(numbers)
def test_two_digits_that_were_swapped_are_noticed(number: str) -> None:
    for place, (one, other) in enumerate(pairwise(number)):
        swapped = number[:place] + other + one + number[place + 2 :]
        assert is_sound(swapped) == (one == other)


def test_they_do_not_come_in_a_row() -> None:
    assert len({drawn() for _ in range(50)}) > 45


def test_what_is_no_number_of_ours() -> None:
    assert not any(map(is_sound, ("", "1234567", "123456789", "abcdefgh", "١٢٣٤٥٦٧٨")))


def test_when_case_numbers_run_short() -> None:
    assert [crowded(used, 1000) for used in (0, 799, 800, 899, 900, 1000)] == [
        None, None, 0.8, 0.8, 0.9, 0.95,
    ]  # fmt: skip
