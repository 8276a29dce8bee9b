"""One line for each case: how soon all was well again, and the breaches of each audit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from tests.lab.faults.audits import AUDITS
from tests.lab.faults.facts import Finding


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one case."""

    case: str
    at: float
    """When the fault was injected."""
    probe: str
    """The call that was seen in the phase."""
    recovered: float | None
    """Seconds from the fault's end until somebody called after it talked to an agent; None: never."""
    findings: Sequence[Finding] = ()

    @property
    def red(self) -> bool:
        """Not as it should be."""
        return bool(self.findings) or self.recovered is None


def by_case(told: Sequence[Told], findings: Iterable[Finding]) -> list[Told]:
    """Each finding to the first case that came while the harm was done, or else to the last one before."""
    cases = sorted(told, key=lambda one: one.at)
    mine: dict[float, list[Finding]] = {one.at: [] for one in cases}
    for finding in findings:
        within = [one.at for one in cases[1:] if finding.began <= one.at <= finding.ended]
        before = [one.at for one in cases if one.at <= finding.began]
        mine[(within or before[-1:] or [cases[0].at])[0]].append(finding)
    return [replace(one, findings=tuple(mine[one.at])) for one in cases]


def table(told: Sequence[Told]) -> str:
    """All cases beneath each other."""
    wide = max([len(one.case) for one in told] + [4])
    head = f"{'case':<{wide}}  recovered  " + "  ".join(f"{name:>10}" for name in AUDITS)
    return "\n".join([head, *(_line(one, wide) for one in told)])


def _line(one: Told, wide: int) -> str:
    counts = [sum(finding.audit == name for finding in one.findings) for name in AUDITS]
    back = "never" if one.recovered is None else f"{one.recovered:.1f} s"
    return f"{one.case:<{wide}}  {back:>9}  " + "  ".join(f"{count or 'ok':>10}" for count in counts)


def report(told: Sequence[Told], seed: int) -> str:
    """The table, and every breach in words."""
    breaches = [f"  {one.case}: {f.audit}: {f.text}" for one in told for f in one.findings]
    return "\n".join([f"seed {seed}", table(told), *breaches])
