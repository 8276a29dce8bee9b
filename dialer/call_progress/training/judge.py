"""How good verdicts are: errors by kind and language, and how long they take."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dialer.call_progress.decision import Cause, Estimate, Kind, Policy, Verdict, decide
from dialer.call_progress.training.traces import Array, Trace

CONSUMERS: Mapping[str, float] = {"short": 0.80, "double": 0.07, "company": 0.03, "noisy": 0.07, "late": 0.03}
"""How people at home answer: shares of the kinds of greeting. Clips without kinds all weigh the same."""

Judged = tuple[Trace, Kind, float]
"""A clip, its verdict, and seconds from the answer to it."""


@dataclass(frozen=True, slots=True)
class Score:
    """Errors of a set of verdicts."""

    false_positives: float
    """Share of people called machines, weighted as consumers answer."""
    false_positives_raw: float
    """The same, every clip alike."""
    false_negatives: float
    """Share of machines not called machines."""
    after_greeting: tuple[float, float]
    """Seconds from the end of a person's greeting to the verdict: median and 95th percentile."""
    after_onset: tuple[float, float]
    """The same from the onset of speech."""

    @property
    def balanced(self) -> float:
        """Balanced accuracy, consumer-weighted."""
        return 1 - (self.false_positives + self.false_negatives) / 2


def verdict_of(trace: Trace, probabilities: Array, policy: Policy) -> Verdict:
    """What the product decides of a clip, given the model's word at each window."""
    for at, spoke, silence, p, vector in zip(
        trace.at, trace.spoke, trace.silence, probabilities, trace.vectors, strict=True
    ):
        onset = float(vector[0]) if spoke else None
        verdict = decide(Estimate(float(at), onset, float(silence), float(p)), policy)
        if verdict is not None:
            return verdict
    last = float(trace.at[-1]) if len(trace.at) else 0.0
    return Verdict(Kind.UNSURE, Cause.UNCLEAR, 0.5, last)


def judged(traces: Iterable[Trace], probabilities: Iterable[Array], policy: Policy) -> list[Judged]:
    """Every clip with its verdict."""
    found = []
    for trace, row in zip(traces, probabilities, strict=True):
        verdict = verdict_of(trace, row, policy)
        found.append((trace, verdict.kind, verdict.at))
    return found


def score(verdicts: Sequence[Judged]) -> Score:
    """The errors of these verdicts."""
    wrong = [kind is Kind.MACHINE for trace, kind, _ in verdicts if not trace.machine]
    missed = [kind is not Kind.MACHINE for trace, kind, _ in verdicts if trace.machine]
    people = [(trace, at) for trace, kind, at in verdicts if not trace.machine and kind is not Kind.MACHINE]
    return Score(
        _weighted(verdicts),
        float(np.mean(wrong)) if wrong else 0.0,
        float(np.mean(missed)) if missed else 0.0,
        _spread([at - end for trace, at in people if (end := trace.greeting_end) is not None]),
        _spread([at - onset for trace, at in people if (onset := trace.onset) is not None]),
    )


def _spread(values: Sequence[float]) -> tuple[float, float]:
    if not values:
        return 0.0, 0.0
    return float(np.quantile(values, 0.5)), float(np.quantile(values, 0.95))


def _weighted(verdicts: Sequence[Judged]) -> float:
    shares = by(verdicts, lambda trace: trace.label.kind, machines=False)
    known = {kind: CONSUMERS[kind] for kind in shares if kind in CONSUMERS}
    if not known:
        return float(np.average([s for s, _ in shares.values()], weights=[n for _, n in shares.values()]))
    return sum(weight * shares[kind][0] for kind, weight in known.items()) / sum(known.values())


def by(
    verdicts: Sequence[Judged], key: Callable[[Trace], str], *, machines: bool
) -> dict[str, tuple[float, int]]:
    """Share called machine and number of clips, for people or for machines, by something of theirs."""
    found: dict[str, list[bool]] = defaultdict(list)
    for trace, kind, _ in verdicts:
        if trace.machine == machines:
            found[key(trace)].append(kind is Kind.MACHINE)
    return {name: (float(np.mean(found[name])), len(found[name])) for name in sorted(found)}
