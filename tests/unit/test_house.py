"""Rules of this house that no linter knows. Each is tried on a breach of its own before it is trusted."""

import ast
import configparser
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {
    ".git",
    ".venv",
    "node_modules",
    "static",
    "dist",
    "build",
    "state",
    "__pycache__",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".import_linter_cache",
    ".hypothesis",
}
TEXT = {
    ".py",
    ".pyi",
    ".sql",
    ".toml",
    ".yaml",
    ".yml",
    ".conf",
    ".md",
    ".sh",
    ".ts",
    ".vue",
    ".css",
    ".html",
    ".json",
}
TEXT |= {".lock", ".txt", ".j2", ".xml", ".cfg", ".ini", ""}
CODE = {".py", ".ts", ".vue"}
LONGEST_FILE = 600  # lines
MADE = "/** Made from "  # how a file begins that a program wrote
CHEAP = {"set", "list", "dict", "float", "int", "strip"}  # as a default that may be built in vain
VAGUE_MODULES = {"utils", "util", "common", "helpers", "helper", "core", "misc", "collections"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern that must not occur in some files, with a breach that proves the pattern."""

    name: str
    pattern: str
    breach: str
    suffixes: frozenset[str]
    folder: str = ""


# The patterns are written so that they do not match themselves.
RULES = [
    Rule(
        "no registry or mirror host",
        r"p[y]pi\.org|pythonh[o]sted\.org|np[m]js\.(?:org|com)|deb[i]an\.org|ubunt[u]\.com",
        "https://files.pythonhos" + "ted.org/x",
        frozenset(TEXT),
    ),
    Rule(
        "no absolute path of one machine",
        r"(?<![\w.-])/(?:w[o]rk|f[a]rm|r[o]ot|h[o]me/\w+)/|/t[m]p/(?:cad|bash_)",
        "cd /wo" + "rk/main",
        frozenset(TEXT),
    ),
    Rule(
        "no unfinished work",
        r"\b(?:TO[D]O|FI[X]ME|XX[X])\b|raise NotImpl[e]mented",
        "# TO" + "DO later",
        frozenset(CODE | {".sql", ".sh"}),
    ),
    Rule(
        "no merge that was left half done",
        r"^(?:<{7}|>{7}|[|]{7}) ",
        "<" * 7 + " HEAD",
        frozenset(TEXT),
    ),
    Rule(
        "no skipped or always-true test",
        r"pytest\.(?:mark\.)?(?:ski[p]|xfai[l])|^\s*assert Tru[e]\b|\b(?:it|test|describe)\.ski[p]\(",
        "@pytest.mark.ski" + "pif(True)",
        frozenset({".py", ".ts"}),
    ),
    Rule(
        "tests use fakes, they do not patch",
        r"\bmock\.patc[h]|\bmonkeypatch\.setatt[r]|\bvi\.moc[k]\(",
        "monkeypatch.setatt" + "r(a, 'b', c)",
        frozenset({".py", ".ts"}),
    ),
    *(
        Rule(
            f"limits that hold in a clean-up, too: dialer.time_limit in {folder}",
            r"asyncio\.timeou[t]\(",
            "async with asyncio.timeou" + "t(2):",
            frozenset({".py"}),
            folder,
        )
        for folder in ("dialer", "agent_ws", "consoles", "recordings", "portfolio", "journal")
    ),
]

SQL = re.compile(
    r"^\s*(?:SELECT\s+[\w*(]"
    r"|(?i:select\s[\s\S]+?\sfrom\s)|(?i:insert\s+into\s)|(?i:update\s+\w+\s+set\s)|(?i:delete\s+from\s)"
    r"|(?i:with\s+\w+\s+as\s*\()|(?i:(?:create|alter|drop|truncate)\s+(?:table|index|type|function|trigger|schema)\b))"
)


def our_files(suffixes: Iterable[str], folder: str = "") -> Iterator[Path]:
    """Files of this checkout that people wrote, by suffix."""
    wanted = set(suffixes)
    for place, folders, names in os.walk(ROOT / folder):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        yield from (Path(place) / name for name in sorted(names) if Path(name).suffix in wanted)


def breaches(rule: Rule) -> list[str]:
    """Every place that breaks a rule."""
    pattern = re.compile(rule.pattern, re.MULTILINE)
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for path in our_files(rule.suffixes, rule.folder)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]


def docstrings(tree: ast.Module) -> set[int]:
    """The identities of the nodes that are documentation."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }


def sql_strings(source: str) -> list[int]:
    """The lines of a Python source on which a string that is SQL begins."""
    tree = ast.parse(source)
    prose = docstrings(tree)
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in prose
        and SQL.match(node.value)
    ]


def idle_sleeps(source: str) -> list[int]:
    """The lines on which a test waits blindly: any sleep that is not a step of a helper's polling loop."""
    tree = ast.parse(source)
    polling = {
        id(call)
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        and not function.name.startswith("test")
        for loop in ast.walk(function)
        if isinstance(loop, (ast.While, ast.For, ast.AsyncFor))
        for call in ast.walk(loop)
    }
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in {"time.sleep", "asyncio.sleep", "sleep"}
        and ast.unparse(node.args[0]) != "0"
        and id(node) not in polling
    ]


def unwatched_premises(source: str) -> list[int]:
    """The lines of properties that hold only under a condition nobody counts: see tests/premises.py."""
    tree = ast.parse(source)
    properties = [
        function
        for function in ast.walk(tree)
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef))
        and any(
            ast.unparse(mark).startswith(("given(", "hypothesis.given(")) for mark in function.decorator_list
        )
    ]
    nodes = (node for one in properties for node in ast.walk(one))
    return [node.lineno for node in nodes if isinstance(node, ast.stmt | ast.expr) and _unwatched(node)]


