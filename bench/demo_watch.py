"""The demo watched while it goes on: what the product says each minute, beside what the carrier knows.

Run beside a running demo: `python -m bench.demo_watch --minutes 45`; or `make bench-demo`, which starts one.
One row a minute: the product's figure, the truth's; it ends with 1 when the two disagree, or when the floor
stood idle and no reason was on the page.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import websockets
from websockets.typing import Origin, Subprotocol

from dialer.cli.demo import state_folder
from dialer.cli.demo_options import PASSWORD, DemoOptions
from pacing.guard import wilson_upper
from sip_lab import truth
from sip_lab.behaviours import BY_NAME
from sip_lab.truth import CallTruth

NEAR = 30.0
"""Seconds between our order and the carrier's INVITE, at most; nobody is called twice in them."""
EARLY, CLOCKS = 1.0, 0.5
"""Seconds after the answer within which nobody could have been served; and what two clocks may differ."""
IDLE = 5.0
"""Seconds for which a floor may stand idle without a word: a decision is told every second."""
POINTS = 0.06
"""Difference of two occupancies of one minute that is none: the one is sampled, the other measured."""
UNTOLD, LOST = ("abandoned", "unserved"), ("machine", "message_left", "fax", "intercept")
"""Outcomes of persons whom nobody served: counted one by one, and estimated from audits."""
_BOOKS = """
SELECT number, coalesce(outcome, '') AS outcome, direction = 'inbound' AS inbound, ended_at IS NULL AS open,
    extract(epoch FROM placed_at)::float8 AS placed, extract(epoch FROM connected_at)::float8 AS connected,
    extract(epoch FROM ended_at)::float8 AS ended
FROM attempts
"""


@dataclass(frozen=True, slots=True)
class Booked:
    """A call as the product has it in its books; times in seconds since 1970."""

    number: str
    outcome: str
    inbound: bool
    open: bool
    placed: float
    connected: float | None
    ended: float | None


@dataclass(slots=True)
class Judged:
    """What became of the persons who answered, by the carrier; and where the books say otherwise."""

    answered: int = 0
    """Persons who answered and did not hang up at once."""
    abandoned: int = 0
    unserved: int = 0
    lost: int = 0
    """Persons taken for machines."""
    strict: int = 0
    """Machines that the books count as persons nobody served: on the safe side."""
    wrong: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Share of them whom we left alone."""
        whole = self.answered - self.unserved
        return (self.abandoned + self.lost) / whole if whole > 0 else 0.0


def judge(books: Iterable[Booked], calls: Iterable[CallTruth]) -> Judged:
    """Every ended outbound call of the books beside the carrier's."""
    by_number: dict[str, list[CallTruth]] = {}
    for call in calls:
        by_number.setdefault(call.number, []).append(call)
    found = Judged()
    for one in books:
        if not (one.inbound or one.open):
            _judge(found, one, _same(one, by_number.get(one.number, [])))
    return found


def _same(one: Booked, calls: Sequence[CallTruth]) -> CallTruth | None:
    near = [call for call in calls if abs(call.invited - one.placed) < NEAR]
    return min(near, key=lambda call: abs(call.invited - one.placed), default=None)


def _judge(found: Judged, one: Booked, call: CallTruth | None) -> None:
    if call is None or call.answered is None:
        if one.connected is not None or one.outcome in UNTOLD:
            found.wrong.append(f"{one.number}: {one.outcome}, and the carrier knows of no answer")
        return
    if not BY_NAME[call.behaviour].live:
        found.strict += one.outcome in UNTOLD
        return
    if call.talk_seconds <= EARLY + CLOCKS and one.connected is None and one.outcome not in UNTOLD:
        return
    found.answered += 1
    found.abandoned += one.outcome == "abandoned"
    found.unserved += one.outcome == "unserved"
    found.lost += one.outcome in LOST and one.connected is None
    if one.connected is None and one.outcome not in (*UNTOLD, *LOST):
        length = call.talk_seconds
        found.wrong.append(f"{one.number}: a person stayed {length:.1f} s with nobody, booked {one.outcome}")


