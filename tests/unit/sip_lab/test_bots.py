"""What a bot says when its disposition is refused: never the same again, and never nothing."""

from sip_lab.bots import said_otherwise

_SAID = {"type": "dispose", "call_id": "c1", "code": "callback", "callback_at": "2026-03-02T23:00:00+00:00"}


def test_a_refused_callback_is_agreed_for_the_first_time_that_is_permitted() -> None:
    again = said_otherwise(_SAID, "2026-03-03T07:00:00+00:00")
    assert again == {**_SAID, "callback_at": "2026-03-03T07:00:00+00:00"}


def test_where_no_time_is_in_sight_nothing_is_agreed_and_the_call_is_disposed_all_the_same() -> None:
    again = said_otherwise(_SAID, None)
    assert again == {"type": "dispose", "call_id": "c1", "code": "cannot_pay"}


def test_a_time_that_was_told_and_is_refused_again_is_not_said_for_ever() -> None:
    again = said_otherwise(_SAID, "2026-03-03T07:00:00+00:00")
    assert said_otherwise(again, again["callback_at"])["code"] == "cannot_pay"
