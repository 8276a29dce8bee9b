"""Runs cases on one floor and audits them, as `make faults` does: python -m tests.lab.faults.run [CASE…]"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sip_lab.truth import CallTruth
from tests.lab.faults import books
from tests.lab.faults.audits import audit
from tests.lab.faults.cases import LINKS, Case, Kind, Phase, chosen
from tests.lab.faults.facts import Books, Order
from tests.lab.faults.floor import Floor
from tests.lab.faults.ledger import Ledger
from tests.lab.faults.phases import NoProbe, Phases, Probe, after
from tests.lab.faults.tables import Told, by_case, report

MIX = "person=50,patient=25,business=5,busy=14,rejected=6"
SPEECHLESS = frozenset({"pbx", "carrier"})
"""Without these nobody can say anything to anybody."""
RECOVERY = 60.0
"""Seconds after which a floor that does not talk is red."""
OBEDIENCE = 6.0
"""Seconds after the end of a fault within which an order that was given in it is carried out."""
DRAIN, ARCHIVED = 45.0, 30.0
BETWEEN = 3.0
"""Seconds of quiet after a recovery, so that a harm is told of the right case."""
BACK = """
SELECT 1 FROM attempts
WHERE direction = 'outbound' AND placed_at > to_timestamp($1) AND connected_at > to_timestamp($1) LIMIT 1
"""
OPEN = "SELECT 1 FROM attempts WHERE state <> 'ended' LIMIT 1"
UNARCHIVED = """
SELECT 1 FROM attempts a LEFT JOIN recordings r ON r.attempt_id = a.id
WHERE a.answered_at IS NOT NULL AND a.ended_at - a.answered_at > interval '0.5 s' AND r.id IS NULL LIMIT 1
"""
PIECE = 12
"""Cases of one floor."""
Say = Callable[[str], None]


def _now() -> float:
    return datetime.now(UTC).timestamp()


class Run:
    """One floor, and what was done to it."""

    def __init__(self, floor: Floor, say: Say) -> None:
        self.floor, self._say = floor, say
        self._ledger = Ledger(floor.env["CADENCIA_DATABASE_URL"])
        self._phases = Phases(floor, self._ledger)
        self.told: list[Told] = []
        self._orders: list[Order] = []
        self._voiceless: list[tuple[float, float]] = []
        self._deaths: list[float] = []
        self._carrier_gone: list[tuple[float, float]] = []
        self._began = _now()

    def start(self) -> None:
        """The campaign dials more than its agents can take: some people have to wait."""
        self.floor.login()
        self.floor.set(ring_limit=15, calls_per_agent=2.0, max_abandonment=0.1, max_lines=12)
        self.floor.mix(MIX)
        self.floor.campaign("start")

    async def warm(self) -> None:
        """The first conversations, before anything is broken."""
        began = _now()
        back = await self._back(began, 90)
        assert back is not None, self.floor.log()
        self.told.append(Told("(no fault)", began, "", back))
        await after(BETWEEN)

    async def case(self, case: Case) -> None:
        """Waits for the phase, breaks, mends, and measures how long until people are talked to again."""
        try:
            probe = await self._phases.reach(case.phase, case.kind)
        except NoProbe:
            self.floor.tell("mend", "engine-postgres")
            self.told.append(Told(case.name, _now(), "no call came to the phase", None))
            self._say(f"{case.name}: no call came to the phase")
            return
        began = _now()
        await self._fault(case, probe)
        healed = _now()
        back = await self._back(healed, RECOVERY)
        self._spans(case, began, healed)
        self.told.append(Told(case.name, began, f"{probe.id[:8]} {probe.number[-4:]}", back))
        self._say(f"{case.name}: probe {probe.id[:8]}, {'never' if back is None else f'{back:.1f} s'}")
        await after(BETWEEN)

    async def _fault(self, case: Case, probe: Probe) -> None:
        for component in case.components:
            self._break(case.kind, component)
        if case.phase is Phase.COMMITTING and self.floor.tell("look", "engine-postgres") == "stalled":
            self.floor.tell("mend", "engine-postgres")  # the commit goes on into whatever is broken now
        if case.kind is Kind.KILL:
            return
        if case.phase is Phase.HANGING_UP:
            await after(case.seconds / 5)
            await self._phases.press(probe, "hang_up")
            self._orders.append(Order(probe.number, _now(), _now() + case.seconds + OBEDIENCE))
        await after(case.seconds)
        for component in case.components:
            self._mend(case.kind, component)

    def _break(self, kind: Kind, component: str) -> None:
        match kind:
            case Kind.KILL:
                self.floor.signal(component, signal.SIGKILL)
            case Kind.FREEZE:
                self.floor.signal(component, signal.SIGSTOP)
            case Kind.CUT | Kind.STALL:
                self.floor.tell(kind.value, LINKS[component])

    def _mend(self, kind: Kind, component: str) -> None:
        if kind is Kind.FREEZE:
            self.floor.signal(component, signal.SIGCONT)
        else:
            self.floor.tell("mend", LINKS[component])

    def _spans(self, case: Case, began: float, healed: float) -> None:
        """A killed Asterisk is back when people are talked to again, at the latest."""
        if SPEECHLESS & set(case.components):
            self._voiceless.append((began, _now() if case.kind is Kind.KILL else healed))
        if case.kind is Kind.KILL and "pbx" in case.components:
            self._deaths.append(began)
        if case.kind is Kind.KILL and "carrier" in case.components:
            self._carrier_gone.append((began, healed))

    async def _back(self, since: float, limit: float) -> float | None:
        """Seconds until somebody who was called after an instant talks to an agent."""
        while _now() - since < limit:
            if await self._ledger.ask(BACK, since):
                return _now() - since
            await after(0.2)
        return None

    async def _gone(self, question: str, limit: float) -> bool:
        """Until a question has no answer any more, and the database is there to say so."""
        end = _now() + limit
        while _now() < end:
            if not await self._ledger.ask(question) and await self._ledger.ask("SELECT 1"):
                return True
            await after(0.3)
        return False

    async def _nobody_on_the_line(self, limit: float) -> None:
        """By the carrier: who was talking to a PBX that died is let go by its own limit."""
        end = _now() + limit
        while any(self._talks(call) for call in self.floor.truth()) and _now() < end:
            await after(0.3)

    def _talks(self, call: CallTruth) -> bool:
        gone = any(call.invited < begin for begin, _ in self._carrier_gone)
        return call.answered is not None and call.ended is None and not gone

    async def finish(self) -> Books:
        """Dial no more, let everything end, read the books."""
        self.floor.campaign("pause")
        await self._gone(OPEN, DRAIN)
        await self._nobody_on_the_line(DRAIN)
        await self._gone(UNARCHIVED, ARCHIVED)
        await self._ledger.close()
        return await books.read(
            self.floor,
            self._began,
            orders=self._orders,
            voiceless=self._voiceless,
            deaths=self._deaths,
            carrier_gone=self._carrier_gone,
        )


async def run(floor: Floor, cases: Sequence[Case], say: Say) -> list[Told]:
    """All cases one after the other, then the audit; one line for each."""
    running = Run(floor, say)
    running.start()
    await running.warm()
    for case in cases:
        await running.case(case)
    findings = audit(await running.finish())
    return by_case(running.told, findings)


def _pieces(cases: Sequence[Case]) -> list[Sequence[Case]]:
    """A floor is used for so many cases: the abandonment cap remembers what was done to its people."""
    return [cases[at : at + PIECE] for at in range(0, len(cases), PIECE)]


def _part(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    return int(part), int(parts)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--table", type=Path, default=Path("state/faults.txt"), help="where the table goes")
    parser.add_argument("--part", type=_part, default=(1, 1), help="2/10: every tenth case from the 2nd")
    parser.add_argument("cases", nargs="*", metavar="CASE", help="part of a name; `short`; none: all")
    given = parser.parse_args()
    part, parts = given.part
    given.table.parent.mkdir(parents=True, exist_ok=True)
    told: list[Told] = []
    for piece in _pieces(chosen(given.cases, given.seed)[part - 1 :: parts]):
        with Floor("--seed", str(given.seed), "--debtors", str(300 + 40 * len(piece))) as floor:
            told += asyncio.run(run(floor, piece, _say))
        given.table.write_text(f"{report(told, given.seed)}\n")
    _say(report(told, given.seed))
    sys.exit(1 if any(one.red for one in told) else 0)


if __name__ == "__main__":
    main()
