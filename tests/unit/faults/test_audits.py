"""The audits of the fault harness go red: each is shown books that were forged, and books that are right."""

from dataclasses import replace

import pytest

from tests.lab.faults.audits import AUDITS, audit
from tests.lab.faults.facts import Booked, Books, Finding, Order, Rung, Taped
from tests.lab.faults.tables import Told, by_case, report, table

NUMBER = "+34610100001"
SERVED = Rung(
    NUMBER,
    "person",
    10.0,
    True,
    answered=12.0,
    greeted=13.0,
    ended=40.0,
    hung_up_by="person",
    voice=13.4,
    kept=True,
)
BOOKED = Booked(
    "a1", NUMBER, 9.9, "ended", "conversation", answered=12.0, judged=13.1, connected=13.2, ended=40.1
)
TAPED = Taped("a1", "archived", seconds=28.0, loudest=0.6)
LONELY = replace(SERVED, ended=17.0, voice=14.9)
ABANDONED = replace(BOOKED, outcome="abandoned", connected=None)
RIGHT = Books([SERVED], [BOOKED], [TAPED])
ALONE = Books([LONELY], [ABANDONED], [TAPED])


def breached(books: Books) -> set[str]:
    """Names of the audits that are red."""
    return {finding.audit for finding in audit(books)}


def rung(books: Books, **changes: object) -> Books:
    """The same books, where the carrier says something else of its call."""
    return replace(books, rung=[replace(books.rung[0], **changes)])  # type: ignore[arg-type]


def booked(books: Books, **changes: object) -> Books:
    """The same books, where the database says something else of the attempt."""
    return replace(books, booked=[replace(books.booked[0], **changes)])  # type: ignore[arg-type]


@pytest.mark.parametrize("books", [RIGHT, ALONE, Books()], ids=["served", "abandoned", "empty"])
def test_right_books_are_green(books: Books) -> None:
    assert audit(books) == []


def test_a_number_rung_twice_for_one_attempt() -> None:
    again = replace(SERVED, invited=41.0, answered=None, greeted=None, ended=45.0)
    assert "rung twice" in breached(replace(RIGHT, rung=[SERVED, again]))


def test_two_attempts_within_the_rest() -> None:
    again = replace(SERVED, invited=300.0, answered=None, greeted=None, ended=310.0)
    twice = [BOOKED, replace(BOOKED, id="a2", placed=299.9, outcome="no_answer", connected=None)]
    assert breached(Books([SERVED, again], twice, [TAPED])) == {"rung twice"}
    later = replace(again, invited=3_000.0, ended=3_010.0)
    assert breached(Books([SERVED, later], twice, [TAPED])) == set()


@pytest.mark.parametrize("state", ["dialing", "ringing", "screening", "waiting", "connected"])
def test_an_attempt_that_stays_open(state: str) -> None:
    assert breached(booked(RIGHT, state=state)) == {"open"}


def test_a_person_who_stays_on_the_line() -> None:
    assert breached(rung(RIGHT, ended=None)) == {"open"}


def test_a_missing_recording() -> None:
    assert breached(replace(RIGHT, taped=[])) == {"recording"}


def test_a_recording_that_is_missing_without_a_word() -> None:
    assert breached(replace(RIGHT, taped=[Taped("a1", "missing")])) == {"recording"}
    assert breached(replace(RIGHT, taped=[Taped("a1", "missing", "both files missing")])) == set()


def test_a_silent_recording() -> None:
    assert breached(replace(RIGHT, taped=[replace(TAPED, loudest=0.001)])) == {"recording"}


def test_a_voice_that_comes_late() -> None:
    assert breached(rung(RIGHT, voice=15.6)) == {"dead air"}


def test_a_silent_file() -> None:
    assert breached(rung(RIGHT, voice=None)) == {"dead air"}


def test_who_hangs_up_before_the_limit_may_have_heard_nothing() -> None:
    assert breached(rung(RIGHT, voice=None, ended=14.9)) == set()


def test_what_a_person_heard_was_not_kept() -> None:
    assert breached(rung(RIGHT, kept=False, voice=None)) == {"dead air"}