def talked(books: Iterable[Booked], calls: Sequence[CallTruth], since: float, until: float) -> float:
    """Seconds of an interval that agents spoke: from the join until the carrier's end of the call."""
    by_number: dict[str, list[CallTruth]] = {}
    for call in calls:
        by_number.setdefault(call.number, []).append(call)
    total = 0.0
    for one in books:
        if one.connected is None:
            continue
        known: Sequence[CallTruth] = () if one.inbound else by_number.get(one.number, [])
        same = _same(one, known)
        ended = same.ended if same is not None else one.ended
        total += max(0.0, min(ended or until, until) - max(one.connected, since))
    return total


@dataclass(slots=True)
class Page:
    """What the supervisor's page has shown since the last row."""

    campaigns: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    agents: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    samples: list[tuple[int, int]] = field(default_factory=list)
    """(on a call, at work)"""
    idle: float = 0.0
    unexplained: float = 0.0
    """Longest time that the floor stood idle without a word."""
    reasons: Counter[str] = field(default_factory=Counter)
    seen: asyncio.Event = field(default_factory=asyncio.Event)
    """Once there is anything to look at."""
    _silent_since: float | None = None

    def shows(self, frame: Mapping[str, Any]) -> None:
        """A frame of the floor."""
        if frame["whole"]:
            self.agents.clear()
        self.campaigns = {row["id"]: row for row in frame["campaigns"]}
        self.agents |= {row["id"]: row for row in frame["agents"]}
        self.seen.set()

    def look(self, now: float, step: float) -> None:
        """Once a second: who speaks, who waits, and what is said of it."""
        states = [row["state"] for row in self.agents.values()]
        at_work = [state for state in states if state in ("ready", "on_call", "wrap_up", "calling")]
        self.samples.append((states.count("on_call"), len(at_work)))
        running = list(self.campaigns.values())
        if not self._stands_idle(running):
            self._silent_since = None
            return
        self.idle += step
        why = [_held(row) for row in running]
        silent = [one for one in why if not one]
        self.reasons.update(one for one in why if one)
        if silent:
            self._silent_since = now if self._silent_since is None else self._silent_since
            self.unexplained = max(self.unexplained, now - self._silent_since)
        else:
            self._silent_since = None

    @staticmethod
    def _stands_idle(rows: Sequence[Mapping[str, Any]]) -> bool:
        air = ("dialing", "ringing", "screening", "waiting", "connected")
        return any(row["ready"] for row in rows) and not any(row[name] for row in rows for name in air)

    def occupancy(self) -> float:
        """Share of the agents at work who spoke."""
        speaking, at_work = (sum(sample[part] for sample in self.samples) for part in (0, 1))
        return speaking / at_work if at_work else 0.0

    def at_work(self) -> float:
        """Agents, on average."""
        return sum(sample[1] for sample in self.samples) / max(1, len(self.samples))

    def window(self) -> dict[str, float]:
        """The rolling day over all campaigns."""
        sums: Counter[str] = Counter()
        for row in self.campaigns.values():
            for window in row["windows"]:
                if window["name"] == "rolling_24h":
                    for name in ("live", "abandoned", "screened_out", "unserved"):
                        sums[name] += window[name]
        return dict(sums)

    def begin(self) -> None:
        """A new row."""
        self.samples, self.idle, self.unexplained, self.reasons = [], 0.0, 0.0, Counter()


def _held(row: Mapping[str, Any]) -> str:
    """What keeps a campaign from calling, or from calling more, shortly; empty = nothing is said of it."""
    hold, why = row["hold"], row["why"]
    if hold is None:
        return str(why["held_by"]) if why is not None else ""
    until = f" until {hold['until'][11:19]}" if hold["until"] else ""
    return f"{hold['code']}{until}" + (f": {hold['rule']}" if hold["rule"] else "")


