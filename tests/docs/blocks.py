"""The commands of a how-to: its shell blocks, where marked ones are run, and what the page promises.

A page that begins where another one ends says so under its title: `<!-- after: install.md#14-upgrade -->`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

_MARK = re.compile(r"<!-- try: (?P<where>\w+)(?P<network> network)?(?: exit=(?P<code>\d+))? -->")
_EXPECT = re.compile(r"<!-- expect: (?P<text>.+?) -->")
_LEFT_OUT = re.compile(r"<!-- not tried: (?P<why>.+?) -->")
_AFTER = re.compile(r"<!-- after: (?P<page>[\w-]+\.md)(?:#(?P<section>[\w-]+))? -->")
_HEADING = re.compile(r"(?P<level>#+) (?P<title>.+)")
_FENCE = re.compile(r"(?P<indent>\s*)```(?P<language>\w*)\s*$")
_SHELL = frozenset({"sh", "bash"})
PLACES = ("build", "copy", "server")
"""Where a marked block may be run: in a checkout, from there to the server, or on the server of the page."""


@dataclass(frozen=True, slots=True)
class Block:
    """One shell block of a page."""

    line: int
    """Of its first command."""
    text: str
    where: str = ""
    """One of PLACES; empty when it is not run."""
    network: bool = False
    """It fetches packages."""
    code: int = 0
    """The exit code that it should have."""
    expected: tuple[str, ...] = ()
    """What its output should show."""
    left_out: str = ""
    """Why it is not run, where the page says so."""


@dataclass(frozen=True, slots=True)
class After:
    """Where a page begins: after another one, or after one section of it."""

    page: str
    section: str = ""


class BadMark(ValueError):
    """A mark that stands before no shell block, or names no place."""


def blocks(page: str) -> list[Block]:
    """The shell blocks in their order; raises BadMark."""
    found: list[Block] = []
    mark: Block | None = None
    for number, kind, text in _pieces(page):
        if kind in _SHELL:
            found.append(replace(mark or Block(0, ""), line=number, text=text))
            mark = None
        elif kind == "text" and (expect := _EXPECT.fullmatch(text)):
            if not found or not found[-1].where:
                raise BadMark(f"line {number}: nothing is run before {text}")
            found[-1] = replace(found[-1], expected=(*found[-1].expected, expect["text"]))
        elif mark is not None and text:
            raise BadMark(f"line {number}: a mark stands before no shell block")
        elif kind == "text" and text.startswith(("<!-- try", "<!-- not tried")):
            mark = _marked(number, text)
    return found


def _marked(number: int, text: str) -> Block:
    """All that a mark says of the block after it."""
    if (tried := _MARK.fullmatch(text)) and tried["where"] in PLACES:
        return Block(number, "", tried["where"], bool(tried["network"]), int(tried["code"] or 0))
    if left := _LEFT_OUT.fullmatch(text):
        return Block(number, "", left_out=left["why"])
    raise BadMark(f"line {number}: {text}")


def after(page: str) -> After | None:
    """Where a page begins, None on an empty machine; raises BadMark for a mark not under the title."""
    lines = [(number, text) for number, kind, text in _pieces(page) if kind == "text" and text]
    marks = [line for line in lines if line[1].startswith("<!-- after")]
    if not marks:
        return None
    number, text = marks[0]
    said = _AFTER.fullmatch(text)
    if said is None or marks != lines[1:2]:
        raise BadMark(f"line {number}: {text}")
    return After(said["page"], said["section"] or "")


def end_of(page: str, section: str) -> int:
    """The last line of a section, by its heading's anchor, with all that is under it; raises BadMark."""
    level, last = 0, 0
    for number, kind, text in _pieces(page):
        heading = _HEADING.fullmatch(text) if kind == "text" else None
        if heading and level and len(heading["level"]) <= level:
            return number - 1
        if heading and not level and _anchor(heading["title"]) == section:
            level = len(heading["level"])
        last = number + text.count("\n")
    if not level:
        raise BadMark(f"there is no section {section}")
    return last


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-")


def _pieces(page: str) -> Iterator[tuple[int, str, str]]:
    """Line number, kind (`text` or a block's language) and text: single lines, and blocks whole."""
    language, indent, start, inside = None, "", 0, list[str]()
    for number, line in enumerate(page.splitlines(), 1):
        fence = _FENCE.match(line)
        if language is not None:
            if fence and not fence["language"]:
                yield start, language, "\n".join(inside) + "\n"
                language = None
            else:
                inside.append(line.removeprefix(indent))
        elif fence:
            language, indent, start, inside = fence["language"] or "plain", fence["indent"], number + 1, []
        else:
            yield number, "text", line.strip()


def of(page: Path) -> list[Block]:
    """The shell blocks of a file."""
    return blocks(page.read_text(encoding="utf-8"))
