"""The drawing in the docs is the table."""

from pathlib import Path

from dialer.model.diagram import mermaid

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "call.md"


def test_the_page_holds_the_table() -> None:
    assert mermaid() in PAGE.read_text("utf-8")
