"""What the runs found: a file an area, and one page. Reasons are applied when the page is written."""

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent
SURVIVED, TIMED_OUT, UNDECIDED = "survived", "timed out", "undecided"
A_PROCESS_EACH, IN_PROCESS = "a process each", "in one process"
_TOP = """# What no test notices

Written by `make mutants`; do not edit. Each area's last run, from results/; reasons are in reasons.yaml.
*A process each*, or *in one process* (`--in-process`): how the tool's mutants were run.
*Timed out*: the tests did not come to an end, also alone; in one process, not in 6 s of processor time.
*Open*: a test to be written.
"""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A break that no test failed for."""

    name: str
    fate: str
    was: str
    now: str

    @property
    def function(self) -> str:
        return self.name.rpartition("__mutmut_")[0]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a survivor is none: one break (was, now), or all of the lines that match a pattern whole."""

    function: str
    why: str
    was: str = ""
    now: str = ""
    lines: str = ""

    def holds_for(self, mutant: Mutant) -> bool:
        """Whether this row speaks of that break."""
        if self.lines:
            return fnmatch.fnmatchcase(mutant.function, self.function) and bool(
                re.fullmatch(self.lines, mutant.was)
            )
        return (self.function, self.was, self.now) == (mutant.function, mutant.was, mutant.now)


@dataclass(frozen=True, slots=True)
class Result:
    """One area's last run: how many breaks, and those that no test failed for."""

    area: str
    date: str
    code: str
    mutants: int
    left: tuple[Mutant, ...]
    how: str = A_PROCESS_EACH
    """How they were run; in one process a mutant has 6 s of processor time."""

    def of(self, fate: str) -> tuple[Mutant, ...]:
        """Those that ended so."""
        return tuple(mutant for mutant in self.left if mutant.fate == fate)


def reasons() -> tuple[Reason, ...]:
    """As the file says."""
    rows = yaml.safe_load((HERE / "reasons.yaml").read_text("utf-8")) or []
    return tuple(Reason(**row) for row in rows)


def load(area: str) -> Result | None:
    """The last run of an area."""
    path = HERE / "results" / f"{area}.yaml"
    if not path.exists():
        return None
    told = yaml.safe_load(path.read_text("utf-8"))
    return Result(
        area,
        told["date"],
        told["code"],
        told["mutants"],
        tuple(Mutant(**row) for row in told["left"]),
        told.get("how", A_PROCESS_EACH),
    )


def save(result: Result) -> None:
    """Keep a run."""
    told = {key: value for key, value in asdict(result).items() if key not in ("area", "left")}
    told["left"] = [asdict(mutant) for mutant in result.left]
    path = HERE / "results" / f"{result.area}.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(yaml.safe_dump(told, sort_keys=False, width=1000, allow_unicode=True), "utf-8")


def unexplained(result: Result, known: Iterable[Reason]) -> tuple[Mutant, ...]:
    """Survivors, and what was never decided, without a reason."""
    rows = tuple(known)
    return tuple(
        mutant
        for mutant in result.left
        if mutant.fate != TIMED_OUT and not any(row.holds_for(mutant) for row in rows)
    )


def idle(result: Result, known: Iterable[Reason]) -> tuple[Reason, ...]:
    """Reasons that explain nothing any more: their line changed, or a test notices it now."""
    return tuple(row for row in known if not any(row.holds_for(mutant) for mutant in result.left))


def page(known: Mapping[str, Sequence[Reason]], found: Mapping[str, Result], code: Mapping[str, str]) -> str:
    """All areas with their reasons, each under its own heading, so that two people's runs do not conflict."""
    lines = [_TOP]
    for area, rows in known.items():
        lines.append(f"## {area}\n")
        lines += _section(found[area], rows, code[area]) if area in found else ["Never run.\n"]
    return "\n".join(lines)


def _section(result: Result, known: Sequence[Reason], code: str) -> Iterator[str]:
    open_ones, out = unexplained(result, known), result.of(TIMED_OUT)
    noticed = result.mutants - len(result.left)
    explained = len(result.left) - len(open_ones) - len(out)
    changed = "" if result.code == code else " The code has changed since."
    yield (
        f"{result.date}, {result.how}: {result.mutants} mutants, {noticed} noticed, {len(out)} timed out, "
        f"{explained} with a reason, **{len(open_ones)} open**.{changed}\n"
    )
    for mutant in (*open_ones, *out):
        yield f"{mutant.fate}, {mutant.name}\n\n    - {mutant.was}\n    + {mutant.now}\n"
    for row in idle(result, known):
        yield f"A reason that explains nothing any more, {row.function}: {row.lines or row.now}\n"
