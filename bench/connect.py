"""How long until a person who answered and an agent talk: in the engine, in Asterisk, and in the media.

`python -m bench.connect [--calls 300]`, about two minutes.
"""

import argparse
import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import numpy as np
import uvloop

from bench import processes
from bench.bare import BareAmi, Event
from bench.figures import Spread, bucket_percentile, histogram, spread, table
from bench.floor import Lab, Product, Staff, fill, laboratory, product, say
from bench.joins import bare_joins
from bench.sound import tones
from bench.sql import statements
from bench.waiting import until
from dialer.model.campaign import CampaignSettings, DialMode, Screening
from sip_lab import truth
from sip_lab.behaviours import number_for
from sip_lab.bots import Manner, run

AGENTS = 20
EARS = 4
RATE = 6.0
"""New calls per second at most: twenty agents, nobody waits for a free one."""
BARE = 100
"""Bare joins before the product runs, and as many after."""
_WAV_HEADER = 44
_MANNER = Manner(talk_mean=1.5, wrap_mean=0.3)
_SETTINGS = CampaignSettings(
    mode=DialMode.PROGRESSIVE,
    max_cps=RATE,
    screening=Screening.OFF,
    rule_pack="lab-open",
    wrap_limit=60,
)


class Seen:
    """Asterisk's own clock on every event it sends: from the verdict until both legs were in the bridge."""

    def __init__(self) -> None:
        self._verdicts: dict[str, float] = {}
        self._alone: dict[str, tuple[str, float]] = {}
        self.joins: list[float] = []

    def __call__(self, event: Event) -> None:
        """Take one message."""
        channel, at = event.get("Uniqueid", ""), float(event.get("Timestamp") or 0)
        if event.get("UserEvent") == "CadenciaScreened":
            self._verdicts[channel] = at
        elif event.get("Event") == "BridgeEnter":
            self._entered(event["BridgeUniqueid"], channel, at)

    def _entered(self, bridge: str, channel: str, at: float) -> None:
        if bridge not in self._alone:
            self._alone[bridge] = channel, at
            return
        other, _ = self._alone.pop(bridge)
        person = other if other in self._verdicts else channel
        if person in self._verdicts:
            self.joins.append(at - self._verdicts.pop(person))


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run found, in seconds."""

    engine: Sequence[float]
    pbx: Sequence[float]
    bare: Sequence[float]
    media: Sequence[float]
    answer: Sequence[float]
    """From the carrier's answer until the engine had both in the bridge."""
    commit: tuple[float, float]
    """Of one commit, p50 and p99."""
    attempts: int
    load: str


async def measure(calls: int) -> Measured:
    """One whole run."""
    async with laboratory(bots=AGENTS, legs=160) as lab:
        legs = [bot["endpoint"] for bot in lab.facts["bots"]]
        ears = [ear["endpoint"] for ear in lab.facts["ears"]][:EARS]
        say("bare joins")
        before = await bare_joins(lab, BARE, legs, tag="bench-a")
        numbers = [number_for("tone", index) for index in range(calls)]
        staff = await fill(lab, _SETTINGS, [*ears, *legs[: AGENTS - len(ears)]], numbers)
        say(f"{calls} calls through the product")
        async with product(lab, staff, ("engine", "web", "archive")) as running:
            seen, load = await _campaign(lab, running, staff, calls)
            commits = histogram(await running.metrics(), "dialer_commit_seconds")
        rows = await _rows(lab, "attempts")
        await asyncio.sleep(1)  # the ears' last second of sound is on the disk
        media = _media(lab, rows)
        say("bare joins again")
        after = await bare_joins(lab, BARE, legs, tag="bench-b")
    done = [row for row in rows if row["connected_at"] is not None]
    return Measured(
        engine=[(row["connected_at"] - row["verdict_at"]).total_seconds() for row in done],
        pbx=seen.joins,
        bare=before + after,
        media=media.heard,
        answer=media.bridged,
        commit=(bucket_percentile(commits, 0.5), bucket_percentile(commits, 0.99)),
        attempts=len(rows),
        load=load,
    )


