"""Bytes to messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.ami.wire import Frames, TooLong, parse
from dialer.model.facts import ChannelRinging, LinkDown, Screened
from tests.unit.dialer.ami.manager_server import ManagerServer
from tests.unit.dialer.ami.talk import ATTEMPT, call_order, linked


@given(
    names=st.lists(
        st.text(
            st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1
        ),
        min_size=1,
        max_size=5,
    ),
    cuts=st.lists(st.integers(1, 7), min_size=1),
)
def test_text_survives_any_cut(names: list[str], cuts: list[int]) -> None:
    """Defect 4: the library decodes each packet by itself, so that a name loses the letter at the seam."""
    stream = b"".join(f"Event: E\r\nName: {name}\r\n\r\n".encode() for name in names)
    frames, whole, at = Frames(), list[bytes](), 0
    while at < len(stream):
        size = cuts[at % len(cuts)]
        whole += frames.feed(stream[at : at + size])
        at += size
    messages = [parse(frame) for frame in whole]
    assert [message.name for message in messages if message] == [name.strip() for name in names]


def test_rest_is_bounded() -> None:
    frames = Frames(limit=100)
    with pytest.raises(TooLong):
        frames.feed(b"x" * 101)


def test_long_stream_of_short_messages_is_no_long_message() -> None:
    assert len(Frames(limit=100).feed(b"Event: E\r\n\r\n" * 1000)) == 1000


def test_empty_values_and_the_greeting() -> None:
    message = parse(b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nPing: \r\nCause:")
    assert message is not None
    assert (message.success, message.ping, message.cause) == (True, "", "")


def test_first_of_repeated_headers_counts() -> None:
    message = parse(b"Event: Hangup\r\nUniqueid: a\r\nEvent: Other\r\nuniqueid: b")
    assert message is not None
    assert (message.event, message.uniqueid) == ("Hangup", "a")


@pytest.mark.parametrize("frame", [b"", b"\r\n", b"no header", b"Key: value", b"\xff\xfe", b":", b": x"])
def test_what_is_no_message_is_nothing(frame: bytes) -> None:
    assert parse(frame) is None


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    for frame in Frames().feed(data + b"\r\n\r\n"):
        parse(frame)


async def test_letter_on_the_seam_of_two_packets(server: ManagerServer) -> None:
    """Defect 4 over a real connection: each byte travels alone."""
    async with linked(server) as (_, ear):
        event = f"Event: UserEvent\r\nUserEvent: CadenciaScreened\r\nUniqueid: {ATTEMPT}\r\nStatus: HUMAN\r\n"
        for byte in (event + "Cause: Muñoz\r\n\r\n").encode():
            server.last.say_bytes(bytes([byte]))
            await server.last.writer.drain()
        assert await ear.next() == Screened(ATTEMPT, "HUMAN", "Muñoz")


async def test_odd_event_does_not_cost_the_link(server: ManagerServer) -> None:
    """Defect 5: an error in a handler of the library ends the connection and eats the rest of the packet."""
    async with linked(server) as (telephony, ear):
        server.last.say_bytes(
            b"Event: \r\n\r\nEvent: Hangup\r\n\r\nEvent: Newstate\r\nUniqueid\r\nChannelState: \xff\r\n\r\n"
            b"Event: CoreShowChannel\r\nActionID: unknown\r\n\r\nResponse: Error\r\nActionID: unknown\r\n\r\n"
        )
        server.last.event("Newstate", Uniqueid=ATTEMPT, ChannelState="5")
        assert await ear.next() == ChannelRinging(ATTEMPT)
        assert telephony.stats.losses == 0


async def test_message_without_end_ends_the_link(server: ManagerServer) -> None:
    async with linked(server) as (_, ear):
        server.last.say_bytes(b"x" * 200_000)
        lost = await ear.next()
        assert isinstance(lost, LinkDown)
        assert "longer than" in lost.reason


async def test_originate_is_always_asynchronous(server: ManagerServer) -> None:
    """Defect 2: without Async the library loses the link at the answer."""
    async with linked(server) as (telephony, _):
        telephony.originate(call_order())
        (action,) = await server.got("Originate")
        assert (action["Async"], action["ChannelId"], action["ActionID"]) == ("true", ATTEMPT, ATTEMPT)
        telephony.park(ATTEMPT)
        await server.got("Redirect")
        assert telephony.stats.losses == 0


def test_a_carriers_words_are_one_line_that_the_books_can_hold() -> None:
    said = "Event: Hangup\r\nTechCause: 486 Bu\x00sy\x1b\nhere\r\nName: Muñoz 🙂\r\n\r\n"
    message = parse(said.encode())
    assert message is not None
    assert (message.techcause, message.name) == ("486 Busy here", "Muñoz 🙂")
