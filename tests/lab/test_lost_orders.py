"""What is pressed while the manager link is cut holds after it: the whole engine on a real Asterisk.

The proof of a pause is silence in the archived file. Margins: Asterisk mutes from one packet to the next
(20 ms); the confirmation is a round trip on this machine, which may take its time under load.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from dialer.ami.backoff import Backoff
from dialer.ami.link import Account
from dialer.ami.telephony import AmiTelephony
from dialer.call_progress.amd import AmdScreener
from dialer.call_progress.fakes import FakeEars
from dialer.engine.engine import Engine, EngineSettings
from dialer.engine.metrics import EngineMetrics
from dialer.model.agent import Agent
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus, DialMode
from dialer.model.commands import Attach, HangUp, PauseRecording, Ready, Request
from dialer.model.outcomes import Outcome
from dialer.ports import Command
from dialer.store.clock import SystemClock
from dialer.store.fake_bus import MemoryBus, MemoryLease
from dialer.store.fake_journal import MemoryJournal
from dialer.store.fakes import MemoryStore
from dialer.store.tapes import SpoolTapes
from recordings.captured import look, samples
from recordings.encode import encode, publish
from recordings.measure import LEFT, active_seconds
from sip_lab.behaviours import number_for
from tests.eventually import eventually
from tests.lab.ami_rig import account
from tests.lab.lab_process import Lab

RATE = 8000
MUTED_WITHIN = 1.0
"""Seconds of audio in which a confirmed pause is silent: two round trips, however busy the machine."""


class Cable:
    """A way to the PBX; while it is cut nobody gets through."""

    def __init__(self, to: Account) -> None:
        self._to, self._open, self._writers = to, True, list[asyncio.StreamWriter]()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        if not self._open:
            return writer.close()
        far_reader, far_writer = await asyncio.open_connection(self._to.host, self._to.port)
        self._writers += [writer, far_writer]
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        return None

    def cut(self) -> None:
        """End all connections without a word; none is made until mended."""
        self._open = False
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        """Connections get through again."""
        self._open = True


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


class Floor:
    """An engine with one agent and one person to call, on the lab's PBX."""

    def __init__(self, lab: Lab, to: Account) -> None:
        self.spool = Path(lab["pbx"]["recordings_dir"])
        self.store, self.bus = MemoryStore(), MemoryBus()
        self.store.add_campaign(_campaign())
        self.store.add_agent(Agent(1, "Ana", lab["bots"][0]["endpoint"], {}, frozenset({1})))
        person = self.store.add_person("Eva", [number_for("tone", 70)])
        self.store.add_lead(1, person.id)
        self.telephony = AmiTelephony(to, backoff=Backoff(first=0.05, cap=0.2))
        self.engine = Engine(
            telephony=self.telephony,
            store=self.store,
            bus=self.bus,
            lease=MemoryLease(),
            screener=AmdScreener(),
            ears=FakeEars(),
            clock=SystemClock(),
            settings=EngineSettings(spool=str(self.spool)),
            metrics=EngineMetrics(CollectorRegistry()),
            tapes=SpoolTapes(self.spool),
            journal=MemoryJournal(),
        )
        self._asked = 0

    async def ask(self, request: Request) -> None:
        self._asked += 1
        await self.bus.send(Command(request, 1, id=f"lost-orders-{self._asked}"))

    async def conversation(self) -> UUID:
        """The agent is joined to the person."""
        await eventually(lambda: self.engine.ready and 1 in self.engine.state.agents)
        await self.ask(Attach("page0001"))
        await eventually(lambda: self.engine.state.agents[1].leg == "up")
        await self.ask(Ready())
        await eventually(lambda: any(call.connected_at for call in self.store.calls.values()), 40)
        (call_id,) = self.store.calls
        return call_id

    @property
    def shown(self) -> str:
        """What the agent's screen says of the recording."""
        views = [frame.body for frame in self.bus.frames if frame.kind == "agent" and frame.body["call"]]
        return str(views[-1]["call"]["recording"]) if views else ""

    @property
    def alarms(self) -> list[str]:
        return [kind for kind, *_ in self.store.alarms]

    def linked(self) -> bool:
        return self.engine.state.pbx_up

    def taped(self, call_id: UUID) -> float:
        """Seconds in the file of the person's side by now."""
        return look(self.spool, call_id).customer.seconds

    def sound(self, call_id: UUID) -> NDArray[np.int16]:
        """What the file of the person's side holds."""
        return np.concatenate(list(samples(look(self.spool, call_id).customer, 65536)))


def _campaign() -> Campaign:
    settings = CampaignSettings(
        mode=DialMode.POWER, calls_per_agent=1.0, screening="off", rule_pack="lab-open", max_attempts=1
    )
    return Campaign(
        id=1, code="one", name="One", trunk="carrier", caller_id="+34910000000",
        status=CampaignStatus.RUNNING, settings=settings, settings_version=1,
    )  # fmt: skip


@asynccontextmanager
async def at_work(lab: Lab) -> AsyncIterator[tuple[Floor, Cable]]:
    """A floor whose link goes over a cable."""
    to = account(lab.facts)
    cable = Cable(to)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    floor = Floor(lab, Account("127.0.0.1", port, to.user, to.secret))
    async with server, asyncio.TaskGroup() as tasks:
        link = tasks.create_task(floor.telephony.run())
        engine = tasks.create_task(floor.engine.run())
        yield floor, cable
        for task in (engine, link):
            task.cancel()
        cable.cut()


@pytest.fixture
async def floor(lab: Lab) -> AsyncIterator[tuple[Floor, Cable]]:
    async with at_work(lab) as made:
        yield made


async def test_a_pause_and_a_hang_up_pressed_in_a_cut(
    floor: tuple[Floor, Cable], tmp_path: Path, lab: Lab
) -> None:
    house, cable = floor
    call_id = await house.conversation()
    await eventually(lambda: house.taped(call_id) > 2)
    cable.cut()
    await eventually(lambda: not house.linked())
    await house.ask(PauseRecording(call_id, True))
    await eventually(lambda: house.shown == "pausing")
    await eventually(lambda: "recording_not_paused" in house.alarms)
    assert house.shown == "pausing"
    cable.mend()
    await eventually(lambda: house.shown == "paused")
    paused_at = _since(house, call_id)
    await eventually(lambda: _since(house, call_id) > paused_at + 4)
    cable.cut()
    await eventually(lambda: not house.linked())
    await house.ask(HangUp(call_id))
    await eventually(lambda: str(call_id) in house.engine.state.owed)
    cable.mend()
    await eventually(lambda: house.store.calls[call_id].outcome is Outcome.CONVERSATION)
    await eventually(lambda: look(house.spool, call_id).closed)
    sound = np.abs(house.sound(call_id).astype(np.int32))
    silent_from = round((paused_at + MUTED_WITHIN) * RATE)
    assert sound[: 2 * RATE].max() > 1000
    assert len(sound) > silent_from + 2 * RATE
    assert sound[silent_from:].max() < 10
    archived = tmp_path / "call.opus"
    publish(encode(look(house.spool, call_id), archived, lambda: None), archived)
    assert active_seconds(archived, LEFT) < paused_at + MUTED_WITHIN


def _since(house: Floor, call_id: UUID) -> float:
    """Seconds from the answer until now: where the recording is."""
    answered = house.store.calls[call_id].answered_at
    assert answered is not None
    return (datetime.now(UTC) - answered).total_seconds()