async def _campaign(lab: Lab, running: Product, staff: Staff, calls: int) -> tuple[Seen, str]:
    seen = Seen()
    async with asyncio.TaskGroup() as tasks:
        bots = tasks.create_task(run(running.web, list(staff.accounts[:-1]), _MANNER, 1))
        await _all_ready(running)
        ami = await BareAmi.connect(lab.facts["pbx"], seen)
        await running.campaign("start")

        async def all_talked() -> bool:
            return bool((await _rows(lab, "settled"))[0]["conversations"] >= 0.99 * calls)

        await until(all_talked, 60 + 2 * calls / RATE, every=0.5)
        load = processes.load()
        await running.campaign("stop")
        ami.close()
        bots.cancel()
    return seen, load


async def _all_ready(running: Product) -> None:
    async def ready() -> bool:
        return f'dialer_agents{{state="ready"}} {float(AGENTS)}' in await running.metrics()

    await until(ready, 60, every=0.3)


async def _rows(lab: Lab, name: str) -> list[Any]:
    connection = await asyncpg.connect(lab.dsn)
    try:
        return list(await connection.fetch(statements()[name]))
    finally:
        await connection.close()


# --- media ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Media:
    """Seconds after the carrier's answer."""

    heard: list[float]
    bridged: list[float]


def _media(lab: Lab, rows: Sequence[Mapping[str, Any]]) -> Media:
    answers = {call.number: call.answered for call in truth.read(Path(lab.facts["truth_path"]))}
    onsets = _onsets(Path(lab.facts["carrier"]["heard_dir"]))
    found = Media([], [])
    for row in rows:
        answered = answers.get(row["number"])
        if answered is None or row["connected_at"] is None:
            continue
        bridged = row["connected_at"].timestamp()
        found.bridged.append(bridged - answered)
        near = [at for at in onsets.get(row["endpoint"], []) if abs(at - bridged) < 0.5]
        if near:
            found.heard.append(near[0] - answered)
    return found


def _onsets(folder: Path) -> dict[str, list[float]]:
    """When each ear began to hear a tone, seconds since 1970."""
    found: dict[str, list[float]] = {}
    for path in sorted(folder.glob("*.wav")):
        ear, _, began = path.stem.rpartition("-")
        # Still being written, its header does not tell its length.
        data = path.read_bytes()[_WAV_HEADER:]
        samples = np.frombuffer(data[: len(data) // 2 * 2], dtype=np.int16)
        found.setdefault(ear, []).extend(float(began) + begin for begin, _ in tones(samples))
    return found


# --- the table --------------------------------------------------------------------------------------------


def report(found: Measured) -> str:
    """One table, and how it compares."""
    engine, bare = spread(found.engine), spread(found.bare)
    rows = [
        _row("verdict → both bridged, by the engine", engine, "10 / – / 40"),
        _row("verdict → both bridged, by Asterisk's clock", spread(found.pbx), "10 / – / 40"),
        _row("bare AMI Bridge of two waiting legs", bare, "limit"),
        _row("carrier's answer → both bridged", spread(found.answer), "–"),
        _row("carrier's answer → agent hears the customer", spread(found.media), "–"),
    ]
    ratio = f"{engine.p50 / bare.p50:.1f} × bare AMI at p50, {engine.p99 / bare.p99:.1f} × at p99"
    kept = "kept" if engine.p50 <= 0.010 and engine.p99 <= 0.040 else "MISSED"
    head = ("milliseconds", "n", "p50", "p95", "p99", "worst", "aim p50 / p95 / p99")
    commit = "commit p50 {:.1f}, p99 {:.1f} ms".format(*(1000 * time for time in found.commit))
    said = f"{ratio}; aim {kept}; {commit}; {found.attempts} attempts, load {found.load}"
    return f"{table(head, rows)}\n\n{said}"


def _row(name: str, times: Spread, aim: str) -> tuple[object, ...]:
    return name, times.count, *(1000 * t for t in (times.p50, times.p95, times.p99, times.worst)), aim


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench.connect", description=__doc__)
    parser.add_argument("--calls", type=int, default=300, help="through the product (300)")
    print(report(uvloop.run(measure(parser.parse_args().calls))))


if __name__ == "__main__":
    main()
