"""When to look at a call's files, and when to stop waiting."""

from pathlib import Path
from uuid import UUID, uuid4

from recordings.captured import Capture, Condition, Side
from recordings.ledger import Ended
from recordings.waiting import Patience, WaitingRoom

PATIENCE = Patience(after_end=2.0, settled=0.2, quiet=6.0, deadline=30.0)


def _capture(condition: Condition, size: int = 100) -> Capture:
    side = Side(Path("x"), condition, 8000, 44, size // 2, size)
    return Capture(side, side)


def _room(age: float = 0.0, now: float = 100.0) -> tuple[WaitingRoom, UUID]:
    room, attempt = WaitingRoom(PATIENCE, 10), uuid4()
    assert room.add((Ended(attempt, age),), now)
    return room, attempt


def test_nobody_looks_before_the_pbx_had_time() -> None:
    room, attempt = _room(age=0.5)
    assert room.due(101.4) == ()
    assert room.due(101.6) == (attempt,)


def test_closed_files_are_taken_when_two_looks_agree() -> None:
    room, attempt = _room(age=10)
    assert not room.look(attempt, _capture(Condition.CLOSED), 100.0)
    assert room.due(100.1) == ()
    assert room.look(attempt, _capture(Condition.CLOSED), 100.25)


def test_a_growing_file_is_never_taken() -> None:
    room, attempt = _room(age=1000)
    for second in range(200):
        assert not room.look(attempt, _capture(Condition.OPEN, size=100 * second), 100.0 + second)


def test_an_unclosed_file_is_taken_when_it_stopped_growing() -> None:
    room, attempt = _room(age=10)
    assert not room.look(attempt, _capture(Condition.OPEN), 100.0)
    assert not room.look(attempt, _capture(Condition.OPEN), 105.9)
    assert room.look(attempt, _capture(Condition.OPEN), 106.0)


def test_missing_files_are_waited_for_until_the_deadline() -> None:
    room, attempt = _room(age=5)
    assert not room.look(attempt, _capture(Condition.MISSING), 100.0)
    assert not room.look(attempt, _capture(Condition.MISSING), 124.9)
    assert room.look(attempt, _capture(Condition.MISSING), 125.0)


def test_looks_back_off_to_two_seconds_and_start_over_when_something_happens() -> None:
    room, attempt = _room(age=5)
    now, gaps = 100.0, []
    for _ in range(6):
        room.look(attempt, _capture(Condition.OPEN), now)
        gaps.append(room.pause(now, 60.0))
        now += gaps[-1]
    assert gaps == [0.25, 0.5, 1.0, 2.0, 2.0, 2.0]
    room.look(attempt, _capture(Condition.OPEN, size=200), now)
    assert room.pause(now, 60.0) == 0.25


def test_a_failing_call_is_tried_later_and_later_at_most_once_a_minute_apart() -> None:
    room, attempt = _room(age=5)
    waits = []
    for _ in range(12):
        room.failed(attempt, 0.0)
        waits.append(room.pause(0.0, 1000.0))
    assert waits[:3] == [0.5, 1.0, 2.0]
    assert waits[-1] == 60.0
    assert room.failing(5) == (attempt,)
    room.done(attempt)
    assert room.failing(1) == ()


def test_the_room_is_bounded_and_says_when_it_is_full() -> None:
    room = WaitingRoom(PATIENCE, 3)
    assert not room.add(tuple(Ended(uuid4(), 0.0) for _ in range(5)), 0.0)
    assert len(room) == 3


def test_a_call_is_waited_for_once() -> None:
    room, attempt = _room()
    assert room.add((Ended(attempt, 0.0),), 500.0)
    assert len(room) == 1
    assert room.due(103.0) == (attempt,)


def test_an_idle_room_pauses_as_long_as_allowed() -> None:
    assert WaitingRoom(PATIENCE, 3).pause(0.0, 2.0) == 2.0
