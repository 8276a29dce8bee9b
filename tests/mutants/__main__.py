"""`make mutants`: breaks the code of each area line by line, and tells which break no test notices.

A copy of the checkout is broken, never the checkout. Every area's result is kept in results/ and shown in
result.md; a survivor that has no reason in reasons.yaml is a test to be written.
"""

import argparse
import contextlib
import datetime
import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.integration import services
from tests.mutants import results
from tests.mutants.areas import AREAS, Area
from tests.mutants.results import (
    A_PROCESS_EACH,
    HERE,
    IN_PROCESS,
    SURVIVED,
    TIMED_OUT,
    UNDECIDED,
    Mutant,
    Result,
)

ROOT = Path(__file__).resolve().parents[2]
SOURCES = (
    "dialer",
    "pacing",
    "routing",
    "agent_ws",
    "recordings",
    "portfolio",
    "consoles",
    "sip_lab",
    "migrations",
)
BESIDE = (".ci", ".importlinter", "docs", "bench", "README.md", "README.es.md", "Makefile")
_PLUGINS = ".pytest-plugins"
"""A folder of the copy; as one of the tests' modules a plugin would import those from outside of the copy."""
_TOOL = (sys.executable, "-m", "mutmut")
_NOTICED = frozenset({1, 3})
"""Exit codes of the tool (its stats.py): a test failed, or pytest itself did."""
_FATES = {0: SURVIVED, 5: SURVIVED, 33: SURVIVED} | dict.fromkeys((-24, -9, 24, 36, 152), TIMED_OUT)
"""Passed, or reached by no test; ended by the tool, as its tests took too long."""


def tried(
    area: Area, copy: Path, *, at_once: int, only: Sequence[str] = (), in_process: bool = False
) -> Result:
    """Mutate one area in a copy of the checkout, all of it or the named mutants."""
    if not (copy / "pyproject.toml").exists():
        _copied(copy)
        _configured(copy, area)
    if in_process:
        _run_in_process(copy, area, only)
        return _result(area, copy, _exit_codes(copy, area, only), IN_PROCESS)
    _run(copy, at_once, only)
    codes = _exit_codes(copy, area, only)
    again = [name for name, code in codes.items() if code not in _NOTICED | {0, 5, 33}]
    if again:  # a busy machine makes tests slow; alone they show whether they end
        _run(copy, 1, again)
        codes |= _exit_codes(copy, area, again)
    return _result(area, copy, codes, A_PROCESS_EACH)


def _result(area: Area, copy: Path, codes: Mapping[str, int | None], how: str) -> Result:
    left = tuple(_shown(copy, name, code) for name, code in codes.items() if code not in _NOTICED)
    return Result(area.name, _today(), code_of(copy, area), len(codes), left, how)


def tried_again(before: Result, now: Result) -> Result:
    """The last run, with the new fate of what it had left."""
    return Result(now.area, now.date, now.code, before.mutants, now.left, now.how)


def code_of(root: Path, area: Area) -> str:
    """Changes with the area's code and with the tool: then a result's names mean other breaks."""
    told = hashlib.sha256(importlib.metadata.version("mutmut").encode())
    for path in area.files:
        told.update((root / path).read_bytes())
    return told.hexdigest()[:12]


def _today() -> str:
    return datetime.datetime.now(datetime.UTC).date().isoformat()


def _run(copy: Path, at_once: int, names: Sequence[str]) -> None:
    reproducible = {**os.environ, "CI": "true", "PYTHONPATH": str(copy / _PLUGINS)}
    command = [*_TOOL, "run", "--max-children", str(at_once), *names]
    subprocess.run(command, cwd=copy, env=reproducible, check=True)


def _run_in_process(copy: Path, area: Area, only: Sequence[str]) -> None:
    reproducible = {**os.environ, "CI": "true"}
    names = ["--only", ",".join(only)] if only else []
    script = [sys.executable, str(copy / _PLUGINS / "in_process.py")]
    command = [*script, "--files", ",".join(area.files), *names, *area.tests]
    subprocess.run(command, cwd=copy, env=reproducible, check=True)


