"""What our models say of their fields, from the source: the string that stands below each."""

import ast
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

_OURS = ("consoles", "agent_ws", "dialer", "portfolio")
"""Packages with models; of classes of one name that of the first is meant."""


def model(name: str) -> type | None:
    """The loaded class of that name; None = nobody of ours has one."""
    modules = sorted((place, one) for place, one in sys.modules.items() if place.partition(".")[0] in _OURS)
    found = {place: vars(one).get(name) for place, one in modules}
    own = [cls for place, cls in found.items() if isinstance(cls, type) and cls.__module__ == place]
    return min(own, key=lambda cls: _OURS.index(cls.__module__.partition(".")[0]), default=None)


def words_of(cls: type) -> Mapping[str, str]:
    """What a class and its bases say of each field."""
    words: dict[str, str] = {}
    for one in reversed(cls.__mro__):
        if one.__module__.partition(".")[0] in _OURS:
            words |= _said(one.__module__).get(one.__name__, {})
    return words


@cache
def _said(module: str) -> Mapping[str, Mapping[str, str]]:
    file = sys.modules[module].__file__
    assert file is not None, "a module of ours has a file"
    return said(ast.parse(Path(file).read_text(encoding="utf-8")))


def said(module: ast.Module) -> Mapping[str, Mapping[str, str]]:
    """By class, then by field."""
    return {node.name: dict(_fields(node)) for node in module.body if isinstance(node, ast.ClassDef)}


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, below in zip(node.body, node.body[1:], strict=False):
        if not (isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            yield field.target.id, str(below.value.value)
