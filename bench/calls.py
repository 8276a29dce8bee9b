"""Whole calls per second through the product, beside bare AMI on the same Asterisk in the same run.

A whole call: lead claimed, gate asked, attempt committed, originated, answered, offered to an agent, bridged,
talked, hung up by the agent, closed and disposed of. Bare: originated, answered, talked as long, hung up.
`python -m bench.calls`, less than four minutes.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import uvloop

from bench import processes
from bench.bare import BareAmi, Watch
from bench.bare_calls import BareCaller, BareStep
from bench.bus_agents import BusAgents
from bench.figures import between, bucket_percentile, highest_kept, histogram, percentile, table
from bench.floor import Lab, Product, Staff, fill, laboratory, product, say
from bench.sql import statements
from bench.waiting import until
from dialer.model.campaign import CampaignSettings, DialMode, Screening
from sip_lab.behaviours import number_for

AGENTS = 80
TALK = 0.3
"""Seconds from being joined until the agent hangs up; the callee would after two."""
BARE_RATES = (50.0, 100.0, 125.0, 150.0, 200.0)
RATES = (25.0, 50.0, 75.0, 90.0, 110.0)
BARE_SECONDS, SECONDS = 6.0, 8.0
SETTLE = 2.0
"""Seconds between a new rate and the begin of the window that is measured."""
TRIES = 2
"""One bad second of a shared machine must not end a run: a step that failed is tried once more."""
KEPT = 0.95
"""Share of the asked rate that must come out at the other end."""
LATE = 0.5
"""Seconds within which the 99th of a hundred calls must be answered: beyond, a queue grows somewhere."""
_SETTINGS = CampaignSettings(
    mode=DialMode.POWER,
    calls_per_agent=1.0,  # every callee answers: more calls than agents would only be abandoned
    max_cps=RATES[0],
    max_lines=2000,
    screening=Screening.OFF,
    record=False,
    rule_pack="lab-open",
    wrap_limit=60,
)
_PROCESSES = ("engine", "pbx", "postgres", "carrier")


@dataclass(frozen=True, slots=True)
class Step:
    """One rate asked of the product; times in seconds, CPU in shares of one core."""

    rate: float
    per_second: float
    """Conversations that ended in each second of the window."""
    other: int
    """Attempts of the window that ended otherwise."""
    answer_p99: float
    """From the attempt's commit to the answer."""
    connect: tuple[float, float]
    """From verdict to both bridged, p50 and p99."""
    lag_p99: float
    commit: tuple[float, float]
    cpu: dict[str, float]
    idle: float

    @property
    def kept(self) -> bool:
        """Whether this rate was sustained."""
        return self.per_second >= KEPT * self.rate and self.answer_p99 <= LATE


def bare_kept(step: BareStep) -> bool:
    """Whether Asterisk alone sustained this rate."""
    return step.per_second >= KEPT * step.rate and step.done >= 0.99 * step.placed and step.answer_p99 <= LATE


# --- bare -----------------------------------------------------------------------------------------------


async def bare(lab: Lab, rates: Sequence[float]) -> list[BareStep]:
    """Steps until one fails, with as many agent legs up as the product will have."""
    numbers = (number_for("instant", i, c) for c, n in (("MX", 9000), ("CO", 10_000)) for i in range(n))
    caller = BareCaller(lab, TALK)
    steps: list[BareStep] = []
    await caller.open()
    try:
        async with _legs(lab):
            for rate in rates:
                for _ in range(TRIES):
                    found = await caller.step(rate, BARE_SECONDS, numbers)
                    say(f"bare {rate:.0f}/s: {found.per_second:.1f}/s, load {processes.load()}")
                    if bare_kept(found):
                        break
                steps.append(found)
                if not bare_kept(found):
                    break
    finally:
        caller.close()
    return steps


@asynccontextmanager
async def _legs(lab: Lab) -> AsyncIterator[None]:
    watch = Watch()
    ami = await BareAmi.connect(lab.facts["pbx"], watch)
    names = {f"bench-leg-{i:04d}": bot["endpoint"] for i, bot in enumerate(lab.facts["bots"])}
    for name, endpoint in names.items():
        ami.originate(name, f"PJSIP/{endpoint}", "cadencia-agent")
    for name in names:
        await watch.until("answered", name)
    try:
        yield
    finally:
        for name in names:
            ami.send("Hangup", Channel=name)
        for name in names:
            await watch.until("ended", name)
        ami.close()


# --- the product ----------------------------------------------------------------------------------------


async def through_the_product(lab: Lab, staff: Staff, rates: Sequence[float]) -> list[Step]:
    """Steps until one fails."""
    steps: list[Step] = []
    async with product(lab, staff, ("engine", "web")) as running, asyncio.TaskGroup() as tasks:
        agents = BusAgents(lab.facts["valkey"]["url"], staff.agents, TALK)
        tasks.create_task(agents.work())

        async def all_up() -> bool:
            return len(agents.up) == len(staff.agents)

        await until(all_up, 60)
        await running.campaign("start")
        for rate in rates:
            for _ in range(TRIES):
                found = await _step(lab, running, rate)
                say(f"product {rate:.0f}/s: {found.per_second:.1f}/s, load {processes.load()}")
                if found.kept:
                    break
            steps.append(found)
            if not found.kept:
                break
        await running.campaign("stop")
        agents.stop()
    return steps


