"""Every text in both languages, with the same values in it."""

from string import Formatter

import pytest

from dialer.doctor.findings import Speaker
from dialer.doctor.texts import TEXTS


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in Formatter().parse(text) if field}


@pytest.mark.parametrize("name", sorted(TEXTS))
def test_both_languages_say_the_same(name: str) -> None:
    spanish, english = TEXTS[name]
    assert spanish
    assert english
    assert _fields(spanish) == _fields(english)


def test_spanish_is_spoken_unless_english_is_asked_for() -> None:
    assert Speaker("es").say("front_end") == "consolas construidas"
    assert Speaker("en").say("front_end") == "consoles built"
    assert Speaker("xx").say("front_end") == "consolas construidas"


def test_a_finding_that_is_well_needs_no_cure_and_one_that_is_ill_has_one() -> None:
    speaker = Speaker("en")
    assert speaker.well("front_end", "front_end").cure == ""
    ill = speaker.ill("front_end", "front_end_absent", "cure_front_end")
    assert (ill.ok, bool(ill.cure)) == (False, True)
