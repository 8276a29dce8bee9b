"""What a text may contain."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.plain_text import cleaned, is_plain, shortened

HOSTILE = ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\ud800", "\udfff", "\uffff"]
"""What no text has."""


@pytest.mark.parametrize("bad", HOSTILE)
def test_what_is_no_text_is_left_out_and_makes_no_word(bad: str) -> None:
    assert cleaned(f"Muñoz{bad} 🙂") == "Muñoz 🙂"
    assert not is_plain(f"Muñoz{bad}")


def test_lines_stay_lines() -> None:
    assert cleaned("uno\r\ndos\rtres\n\tcuatro") == "uno\ndos\ntres\n\tcuatro"
    assert not is_plain("uno\ndos")


@given(st.text(st.characters(codec=None)))
def test_whatever_comes_can_be_stored_and_sent(text: str) -> None:
    clean = cleaned(text)
    assert "\x00" not in clean
    assert clean.encode("utf-8").decode("utf-8") == cleaned(clean)
    assert is_plain(shortened(text, 20))
    assert len(shortened(text, 20)) <= 20
