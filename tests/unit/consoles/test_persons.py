"""Numbers as people type them into a search."""

import pytest

from consoles.persons import number_candidates


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("+34 600-111-222", ["+34600111222"]),
        ("0034600111222", ["+34600111222"]),
        ("(34) 600.111.222", ["+34600111222"]),
        ("C-1", []),
        ("123456", []),
        ("+", []),
        ("٣٤٦٠٠١١١٢٢٢", []),
        ("1234567890123456", []),
    ],
)
def test_numbers_in_the_usual_writings(text: str, numbers: list[str]) -> None:
    assert number_candidates(text) == numbers
