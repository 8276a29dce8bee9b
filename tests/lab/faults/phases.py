"""Finds a call in a phase, by the database, the carrier's truth or the link itself."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from dialer.model.commands import read
from dialer.ports import Command
from dialer.store.bus import RedisBusClient
from sip_lab.ami import Ami
from tests.lab.faults.cases import Kind, Phase
from tests.lab.faults.floor import Floor
from tests.lab.faults.ledger import Ledger

T = TypeVar("T")
LOOK = 0.03
PATIENCE = 40.0
"""Seconds within which a call comes to any phase."""
CALLERS = 4
"""So many call in at once that one has to wait."""
SETTLED = 0.5
"""Seconds after which a call is surely in its phase, where the phase is long."""
NEWEST = "SELECT id::text, number, agent_id FROM attempts WHERE direction = 'outbound' AND"
LAST = "ORDER BY placed_at DESC LIMIT 1"
IN_STATE = f"{NEWEST} state = $1 {LAST}"
CONNECTED = f"{NEWEST} state = 'connected' AND connected_at < now() - interval '0.5 s' {LAST}"
QUEUED = "SELECT id::text, number, agent_id FROM attempts WHERE direction = 'inbound' AND state = 'waiting'"
WRAP_UP = """
SELECT l.call_id::text AS id, a.number, l.agent_id
FROM (SELECT DISTINCT ON (agent_id) * FROM agent_log ORDER BY agent_id, at DESC, id DESC) AS l
JOIN attempts a ON a.id = l.call_id WHERE l.state = 'wrap_up' LIMIT 1
"""
FREE = """
SELECT agent_id AS id
FROM (SELECT DISTINCT ON (agent_id) * FROM agent_log ORDER BY agent_id, at DESC, id DESC) AS newest
WHERE state = 'ready' LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Probe:
    """The call that was seen in the phase."""

    id: str
    number: str
    agent: int = 0


class NoProbe(AssertionError):
    """No call came to the phase in time."""


class Phases:
    """Waits for phases on one floor."""

    def __init__(self, floor: Floor, ledger: Ledger) -> None:
        self._floor, self._ledger = floor, ledger

    async def reach(self, phase: Phase, kind: Kind) -> Probe:
        """The first call that is seen in it."""
        match phase:
            case Phase.DIALING | Phase.RINGING | Phase.WAITING:
                return await self._until(lambda: self._row(IN_STATE, phase.value))
            case Phase.COMMITTING:
                return await self._committing(kind)
            case Phase.GREETING:
                return await self._until(self._greeting)
            case Phase.SCREENING:
                return await self._until(self._screening)
            case Phase.CONNECTED | Phase.HANGING_UP:
                return await self._until(lambda: self._row(CONNECTED))
            case Phase.CONSULTING | Phase.THREE_WAY:
                return await self._consulting(three=phase is Phase.THREE_WAY)
            case Phase.WRAP_UP:
                return await self._until(lambda: self._row(WRAP_UP))
            case Phase.QUEUED:
                for _ in range(CALLERS):
                    self._calls_in()
                return await self._until(lambda: self._row(QUEUED))

    async def _row(self, sql: str, *values: Any) -> Probe | None:
        rows = await self._ledger.ask(sql, *values)
        return Probe(rows[0]["id"], rows[0]["number"], rows[0]["agent_id"] or 0) if rows else None

    async def _greeting(self) -> Probe | None:
        """By the carrier: answered and still speaking."""
        speaking = [c for c in self._floor.truth() if c.answered and not c.greeted and not c.ended]
        return Probe("a person", speaking[-1].number) if speaking else None

    async def _screening(self) -> Probe | None:
        """By the carrier the greeting is over, by the database nobody has said who it was."""
        over = {c.number for c in self._floor.truth()[-30:] if c.greeted and not c.ended}
        rows = await self._ledger.ask(IN_STATE, "screening")
        return Probe(rows[0]["id"], rows[0]["number"]) if rows and rows[0]["number"] in over else None

    async def _committing(self, kind: Kind) -> Probe:
        """A request that a frozen server finds waiting, or one that is done and whose answer is lost."""
        await self._until(lambda: self._row(IN_STATE, "ringing"))
        verb = "trap" if kind is Kind.FREEZE else "trap-answer"
        self._floor.tell(verb, "engine-postgres", "COMMIT")

        async def sprung() -> Probe | None:
            stalled = self._floor.tell("look", "engine-postgres") == "stalled"
            return Probe("a commit", "") if stalled else None

        return await self._until(sprung)

    async def _consulting(self, *, three: bool) -> Probe:
        async def possible() -> tuple[Probe, int] | None:
            free = await self._ledger.ask(FREE)
            talking = await self._row(CONNECTED) if free else None
            return (talking, int(free[0]["id"])) if talking else None

        probe, guest = await self._until(possible)
        await self.press(probe, "consult", agent_id=guest)
        if three:
            await after(SETTLED)
            await self.press(probe, "consult_join")
        await after(SETTLED)
        return probe

    async def press(self, probe: Probe, button: str, **more: Any) -> None:
        """What a web process sends when the agent on the call presses a button."""
        request = read(f"agent.{button}", json.dumps({"call_id": probe.id, **more}, default=str))
        bus = RedisBusClient(self._floor.env["CADENCIA_REDIS_URL"])
        try:
            await bus.send(Command(request, probe.agent))
        finally:
            await bus.close()

    def _calls_in(self) -> None:
        at = self._floor.lab["carrier"]
        caller = f"346{secrets.randbelow(10**8):08d}"
        variables = [f"CALLER={caller}", "PATIENCE=25", "KEY=", "KEY_AFTER=0"]
        place = {"Context": "calls-in", "Exten": "s", "Priority": "1", "Timeout": "30000", "Async": "true"}
        with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"]) as ami:
            ami.action(
                "Originate", variables, Channel="PJSIP/34910000000@pbx", CallerID=f"<+{caller}>", **place
            )

    async def _until(self, ask: Callable[[], Awaitable[T | None]]) -> T:
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while (found := await ask()) is None:
            if loop.time() > end:
                raise NoProbe("no call came to the phase")
            await asyncio.sleep(LOOK)
        return found


async def after(seconds: float) -> None:
    """Lets a fault last."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while loop.time() < end:
        await asyncio.sleep(min(LOOK, max(0.0, end - loop.time())))
