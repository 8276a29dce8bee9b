"""The product's link to the lab's PBX, for tests."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dialer.ami.backoff import Backoff
from dialer.ami.link import Account
from dialer.ami.telephony import AmiTelephony
from sip_lab.behaviours import number_for
from tests.conformance.telephony_suite import Rig
from tests.lab.lab_process import Facts

BEAT = 0.2


def account(lab: Facts) -> Account:
    """The product's account on the lab's PBX."""
    pbx = lab["pbx"]
    return Account(pbx["ami_host"], pbx["ami_port"], pbx["ami_user"], pbx["ami_secret"])


@asynccontextmanager
async def running(to: Account) -> AsyncIterator[AmiTelephony]:
    """A telephony whose link is kept until the end of the block."""
    telephony = AmiTelephony(to, backoff=Backoff(first=0.05, cap=0.2))
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(telephony.run())
        try:
            yield telephony
        finally:
            telephony.close()


@asynccontextmanager
async def ami_rig(to: Account, recording: str = "") -> AsyncIterator[Rig]:
    """A rig whose LinkUp was heard; the first web agent has no browser, so it is absent."""
    async with running(to) as telephony:
        answers, rings, busy = (number_for(behaviour, 1) for behaviour in ("tone", "no-answer", "busy"))
        rig = Rig(telephony, answers, rings, busy, endpoint="bot-0001", absent_endpoint="web-01")
        rig.recording = recording
        await rig.first()
        async with _living(telephony):
            yield rig


@asynccontextmanager
async def _living(telephony: AmiTelephony) -> AsyncIterator[None]:
    """The heart of an engine, without which the dialplan lets nobody wait."""

    async def beats() -> None:
        for count in itertools.count():
            telephony.beat(f"1.{count}")
            await asyncio.sleep(BEAT)

    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(beats())
        yield
        task.cancel()