def _unwatched(node: ast.AST) -> bool:
    match node:
        case ast.If(test=ast.Call(func=ast.Name(id="premise"))):
            return False
        case ast.If():
            return any(isinstance(part, (ast.Assert, ast.Return)) for part in ast.walk(node))
        case ast.Assert(test=ast.BoolOp(op=ast.Or())):
            return True
        case ast.Call(func=ast.Name(id="assume") | ast.Attribute(attr="assume")):
            return True
        case _:
            return False


def costly_defaults(source: str) -> list[int]:
    """Lines of `setdefault(key, Something())`: the default is built at every access, wanted or not."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "setdefault"
        and any(_builds(part) for part in ast.walk(node.args[1]))
    ]


def _builds(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name not in CHEAP


def packages() -> list[str]:
    """The packages that the distribution ships."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    shipped: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return shipped


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_notices_its_breach(rule: Rule) -> None:
    assert re.search(rule.pattern, rule.breach, re.MULTILINE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_nothing_here_breaks_the_rule(rule: Rule) -> None:
    assert breaches(rule) == []


@pytest.mark.parametrize(
    "source",
    [
        "q = 'SELECT 1'",
        "q = 'select a from b'",
        "q = f'UPDATE {t} SET x = 1'.format() or 'update call set x = 1'",
        'q = """\n  insert into call values (1)"""',
        "q = 'DELETE FROM call'",
        "q = 'drop table call'",
    ],
)
def test_sql_is_noticed(source: str) -> None:
    assert sql_strings(source)


@pytest.mark.parametrize(
    "source",
    ["'''SELECT a from b, says this documentation.'''", "x = 'select a campaign'", "x = 'Update the list'"],
)
def test_prose_is_not_taken_for_sql(source: str) -> None:
    assert not sql_strings(source)


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("async def test_x():\n  await asyncio.sleep(0.1)", [2]),
        ("def test_x():\n  while not done:\n    time.sleep(0.1)", [3]),
        ("async def settle():\n  await asyncio.sleep(1)", [2]),
        ("async def eventually(done):\n  while not done():\n    await asyncio.sleep(0.02)", []),
        ("async def test_x():\n  await asyncio.sleep(0)", []),
    ],
)
def test_a_blind_wait_is_noticed(source: str, lines: list[int]) -> None:
    assert idle_sleeps(source) == lines


def test_tests_wait_for_conditions_and_never_just_sleep() -> None:
    found = {
        str(path.relative_to(ROOT)): idle_sleeps(path.read_text()) for path in our_files({".py"}, "tests")
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("@given(x)\ndef test_x(x):\n  if x:\n    assert f(x)", [3]),
        ("@given(x)\ndef test_x(x):\n  if not x:\n    return\n  assert f(x)", [3]),
        ("@given(x)\ndef test_x(x):\n  assume(x)\n  assert f(x)", [3]),
        ("@given(x)\ndef test_x(x):\n  assert not x or f(x)", [3]),
        ("@given(x)\ndef test_x(x):\n  if premise(x):\n    assert f(x)", []),
        ("@given(x)\ndef test_x(x):\n  if x:\n    x = g(x)\n  assert f(x)", []),
        ("def test_x():\n  if a:\n    assert b", []),
    ],
)
def test_a_premise_that_nobody_counts_is_noticed(source: str, lines: list[int]) -> None:
    assert unwatched_premises(source) == lines


def test_premises_of_properties_are_counted() -> None:
    found = {
        str(path.relative_to(ROOT)): unwatched_premises(path.read_text())
        for path in our_files({".py"}, "tests")
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("known.setdefault(key, Learner())", [1]),
        ("known.setdefault(key, [np.zeros(4)])", [1]),
        ("known.setdefault(key(), [0] * 7)", []),
        ("known.setdefault(key, set())", []),
    ],
)
def test_a_default_that_is_built_at_every_access_is_noticed(source: str, lines: list[int]) -> None:
    assert costly_defaults(source) == lines


def test_defaults_are_built_when_they_are_missing_only() -> None:
    found = {
        str(path.relative_to(ROOT)): lines
        for path in our_files({".py"})
        if "tests" not in path.relative_to(ROOT).parts and (lines := costly_defaults(path.read_text("utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("package", packages())
def test_sql_stands_in_sql_files_only(package: str) -> None:
    found = {
        str(path.relative_to(ROOT)): sql_strings(path.read_text()) for path in our_files({".py"}, package)
    }
    assert {path: lines for path, lines in found.items() if lines} == {}


def test_no_file_is_too_long() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text() for path in our_files(CODE)}
    lengths = {name: len(text.splitlines()) for name, text in texts.items() if not text.startswith(MADE)}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = [
        path for path in our_files({".py"}) if {path.stem, *path.relative_to(ROOT).parts} & VAGUE_MODULES
    ]
    assert named == []


def test_no_stray_package_escapes_the_layers() -> None:
    top = {path.relative_to(ROOT).parts[0] for path in our_files({".py"})}
    assert top - {".ci", "tests", "bench", "docs"} == set(packages())


def test_import_contracts_cover_every_package() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(ROOT / ".importlinter")
    assert set(contracts["importlinter"]["root_packages"].split()) == set(packages())


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-node.lock"])
def test_locks_hold_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    pinned = re.findall(r"^[\w.\[\]-]+==.*(?:\n {4}--hash=sha256:[0-9a-f]{64}(?: \\)?)+", text, re.MULTILINE)
    assert len(pinned) == len(re.findall(r"^[\w.\[\]-]+==", text, re.MULTILINE)) > 0
    assert "://" not in text
