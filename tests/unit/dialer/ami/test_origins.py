"""Failed originates are told once, by the fact that has the cause; unwanted ones end on sight."""

from dialer.ami.origins import LIMIT, Origins, made_late
from tests.unit.dialer.ami.talk import ATTEMPT, LEG

MADE = {"Event": "Newchannel", "Uniqueid": ATTEMPT}
FAILED = {"Event": "OriginateResponse", "Response": "Failure", "Uniqueid": ATTEMPT}
GONE = {"Event": "Hangup", "Uniqueid": ATTEMPT}


def told(*events: dict[str, str]) -> list[bool]:
    """What is told by a hang-up, event by event."""
    origins = Origins()
    return [origins.told_by_hangup(event) for event in events]


def test_failure_with_a_channel_in_either_order() -> None:
    assert told(MADE, GONE, FAILED) == [False, False, True]
    assert told(MADE, FAILED, GONE) == [False, True, False]


def test_failure_without_a_channel() -> None:
    assert told(FAILED) == [False]
    assert told(MADE, {"Event": "OriginateResponse", "Uniqueid": "<null>", "ActionID": LEG}) == [False, False]


def test_nothing_is_kept_after_the_answer() -> None:
    assert told(MADE, FAILED, FAILED) == [False, True, False]


def test_channels_of_others_take_no_room() -> None:
    other = {"Event": "OriginateResponse", "Uniqueid": "1.2", "ActionID": "1.2"}
    assert told({"Event": "Newchannel", "Uniqueid": "1.2"}, other) == [False, False]


def test_channel_that_comes_after_the_failure_is_known_once() -> None:
    origins = Origins()
    assert not origins.told_by_hangup(FAILED)
    assert not origins.made_after_all(ATTEMPT)
    origins.told_by_hangup(MADE)
    assert origins.made_after_all(ATTEMPT)
    assert not origins.made_after_all(ATTEMPT)


def test_only_a_failure_that_names_a_channel_may_be_early() -> None:
    assert made_late(FAILED)
    assert not made_late(FAILED | {"Uniqueid": "<null>", "ActionID": LEG})


def test_missed_events_are_forgotten() -> None:
    origins = Origins()
    origins.told_by_hangup(MADE)
    origins.forget()
    assert not origins.told_by_hangup(FAILED)


def test_memory_is_bounded() -> None:
    origins = Origins()
    origins.told_by_hangup(MADE)
    for number in range(LIMIT):
        origins.told_by_hangup({"Event": "Newchannel", "Uniqueid": f"leg-{number}"})
    assert not origins.told_by_hangup(FAILED)
    assert origins.told_by_hangup({"Event": "OriginateResponse", "Uniqueid": f"leg-{LIMIT - 1}"})


def test_call_given_up_before_its_channel_ends_on_sight_once() -> None:
    origins = Origins()
    origins.end_on_sight(ATTEMPT)
    assert [origins.unwanted(event) for event in (FAILED, GONE, MADE, MADE)] == ["", "", ATTEMPT, ""]


def test_reconciliation_looks_after_the_unwanted() -> None:
    origins = Origins()
    origins.end_on_sight(ATTEMPT)
    origins.forget()
    assert origins.unwanted(MADE) == ""
