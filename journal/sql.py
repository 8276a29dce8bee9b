"""SQL by name: the statements of a queries.sql, each below `-- name: its_name` and a sentence."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

_HEAD = re.compile(r"^--+ *name:.*$", re.MULTILINE)
_NAME = re.compile(r"-- name: (\w+)")
_SENTENCE = re.compile(r"-- \S.*[.?:]$")


class BadStatements(ValueError):
    """A queries.sql is not in the form in which statements are read."""


@cache
def statements(package: str) -> Mapping[str, str]:
    """Every statement of a package's queries.sql, by name, without its semicolon. Raises BadStatements."""
    return parse(resources.files(package).joinpath("queries.sql").read_text("utf-8"))


def parse(text: str) -> Mapping[str, str]:
    """The statements of such a file. Raises BadStatements: a name twice, or no sentence."""
    found: dict[str, str] = {}
    for name, body in _sections(text):
        if name in found:
            raise BadStatements(f"two statements are named {name}")
        if not _says_something(body):
            raise BadStatements(f"{name} does not begin with a sentence on what it does")
        found[name] = body
    return found


def _sections(text: str) -> Iterator[tuple[str, str]]:
    heads = list(_HEAD.finditer(text))
    for head, end in zip(heads, [*(one.start() for one in heads[1:]), len(text)], strict=True):
        named = _NAME.fullmatch(head[0].rstrip())
        if named is None:
            raise BadStatements(f"no name in {head[0]!r}")
        yield named[1], _without_chapter(text[head.end() : end])


def _without_chapter(body: str) -> str:
    """Comments after a statement are the title of the next chapter."""
    lines = body.strip().splitlines()
    while lines and (not lines[-1] or lines[-1].startswith("--")):
        lines.pop()
    return "\n".join(lines).rstrip(";")


def _says_something(body: str) -> bool:
    """Whether comments that end as a sentence does stand before the statement."""
    said: list[str] = []
    for line in body.splitlines():
        if not line.startswith("--"):
            break
        said.append(line)
    return bool(said) and said[0].startswith("-- ") and _SENTENCE.fullmatch(said[-1]) is not None
