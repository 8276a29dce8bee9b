"""What the listening telephones make of packets and requests."""

import struct
from pathlib import Path

from sip_lab.ears import Track, parse

INVITE = (
    b"INVITE sip:ear-0001@127.0.0.1:10008 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:10005;rport;branch=z9hG4bK1\r\n"
    b"From: <sip:pbx@127.0.0.1>;tag=1\r\nTo: <sip:ear-0001@127.0.0.1>\r\n"
    b"Call-ID: a\r\nCSeq: 1 INVITE\r\nContent-Length: 60\r\n\r\n"
    b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 11000 RTP/AVP 8 0\r\n"
)


def test_an_invite_says_who_is_called_and_where_sound_goes() -> None:
    request = parse(INVITE)
    assert request is not None
    assert (request.method, request.user, request.media) == ("INVITE", "ear-0001", ("127.0.0.1", 11000))
    assert [line.split(":")[0] for line in request.echoed] == ["Via", "From", "Call-ID", "CSeq"]


def test_responses_and_noise_are_no_requests() -> None:
    assert parse(b"SIP/2.0 200 OK\r\nTo: <sip:x@y>\r\n\r\n") is None
    assert parse(b"\r\n\r\n") is None
    assert parse(b"\xff\x00garbage") is None


def test_sound_lies_where_the_clock_put_it(tmp_path: Path) -> None:
    track = Track(tmp_path, "ear-0001", 1000.0)
    track.heard(b"\xaa" * 160, 1000.5)
    track.heard(b"\x2a" * 160, 1000.52)
    track.close()
    path = tmp_path / "ear-0001-1000.000.wav"
    data = path.read_bytes()
    samples = struct.unpack(f"<{(len(data) - 44) // 2}h", data[44:])
    assert len(samples) == 4000 + 320
    assert set(samples[:4000]) == {0}
    assert samples[4000] == 32256
    assert samples[4160] == -32256
    assert struct.unpack("<I", data[40:44])[0] == 2 * len(samples)
