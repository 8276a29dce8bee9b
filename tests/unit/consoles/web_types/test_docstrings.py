"""What models say of their fields."""

import ast

from agent_ws.messages import CallbackRefused
from consoles.routes.rule_packs import PackRow
from consoles.web_types.docstrings import model, said, words_of

MODULE = ast.parse('''
class Row(Base):
    """Not of a field."""
    id: int
    """Of the row."""
    name: str
    number: str
    """Masked."""
''')


def test_a_field_is_told_by_the_text_below_it() -> None:
    assert said(MODULE) == {"Row": {"id": "Of the row.", "number": "Masked."}}


def test_what_a_base_says_holds_for_its_children() -> None:
    words = words_of(CallbackRefused)
    assert words["state"] == "The agent's state, where that is why; empty = `reason` says it."
    assert words["first_at"].startswith("First full minute")


def test_a_model_is_found_where_it_is_written() -> None:
    assert model("PackRow") is PackRow
    assert model("Nobody") is None
