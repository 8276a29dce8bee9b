"""How a carrier wants numbers."""

import pytest

from dialer.model.trunk import TrunkLimits


@pytest.mark.parametrize(
    ("form", "number", "dialled"),
    [
        ({}, "+34910000000", "+34910000000"),
        ({"plus": False}, "+34910000000", "34910000000"),
        ({"prefix": "00"}, "+34910000000", "0034910000000"),
        ({"strip": "34"}, "+34910000000", "910000000"),
        ({"strip": "34"}, "+525512345678", "+525512345678"),
        ({"strip": "34", "plus": False}, "+525512345678", "525512345678"),
        ({"strip": "52", "prefix": "01"}, "+525512345678", "015512345678"),
        ({"strip": "34", "prefix": "99"}, "+525512345678", "99525512345678"),
    ],
)
def test_a_number_as_the_trunk_wants_it(form: dict[str, str | bool], number: str, dialled: str) -> None:
    assert TrunkLimits("carrier", **form).dialled(number) == dialled  # type: ignore[arg-type]
