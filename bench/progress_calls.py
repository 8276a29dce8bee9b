"""The same clips as real calls: through the laboratory's Asterisk to its AMD(), and to our detector."""

import asyncio
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import soundfile

from bench.amd import AmdSettings, amd
from bench.figures import table
from bench.waiting import until
from dialer.ami.link import Account
from dialer.ami.telephony import AmiTelephony
from dialer.call_progress.ears import DetectorEars
from dialer.call_progress.service import DetectorService
from dialer.call_progress.speech import RATE, Samples
from dialer.call_progress.training.traces import Trace
from dialer.model.facts import (
    ChannelAnswered,
    EarsUp,
    Heard,
    HeardFact,
    Hearing,
    LinkUp,
    Screened,
    TelephonyFact,
)
from dialer.ports import CallOrder, ListenOrder
from dialer.settings import Settings
from sip_lab.behaviours import number_for

Found = Sequence[tuple[Trace, Samples]]
OURS_IN_DIALPLAN = AmdSettings(1800, 1500, 800, 4000, 100, 50, 3, 256, 5000)
"""The parameters of AMD() in extensions_cadencia.conf."""
LIMIT = 40.0


class Calls:
    """Places calls and waits for what is said of them."""

    def __init__(self, telephony: AmiTelephony, ears: DetectorEars) -> None:
        self.telephony, self.ears = telephony, ears
        self.waiting: dict[str, asyncio.Future[str]] = {}
        self.ours: set[str] = set()
        self.linked = asyncio.Event()
        self.eared = asyncio.Event()

    async def facts(self) -> None:
        """What the PBX says."""
        while True:
            for fact in await self.telephony.next_facts():
                self._fact(fact)

    def _fact(self, fact: TelephonyFact) -> None:
        match fact:
            case LinkUp():
                self.linked.set()
            case ChannelAnswered(channel_id=channel) if channel in self.ours:
                order = ListenOrder(channel, 1, True, 0.1, 0.02, 9.0, 0.0, False, False)
                self.ears.listen(order)
                self.telephony.listen(channel)
            case Screened(channel_id=channel, status=status):
                self._said(channel, {"HUMAN": "human", "MACHINE": "machine"}.get(status, "unsure"))

    async def heard(self) -> None:
        """What our detector says."""
        while True:
            for fact in await self.ears.next_heard():
                self._heard(fact)

    def _heard(self, fact: HeardFact) -> None:
        if isinstance(fact, EarsUp):
            self.eared.set()
        elif isinstance(fact, Heard) and fact.what is not Hearing.UNSURE:
            self._said(fact.channel_id, fact.what.value)

    def _said(self, channel: str, what: str) -> None:
        future = self.waiting.get(channel)
        if future is not None and not future.done():
            future.set_result(what)

    async def play(self, number: int, screen: str) -> str:
        """Call a clip; the verdict."""
        channel = str(uuid4())
        self.ours |= {channel} if screen == "progress" else set()
        self.waiting[channel] = asyncio.get_running_loop().create_future()
        order = CallOrder(
            channel, number_for("clip", number), "carrier", "+34910000000", 20.0, screen, "", "es", 30.0
        )
        self.telephony.originate(order)
        try:
            async with asyncio.timeout(LIMIT):
                return await self.waiting[channel]
        except TimeoutError:
            return "nothing"
        finally:
            self.telephony.hang_up(channel)


@asynccontextmanager
async def lab(folder: Path, clips: Path) -> AsyncIterator[dict[str, Any]]:
    """The laboratory's two Asterisks, with these clips."""
    words = ["--state", str(folder), "--services", "pbx,carrier", "--bots", "0", "--clips", str(clips)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sip_lab", "up", *words, stdout=asyncio.subprocess.DEVNULL
    )
    told = folder / "lab.json"

    async def there() -> bool:
        return await asyncio.to_thread(told.exists)

    try:
        await until(there, 300)
        yield json.loads(told.read_text())
    finally:
        process.terminate()
        await process.wait()


def _written(sample: Sequence[Samples]) -> Path:
    """A folder with the clips as the laboratory wants them, readable for its services."""
    home = Path(tempfile.mkdtemp(prefix="cadencia-bench-"))
    home.chmod(0o755)
    (home / "clips").mkdir(mode=0o755)
    for number, samples in enumerate(sample):
        soundfile.write(home / "clips" / f"clip-{number:03d}.wav", samples, RATE, subtype="PCM_16")
    return home


async def played(found: Found, count: int, say: Callable[[str], None]) -> str:
    """A table of what both said of `count` clips on real calls, beside what they say of the files."""
    step = max(1, len(found) // count)
    sample = list(found)[::step][:count]
    home = _written([samples for _, samples in sample])
    settings = Settings(
        _env_file=None, progress_port=0, progress_control_port=0, progress_audio=home / "audio"
    )
    service = DetectorService(settings)
    async with lab(home / "lab", home / "clips") as facts, asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(service.run())]
        await service.ready.wait()
        pbx = facts["pbx"]
        account = Account(pbx["ami_host"], pbx["ami_port"], pbx["ami_user"], pbx["ami_secret"])
        telephony = AmiTelephony(account, detector=f"127.0.0.1:{service.audio_port}")
        ears = DetectorEars("127.0.0.1", service.control_port, "")
        calls = Calls(telephony, ears)
        ears.begin(1)
        running += [tasks.create_task(c) for c in (telephony.run(), ears.run(), calls.facts(), calls.heard())]
        await asyncio.gather(calls.linked.wait(), calls.eared.wait())
        say(f"playing {len(sample)} clips as calls")
        by_us = await asyncio.gather(*(calls.play(number, "progress") for number in range(len(sample))))
        by_amd = await asyncio.gather(*(calls.play(number, "amd") for number in range(len(sample))))
        for task in running:
            task.cancel()
    return _table(sample, by_us, by_amd)


def _share(words: Sequence[str]) -> str:
    return f"{words.count('machine')} of {len(words)}"


def _table(sample: Found, by_us: Sequence[str], by_amd: Sequence[str]) -> str:
    rows = []
    for name, said in (("AMD() of our dialplan", by_amd), ("ours", by_us)):
        people = [word for (one, _), word in zip(sample, said, strict=True) if not one.machine]
        machines = [word for (one, _), word in zip(sample, said, strict=True) if one.machine]
        rows.append((name, _share(people), _share(machines)))
    copied = [amd(clip, OURS_IN_DIALPLAN)[0] for _, clip in sample]
    alike = sum(one == other for one, other in zip(copied, by_amd, strict=True))
    head = ("on real calls", "people called machines", "machines recognised")
    return f"{table(head, rows)}\nAMD() and our copy of it agree on {alike} of {len(sample)} clips"