def product_rate(window: Mapping[str, float]) -> tuple[float, float, float]:
    """The share that the page shows, and its interval (one-sided 95 % each way)."""
    bad = window.get("abandoned", 0.0) + window.get("screened_out", 0.0)
    whole = window.get("live", 0.0) + window.get("screened_out", 0.0) - window.get("unserved", 0.0)
    if whole <= 0:
        return 0.0, 0.0, 1.0
    # Less than one person who is only suspected says nothing of a floor.
    low = 1.0 - wilson_upper(whole - bad, whole) if bad >= 1 else 0.0
    return bad / whole, low, wilson_upper(bad, whole)


HEAD = (
    "min | abandonment: page  truth | abandoned p/t | unserved p/t | occupancy: page  truth "
    "| leads (resting) | idle: why"
)


def row(minute: int, page: Page, judged: Judged, busy: float) -> tuple[str, list[str]]:
    """One line of the table, and what is wrong with it."""
    window = page.window()
    rate, low, high = product_rate(window)
    occupancy = page.occupancy()
    leads = sum(one["leads_left"] for one in page.campaigns.values())
    resting = sum(one["leads_resting"] for one in page.campaigns.values())
    until = min((one["resting_until"] for one in page.campaigns.values() if one["resting_until"]), default="")
    why = "; ".join(f"{text} ×{n}" for text, n in page.reasons.most_common(2))
    line = (
        f"{minute:3d} | {rate:17.1%} {judged.rate:6.1%} "
        f"| {window.get('abandoned', 0):7.0f}/{judged.abandoned:<5d} "
        f"| {window.get('unserved', 0):6.0f}/{judged.unserved:<5d} | {occupancy:15.0%} {busy:6.0%} "
        f"| {leads} ({resting}{f' until {until[11:19]}' if until else ''}) | {page.idle:.0f} s: {why or '-'}"
    )
    wrong = list(judged.wrong)
    if not low - 1e-9 <= judged.rate <= high + 1e-9:
        wrong.append(
            f"abandonment {rate:.1%} ({low:.1%} – {high:.1%}) on the page, {judged.rate:.1%} in truth"
        )
    for name in UNTOLD:
        truly = getattr(judged, name) + (judged.strict if name == "abandoned" else 0)
        if not getattr(judged, name) <= window.get(name, 0) <= truly + 2:
            wrong.append(f"{name}: {window.get(name, 0):.0f} on the page, {truly} in truth")
    if abs(occupancy - busy) > POINTS:
        wrong.append(f"occupancy {occupancy:.0%} on the page, {busy:.0%} in truth")
    if page.unexplained > IDLE:
        wrong.append(f"idle for {page.unexplained:.0f} s and no reason on the page")
    if resting and not until:
        wrong.append("people rest, and no page says until when")
    return line, wrong


# --- the page, the books, the carrier ---------------------------------------------------------------


async def frames(web: str) -> AsyncIterator[Mapping[str, Any]]:
    """Frames of the floor, as the supervisor's browser gets them."""
    async with httpx.AsyncClient(base_url=web, timeout=20) as http:
        who = {"login": "supervisor", "password": PASSWORD}
        session = (await http.post("/api/v1/session", json=who)).raise_for_status().json()
        headers = {"X-CSRF-Token": session["csrf"]}
        ticket = (await http.post("/api/v1/ws-ticket", headers=headers)).raise_for_status().json()
        url, protocols = web.replace("http", "ws", 1) + ticket["url"], [Subprotocol("cadencia.v1")]
        async with websockets.connect(url, subprotocols=protocols, origin=Origin(web)) as wire:
            async for text in wire:
                message = json.loads(text)
                if message["type"] == "ping":
                    await wire.send(json.dumps({"type": "pong"}))
                elif message["type"] == "floor":
                    yield message


