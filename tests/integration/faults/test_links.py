"""The links of the fault harness obey."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.eventually import eventually
from tests.lab.faults.links import Link, Links


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Says everything again."""
    while data := await reader.read(100):
        writer.write(data)
    writer.close()


@pytest_asyncio.fixture
async def links() -> AsyncIterator[Links]:
    """One link, named x, to a server that says everything again."""
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    links = Links(["x"])
    await links.listen()
    links.lead({"x": server.sockets[0].getsockname()[1]})
    async with server:
        yield links
        await links.close()


async def speak(link: Link) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection over a link that was seen to work."""
    reader, writer = await asyncio.open_connection("127.0.0.1", link.port)
    writer.write(b"hello")
    assert await reader.readexactly(5) == b"hello"
    return reader, writer


async def test_a_cut_ends_what_is_open_and_refuses_what_comes(links: Links) -> None:
    reader, _ = await speak(links.links["x"])
    assert links.obey(["cut", "x"]) == "cut"
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await speak(links.links["x"])
    assert links.obey(["mend", "x"]) == "open"
    await speak(links.links["x"])


async def test_a_stall_keeps_back_and_loses_nothing(links: Links) -> None:
    reader, writer = await speak(links.links["x"])
    links.obey(["stall", "x"])
    writer.write(b"later")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(5), 0.2)
    links.obey(["mend", "x"])
    assert await asyncio.wait_for(reader.readexactly(5), 5) == b"later"


async def test_a_trap_springs_at_its_word(links: Links) -> None:
    reader, writer = await speak(links.links["x"])
    links.obey(["trap", "x", "COMMIT"])
    writer.write(b"other")
    assert await reader.readexactly(5) == b"other"
    writer.write(b"COMMIT")
    await eventually(lambda: links.obey(["look", "x"]) == "stalled")
    links.obey(["mend", "x"])
    assert await reader.readexactly(6) == b"COMMIT"


async def test_an_order_comes_over_the_control_port(links: Links) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", links.port)
    writer.write(b"stall x\n")
    assert await reader.readline() == b"stalled\n"
    writer.close()
