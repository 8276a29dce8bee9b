"""An engine that does what the test says: the real bus, the real messages, no calls behind them."""

import asyncio
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agent_ws.messages import AgentView, FloorView
from consoles.forecasts import Question
from consoles.problems import Problem
from dialer.model.commands import Attach, FloorSnapshot, body_of
from dialer.ports import Command, Frame
from dialer.store.bus import RedisBus
from pacing import Why
from pacing.simulator import Outlook

CALL = "0191f0a0-0000-7000-8000-000000000001"


def iso(seconds_ago: float = 0.0) -> str:
    """An instant near now, as the wire writes it."""
    return (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat()


def call(**change: Any) -> dict[str, Any]:
    """A call on an agent's screen."""
    return {
        "id": CALL,
        "state": "connected",
        "campaign": "Primavera",
        "person_id": 1,
        "name": "Marta Muñoz",
        "masked_number": "+346•••••222",
        "language": "es",
        "zone": "America/Bogota",
        "debts": [
            {
                "creditor": "Banco Alameda",
                "currency": "EUR",
                "balance_minor": 123456,
                "days_past_due": 45,
                "reference": "R-1",
            }
        ],
        "debts_hidden": False,
        "verified": False,
        "flags": ["vulnerable"],
        "last_contacts": [
            {"at": iso(86400), "outcome": "conversation", "disposition": "refuses", "agent": "Bea"}
        ],
        "connected_at": iso(3),
        "ended_at": None,
        "outcome": None,
        "routing": {"required": {"collections": 1}, "level": 80, "idle_s": 4.2, "same_agent": False},
        "recording": "on",
        **change,
    }


LEAD = 41
_NO_CARD: dict[str, Any] = {"preview": None, "by_hand": False, "last_outcome": ""}


def number(phone_id: int, **change: Any) -> dict[str, Any]:
    """One number on a card."""
    free = {"kind": "mobile", "status": "unknown", "rule": "", "until": None}
    return {"phone_id": phone_id, "masked_number": f"+346•••••{phone_id}", **free, **change}


def card(**change: Any) -> dict[str, Any]:
    """A person whom the agent may call."""
    shared = ("campaign", "person_id", "name", "language", "zone", "debts", "debts_hidden", "flags")
    of_call = (*shared, "last_contacts")
    person = {key: value for key, value in call().items() if key in of_call}
    return {"lead_id": LEAD, "asked": False, "numbers": [number(222), number(333)], **person, **change}


async def outlook(question: Question, content: dict[str, Any]) -> Outlook:
    """A forecast as the simulation makes it, without the seconds it takes."""
    aims = question.pace.mode == "predictive"
    abandonment = min(question.limit, question.pace.target) if aims else 0.0
    idle, occupancy = (12.0, 0.86) if aims else (55.0, 0.7)
    return Outlook(abandonment, abandonment / 5, occupancy, 0.01, idle, 1.5, 42.0, 21.0, 320.0)


@dataclass(slots=True)
class Forecasts:
    """Forecasts at once, but for those that are told to come again: another one is being made."""

    busy: int = 0
    """How many more are told so."""

    async def outlook(self, question: Question, content: dict[str, Any]) -> Outlook:
        """What a question is answered."""
        if self.busy > 0:
            self.busy -= 1
            raise Problem("busy", "another forecast is being made", retry_after=1)
        return await outlook(question, content)


def why(**change: Any) -> dict[str, Any]:
    """A predictive decision, as data."""
    return asdict(Why("predictive", 2, 6, 0.0, calls=1, cancels=0, capped=False, held_by="")) | change


def hold(code: str, until: str | None = None, **change: Any) -> dict[str, Any]:
    """What keeps a campaign from calling."""
    return {"code": code, "rule": "", "until": until, "held": 0, "leads": 0, **change}


POWER = why(mode="power", ready=4, in_flight=4, calls_per_agent=1.5)


def campaign(number: int, **change: Any) -> dict[str, Any]:
    """A row of the supervisor's strip."""
    return {
        "id": number,
        "code": "spring",
        "name": "Primavera",
        "status": "stopped",
        "mode": "predictive",
        "calls_per_agent": 1.5,
        "settings_version": 1,
        "dialing": 0,
        "ringing": 3,
        "screening": 1,
        "waiting": 0,
        "connected": 2,
        "ready": 4,
        "paused": 1,
        "wrap_up": 1,
        "live_answers": 40,
        "abandoned": 3,
        "leads_left": 1234,
        "capped": True,
        "why": {**POWER, "capped": True, "held_by": "abandonment cap"},
        "hold": None,
        "last_decision": "a sentence that no screen shows",
        "windows": [],
        "forecast": None,
        "idle_seconds": None,
        "learned": None,
        "target": 0.025,
        **change,
    }


def window(
    name: str, live: float, abandoned: float, *, screened_out: float = 0.0, unserved: int = 0
) -> dict[str, Any]:
    """A window of the law, of three per cent."""
    bad, whole, limit = abandoned + screened_out + unserved, live + screened_out, 0.03
    return {
        "name": name,
        "limit": limit,
        "live": live,
        "abandoned": abandoned,
        "screened_out": screened_out,
        "unserved": unserved,
        "law_counts_unserved": False,
        "rate": (bad - unserved) / (whole - unserved),
        "house_rate": bad / whole,
        "spare": (limit * whole - bad) / (1 - limit),
    }


def agent_row(number: int, name: str, **change: Any) -> dict[str, Any]:
    """A row of the agent table."""
    return {
        "id": number,
        "name": name,
        "state": "ready",
        "since": iso(30),
        "pause_code": "",
        "leg": "up",
        "held": False,
        "attached": True,
        "call_campaign": "",
        "masked_number": "",
        "calls_today": 2,
        **change,
    }


@dataclass(slots=True)
class ScriptedEngine:
    """Publishes views, keeps the commands it got, says every second that it is there."""

    bus: RedisBus
    epoch: int = 1
    commands: list[Command] = field(default_factory=list)
    views: dict[int, dict[str, Any]] = field(default_factory=dict)
    floor_body: dict[str, Any] | None = None
    seq: int = 0
    alive: bool = True

    async def run(self) -> None:
        """Until cancelled; the owner of its three tasks."""
        await self.bus.start()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.bus.run())
            tasks.create_task(self._beat())
            tasks.create_task(self._listen())

    async def _beat(self) -> None:
        while True:
            if self.alive:
                self.bus.publish(Frame("engine", {"epoch": self.epoch, "up": True}))
            await asyncio.sleep(1)

    async def _listen(self) -> None:
        async for command in self.bus.commands():
            assert isinstance(command, Command), command
            self.commands.append(command)
            self._obey(command)

    def _obey(self, command: Command) -> None:
        if isinstance(command.request, FloorSnapshot) and self.floor_body is not None:
            self.floor(**{**self.floor_body, "whole": True})
        if isinstance(command.request, Attach):
            self.show(command.actor_id, page=command.request.page)

    def show(self, agent_id: int, *, seq: int | None = None, **change: Any) -> None:
        """Push the whole view of an agent: what it was, and what changes."""
        self.seq += 1
        start = {"state": "paused", "pause_code": "login", "next_pause": "", "leg": "up", "held": False}
        rest = {"since": iso(), "deadline_at": None, "call": None, "calls_today": 0, "page": "", **_NO_CARD}
        fresh = {"type": "agent", "epoch": self.epoch, "seq": seq or self.seq, "server_time": iso()}
        body = {**start, **rest, **self.views.get(agent_id, {}), **change, **fresh}
        AgentView.model_validate(body)
        if seq is None:
            self.views[agent_id] = body
        self.bus.publish(Frame("agent", body, agent_id))

    def floor(self, **change: Any) -> None:
        """Push the floor."""
        self.seq += 1
        fresh = {"type": "floor", "epoch": self.epoch, "seq": self.seq, "server_time": iso()}
        start = {"whole": True, "campaigns": [], "agents": [], "pbx_up": True, "alarms": 0}
        body = {**start, **change, **fresh}
        FloorView.model_validate(body)
        if body["whole"]:
            self.floor_body = body
        self.bus.publish(Frame("floor", body))

    def refuse(self, agent_id: int, request: str, reason: str, state: str = "") -> None:
        """Refuse the last request of an agent."""
        page = self.views[agent_id]["page"]
        body = {"type": "refused", "request": request, "reason": reason, "state": state, "page": page}
        self.bus.publish(Frame("refused", body, agent_id))

    def asked(self, kind: str) -> list[dict[str, Any]]:
        """What was said in the commands of a kind, in order."""
        return [body_of(command.request) for command in self.commands if command.kind == kind]
