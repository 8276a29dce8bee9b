"""The life of the link: entering, watching, losing, coming back."""

import asyncio

import pytest

from dialer.ami.backoff import Backoff
from dialer.ami.link import Limits
from dialer.exceptions import ActionFailed
from dialer.model.facts import ChannelRinging, LinkDown, LinkUp
from tests.eventually import eventually
from tests.unit.dialer.ami.manager_server import (
    DEADLINE,
    Connection,
    Headers,
    ManagerServer,
    accept,
    error,
    silence,
    success,
)
from tests.unit.dialer.ami.talk import ATTEMPT, QUICK, Ear, account, call_order, linked, running

UP = LinkUp("2026-11-23 01:02:03")


async def test_nothing_is_sent_again_after_a_reconnect(server: ManagerServer) -> None:
    """Defect 1: the library would phone the same person twice."""
    server.reactions["Originate"] = lambda connection, action: connection.hang_up()
    async with linked(server) as (telephony, ear):
        telephony.originate(call_order())
        telephony.hang_up(ATTEMPT)
        assert isinstance(await ear.next(), LinkDown)
        assert await ear.next() == UP
        before = len(server.last.received)
        telephony.park(ATTEMPT)
        await server.got("Redirect")
        assert [action["Action"] for action in server.last.received[before:]] == ["Redirect"]
        assert len(server.received("Originate")) == 1
        assert not any(action["Action"] == "Originate" for action in server.connections[1].received)
        assert telephony.stats.losses == 1
        assert telephony.stats.connects == 2


async def test_wrong_password_is_tried_again_with_patience_and_never_after_close(
    server: ManagerServer,
) -> None:
    """Defect 8: the library says nothing, tries for ever at one pace, and goes on after close."""
    server.reactions["Login"] = error("Authentication failed")
    backoff = Backoff(first=0.001, cap=0.01)
    async with running(server, backoff=backoff) as telephony:
        await server.got("Login", 4)
        assert backoff.failures >= 3
        assert telephony.stats.refused_logins >= 3
    # `run` has returned. The next to come is another link, not a timer that the first one left behind.
    tries = len(server.connections)
    server.reactions["Login"] = accept
    async with linked(server):
        assert len(server.connections) == tries + 1


async def test_patience_begins_anew_after_success(server: ManagerServer) -> None:
    backoff = Backoff(first=0.001, cap=0.01, failures=5)
    async with running(server, backoff=backoff) as telephony:
        assert await Ear(telephony).next() == UP
        assert backoff.failures == 0


async def test_link_comes_up_once_the_password_is_right(server: ManagerServer) -> None:
    server.reactions["Login"] = error("Authentication failed")
    async with running(server) as telephony:
        await server.got("Login", 2)
        server.reactions["Login"] = accept
        assert await Ear(telephony).next() == UP
        assert telephony.stats.connects == 1


async def test_nobody_listens_at_first(server: ManagerServer) -> None:
    server.port = 1
    async with running(server) as telephony:
        await eventually(lambda: telephony.stats.failed_connects >= 3)
        assert telephony.stats.connects == 0


async def test_silent_peer_is_left(server: ManagerServer) -> None:
    server.reactions["Login"] = silence
    async with running(server, limits=QUICK):
        await server.until(lambda: len(server.connections) >= 3)


async def test_peer_that_is_no_asterisk_is_left(server: ManagerServer) -> None:
    server.greeting = b"x" * 200_000
    async with running(server) as telephony:
        await server.until(lambda: len(server.connections) >= 2)
        assert telephony.stats.connects == 0


async def test_pbx_that_is_still_booting_is_not_up(server: ManagerServer) -> None:
    server.reactions["Login"] = success("Message: Authentication accepted")
    async with running(server) as telephony:
        await server.got("Login")
        assert not telephony.stats.up
        server.last.event("FullyBooted", Uptime="1")
        assert await Ear(telephony).next() == UP


async def test_pbx_that_never_finishes_booting_is_asked_nothing(server: ManagerServer) -> None:
    server.reactions["Login"] = success("Message: Authentication accepted")
    async with running(server, limits=QUICK):
        await server.got("Login", 2)
    assert server.received("CoreStatus") == []


async def test_link_up_is_the_first_fact_of_a_session(server: ManagerServer) -> None:
    def eager(connection: Connection, action: Headers) -> None:
        accept(connection, action)
        connection.event("Newstate", Uniqueid=ATTEMPT, ChannelState="5")

    server.reactions["Login"] = eager
    async with linked(server) as (_, ear):
        assert await ear.next() == ChannelRinging(ATTEMPT)


async def test_pbx_restart_shows_in_link_up(server: ManagerServer) -> None:
    async with linked(server) as (telephony, ear):
        server.reactions["CoreStatus"] = success("CoreStartupDate: 2026-11-24", "CoreStartupTime: 00:00:01")
        server.last.event("Shutdown", Shutdown="Uncleanly", Restart="False")
        server.reactions["CoreShowChannels"] = error("its answer proves that the link still lives")
        with pytest.raises(ActionFailed):
            await telephony.snapshot()
        server.last.event("Newstate", Uniqueid=ATTEMPT, ChannelState="5")
        server.last.hang_up()
        assert await ear.next() == ChannelRinging(ATTEMPT)
        assert isinstance(await ear.next(), LinkDown)
        assert await ear.next() == LinkUp("2026-11-24 00:00:01")


async def test_frozen_peer_is_noticed(server: ManagerServer) -> None:
    """Defect 6: the library does not look at the answers to its pings."""
    async with linked(server, limits=QUICK) as (telephony, ear):
        server.reactions["Ping"] = silence
        assert await ear.next() == LinkDown("2 pings without an answer")
        server.reactions["Ping"] = success("Ping: Pong")
        assert await ear.hear(LinkUp) == UP
        assert telephony.stats.missed_pings >= 2


async def test_one_lost_ping_is_forgiven(server: ManagerServer) -> None:
    answers = iter([silence] + [success("Ping: Pong")] * 1000)
    server.reactions["Ping"] = lambda connection, action: next(answers)(connection, action)
    async with linked(server, limits=Limits(ping=0.2)) as (telephony, _):
        await server.got("Ping", 4)
        assert telephony.stats.missed_pings == 1
        assert telephony.stats.losses == 0


async def test_peer_that_does_not_read_is_left(server: ManagerServer) -> None:
    def stop_reading(connection: Connection, action: Headers) -> None:
        connection.writer.transport.pause_reading()  # type: ignore[attr-defined]  # a read transport too

    server.reactions["Redirect"] = stop_reading
    async with linked(server, limits=Limits(unsent_bytes=50_000, pending=10**6)) as (telephony, ear):
        telephony.park(ATTEMPT)
        await server.got("Redirect")
        while telephony.stats.unsent_orders == 0:
            telephony.hang_up(ATTEMPT * 25)
        assert await ear.next() == LinkDown("the PBX does not read")


async def test_close_ends_the_link_for_good(server: ManagerServer) -> None:
    async with linked(server) as (telephony, ear):
        telephony.close()
        assert await ear.next() == LinkDown("closed by us")
    assert len(server.connections) == 1
    assert telephony.stats.losses == 0


async def test_close_while_logging_in(server: ManagerServer) -> None:
    server.reactions["Login"] = silence
    async with asyncio.timeout(DEADLINE / 2), running(server, limits=Limits(login=DEADLINE, action=DEADLINE)):
        await server.got("Login")
    assert len(server.connections) == 1


async def test_the_secret_is_in_no_text_form(server: ManagerServer) -> None:
    assert "hidden" not in repr(account(server, "hidden"))
