"""A telephone's SIP messages."""

from sip_lab.telephones.sip import Dialog, offer, parse, response

INVITE = (
    b"INVITE sip:vad.34600028001@127.0.0.1:10009 SIP/2.0\r\n"
    b"Via: SIP/2.0/UDP 127.0.0.1:10005;rport;branch=z9hG4bK1\r\n"
    b"From: <sip:pbx@127.0.0.1>;tag=1\r\nTo: <sip:vad.34600028001@127.0.0.1>\r\n"
    b"Contact: <sip:asterisk@127.0.0.1:10005>\r\n"
    b"Call-ID: a\r\nCSeq: 1 INVITE\r\nContent-Length: 60\r\n\r\n"
    b"v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio 11000 RTP/AVP 8 0\r\n"
)


def test_an_invite_says_who_is_called_and_where_sound_goes() -> None:
    invite = parse(INVITE)
    assert invite is not None
    assert (invite.method, invite.user, invite.status) == ("INVITE", "vad.34600028001", 0)
    assert invite.media == ("127.0.0.1", 11000)
    assert invite.get("call-id") == "a"


def test_noise_is_no_message() -> None:
    assert parse(b"\r\n\r\n") is None
    assert parse(b"\xff\x00garbage") is None


def test_an_answer_repeats_what_the_request_said_of_itself() -> None:
    invite = parse(INVITE)
    assert invite is not None
    answer = parse(response("200 OK", invite, "t", "<sip:x@y>", offer(12000, 1)))
    assert answer is not None
    assert (answer.status, answer.method) == (200, "")
    assert answer.get("to") == "<sip:vad.34600028001@127.0.0.1>;tag=t"
    assert [answer.get(name) for name in ("call-id", "cseq", "from")] == [
        "a",
        "1 INVITE",
        "<sip:pbx@127.0.0.1>;tag=1",
    ]
    assert answer.media == ("127.0.0.1", 12000)


def test_a_refusal_may_say_more() -> None:
    invite = parse(INVITE)
    assert invite is not None
    more = [("Retry-After", "25 (full)")]
    answer = parse(response("503 Service Unavailable", invite, "t", "<sip:x@y>", extra=more))
    assert answer is not None
    assert (answer.status, answer.get("retry-after"), answer.media) == (503, "25 (full)", None)


def test_our_own_requests_go_the_other_way_in_the_same_dialog() -> None:
    invite = parse(INVITE)
    assert invite is not None
    dialog = Dialog(invite, "t", "<sip:x@y>", 10009)
    first, second = (
        parse(dialog.request("REFER", [("Refer-To", "<sip:z@y>")])),
        parse(dialog.request("BYE", [])),
    )
    assert first is not None
    assert second is not None
    assert first.first == "REFER sip:asterisk@127.0.0.1:10005 SIP/2.0"
    assert (first.get("from"), first.get("to")) == (f"{invite.get('to')};tag=t", invite.get("from"))
    assert (first.get("cseq"), second.get("cseq")) == ("1 REFER", "2 BYE")
    assert first.get("refer-to") == "<sip:z@y>"


def test_a_call_that_is_to_take_the_place_of_this_one_names_both_tags() -> None:
    invite = parse(INVITE)
    assert invite is not None
    again = parse(Dialog(invite, "t", "<sip:x@y>", 10009).replacement("a-again", offer(12000, 1)))
    assert again is not None
    assert again.first == "INVITE sip:+34910000000@127.0.0.1:10005 SIP/2.0"
    assert (again.get("call-id"), again.get("replaces")) == ("a-again", "a;to-tag=1;from-tag=t")
