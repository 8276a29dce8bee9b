"""`make mutants`: breaks the code of each area line by line, and tells which break no test notices.

A copy of the checkout is broken, never the checkout. The result is tests/mutants/result.md; a survivor
that has no reason in reasons.yaml is a test to be written.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from tests.mutants.areas import AREAS, Area

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
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
_UNNOTICED = frozenset({0, 5, 33})
"""Exit codes of a mutant whose tests passed, or which no test reaches."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A break that no test noticed."""

    function: str
    was: str
    now: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the mutants of one area."""

    area: str
    mutants: int
    noticed: int
    explained: int
    open: tuple[Survivor, ...]


def reasons() -> dict[Survivor, str]:
    """Why these survivors are none: as the file says."""
    rows = yaml.safe_load((HERE / "reasons.yaml").read_text("utf-8")) or []
    return {Survivor(row["function"], row["was"], row["now"]): row["why"] for row in rows}


def tried(area: Area, *, at_once: int, known: dict[Survivor, str]) -> Result:
    """Mutate one area in a copy of the checkout."""
    with tempfile.TemporaryDirectory(prefix="cadencia-mutants-") as folder:
        copy = Path(folder)
        _copied(copy)
        _configured(copy, area)
        tool = [sys.executable, "-m", "mutmut"]
        subprocess.run([*tool, "run", "--max-children", str(at_once)], cwd=copy, check=True)
        codes = _exit_codes(copy, area)
        survivors = [_shown(copy, tool, name) for name, code in codes.items() if code in _UNNOTICED]
    unexplained = tuple(one for one in survivors if one not in known)
    return Result(
        area.name, len(codes), len(codes) - len(survivors), len(survivors) - len(unexplained), unexplained
    )


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
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in words.items()]
    with (copy / "pyproject.toml").open("a", encoding="utf-8") as file:
        file.write("\n[tool.mutmut]\n" + "\n".join(lines) + "\n")


def _exit_codes(copy: Path, area: Area) -> dict[str, int]:
    found: dict[str, int] = {}
    for path in area.files:
        told = json.loads((copy / "mutants" / f"{path}.meta").read_text("utf-8"))
        found |= told["exit_code_by_key"]
    return found


def _shown(copy: Path, tool: Sequence[str], name: str) -> Survivor:
    text = subprocess.run([*tool, "show", name], cwd=copy, check=True, capture_output=True, text=True).stdout
    lines = [line for line in text.splitlines() if not line.startswith(("---", "+++"))]
    was = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    now = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Survivor(name.rpartition("__mutmut_")[0], was, now)


def report(results: Iterable[Result]) -> str:
    """One table, then the survivors without a reason."""
    rows = ["| area | mutants | noticed | survivors with a reason | without |", "|---|---|---|---|---|"]
    found = list(results)
    rows += [f"| {r.area} | {r.mutants} | {r.noticed} | {r.explained} | {len(r.open)} |" for r in found]
    for result in found:
        rows += [f"\n{one.function}\n\n    - {one.was}\n    + {one.now}" for one in result.open]
    return "\n".join(rows) + "\n"


def main() -> int:
    """Run the areas that are named, or all; 1 when a survivor has no reason."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--areas", default=",".join(area.name for area in AREAS))
    parser.add_argument("--at-once", type=int, default=2)
    asked = parser.parse_args()
    known, wanted = reasons(), asked.areas.split(",")
    results = [tried(area, at_once=asked.at_once, known=known) for area in AREAS if area.name in wanted]
    text = report(results)
    print(text)
    if len(results) == len(AREAS):
        (HERE / "result.md").write_text(text, "utf-8")
    return int(any(result.open for result in results))


if __name__ == "__main__":
    sys.exit(main())