@contextlib.contextmanager
def _one_postgres() -> Iterator[None]:
    """One server for all mutants: making and starting one takes longer than most tests on it."""
    home = services.workshop()
    server = services.postgres(home)
    os.environ[services.RUNNING_POSTGRES] = str(server.port)
    try:
        yield
    finally:
        del os.environ[services.RUNNING_POSTGRES]
        server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _copied(copy: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    pack = subprocess.Popen(
        ["tar", "c", "--null", "-T", "-"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    unpack = subprocess.Popen(["tar", "x"], cwd=copy, stdin=pack.stdout)
    assert pack.stdin is not None
    pack.stdin.write(listed)
    pack.stdin.close()
    if pack.wait() or unpack.wait():
        raise SystemExit("the checkout could not be copied")


def _configured(copy: Path, area: Area) -> None:
    words = {
        "source_paths": [name for name in SOURCES if (copy / name).exists()],
        "only_mutate": list(area.files),
        "pytest_add_cli_args_test_selection": list(area.tests),
        "also_copy": list(BESIDE),
        "process_isolation": "forkserver",  # the tests are imported once, not for each mutant
        "pytest_add_cli_args": ["-p", "quick_first", "-p", "no:cacheprovider"],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in words.items()]
    (copy / _PLUGINS).mkdir()
    for name in ("quick_first.py", "in_process.py"):
        shutil.copy(HERE / name, copy / _PLUGINS)
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def _exit_codes(copy: Path, area: Area, only: Sequence[str]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for path in area.files:
        told = json.loads((copy / "mutants" / f"{path}.meta").read_text("utf-8"))
        found |= told["exit_code_by_key"]
    return {name: found[name] for name in only} if only else found


def _shown(copy: Path, name: str, code: int | None) -> Mutant:
    text = subprocess.run([*_TOOL, "show", name], cwd=copy, check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.splitlines() if not line.startswith(("---", "+++"))]
    was = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    now = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Mutant(name, UNDECIDED if code is None else _FATES.get(code, UNDECIDED), was, now)


@contextlib.contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept:
        kept = kept.resolve()
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory(prefix="cadencia-mutants-") as folder:
        yield Path(folder)


def _one_area(area: Area, asked: argparse.Namespace) -> None:
    before = results.load(area.name)
    only: tuple[str, ...] = ()
    if asked.again:
        if before is None or before.code != code_of(ROOT, area):
            raise SystemExit(f"{area.name}: the code has changed since the last run; run all of it")
        only = tuple(mutant.name for mutant in before.left)
        if not only:
            return
    kept = asked.copy and asked.copy / area.name
    with _folder(kept) as copy, _one_postgres() if area.postgres else contextlib.nullcontext():
        result = tried(area, copy, at_once=asked.at_once, only=only, in_process=asked.in_process)
    results.save(tried_again(before, result) if before and only else result)


def _page(names: Sequence[str]) -> int:
    known = results.reasons()
    found = {area.name: result for area in AREAS if (result := results.load(area.name))}
    code = {area.name: code_of(ROOT, area) for area in AREAS}
    rows = {area.name: tuple(row for row in known if row.function.startswith(area.modules)) for area in AREAS}
    (HERE / "result.md").write_text(results.page(rows, found, code), "utf-8")
    print((HERE / "result.md").read_text("utf-8"))
    return int(any(results.unexplained(found[name], rows[name]) for name in names if name in found))


def main() -> int:
    """Run all areas, or those named, or none (only the page is written); 1 when a survivor has no reason."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--areas", default=",".join(area.name for area in AREAS))
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="only what the last run had left")
    parser.add_argument("--in-process", action="store_true", help="all in one process: much sooner done")
    parser.add_argument("--copy", type=Path, help="keep the copy here; an interrupted run goes on from it")
    asked = parser.parse_args()
    wanted = [name for name in asked.areas.split(",") if name]
    unknown = set(wanted) - {area.name for area in AREAS}
    if unknown:
        parser.error(f"no such area: {', '.join(sorted(unknown))}")
    for area in AREAS:
        if area.name in wanted:
            _one_area(area, asked)
            _page(wanted)
    return _page(wanted)


if __name__ == "__main__":
    sys.exit(main())