async def _follow(web: str, page: Page) -> None:
    """Keep the page up to date; a lost connection is taken up again, as a browser does."""
    while True:
        try:
            async for frame in frames(web):
                page.shows(frame)
        except (OSError, httpx.HTTPError, websockets.WebSocketException) as error:
            print(f"    the page has no live data: {type(error).__name__}", flush=True)
        await asyncio.sleep(1)


async def _books(dsn: str) -> list[Booked]:
    connection = await asyncpg.connect(dsn)
    try:
        return [Booked(**found) for found in await connection.fetch(_BOOKS)]
    finally:
        await connection.close()


async def watch(state: Path, minutes: int) -> int:
    """The table; how many rows disagreed."""
    lab = json.loads((state / "lab" / "lab.json").read_text())
    web = f"http://127.0.0.1:{(state / 'port').read_text().split()[1]}"
    page, bad = Page(), 0
    async with asyncio.TaskGroup() as tasks:
        following = tasks.create_task(_follow(web, page))
        await page.seen.wait()
        print(HEAD, flush=True)
        for minute in range(1, minutes + 1):
            bad += await _minute(minute, page, lab)
        following.cancel()
    print(
        f"{bad} of {minutes} minutes in which page and truth disagree, or nothing said why the floor was idle"
    )
    return bad


async def _minute(minute: int, page: Page, lab: Mapping[str, Any]) -> bool:
    loop = asyncio.get_running_loop()
    page.begin()
    began, end = _now(), loop.time() + 60
    last = loop.time()
    while loop.time() < end:
        await asyncio.sleep(1)
        page.look(loop.time(), loop.time() - last)
        last = loop.time()
    books = await _books(lab["postgres"]["dsn"])
    calls = await asyncio.to_thread(truth.read, Path(lab["truth_path"]))
    until = _now()
    busy = talked(books, calls, began, until) / max(1.0, page.at_work() * (until - began))
    line, wrong = row(minute, page, judge(books, calls), busy)
    print(line, flush=True)
    for one in wrong:
        print(f"    DISAGREES: {one}", flush=True)
    return bool(wrong)


def _now() -> float:
    return datetime.now(UTC).timestamp()


async def _with_demo(minutes: int, state: Path, words: Sequence[str]) -> int:
    """The same, of a demo that is started for it."""
    argv = [sys.executable, "-m", "dialer", "demo", "--state", str(state), *words]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*argv, stdout=pipe)
    assert process.stdout is not None
    try:
        said = b"-"
        while said and b"is calling" not in said:
            said = await process.stdout.readline()
        if not said:
            raise SystemExit("the demo did not start; see the lines above")
        async with asyncio.TaskGroup() as tasks:
            reading = tasks.create_task(_read_on(process.stdout))
            bad = await watch(state, minutes)
            reading.cancel()
        return bad
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.wait()


async def _read_on(lines: asyncio.StreamReader) -> None:
    """What the demo goes on to say, so that it never waits for a reader."""
    while await lines.readline():
        pass


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="bench.demo_watch", description=__doc__)
    parser.add_argument("--minutes", type=int, default=45)
    parser.add_argument("--state", type=Path, help="folder of the demo (that of `cadencia demo`)")
    parser.add_argument("--start", action="store_true", help="start a demo for it, with the options below")
    for name, usual in (("debtors", 120), ("bots", 5), ("campaigns", 2), ("port", 8000)):
        parser.add_argument(f"--{name}", type=int, default=usual, help=f"of the demo ({usual})")
    given = parser.parse_args()
    state = given.state or state_folder(DemoOptions())
    if given.start:
        names = ("debtors", "bots", "campaigns", "port")
        words = [word for name in names for word in (f"--{name}", str(getattr(given, name)))]
        return min(1, asyncio.run(_with_demo(given.minutes, state, words)))
    return min(1, asyncio.run(watch(state, given.minutes)))


if __name__ == "__main__":
    sys.exit(main())