async def _step(lab: Lab, running: Product, rate: float) -> Step:
    await running.set(max_cps=rate)
    await asyncio.sleep(SETTLE)
    pids = {name: running.pids[name] for name in _PROCESSES}
    loop = asyncio.get_running_loop()
    said, cpu, idle = await running.metrics(), processes.readings(pids), processes.idle_seconds()
    began, at = datetime.now(UTC), loop.time()
    await asyncio.sleep(SECONDS)
    ended, took = datetime.now(UTC), loop.time() - at
    now, idle = processes.readings(pids), processes.idle_seconds() - idle
    later = await running.metrics()
    await asyncio.sleep(0.2)
    rows = await _window(lab, began, ended)
    lag = between(histogram(said, _LAG), histogram(later, _LAG))
    commit = between(histogram(said, _COMMIT), histogram(later, _COMMIT))
    talked = [row for row in rows if row["connected_at"] is not None]
    answers = [_seconds(row, "placed_at", "answered_at") for row in rows if row["answered_at"]]
    connects = [_seconds(row, "verdict_at", "connected_at") for row in talked]
    return Step(
        rate=rate,
        per_second=len(talked) / took,
        other=len(rows) - len(talked),
        answer_p99=percentile(answers, 0.99),
        connect=(percentile(connects, 0.5), percentile(connects, 0.99)),
        lag_p99=bucket_percentile(lag, 0.99),
        commit=(bucket_percentile(commit, 0.5), bucket_percentile(commit, 0.99)),
        cpu={name: (now[name] - cpu[name]) / took for name in pids},
        idle=idle / took,
    )


_LAG, _COMMIT = "dialer_loop_lag_seconds", "dialer_commit_seconds"


def _seconds(row: Any, first: str, last: str) -> float:
    return float((row[last] - row[first]).total_seconds())


async def _window(lab: Lab, began: datetime, ended: datetime) -> list[Any]:
    connection = await asyncpg.connect(lab.dsn)
    try:
        return list(await connection.fetch(statements()["ended_between"], began, ended))
    finally:
        await connection.close()


# --- the whole run ----------------------------------------------------------------------------------------


async def measure(rates: Sequence[float], bare_rates: Sequence[float]) -> str:
    """One run: bare first, then the product, on the same Asterisk."""
    async with laboratory(bots=AGENTS, legs=900) as lab:
        plain = await bare(lab, bare_rates)
        count = round(TRIES * sum(rates) * (SECONDS + SETTLE + 1))
        numbers = [number_for("instant", index) for index in range(min(count, 10_000))]
        say(f"importing {len(numbers)} people")
        endpoints = [bot["endpoint"] for bot in lab.facts["bots"]]
        staff = await fill(lab, _SETTINGS, endpoints, numbers)
        steps = await through_the_product(lab, staff, rates)
    return report(plain, steps)


def report(plain: Sequence[BareStep], steps: Sequence[Step]) -> str:
    """The tables, and the ratio."""
    best = highest_kept((step.rate, step.kept) for step in steps)
    limit = highest_kept((step.rate, bare_kept(step)) for step in plain)
    bare_rows = [(s.rate, s.per_second, 1000 * s.answer_p99, _word(bare_kept(s))) for s in plain]
    at_best = next((step for step in steps if step.rate == best), None)
    lag = f"{1000 * at_best.lag_p99:.1f} ms" if at_best else "–"
    ratio = f"{best / limit:.0%}" if limit else "–"
    found = f"sustained: {best:.0f} whole calls/s, bare AMI {limit:.0f}/s, ratio {ratio}; loop lag p99 {lag}"
    aims = f"aims: ≥ 50/s, ≥ 60 % of bare AMI, loop lag p99 ≤ 20 ms; load {processes.load()}"
    return "\n\n".join(
        (
            table(("bare AMI: asked /s", "done /s", "answer p99 ms", "sustained"), bare_rows),
            table(_HEAD, [_row(step) for step in steps]),
            f"{found}\n{aims}",
        )
    )


_HEAD = (
    "product: asked /s", "done /s", "other ends", "answer p99 ms", "connect p50/p99 ms", "lag p99 ms",
    "commit p50/p99 ms", "CPU % " + "/".join(_PROCESSES), "idle %", "sustained",
)  # fmt: skip


def _row(step: Step) -> tuple[object, ...]:
    return (
        step.rate,
        step.per_second,
        step.other,
        1000 * step.answer_p99,
        _pair(step.connect),
        1000 * step.lag_p99,
        _pair(step.commit),
        "/".join(f"{100 * step.cpu[name]:.0f}" for name in _PROCESSES),
        100 * step.idle,
        _word(step.kept),
    )


def _pair(times: tuple[float, float]) -> str:
    return f"{1000 * times[0]:.1f} / {1000 * times[1]:.1f}"


def _word(kept: bool) -> str:
    return "yes" if kept else "no"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench.calls", description=__doc__)
    parser.add_argument("--rates", type=_rates, default=RATES, help="asked of the product, such as 20,40")
    parser.add_argument("--bare", type=_rates, default=BARE_RATES, help="asked of bare AMI")
    options = parser.parse_args()
    print(uvloop.run(measure(options.rates, options.bare)))


def _rates(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(",") if part)


if __name__ == "__main__":
    main()
