"""SQL by name; and every statement of ours has its sentence and somebody who asks for it."""

import re
from functools import cache
from pathlib import Path

import pytest

from journal.sql import BadStatements, parse, statements

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = sorted(path.parent for path in ROOT.glob("*/__init__.py"))
NOT_OURS = {"node_modules", "static", "web"}
QUOTED = re.compile(r'"(\w+)"')
ASKED_BY = {"portfolio": ("portfolio", "consoles", "dialer")}
"""Packages that ask for the statements of others than themselves."""


def files(folder: Path, name: str) -> list[Path]:
    """Of a package, without what the front end is made of."""
    return [path for path in folder.rglob(name) if not NOT_OURS & set(path.relative_to(ROOT).parts)]


ROOMS = sorted(
    ".".join(path.parent.relative_to(ROOT).parts)
    for folder in PACKAGES
    for path in files(folder, "queries.sql")
)


@cache
def asked_in(package: str) -> frozenset[str]:
    """Every name that stands in quotes in the Python of a package."""
    texts = (path.read_text(encoding="utf-8") for path in files(ROOT / package, "*.py"))
    return frozenset(name for text in texts for name in QUOTED.findall(text))


def test_statements_are_found_by_name_without_their_semicolon_and_the_next_chapter() -> None:
    one = "-- a chapter\n\n-- name: one\n-- Why.\nSELECT 1;\n\n-- Two ----\n\n"
    two = "-- name: two\n-- This\n-- and that.\nSELECT\n  2\n"
    assert parse(one + two) == {"one": "-- Why.\nSELECT 1", "two": "-- This\n-- and that.\nSELECT\n  2"}


def test_a_part_stands_in_each_statement_with_the_parameters_given_to_it() -> None:
    part = "-- part: named\n-- Of one or two.\nname = $1\n  OR name = $2\n\n"
    uses = "-- name: one\n-- Why.\nSELECT {named($3, $1)} AND {named($1, $12)}, '{}', '{x}';\n"
    assert parse(part + uses) == {
        "one": "-- Why.\nSELECT name = $3\n  OR name = $1 AND name = $1\n  OR name = $12, '{}', '{x}'"
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "-- name: one\n-- Why.\nSELECT 1;\n-- name: one\n-- Why.\nSELECT 2;",
            "two statements are named one",
        ),
        ("-- name: one\nSELECT 1;", "one does not begin with a sentence"),
        ("-- name: one\n-- Why\nSELECT 1;", "one does not begin with a sentence"),
        ("-- name: one\n--- Why.\nSELECT 1;", "one does not begin with a sentence"),
        ("-- name: one two\n-- Why.\nSELECT 1;", "no name in"),
        ("-- part: a\n-- Why.\n1\n-- name: a\n-- Why.\nSELECT {a()};", "two statements are named a"),
        ("-- part: a\n-- Why.\n1\n-- name: one\n-- Why.\nSELECT 1;", "not there, or not used: a"),
        ("-- name: one\n-- Why.\nSELECT {a()};", "not there, or not used: a"),
        ("-- part: a\n-- Why.\n$2\n-- name: one\n-- Why.\nSELECT {a($1)};", "gives too few parameters"),
        ("-- name: one\n-- Why.\nSELECT 1;\n--name: two\n-- Why.\nSELECT 2;", "no name in"),
    ],
)
def test_what_is_not_in_this_form_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadStatements, match=why):
        parse(text)


@pytest.mark.parametrize("room", ROOMS)
def test_every_statement_has_its_sentence_and_is_asked_for(room: str) -> None:
    top = room.partition(".")[0]
    asked = frozenset[str]().union(*map(asked_in, ASKED_BY.get(top, (top,))))
    text = (ROOT.joinpath(*room.split(".")) / "queries.sql").read_text(encoding="utf-8")
    assert [name for name in parse(text) if name not in asked] == []


def test_a_package_s_statements_are_those_of_its_file() -> None:
    assert "pending" in statements("recordings")


def test_there_is_one_reader_for_all_rooms() -> None:
    assert len(ROOMS) >= 7
    python = [path for folder in PACKAGES for path in files(folder, "*.py")]
    reading = [path for path in python if '"queries.sql"' in path.read_text(encoding="utf-8")]
    assert [path.relative_to(ROOT).as_posix() for path in reading] == ["journal/sql.py"]
