"""The carrier's lines become one fact per call."""

import json

from sip_lab.truth import from_lines


def line(call: str, event: str, at: float, **more: str) -> bytes:
    """One line as the carrier's dialplan writes it."""
    facts = {"call": call, "number": "+34610001000", "event": event, "at": at, **more}
    return json.dumps(facts).encode() + b"\n"


def invite(call: str, behaviour: str, at: float) -> bytes:
    """The first line of a call."""
    return line(call, "invite", at, behaviour=behaviour, sip_call_id=f"{call}@x")


def test_a_whole_call() -> None:
    told = from_lines(
        [
            invite("a", "person", 1.0),
            line("a", "ring", 1.1),
            line("a", "answer", 3.0),
            line("a", "end", 10.5, by="person"),
        ]
    )
    assert len(told) == 1
    call = told[0]
    assert (call.behaviour, call.invited, call.rang, call.answered) == ("person", 1.0, 1.1, 3.0)
    assert (call.ended, call.hung_up_by, call.talk_seconds) == (10.5, "person", 7.5)


def test_what_a_person_heard_and_when_the_greeting_was_over() -> None:
    told = from_lines(
        [
            invite("a", "person", 1.0),
            line("a", "answer", 3.0),
            line("a", "heard", 3.01, file="call-a-in.wav"),
            line("a", "greeted", 4.2),
        ]
    )
    assert (told[0].heard, told[0].heard_from, told[0].greeted) == ("call-a-in.wav", 3.01, 4.2)


def test_a_call_tells_its_trunk_and_how_its_number_was_dialled_also_after_a_redirect() -> None:
    wire = {"behaviour": "redirect", "sip_call_id": "a@x", "trunk": "backup", "dialled": "0034610001000"}
    told = from_lines([line("a", "invite", 1.0, **wire), invite("b", "forwarded", 1.2)])
    assert [(call.trunk, call.dialled) for call in told] == [("backup", "0034610001000")]


def test_a_call_in_progress_has_no_end() -> None:
    call = from_lines([invite("a", "person", 1.0), line("a", "answer", 2.0)])[0]
    assert call.ended is None
    assert call.talk_seconds == 0


def test_a_line_still_being_written_is_left_for_later() -> None:
    assert from_lines([invite("a", "busy", 1.0), b'{"call": "b", "num']) == from_lines(
        [invite("a", "busy", 1.0)]
    )


def test_lines_of_an_earlier_file_are_ignored() -> None:
    assert from_lines([line("gone", "end", 1.0, by="caller")]) == []


def test_a_redirected_call_is_one_call() -> None:
    told = from_lines(
        [
            invite("a", "redirect", 1.0),
            line("a", "end", 1.1, by="redirect"),
            invite("b", "forwarded", 1.2),
            line("b", "answer", 4.0),
            line("b", "end", 9.0, by="person"),
        ]
    )
    assert len(told) == 1
    call = told[0]
    assert (call.call, call.behaviour, call.invited, call.answered) == ("a", "redirect", 1.0, 4.0)
    assert call.hung_up_by == "person"


def test_a_telephone_of_its_own_tells_its_greeting_and_what_was_odd() -> None:
    told = from_lines(
        [
            invite("a", "moved", 1.0),
            invite("tel-x", "forwarded", 1.1),
            line("a", "end", 1.1, by="redirect"),
            line("tel-x", "answer", 2.0),
            line("tel-x", "heard", 2.0, file="tel-34610001000-2.000-in.wav"),
            line("tel-x", "greeted", 2.9),
            line("tel-x", "odd", 6.0, what="moved"),
            line("tel-x", "odd", 7.0, what="back"),
            line("tel-x", "end", 9.0, by="person"),
        ]
    )
    (call,) = told
    assert (call.call, call.behaviour, call.answered, call.greeted) == ("a", "moved", 2.0, 2.9)
    assert (call.heard, call.heard_from) == ("tel-34610001000-2.000-in.wav", 2.0)
    assert call.odd == ((6.0, "moved"), (7.0, "back"))
    assert (call.ended, call.hung_up_by) == (9.0, "person")


def test_two_calls_to_one_redirecting_number_stay_two() -> None:
    told = from_lines(
        [
            invite("a", "redirect", 1.0),
            invite("b", "forwarded", 1.1),
            invite("c", "redirect", 5.0),
            invite("d", "forwarded", 5.1),
            line("d", "answer", 7.0),
        ]
    )
    assert [(call.call, call.answered) for call in told] == [("a", None), ("c", 7.0)]
