"""Every alarm that the code can raise is known to the supervisor's page, in the form in which it is said."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parents[3]
SAMPLES: dict[str, list[str]] = json.loads((HERE / "consoles/web/test/alarms.json").read_text("utf-8"))
"""Kind → details, each told in both languages by consoles/web/test/alarm.test.ts."""
PACKAGES = ("dialer", "consoles", "recordings", "portfolio", "journal", "agent_ws", "routing")
PLACES: dict[str, tuple[int, int]] = {"begins": (2, 4), "alarm": (0, -1)}
"""Function → places of kind and detail among its arguments."""
KIND = re.compile(r"^[a-z]+(_[a-z]+)+$")
ANYTHING = ".+"


def constants(tree: ast.Module) -> dict[str, list[ast.expr]]:
    """Name → what is assigned to it in this module."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
    return found


def shapes(node: ast.expr, names: dict[str, list[ast.expr]]) -> Iterator[str]:
    """What a text can be, as regular expressions."""
    match node:
        case ast.Constant(value=str(text)):
            yield re.escape(text)
        case ast.JoinedStr(values=parts):
            yield "".join(re.escape(str(p.value)) if isinstance(p, ast.Constant) else ANYTHING for p in parts)
        case ast.IfExp(body=one, orelse=other):
            yield from (*shapes(one, names), *shapes(other, names))
        case ast.Name(id=name) if name in names:
            for value in names[name]:
                yield from shapes(value, names)
        case _:
            yield ANYTHING


def raised(tree: ast.Module, watch: bool) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(kind, detail) of every alarm in a module; `watch`: one that makes them of triples."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="append", value=ast.Attribute(attr="alarms")),
                args=[ast.Tuple(elts=three)],
            ):
                yield three[0], three[-1]
            case ast.Call(func=ast.Attribute(attr=name), args=args) if name in PLACES and len(args) > 1:
                kind, detail = PLACES[name]
                yield args[kind], args[detail]
            case ast.Yield(value=ast.Tuple(elts=[kind, _, detail])) if watch:
                yield kind, detail
            case ast.Assign(value=ast.Tuple(elts=[ast.Constant(value=str()) as kind, _, detail])) if watch:
                yield kind, detail


def in_python() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((HERE / package).rglob("*.py")):
            tree = ast.parse(path.read_text("utf-8"))
            names = constants(tree)
            for kind, detail in raised(tree, "watch" in path.name):
                for said in shapes(kind, names):
                    if KIND.match(said) and path.name != "alarms.py":
                        for shape in shapes(detail, names):
                            yield said, shape


def in_sql() -> Iterator[tuple[str, str]]:
    for package in PACKAGES:
        for path in sorted((HERE / package).rglob("*.sql")):
            text = path.read_text("utf-8")
            for said in re.findall(r"raise_alarm(?:_once)?\(\s*'(\w+)'", text):
                yield said, ANYTHING
            assert "INSERT INTO alarms" not in text, f"{path}: alarms are raised by raise_alarm()"


FOUND = sorted({*in_python(), *in_sql()})


def test_the_walk_finds_what_the_code_raises() -> None:
    kinds = {kind for kind, _ in FOUND}
    assert {"trunk_open", "recording_missing", "engine_silent", "quarantined", "complaint_due"} <= kinds
    assert {"recording_not_resumed", "inbound_share_low", "complaint_undated", "spool_low"} <= kinds
    assert len(kinds) > 35


def test_every_kind_has_texts_for_each_of_its_forms() -> None:
    for kind, shape in FOUND:
        assert kind in SAMPLES, f"no text for {kind}: consoles/web/test/alarms.json, alarm.ts, both languages"
        assert any(re.fullmatch(shape, said) for said in SAMPLES[kind]), f"{kind}: no sample of {shape}"


def test_no_text_is_for_an_alarm_that_nobody_raises() -> None:
    assert set(SAMPLES) == {kind for kind, _ in FOUND}
