"""SQL by name: the statements of a queries.sql, each below `-- name: its_name` and a sentence.

What several of them have in common stands once, below `-- part: its_name`; where a statement says
`{its_name($4)}`, it stands with that parameter in the place of its own $1.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

_HEAD = re.compile(r"^--+ *(?:name|part):.*$", re.MULTILINE)
_NAME = re.compile(r"-- (name|part): (\w+)")
_SENTENCE = re.compile(r"-- \S.*[.?:]$")
_USE = re.compile(r"\{(\w+)\(([$\d, ]*)\)\}")
_PARAMETER = re.compile(r"\$(\d+)")


class BadStatements(ValueError):
    """A queries.sql is not in the form in which statements are read."""


@cache
def statements(package: str) -> Mapping[str, str]:
    """Every statement of a package's queries.sql, by name, without its semicolon. Raises BadStatements."""
    return parse(resources.files(package).joinpath("queries.sql").read_text("utf-8"))


def parse(text: str) -> Mapping[str, str]:
    """The statements of such a file. Raises BadStatements: a name twice, no sentence, an idle part."""
    found: dict[str, dict[str, str]] = {"name": {}, "part": {}}
    for kind, name, body in _sections(text):
        if name in found["name"] or name in found["part"]:
            raise BadStatements(f"two statements are named {name}")
        if not _says_something(body):
            raise BadStatements(f"{name} does not begin with a sentence on what it does")
        found[kind][name] = body
    used = {use[1] for body in found["name"].values() for use in _USE.finditer(body)}
    if used != set(found["part"]):
        raise BadStatements(f"not there, or not used: {', '.join(sorted(used ^ set(found['part'])))}")
    return {
        name: _USE.sub(lambda use: _part(found["part"], use), body) for name, body in found["name"].items()
    }


def _part(parts: Mapping[str, str], use: re.Match[str]) -> str:
    """A part with the parameters that a statement gives it, without its sentence."""
    given = [one.strip() for one in use[2].split(",") if one.strip()]
    lines = [line for line in parts[use[1]].splitlines() if not line.startswith("--")]
    try:
        return _PARAMETER.sub(lambda own: given[int(own[1]) - 1], "\n".join(lines))
    except IndexError:
        raise BadStatements(f"{use[0]} gives too few parameters") from None


def _sections(text: str) -> Iterator[tuple[str, str, str]]:
    heads = list(_HEAD.finditer(text))
    for head, end in zip(heads, [*(one.start() for one in heads[1:]), len(text)], strict=True):
        named = _NAME.fullmatch(head[0].rstrip())
        if named is None:
            raise BadStatements(f"no name in {head[0]!r}")
        yield named[1], named[2], _without_chapter(text[head.end() : end])


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
