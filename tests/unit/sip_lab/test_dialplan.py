"""What is rendered into the carrier's dialplan says the same as the table."""

import re

from hypothesis import given
from hypothesis import strategies as st

from sip_lab.behaviours import BEHAVIOURS, BY_NAME, DEFAULT_MIX, bounds
from sip_lab.dialplan import codes, draw, times

names = st.sampled_from([behaviour.name for behaviour in BEHAVIOURS])
mixes = st.dictionaries(names, st.integers(0, 1_000), min_size=1).filter(lambda mix: sum(mix.values()) > 0)


def drawn(expression: str, number: int) -> str:
    """Evaluates the expression as Asterisk does: the first condition that holds names the behaviour."""
    steps = re.fullmatch(r"((?:\$\{IF\(\$\[\$\{DRAW\} < \d+\]\?[a-z-]+:)*)([a-z-]+)((?:\)\})*)", expression)
    assert steps is not None
    conditions = re.findall(r"< (\d+)\]\?([a-z-]+):", steps[1])
    assert len(steps[3]) == 2 * len(conditions)
    return next((name for bound, name in conditions if number < int(bound)), steps[2])


@given(st.integers(0, 9_999), mixes | st.just(DEFAULT_MIX))
def test_the_rendered_draw_agrees_with_the_table(number: int, mix: dict[str, int]) -> None:
    expected = next(name for name, bound in bounds(mix) if number < bound)
    assert drawn(draw(mix), number) == expected


def test_every_code_is_known() -> None:
    assert codes().splitlines() == [f"CODE_{b.code} = {b.name}" for b in BEHAVIOURS]


def test_tempo_shortens_all_but_the_steady() -> None:
    rendered = times(0.5)
    assert "[times-no-answer]\nexten => s,1,Set(RING=60.000000)" in rendered
    assert "[times-instant]" in rendered
    instant = rendered.split("[times-instant]")[1].split("[times-")[0]
    assert f"TALK={BY_NAME['instant'].talk[0]:.6f}" in instant
