"""How long a machine may go on before it is told by its speech: whom each choice loses, class by class.

`python -m bench.operating_point [--clips FOLDER]`, some two minutes. Two detectors: the shipped weights,
which know these speakers, and models of the cross-validation, each judged on speakers that it has not heard.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.figures import table
from bench.listening_on import interval
from bench.progress import CLIPS, FALSE, say
from dialer.call_progress.decision import Estimate, Kind, Policy, unclear
from dialer.call_progress.service import weights
from dialer.call_progress.training.course import course
from dialer.call_progress.training.judge import verdict_of
from dialer.call_progress.training.traces import Array, Trace, traces

ALWAYS = 9.0
"""Seconds of silence that no call reaches."""
POINTS = (
    (2.5, 6.75, ALWAYS),
    (4.5, 9.0, 0.35),
    (5.5, 6.75, ALWAYS),
    (5.5, 9.0, ALWAYS),
    (5.5, 9.0, 0.35),
    (6.0, 9.0, 0.35),
    (6.5, 9.0, ALWAYS),
)
"""Seconds: the earliest verdict after the onset, the limit after the answer, and the silence that spares."""
COMPANY = "company"
_HEAD = (
    "earliest / limit / paused s",
    "companies lost",
    "others lost",
    "machines missed",
    "offered to an idle agent",
    "told after the answer p50 / p95 s",
)


def offered(trace: Trace, probabilities: Array, policy: Policy, until: float) -> bool:
    """Whether an idle agent may have had the call before the verdict."""
    rows = zip(trace.at, trace.spoke, trace.silence, probabilities, trace.vectors, strict=True)
    return any(
        unclear(Estimate(float(at), float(v[0]) if spoke else None, float(silence), float(p)), policy)
        for at, spoke, silence, p, v in rows
        if at < until
    )


def line(found: Sequence[Trace], rows: Sequence[Array], policy: Policy) -> tuple[str, ...]:
    """Each class of one operating point, and when machines are told."""
    verdicts = [verdict_of(trace, row, policy) for trace, row in zip(found, rows, strict=True)]
    pairs = list(zip(found, rows, verdicts, strict=True))
    machines = [pair for pair in pairs if pair[0].machine]
    people = [pair for pair in pairs if not pair[0].machine]
    lost = [verdict.kind is Kind.MACHINE for trace, _, verdict in people if trace.label.kind == COMPANY]
    others = [verdict.kind is Kind.MACHINE for trace, _, verdict in people if trace.label.kind != COMPANY]
    told = [verdict.at for _, _, verdict in machines if verdict.kind is Kind.MACHINE]
    had = sum(offered(trace, row, policy, verdict.at) for trace, row, verdict in machines)
    return (
        f"{policy.earliest:g} / {policy.limit:g} / {f'{policy.paused:g}' if policy.paused < ALWAYS else '–'}",
        interval(sum(lost), len(lost)),
        interval(sum(others), len(others)),
        interval(len(machines) - len(told), len(machines)),
        interval(had, len(machines)),
        f"{np.median(told):.1f} / {np.quantile(told, 0.95):.1f}",
    )


def run(folder: Path) -> None:
    """Print one table for each detector."""
    found = traces([folder], say)
    model = weights()
    made = course(found, [], version="bench", told={}, false_positives=FALSE, say=say)
    known = [np.asarray(1 / (1 + np.exp(-model.logits(one.vectors)))) for one in found]
    threshold = model.threshold_for(FALSE)
    for name, clips, rows in (("shipped", found, known), ("speakers held out", made.tried, made.unseen)):
        policies = [Policy(threshold, earliest=e, limit=li, paused=paused) for e, li, paused in POINTS]
        lines = [line(clips, rows, policy) for policy in policies]
        print(f"{name}, threshold {threshold:g}\n{table(_HEAD, lines)}")


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="how long a machine may go on before it is told")
    parser.add_argument("--clips", type=Path, default=CLIPS)
    run(parser.parse_args().clips)


if __name__ == "__main__":
    main()
