"""What is rendered into the carrier's dialplan says the same as the table."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sip_lab.behaviours import BEHAVIOURS, BY_NAME, DEFAULT_MIX, bounds
from sip_lab.dialplan import codes, draw, times


def drawn(steps: str, number: int) -> str:
    """Walks the rendered steps as Asterisk does: each that holds sets the behaviour."""
    behaviour = ""
    for bound, name in re.findall(r"< (\d+)\]\?Set\(B=([a-z-]+)\)", steps):
        if number < int(bound):
            behaviour = name
    return behaviour


@given(st.integers(0, 9_999))
def test_the_rendered_draw_agrees_with_the_table(number: int) -> None:
    expected = next(name for name, bound in bounds(DEFAULT_MIX) if number < bound)
    assert drawn(draw(DEFAULT_MIX), number) == expected


def test_every_code_is_known() -> None:
    assert codes().splitlines() == [f"CODE_{b.code} = {b.name}" for b in BEHAVIOURS]


def test_tempo_shortens_all_but_the_steady() -> None:
    rendered = times(0.5)
    assert "[times-no-answer]\nexten => s,1,Set(RING=60.000000)" in rendered
    assert "[times-instant]" in rendered
    instant = rendered.split("[times-instant]")[1].split("[times-")[0]
    assert f"TALK={BY_NAME['instant'].talk[0]:.6f}" in instant
