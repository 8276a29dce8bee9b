"""Who picks up as we give the call up heard a click: abandoned, for whatever reason we gave it up."""

from collections.abc import Callable
from uuid import UUID

import pytest

from dialer.engine.inputs import CallEventIn
from dialer.model.call import CallEvent, CallEventKind
from dialer.model.facts import AnsweredTooLate, ChannelAnswered, ChannelHungUp, ChannelRinging
from dialer.ports import LateAnswer
from tests.unit.dialer.engine.scenes import Scene


def ring_limit(scene: Scene, call_id: UUID) -> None:
    scene.later(60)


def payment(scene: Scene, call_id: UUID) -> None:
    scene.take(CallEventIn(call_id, CallEvent(CallEventKind.CANCELLED, reason="paid")))


@pytest.mark.parametrize("gives_up", [ring_limit, payment])
@pytest.mark.parametrize("told_by", ["event", "signalling"])
def test_who_picks_up_as_we_give_up_was_abandoned(
    gives_up: Callable[[Scene, UUID], None], told_by: str
) -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    number = scene.call(call_id).number
    gives_up(scene, call_id)
    scene.fact(ChannelAnswered(str(call_id)) if told_by == "event" else AnsweredTooLate(number))
    assert scene.turn.late_answers == [LateAnswer(call_id, scene.now)]
    assert scene.turn.alarms == [("answered_as_given_up", str(call_id), "counted as abandoned")]
    assert scene.results() == (1, 1)
    scene.fact(ChannelAnswered(str(call_id)), AnsweredTooLate(number))
    assert scene.results() == (1, 1)


def test_another_number_that_answers_too_late_is_nobody_whom_we_gave_up() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    ring_limit(scene, call_id)
    scene.fact(AnsweredTooLate("+34600009999"), AnsweredTooLate(""))
    assert (scene.turn.late_answers, scene.results()) == ([], (0, 0))


def test_whom_the_network_refused_nobody_gave_up() -> None:
    scene = Scene()
    call_id = scene.dials()
    number = scene.call(call_id).number
    scene.fact(ChannelHungUp(str(call_id), 17, "SIP 486"))
    scene.fact(AnsweredTooLate(number))
    assert scene.turn.late_answers == []
