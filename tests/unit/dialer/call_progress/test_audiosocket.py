"""The protocol, byte by byte, and what it is refused for."""

from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call_progress.audiosocket import (
    FRAME,
    LONGEST,
    SILENCE,
    Blocks,
    Kind,
    Malformed,
    Message,
    Parser,
    Refusal,
    audio,
    named,
)

CALL = UUID("01890a5d-ac96-774b-bcce-b302099a8057")


def refused(*chunks: bytes) -> Refusal:
    parser = Parser()
    for chunk in chunks[:-1]:
        parser.feed(chunk)
    with pytest.raises(Malformed) as error:
        parser.feed(chunks[-1])
    return error.value.refusal


def test_a_stream_names_its_call_and_sends_audio() -> None:
    found = Parser().feed(named(CALL) + audio(b"\x01\x02" * 160) + bytes((0, 0, 0)))
    assert [message.kind for message in found] == [Kind.UUID, Kind.AUDIO, Kind.HANGUP]
    assert found[0].call_id == CALL
    assert found[1] == Message(Kind.AUDIO, b"\x01\x02" * 160)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40))
def test_it_does_not_matter_how_the_bytes_are_cut(sizes: list[int]) -> None:
    whole = named(CALL) + audio(bytes(320)) + audio(bytes(80)) + bytes((3, 0, 1, 35)) + audio(bytes(2))
    parser, found, at = Parser(), list[Message](), 0
    for size in [*sizes, len(whole)]:
        found += parser.feed(whole[at : at + size])
        at += size
    assert found == Parser().feed(whole)


@pytest.mark.parametrize(
    ("chunks", "refusal"),
    [
        ([audio(bytes(320))], Refusal.NO_ID),
        ([bytes((3, 0, 1, 35))], Refusal.NO_ID),
        ([named(CALL), named(uuid4())], Refusal.SECOND_ID),
        ([bytes((1, 0, 4)) + b"abcd"], Refusal.BAD_ID),
        ([named(CALL), bytes((0x10, 0, 3))], Refusal.ODD_AUDIO),
        ([named(CALL), bytes((0x10, 0xFF, 0xFF))], Refusal.TOO_LONG),
        ([b"GET / HTTP/1.1\r\n\r\n"], Refusal.UNKNOWN_KIND),
        ([named(CALL), bytes((0x42, 0, 0))], Refusal.UNKNOWN_KIND),
        ([b"\x16\x03\x01\x02\x00"], Refusal.UNKNOWN_KIND),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(chunks: list[bytes], refusal: Refusal) -> None:
    assert refused(*chunks) is refusal


@given(st.lists(st.binary(max_size=400), max_size=30))
def test_whatever_comes_it_never_keeps_more_than_a_message(chunks: list[bytes]) -> None:
    parser = Parser()
    try:
        for chunk in chunks:
            parser.feed(chunk)
            assert len(parser._rest) <= LONGEST + 3
    except Malformed:
        return  # closed: nothing more is fed


@given(st.lists(st.binary(max_size=1000), max_size=30))
def test_frames_are_cut_from_audio_of_any_length(chunks: list[bytes]) -> None:
    blocks = Blocks()
    found = [frame for chunk in chunks for frame in blocks.feed(chunk)]
    whole = b"".join(chunks)
    assert all(len(frame) == FRAME for frame in found)
    assert b"".join(found) == whole[: len(whole) - len(whole) % FRAME]


def test_silence_is_a_frame() -> None:
    (message,) = Parser().feed(named(CALL) + SILENCE)[1:]
    assert message.payload == bytes(FRAME)