def test_without_a_pbx_nobody_can_speak() -> None:
    silent = rung(RIGHT, voice=None)
    assert breached(replace(silent, voiceless=[(14.0, 20.0)])) == set()
    assert breached(replace(silent, voiceless=[(20.0, 25.0)])) == {"dead air"}


def test_who_answers_a_dead_caller_answers_nobody() -> None:
    ghost = replace(rung(booked(ALONE, outcome="lost", answered=None), voice=None), taped=[])
    assert breached(replace(ghost, deaths=[11.0])) == set()
    assert breached(replace(ghost, deaths=[12.2])) == set()
    assert breached(replace(ghost, deaths=[12.5])) == {"booked", "sum", "dead air", "recording"}


@pytest.mark.parametrize("outcome", ["lost", "no_answer", "conversation", "hung_up_early", "unserved", None])
def test_a_person_beyond_the_connect_limit_is_abandoned(outcome: str | None) -> None:
    assert "booked" in breached(booked(ALONE, outcome=outcome))


@pytest.mark.parametrize("outcome", ["lost", "no_answer", "hung_up_early", "abandoned"])
def test_who_hangs_up_before_the_limit_is_unserved(outcome: str) -> None:
    early = rung(ALONE, ended=13.9, voice=None)
    assert "booked" in breached(booked(early, outcome=outcome))
    assert breached(booked(early, outcome="unserved")) == set()


def test_without_a_verdict_nobody_knows_when_the_greeting_ended() -> None:
    unjudged = booked(ALONE, judged=None, outcome="unserved")
    assert breached(unjudged) == set()
    assert breached(rung(unjudged, ended=24.5)) == {"booked"}


def test_who_hangs_up_at_once_did_so_by_their_own_will() -> None:
    quick = rung(ALONE, greeted=None, ended=12.6, voice=None)
    assert breached(booked(quick, outcome="hung_up_early")) == set()


def test_somebody_whom_nobody_counts() -> None:
    assert "sum" in breached(booked(ALONE, outcome="lost"))


def test_an_abandoned_one_who_never_answered() -> None:
    assert "sum" in breached(rung(ALONE, answered=None, greeted=None))


def test_a_call_in_no_book_of_ours() -> None:
    assert {"sum", "rung twice"} <= breached(replace(RIGHT, booked=[], taped=[]))


def test_an_order_that_was_lost() -> None:
    order = Order(NUMBER, pressed=20.0, by=31.0)
    assert breached(replace(RIGHT, orders=[order])) == {"order"}
    assert breached(replace(RIGHT, orders=[replace(order, by=41.0)])) == set()


def test_every_audit_was_seen_red_here() -> None:
    wrong = Books(
        [replace(LONELY, voice=None), replace(SERVED, number="+34610100002", ended=None)],
        [
            replace(ABANDONED, outcome="lost"),
            replace(BOOKED, id="a2", number="+34610100002", state="connected"),
        ],
        [],
        [Order("+34610100002", 20.0, 30.0)],
    )
    assert breached(wrong) | {"rung twice"} == set(AUDITS)


def test_a_breach_belongs_to_the_fault_that_came_while_it_was_done() -> None:
    told = [Told("none", 0.0, "", 1.0), Told("one", 20.0, "", 1.0), Told("two", 60.0, "", 1.0)]
    spans = {"none": (5.0, 15.0), "one": (15.0, 70.0), "two": (65.0, 66.0)}
    findings = [Finding("open", begin, end, name) for name, (begin, end) in spans.items()]
    cases = by_case(told, findings)
    assert {one.case: [f.text for f in one.findings] for one in cases} == {n: [n] for n in spans}
    assert all(one.red for one in cases)


def test_the_table_tells_what_is_red() -> None:
    told = by_case([Told("one", 0.0, "", None)], [Finding("dead air", 1.0, 2.0, "9.9 s of silence")])
    lines = table(told).splitlines()
    assert lines[1].split()[:2] == ["one", "never"]
    assert lines[1].split().count("ok") == len(AUDITS) - 1
    assert "one: dead air: 9.9 s of silence" in report(told, 7)
    assert report(told, 7).startswith("seed 7")
