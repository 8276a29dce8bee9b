"""The link to a real Asterisk: its facts, its rights, its load, and what happens when it breaks."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import pytest

from dialer.ami.telephony import AmiTelephony
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    Joined,
    LinkDown,
    LinkUp,
    OriginateFailed,
    Screened,
)
from sip_lab import truth
from sip_lab.behaviours import number_for
from tests.conformance.telephony_suite import DEADLINE, Rig
from tests.eventually import eventually
from tests.lab.ami_rig import account, ami_rig, running
from tests.lab.lab_process import Facts


@dataclass
class Cable:
    """A way to the PBX that a test can cut."""

    host: str
    port: int
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    carried: int = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        far_reader, far_writer = await asyncio.open_connection(self.host, self.port)
        self.writers += [writer, far_writer]
        self.carried += 1
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        self.carried -= 1

    def cut(self) -> None:
        """End all connections without a word."""
        for writer in self.writers:
            writer.transport.abort()
        self.writers.clear()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


@asynccontextmanager
async def cable_to(host: str, port: int) -> AsyncIterator[tuple[Cable, int]]:
    """A cable and the port of its near end."""
    cable = Cable(host, port)
    server = await asyncio.start_server(cable.carry, "127.0.0.1", 0)
    async with server:
        yield cable, server.sockets[0].getsockname()[1]
        cable.cut()
        await eventually(lambda: not cable.carried)


@pytest.mark.parametrize(
    ("behaviour", "cause", "status"),
    [
        ("busy", 17, "SIP 486"),
        ("rejected", 21, "SIP 603"),
        ("unallocated", 1, "SIP 404"),
        ("congestion", 34, "SIP 503"),
    ],
)
async def test_cause_of_every_refusal_reaches_us(lab: Facts, behaviour: str, cause: int, status: str) -> None:
    """Asterisk tells of these twice and in any order; the fact with the cause is the only one."""
    async with ami_rig(account(lab)) as rig:
        calls = [rig.call(number_for(behaviour, 100 + index)) for index in range(20)]
        leg = rig.call_leg()
        for channel in calls:
            assert await rig.heard_of(channel, ChannelHungUp) == ChannelHungUp(channel, cause, status)
        await rig.heard_of(leg, ChannelAnswered)
        await rig.end(leg)
        endings = [fact for fact in rig.heard_all if isinstance(fact, ChannelHungUp | OriginateFailed)]
        assert len(endings) == len(calls) + 1


async def test_hundred_calls_at_once_without_loss(lab: Facts) -> None:
    async with ami_rig(account(lab)) as rig:
        calls = [rig.call(number_for("instant", index)) for index in range(100)]
        for channel in calls:
            await rig.heard_of(channel, ChannelHungUp)
        for channel in calls:
            told = [fact for fact in rig.of(channel) if not isinstance(fact, ChannelRinging)]
            assert [type(fact) for fact in told] == [ChannelAnswered, Screened, ChannelHungUp]
        stats = _ami(rig).stats
        assert (stats.losses, stats.overflows, stats.refused_orders, stats.missed_pings) == (0, 0, 0, 0)
        assert _ami(rig).pending_actions <= 1


async def test_account_may_do_everything_we_ask(lab: Facts) -> None:
    async with ami_rig(account(lab)) as rig:
        base = f"{lab['pbx']['recordings_dir']}/{uuid4()}"
        customer = rig.call(rig.answers, recording=base)
        leg = rig.call_leg()
        await rig.heard_of(customer, Screened)
        await rig.heard_of(leg, ChannelAnswered)
        rig.telephony.bridge(customer, leg)
        await rig.heard_of(leg, Joined)
        rig.telephony.pause_recording(customer, True)
        rig.telephony.pause_recording(customer, False)
        rig.telephony.park(customer)
        assert (await rig.seen(customer)) is not None
        rig.telephony.play_message(customer)
        await rig.end(customer, leg)
        assert _ami(rig).stats.refused_orders == 0


async def test_wrong_secret_is_refused_and_counted(lab: Facts) -> None:
    async with running(replace(account(lab), secret="wrong")) as telephony:
        await eventually(lambda: telephony.stats.refused_logins >= 2)
        assert telephony.stats.connects == 0


async def test_call_outlives_a_cut_link_and_nobody_is_phoned_twice(lab: Facts) -> None:
    pbx = lab["pbx"]
    number, unheard = number_for("tone", 901), number_for("no-answer", 901)
    async with (
        cable_to(pbx["ami_host"], pbx["ami_port"]) as (cable, port),
        ami_rig(replace(account(lab), port=port)) as rig,
    ):
        before = await rig.first()
        channel = rig.call(number)
        await rig.heard_of(channel, Screened)
        lost = rig.call(unheard)
        rig.forget()
        cable.cut()
        assert isinstance(await rig.first(), LinkDown)
        await rig.heard(before)
        shown = await rig.seen(channel)
        assert shown is not None
        assert shown.up
        if await rig.seen(lost) is not None:
            await rig.end(lost)
        await rig.end(channel)
    called = [call.number for call in truth.read(Path(lab["truth_path"]))]
    assert called.count(number) == 1
    assert called.count(unheard) <= 1


async def test_killed_pbx_comes_back_as_another_process(lab: Facts) -> None:
    async with ami_rig(account(lab)) as rig:
        before = await rig.first()
        channel = rig.call(rig.answers)
        await rig.heard_of(channel, Screened)
        rig.forget()
        os.kill(lab["pbx"]["pid"], signal.SIGKILL)
        assert isinstance(await rig.first(), LinkDown)
        async with asyncio.timeout(3 * DEADLINE):
            while not (ups := [fact for fact in rig.heard_all if isinstance(fact, LinkUp)]):
                await rig.more()
        assert before not in ups
        assert (await rig.telephony.snapshot()).channels == ()


def _ami(rig: Rig) -> AmiTelephony:
    assert isinstance(rig.telephony, AmiTelephony)
    return rig.telephony


async def test_facts_that_waited_tell_how_old_they_are(lab: Facts) -> None:
    """Asterisk stamps its events; nobody reads ours until the call has been up for two seconds."""
    async with ami_rig(account(lab)) as rig:
        channel = rig.call(rig.answers)

        async def has_lasted() -> bool:
            shown = await rig.seen(channel)
            return shown is not None and shown.up and shown.duration >= 3

        await eventually(has_lasted)
        answered = await rig.heard_of(channel, ChannelAnswered)
        assert 1.5 <= answered.age <= DEADLINE
        await rig.end(channel)
        ended = await rig.heard_of(channel, ChannelHungUp)
        assert ended.age < answered.age
