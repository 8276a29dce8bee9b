"""Listening on after an unclear verdict: how many machines it finds out, and whether it ends a person's call.

`python -m bench.listening_on [--clips FOLDER]`, some two minutes. The clips are greetings, so what a person
says later is put together of other people's: with pauses for the agent, beside a television, with a beep in
every call (real calls hold one seldom). Beside it: the verdicts where a telephone sends nothing in silence.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import numpy as np
from numpy.typing import NDArray

from bench.figures import table
from bench.progress import CLIPS, FALSE
from dialer.call_progress.announcements import Book, Matcher
from dialer.call_progress.decision import Policy
from dialer.call_progress.early_media import NetworkEar
from dialer.call_progress.listener import CallEar
from dialer.call_progress.model import Model
from dialer.call_progress.pace import JITTER
from dialer.call_progress.service import weights
from dialer.call_progress.speech import RATE, Samples, Silero
from dialer.call_progress.training.clips import Label, clips
from dialer.model.audit import Audits, upper_bound
from dialer.model.campaign import CampaignSettings
from dialer.model.facts import Heard, Hearing
from dialer.ports import ListenOrder

Sound = NDArray[np.float64]
SECONDS, LIMIT = 20, 9.0
LOUD = 300
"""Of 32768: what is louder is said."""
PAUSES = (0.45, 0.6, 0.8, 1.2, 2.0, 3.0)
"""Seconds that people leave the agent; half of them less than any agent needs."""
TELEVISION, BEEP = -12, -18
"""Decibels, below the voices and below full scale."""
FRAME, HANGOVER = 160, 10
"""Samples; frames that a telephone with voice-activity detection still sends after the last loud one."""
_UNSURE = frozenset({"waited", "deadline", "dead_air"})


@dataclass(frozen=True, slots=True)
class Heard1:
    """What came of one call."""

    verdict: str
    handed_over: bool
    freed: str = ""
    """Why the agent lost the call; empty = it stayed."""
    at: float = 0.0
    """Seconds from the answer to the verdict."""


def hear(
    model: Model, voices: Silero, frames: Iterable[tuple[Samples, bool]], *, idle: bool, follow: float = 0.0
) -> Heard1:
    """One call through the product's ears; an idle agent has it as soon as it is unclear."""
    voices.reset()
    order = ListenOrder(str(uuid4()), 1, True, 2.0, FALSE, LIMIT, follow, False, False)
    policy = Policy(model.threshold_for(FALSE), limit=LIMIT)
    ear = CallEar(order, model, policy, NetworkEar(Matcher(Book())), voices)
    verdict, handed, at = "", False, 0.0
    for frame, missing in frames:
        for fact in ear.hear(frame.tobytes(), missing=missing):
            assert isinstance(fact, Heard)
            if handed:
                return Heard1(verdict, handed, fact.cause, at)
            if fact.what is not Hearing.UNSURE or idle:
                verdict, at = f"{fact.what.value}", ear.heard
                handed = fact.what is Hearing.UNSURE or fact.cause in _UNSURE
                ear.handed_over()
        if ear.done:
            break
    return Heard1(verdict, handed, at=at)


def whole(sound: Samples) -> Iterator[tuple[Samples, bool]]:
    """A telephone that sends all the time; silence after the end of the clip."""
    padded = np.zeros(SECONDS * RATE, dtype=np.int16)
    padded[: len(sound)] = sound[: len(padded)]
    for at in range(0, len(padded), FRAME):
        yield padded[at : at + FRAME], False


def gated(sound: Samples) -> Iterator[tuple[Samples, bool]]:
    """A telephone that sends nothing while nobody speaks; what is missing is filled in."""
    left = 0
    loudest = max(1.0, float(np.abs(sound.astype(np.float64)).max()))
    for frame, _ in whole(sound):
        left = HANGOVER if np.abs(frame).max() > 0.05 * loudest else left - 1
        if left > 0:
            yield frame, False
        else:
            yield np.zeros(FRAME, dtype=np.int16), True


def _said(sound: Samples) -> Samples:
    loud = np.flatnonzero(np.abs(sound) > LOUD)
    return sound[loud[0] : loud[-1] + 1] if len(loud) else sound


def talk(greeting: Samples, others: Sequence[Samples], chance: random.Random) -> Sound:
    """A person who greets, lets the agent speak, and answers, again and again."""
    loud = np.flatnonzero(np.abs(greeting) > LOUD)
    parts = [greeting[: loud[-1] + 1] if len(loud) else greeting]
    while sum(map(len, parts)) < SECONDS * RATE:
        parts.append(np.zeros(int(RATE * chance.choice(PAUSES)), dtype=np.int16))
        parts.append(_said(chance.choice(others)))
    return np.concatenate(parts)[: SECONDS * RATE].astype(np.float64)


