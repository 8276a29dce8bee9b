"""What one program of ours says in a sentence no other reads back: data travels in fields of its own."""

import ast
import re

import pytest

from tests.unit.test_house import ROOT, our_files, packages

PROSE = {"reason", "last_reason", "last_decision", "detail", "cause"}
"""Names under which sentences travel."""
PARTS = {"startswith", "endswith", "find", "index", "split", "rsplit", "partition", "rpartition"}
PARTS |= {"removeprefix", "removesuffix", "splitlines"}
PATTERNS = {"search", "match", "fullmatch", "findall", "finditer", "sub"}
READ_IN_A_BROWSER = re.compile(
    r"\b(?:reason|last_decision|detail|line)\.(?:startsWith|endsWith|includes|match|split|slice)\("
    r"|\.(?:exec|test)\((?:\w+\.)*(?:reason|last_decision|detail|line)\b"
)
FOREIGN = {"dialer/call_progress/amd.py"}
"""Asterisk's own words (AMDCAUSE), which nobody can give us as data."""
LEFT = {
    "consoles/web/src/pages/supervisor/alarm.ts",
    "consoles/web/src/pages/supervisor/trunk.ts",
    "consoles/web/src/pages/supervisor/gateDetail.ts",
}
"""Details of alarms and of the contact gate: still read from sentences. It may only shrink."""


def prose_read(source: str) -> list[int]:
    """Lines of Python that take a sentence apart, or look for words in it."""
    return [
        node.lineno for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr) and _reads(node)
    ]


def _reads(node: ast.expr) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(value=said, attr=name)) if name in PARTS and _is_prose(said):
            return True
        case ast.Call(func=ast.Attribute(attr=name), args=args) if name in PATTERNS:
            return any(map(_is_prose, args))
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[ast.expr() as said]):
            return _is_prose(said)
        case _:
            return False


def _is_prose(node: ast.expr) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=name)):
            return name in PROSE
        case ast.Call(func=ast.Attribute(value=said, attr="lower" | "strip" | "casefold")):
            return _is_prose(said)
        case _:
            return False


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("if call.reason.endswith(FALLBACK): pass", [1]),
        ("x = HELD in decision.reason", [1]),
        ("x = any(word in row['last_decision'] for word in WORDS)", [1]),
        ("found = _MODE.match(reason)", [1]),
        ("kind = re.sub('[0-9]+', '#', decision.reason)", [1]),
        ("x = 'cap' not in reason.lower()", [1]),
        ("x = reason in REASONS or row.reason == 'paid' or why.held_by in LIMITS", []),
        ("said = f'{reason} for {row.detail}'", []),
    ],
)
def test_a_sentence_that_is_read_is_noticed(source: str, lines: list[int]) -> None:
    assert prose_read(source) == lines


@pytest.mark.parametrize(
    ("source", "noticed"),
    [
        ("const rests = /^trunk resting until/.exec(line)", True),
        ("if (row.last_decision.startsWith('held'))", True),
        ("if (/ while /.test(one.reason)) {", True),
        ("{{ row.reason }} line.length why.detail", False),
    ],
)
def test_a_sentence_that_a_browser_reads_is_noticed(source: str, noticed: bool) -> None:
    assert bool(READ_IN_A_BROWSER.search(source)) is noticed


def test_no_program_of_ours_reads_the_sentences_of_another() -> None:
    found = {
        str(path.relative_to(ROOT)): prose_read(path.read_text())
        for folder in (*packages(), "bench")
        for path in our_files({".py"}, folder)
    }
    assert {path: lines for path, lines in found.items() if lines and path not in FOREIGN} == {}


def test_nor_does_a_browser_but_for_what_is_left() -> None:
    paths = our_files({".ts", ".vue"}, "consoles/web/src")
    found = {str(path.relative_to(ROOT)) for path in paths if READ_IN_A_BROWSER.search(path.read_text())}
    assert found == LEFT
