"""Channels of ours that somebody outside threw about."""

from dialer.engine import effects
from dialer.model.call import CallState
from dialer.model.facts import Intruded, Strayed
from tests.unit.dialer.engine.scenes import Scene


def test_a_leg_that_was_sent_to_the_arrivals_is_no_call_and_is_called_anew() -> None:
    scene = Scene()
    scene.works()
    leg = scene.agent().leg_id
    scene.fact(Strayed(leg))
    assert [one.channel for one in scene.did(effects.HangUp)] == [leg]
    assert scene.did(effects.TakeIn) == []
    assert [alarm[:2] for alarm in scene.turn.alarms] == [("channel_strayed", leg)]


def test_the_person_of_a_leg_that_strayed_goes_on_to_wait_for_an_agent() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.fact(Strayed(scene.agent().leg_id))
    assert scene.call(call_id).state is CallState.WAITING
    assert scene.state.goodbyes == {}


def test_a_stranger_in_a_conversation_is_an_alarm() -> None:
    scene = Scene()
    scene.works()
    scene.talks()
    scene.fact(Intruded(scene.agent().leg_id))
    assert [alarm[0] for alarm in scene.turn.alarms] == ["stranger_in_call"]


def test_a_person_who_was_sent_there_is_excused_and_not_left_ringing() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.fact(Strayed(str(call_id)))
    assert [one.channel for one in scene.did(effects.PlayMessage)] == [str(call_id)]
    assert scene.did(effects.TakeIn) == []
    assert [alarm[0] for alarm in scene.turn.alarms] == ["channel_strayed"]