def with_beep(call: Sound, chance: random.Random) -> Sound:
    """A lone tone, as a machine gives it, and nobody speaks over it."""
    length = int(RATE * chance.choice((0.2, 0.3, 0.5)))
    at = int(RATE * chance.uniform(1.5, 7.0))
    wave = np.sin(2 * np.pi * chance.choice((800, 1000, 1400)) * np.arange(length) / RATE)
    call = call.copy()
    call[at - RATE // 10 : at + length + RATE // 2] = 0
    call[at : at + length] = wave * 32767 * 10 ** (BEEP / 20)
    return call


def beside_television(call: Sound, programme: Samples) -> Sound:
    """Somebody who talks all the time, further away."""
    far = np.tile(programme.astype(np.float64), 1 + len(call) // max(1, len(programme)))[: len(call)]
    return call + far * 10 ** (TELEVISION / 20)


def interval(errors: int, of: int) -> str:
    """Clopper and Pearson, 95 %."""
    if not of:
        return "–"
    low = 1 - upper_bound(Audits(of, of - errors), 0.975) if errors else 0.0
    high = upper_bound(Audits(of, errors), 0.975)
    return f"{errors} of {of} ({low:.1%}–{high:.1%})"


Scene = Callable[[Samples], Sound]


def scenes(machines: Sequence[Samples], people: Sequence[Samples], seed: int) -> dict[str, Scene]:
    """How a person's call goes on."""
    chance = random.Random(seed)

    def talks(clip: Samples) -> Sound:
        return talk(clip, people, chance)

    return {
        "is silent": lambda clip: clip.astype(np.float64),
        "talks": talks,
        "talks, and something beeps": lambda clip: with_beep(talks(clip), chance),
        "talks, with a television": lambda clip: beside_television(talks(clip), chance.choice(machines)),
    }


def _ints(sound: Sound) -> Samples:
    return np.clip(sound, -32768, 32767).astype(np.int16)


def listened(model: Model, found: Sequence[tuple[Label, Samples]], idle: bool, follow: float) -> str:
    """Agents freed, by who answered and how the call went on."""
    voices = Silero()
    people = [(one, clip) for one, clip in found if one.label == "human"]
    machines = [(one, clip) for one, clip in found if one.label == "machine"]
    came: dict[tuple[str, str], list[Heard1]] = defaultdict(list)
    for one, clip in machines:
        came["machine", one.kind].append(hear(model, voices, whole(clip), idle=idle, follow=follow))
    for name, scene in scenes([c for _, c in machines], [c for _, c in people], seed=3).items():
        for one, clip in people:
            came[f"person, {name}", one.kind].append(
                hear(model, voices, whole(_ints(scene(clip))), idle=idle, follow=follow)
            )
    rows = []
    for (who, kind), calls in sorted(came.items()):
        handed = [call for call in calls if call.handed_over]
        why = ", ".join(sorted({call.freed for call in handed if call.freed}))
        rows.append((who, kind, f"{len(handed)} of {len(calls)}", _freed(handed), why))
    for who in sorted({who for who, _ in came}):
        handed = [call for (w, _), calls in came.items() for call in calls if w == who and call.handed_over]
        rows.append((who, "all", str(len(handed)), _freed(handed), ""))
    head = ("who", "kind", "handed over unclear", "agent freed (95 %)", "by")
    return table(head, rows)


def _freed(handed: Sequence[Heard1]) -> str:
    return interval(sum(bool(call.freed) for call in handed), len(handed))


def silent_telephones(model: Model, found: Sequence[tuple[Label, Samples]]) -> str:
    """The same clips with everything sent, and with nothing sent in silence."""
    voices = Silero()
    rows = []
    for who in ("human", "machine"):
        for kind in sorted({one.kind for one, _ in found if one.label == who}):
            pairs = [
                (hear(model, voices, whole(c), idle=False), hear(model, voices, gated(c), idle=False))
                for one, c in found
                if (one.label, one.kind) == (who, kind)
            ]
            as_machine = [
                sum(call.verdict == "machine" for call in side) for side in zip(*pairs, strict=True)
            ]
            late = [gate.at - full.at for full, gate in pairs]
            rows.append(
                (who, kind, *(interval(n, len(pairs)) for n in as_machine), f"{np.median(late):+.2f} s")
            )
    head = ("who", "kind", "machine, all sent", "machine, silence not sent", "later (median)")
    return f"{table(head, rows)}\nA real stream adds at most {JITTER + 0.08:.2f} s to each silence."


def main(parse: Callable[[], argparse.Namespace] | None = None) -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="listening on after an unclear verdict")
    parser.add_argument("--clips", type=Path, default=CLIPS)
    parser.add_argument("--listen-on", type=float, default=CampaignSettings().listen_on)
    told = parse() if parse else parser.parse_args()
    if not (told.clips / "labels.csv").is_file():
        raise SystemExit(f"no clips in {told.clips}: give --clips or CADENCIA_CLIPS")
    model = weights()
    found = [(label, samples) for label, samples in clips(told.clips) if label.label != "tones"]
    for idle, words in ((True, "an agent is idle"), (False, "nobody is idle until the verdict")):
        print(f"{words}:\n{listened(model, found, idle, told.listen_on)}\n")
    print(silent_telephones(model, found))


if __name__ == "__main__":
    main()
