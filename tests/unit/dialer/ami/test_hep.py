"""Answers that cross our CANCEL, in the PBX's copies of SIP messages."""

import struct

import pytest

from dialer.ami.hep import LIMIT, Crossings, SignallingPort, sip_of, wait_of

NUMBER = "+34600030001"


def sip(first: str, call: str = "a", cseq: str = "1 INVITE") -> bytes:
    """A SIP message about a call to NUMBER."""
    lines = (
        first,
        "Via: SIP/2.0/UDP x",
        f"To: <sip:{NUMBER}@carrier>;tag=1",
        f"Call-ID: {call}",
        f"CSeq: {cseq}",
    )
    return "\r\n".join((*lines, "", "")).encode()


def hep(message: bytes) -> bytes:
    """The packet in which Asterisk copies it."""
    chunks = struct.pack("!HHHB", 0, 1, 7, 2) + struct.pack("!HHH", 0, 0x000F, 6 + len(message)) + message
    return b"HEP3" + struct.pack("!H", 6 + len(chunks)) + chunks


CANCEL = sip(f"CANCEL sip:{NUMBER}@carrier SIP/2.0", cseq="1 CANCEL")
ANSWER = sip("SIP/2.0 200 OK")


def test_an_answer_after_the_cancel_is_told_once_with_its_number() -> None:
    crossings = Crossings()
    assert [crossings.seen(one) for one in (CANCEL, ANSWER, ANSWER)] == ["", NUMBER, ""]


def test_the_answer_to_the_cancel_itself_is_none() -> None:
    crossings = Crossings()
    assert crossings.seen(CANCEL) == ""
    assert crossings.seen(sip("SIP/2.0 200 OK", cseq="1 CANCEL")) == ""
    assert crossings.seen(sip("SIP/2.0 487 Request Terminated")) == ""


def test_whoever_answers_a_call_that_was_not_cancelled_is_in_time() -> None:
    crossings = Crossings()
    crossings.seen(CANCEL)
    assert crossings.seen(sip("SIP/2.0 200 OK", call="b")) == ""


def test_a_flood_takes_no_more_room_than_there_is() -> None:
    crossings = Crossings()
    crossings.seen(CANCEL)
    for number in range(LIMIT):
        crossings.seen(sip("CANCEL sip:x@y SIP/2.0", call=f"c{number}", cseq="1 CANCEL"))
    assert crossings.seen(ANSWER) == ""


def test_packets_are_opened_and_noise_is_none() -> None:
    assert sip_of(hep(CANCEL)) == CANCEL
    for noise in (b"", b"HEP3", hep(CANCEL)[:9], b"HEP3" + bytes(40), b"SIP/2.0 200 OK"):
        assert sip_of(noise) == b""


def test_the_port_tells_what_it_hears() -> None:
    told: list[str] = []
    port = SignallingPort(told.append, lambda number, seconds: None)
    for message in (CANCEL, ANSWER, b"noise"):
        port.datagram_received(hep(message) if message != b"noise" else message, ("127.0.0.1", 1))
    assert told == [NUMBER]


def refusal(status: str, *headers: str, method: str = "INVITE") -> bytes:
    """A final answer of the carrier."""
    lines = (f"SIP/2.0 {status}", "To: <sip:+34600001000@carrier>;tag=1", f"CSeq: 7 {method}", *headers)
    return "\r\n".join((*lines, "", "")).encode()


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (refusal("503 Service Unavailable", "Retry-After: 120"), ("+34600001000", 120.0)),
        (refusal("500 Server Error", "Retry-After: 18000;duration=3600"), ("+34600001000", 18000.0)),
        (refusal("503 Service Unavailable", "Retry-After: 120 (in maintenance)"), ("+34600001000", 120.0)),
        (refusal("503 Service Unavailable"), None),
        (refusal("503 Service Unavailable", "Retry-After: soon"), None),
        (refusal("503 Service Unavailable", "Retry-After: 120", method="OPTIONS"), None),
        (refusal("486 Busy Here", "Retry-After: 120"), None),
    ],
)
def test_a_carrier_that_asks_to_be_left_alone(message: bytes, told: tuple[str, float] | None) -> None:
    assert wait_of(message) == told
