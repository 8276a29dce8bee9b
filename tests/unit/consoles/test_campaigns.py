"""Versions and settings of campaigns."""

import pytest
from fastapi.exceptions import RequestValidationError

from consoles.campaigns import merged, versions_of


@pytest.mark.parametrize(
    ("header", "versions"),
    [
        ('"3"', [3]),
        ("3", [3]),
        ('W/"3"', [3]),
        ('"3", "4"', [3, 4]),
        ("*", []),
        ("", []),
        ('"x"', []),
        ('"-1"', []),
    ],
)
def test_versions_named_by_if_match(header: str, versions: list[int]) -> None:
    assert versions_of(header) == versions


def test_changes_are_checked_as_a_whole() -> None:
    assert merged({}, {"mode": "predictive"}).mode == "predictive"
    assert merged({"wrap_limit": 30}, {"record": False}).wrap_limit == 30
    with pytest.raises(RequestValidationError):
        merged({}, {"calls_per_agent": "many"})
    with pytest.raises(RequestValidationError):
        merged({}, {"rule_pack": "../../etc/passwd"})
