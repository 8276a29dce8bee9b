"""Serves the odd telephones until told to end. Run by the supervisor."""

import argparse
import asyncio
import signal
from pathlib import Path

from sip_lab.behaviours import BY_NAME
from sip_lab.telephones.habits import HABITS
from sip_lab.telephones.handset import Handset, House
from sip_lab.telephones.line import TICK, now
from sip_lab.telephones.sip import HOST, Message, parse, response

DEAD = 20.0
"""Seconds without a packet after which the other side has died."""
LINGERS = 10.0
"""Seconds for which an ended call still takes what is sent again."""


class Exchange(asyncio.DatagramProtocol):
    """The SIP side of all telephones, on one port: user part `habit.number`."""

    def __init__(self, house: House, tasks: asyncio.TaskGroup) -> None:
        """`tasks` owns the calls."""
        self._house, self._tasks = house, tasks
        self._calls: dict[str, Handset] = {}
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """The port is open."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Something for one of the telephones."""
        message = parse(data)
        if message is None or self._transport is None:
            return
        call = self._calls.get(message.get("call-id").removesuffix("-again"))
        if call is not None:
            call.came(message)
        elif message.method == "INVITE":
            self._rung(message, addr)
        elif message.method not in ("", "ACK"):
            self._transport.sendto(response("481 No Such Call", message, "lab", "<sip:lab@lab>"), addr)

    def tick(self) -> None:
        """Another 20 ms for every line."""
        for call in self._calls.values():
            if call.over or not call.answered:
                continue
            call.line.tick()
            if now() - call.line.heard_at > DEAD:
                call.goes("network")

    def _rung(self, message: Message, addr: tuple[str, int]) -> None:
        habit, _, number = message.user.partition(".")
        transport = self._transport
        if transport is None or habit not in HABITS:
            return
        phone = Handset(
            self._house, BY_NAME[habit], number, message, lambda data: transport.sendto(data, addr)
        )
        self._calls[message.get("call-id")] = phone
        phone.life = self._tasks.create_task(_lives(habit, phone))
        phone.life.add_done_callback(
            lambda _: asyncio.get_running_loop().call_later(LINGERS, self._gone, phone)
        )

    def _gone(self, phone: Handset) -> None:
        del self._calls[phone.call_id]
        phone.close()


async def _lives(habit: str, phone: Handset) -> None:
    await HABITS[habit](phone)


async def serve(house: House) -> None:
    """Answers until told to end."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with asyncio.TaskGroup() as tasks:
        exchange = Exchange(house, tasks)
        await loop.create_datagram_endpoint(lambda: exchange, local_addr=(HOST, house.port))
        await _keep_time(exchange, stop)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()


async def _keep_time(exchange: Exchange, stop: asyncio.Event) -> None:
    """A tick each 20 ms by the clock: a late one is made up for."""
    loop = asyncio.get_running_loop()
    due = loop.time()
    while not stop.is_set():
        exchange.tick()
        due = max(due + TICK, loop.time() - 0.5)
        await asyncio.sleep(max(0.0, due - loop.time()))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="odd telephones of the lab")
    parser.add_argument("--sip", type=int, required=True)
    for name in ("--heard", "--truth", "--voices"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--tempo", type=float, required=True)
    o = parser.parse_args()
    asyncio.run(serve(House(o.sip, o.heard, o.truth, o.voices, o.seed, o.tempo)))


if __name__ == "__main__":
    main()
