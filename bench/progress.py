"""Who or what answered: Asterisk's AMD() and ours on the same clips, and what listening costs.

`python -m bench.progress [--clips FOLDER] [--beside FOLDER…] [--calls 12]`, some three minutes. The clips are
not part of the project: without them there is nothing to measure. With `--beside` the cross-validation learns
from these clips, too, as the shipped weights have (`cadencia progress assemble` makes such a folder).
"""

import argparse
import asyncio
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import numpy as np

from bench.amd import DEFAULT, TUNED, AmdSettings, amd
from bench.figures import table
from bench.progress_calls import played
from dialer.call_progress.announcements import Book, Matcher
from dialer.call_progress.decision import Kind, Policy
from dialer.call_progress.early_media import NetworkEar
from dialer.call_progress.heard import MEANING
from dialer.call_progress.listener import CallEar
from dialer.call_progress.model import Model
from dialer.call_progress.service import weights
from dialer.call_progress.speech import Samples, Silero
from dialer.call_progress.tones import ToneBank
from dialer.call_progress.training import report
from dialer.call_progress.training.clips import Label, clips
from dialer.call_progress.training.course import course
from dialer.call_progress.training.judge import Judged, judged, score
from dialer.call_progress.training.traces import Trace, trace, traces
from dialer.ports import ListenOrder

CLIPS = Path(os.environ.get("CADENCIA_CLIPS", "../shared/data/call_progress"))
FALSE = 0.02
"""Share of people who may be called machines."""
STREAMS, SECONDS = 100, 5
_KINDS = {"human": Kind.HUMAN, "machine": Kind.MACHINE, "unsure": Kind.UNSURE}


def say(line: str) -> None:
    """Progress."""
    print(f"bench: {line}", flush=True)


def by_amd(found: Sequence[tuple[Trace, Samples]], told: AmdSettings) -> list[Judged]:
    """What AMD() says of every clip."""
    verdicts = []
    for one, samples in found:
        kind, at = amd(samples, told)
        verdicts.append((one, _KINDS[kind], at))
    return verdicts


def shipped(found: Sequence[Trace], model: Model) -> list[Judged]:
    """What the shipped weights say: they have heard these speakers."""
    rows = [1 / (1 + np.exp(-model.logits(one.vectors))) for one in found]
    return judged(found, rows, Policy(model.threshold_for(FALSE)))


def accuracy(rows: Sequence[tuple[str, list[Judged]]]) -> str:
    """One line for each detector."""
    lines = []
    for name, verdicts in rows:
        came = score(verdicts)
        errors = (came.false_positives, came.false_positives_raw, came.false_negatives, came.balanced)
        spreads = [f"{one:.2f} / {two:.2f}" for one, two in (came.after_greeting, came.after_onset)]
        lines.append((name, *(f"{share:.1%}" for share in errors), *spreads))
    head = ("", "FP consumers", "FP all", "FN", "balanced", "after greeting p50/p95 s", "after onset s")
    return table(head, lines)


def tones(labelled: Sequence[tuple[Label, Samples]]) -> str:
    """Tones recognised, and tones found where there are none."""
    right = wrong = total = 0
    false = 0
    for label, samples in labelled:
        bank = ToneBank()
        named = [t for at in range(0, len(samples) - 159, 160) for t in bank.hear(samples[at : at + 160])]
        ending = {t.name for t in named if t.name in MEANING}
        if label.label != "tones":
            false += bool(ending)
        elif label.kind.split("_")[0] in ("busy", "reorder", "congestion", "sit", "fax", "unobtainable"):
            total += 1
            right += bool(named)
        else:
            wrong += bool(ending)
    elsewhere = f"found in {false} clips of people and machines, and in {wrong} of other sounds"
    return f"tones that end a call: {right} of {total} found; {elsewhere}"


def an_ear(model: Model, voices: Silero) -> CallEar:
    """As the detector makes it, without an end before the last second."""
    order = ListenOrder(str(uuid4()), 1, True, 2.0, FALSE, 30.0, 0.0, False, False)
    policy = replace(Policy(1.1), limit=30.0, waited=60.0, clear=0.0, dead_air=60.0)
    return CallEar(order, model, policy, NetworkEar(Matcher(Book())), voices)


def cost(model: Model, samples: Sequence[Samples]) -> str:
    """CPU for a second of one call; and of 100 at once, frame by frame as in real time, in one thread."""
    ears = [an_ear(model, Silero()) for _ in range(STREAMS)]
    late: list[float] = []
    began = time.process_time()
    for number, ear in enumerate(ears):
        # Calls do not begin in the same instant: windows of 32 ms end at all phases of the 20 ms frames.
        for _ in range(number % 8):
            ear.hear(bytes(320))
    for frame in range(SECONDS * 50):
        due = time.perf_counter()
        for number, ear in enumerate(ears):
            chunk = samples[number % len(samples)][frame * 160 : frame * 160 + 160].tobytes()
            ear.hear(chunk)
            late.append(time.perf_counter() - due)
        time.sleep(max(0.0, 0.02 - (time.perf_counter() - due)))
    cpu = (time.process_time() - began) / STREAMS / SECONDS * 1000
    p50, p95, p99 = np.quantile(late, [0.5, 0.95, 0.99]) * 1000
    rows = [("CPU per call-second", f"{cpu:.1f} ms", "15 ms")]
    spread = f"{p50:.1f} / {p95:.1f} / {p99:.1f} ms"
    rows.append((f"frame → result, {STREAMS} streams, p50 / p95 / p99", spread, "p95 20 ms"))
    return table(("", "measured", "limit"), rows)


def run(folder: Path, beside: Sequence[Path], calls: int) -> None:
    """Measure everything and print it."""
    if not (folder / "labels.csv").is_file():
        raise SystemExit(f"no clips in {folder}: give --clips or CADENCIA_CLIPS")
    model, voices = weights(), Silero()
    labelled = list(clips(folder))
    found: list[tuple[Trace, Samples]] = []
    for label, samples in labelled:
        if label.label != "tones":
            voices.reset()
            found.append((trace(label, samples, voices), samples))
    heard = [one for one, _ in found]
    say(f"{len(heard)} clips of people and machines heard")
    more = traces(beside, say)
    made = course(heard, more, version="bench", told={}, false_positives=FALSE, say=say)
    ours = judged(made.tried, made.unseen, Policy(made.threshold))
    words = "with other voices beside" if more else "these clips alone"
    rows = [
        ("AMD() default", by_amd(found, DEFAULT)),
        ("AMD() tuned", by_amd(found, TUNED)),
        (f"ours, speakers held out ({words})", ours),
        ("ours, shipped weights (speakers known)", shipped(heard, model)),
    ]
    print(accuracy(rows))
    for name, verdicts in rows[:1] + rows[2:3]:
        print(f"{name}:", *report.tables(verdicts), sep="\n  ")
    print(tones(labelled))
    print(cost(model, [samples for _, samples in found]))
    if calls:
        print(asyncio.run(played(found, calls, say)))


def main(parse: Callable[[], argparse.Namespace] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="who or what answered, beside Asterisk's AMD()")
    parser.add_argument("--clips", type=Path, default=CLIPS)
    parser.add_argument("--beside", type=Path, nargs="*", default=[])
    parser.add_argument("--calls", type=int, default=12, help="clips played as real calls; 0 = none")
    told = parse() if parse else parser.parse_args()
    run(told.clips, told.beside, told.calls)


if __name__ == "__main__":
    main()
