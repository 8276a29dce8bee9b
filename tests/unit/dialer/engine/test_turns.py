"""What the engine does, told as scenes."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agent_ws.messages import AgentView, FloorView
from dialer.engine import effects
from dialer.model.agent import AgentState, LegState
from dialer.model.call import CallState
from dialer.model.campaign import CampaignStatus
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    EndpointReachable,
    Joined,
    LinkDown,
    OriginateFailed,
    PacketsCounted,
    Parted,
    RecordingPaused,
    Screened,
)
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import Scene


def test_a_live_person_goes_to_the_ready_agent_at_once_with_the_screen_first() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.human()
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), leg)]
    order = [type(effect) for effect in scene.turn.effects]
    assert order.index(effects.Publish) < order.index(effects.Bridge)
    assert scene.pushed("agent")[-1]["call"]["name"] == "Lucía Muñoz"
    scene.join(call_id, leg)
    assert scene.call(call_id).state is CallState.CONNECTED
    assert scene.turn.transitions[-1].routing == scene.state.calls[call_id].routing


def test_what_the_screens_get_is_what_the_wire_knows() -> None:
    scene = Scene()
    scene.works()
    scene.talks()
    assert AgentView.model_validate(scene.pushed("agent")[-1]).call is not None
    scene.command("floor.snapshot")
    (floor,) = [FloorView.model_validate(body) for body in scene.pushed("floor")]
    assert (floor.whole, floor.campaigns[0].connected, floor.agents[0].state) == (True, 1, "on_call")


def test_nobody_free_in_time_means_the_message_and_a_count() -> None:
    scene = Scene()
    call_id = scene.human()
    scene.later(1.6)
    assert not scene.did(effects.PlayMessage)
    scene.later(0.2)
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(call_id))]
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.ABANDONED]
    assert scene.results() == (1, 1)


def test_an_agent_who_becomes_ready_takes_who_waits() -> None:
    scene = Scene()
    call_id = scene.human()
    scene.works()
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), scene.agent().leg_id)]


@pytest.mark.parametrize(
    ("cause", "outcome"), [("LONGGREETING-1500", "machine"), ("INITIALSILENCE-2500", None)]
)
def test_a_machine_is_hung_up_but_dead_air_is_a_person(cause: str, outcome: str | None) -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)))
    scene.fact(Screened(str(call_id), "MACHINE", cause))
    ended = [t.call.outcome for t in scene.turn.transitions if t.call.outcome]
    assert ended == ([Outcome(outcome)] if outcome else [])
    assert bool(scene.did(effects.HangUp)) == bool(outcome)


def test_two_events_of_one_call_are_two_turns() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(
        ChannelAnswered(str(call_id)), Screened(str(call_id), "HUMAN"), ChannelHungUp(str(call_id), 16)
    )
    assert [t.call.version for t in scene.turn.transitions] == [2, 3, 4]
    assert call_id not in scene.state.calls


def test_wrap_up_and_disposition() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert scene.agent().state is AgentState.WRAP_UP
    assert scene.pushed("agent")[-1]["call"]["outcome"] == "conversation"
    scene.command("agent.dispose", call_id=str(call_id), code="promise")
    assert scene.pushed("refused")[0]["reason"] == "a promise needs its amount and date"
    scene.command(
        "agent.dispose", call_id=str(call_id), code="promise", promise_minor=5000, promise_on="2026-12-01"
    )
    assert [d.promise_minor for d in scene.turn.dispositions] == [5000]
    assert scene.agent().state is AgentState.READY


def test_wrap_up_ends_by_itself() -> None:
    scene = Scene(wrap_limit=30)
    scene.works()
    call_id = scene.talks()
    scene.fact(ChannelHungUp(str(call_id), 16))
    scene.later(scene.agent().wrap_limit + 0.1)
    assert scene.agent().state is AgentState.READY


def test_a_reload_in_mid_call_gets_a_new_leg_and_the_same_person() -> None:
    scene = Scene()
    old = scene.works().leg_id
    call_id = scene.talks()
    scene.command("agent.attach", page="page0002")
    (order,) = scene.did(effects.OriginateLeg)
    scene.fact(ChannelAnswered(order.order.channel_id))
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), order.order.channel_id)]
    assert scene.did(effects.HangUp) == [effects.HangUp(old)]
    scene.fact(ChannelHungUp(old, 16))
    assert scene.call(call_id).state is CallState.CONNECTED


def test_a_lost_websocket_does_not_touch_the_call() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.command("agent.detach", page="page0001")
    scene.later(60)
    assert scene.call(call_id).state is CallState.CONNECTED
    scene.fact(ChannelHungUp(str(call_id), 16))
    scene.later(61)
    assert scene.agent().state in (AgentState.READY, AgentState.OFFLINE)
    assert not scene.agent().available


def test_a_lost_leg_holds_the_person_for_the_same_agent() -> None:
    scene = Scene()
    scene.works()
    scene.works(2, "page0009")
    scene.command("agent.pause", 2, code="break")
    call_id = scene.talks()
    scene.command("agent.ready", 2)
    scene.fact(ChannelHungUp(scene.agent().leg_id, 44))
    assert scene.did(effects.Park) == [effects.Park(str(call_id))]
    assert not scene.did(effects.Bridge)
    scene.later(1.1)
    (order,) = scene.did(effects.OriginateLeg)
    scene.fact(ChannelAnswered(order.order.channel_id))
    # The leg died of silence: the new one is joined once it has proved that sound comes from it.
    scene.fact(PacketsCounted(order.order.channel_id, 50))
    assert effects.Bridge(str(call_id), order.order.channel_id) in scene.did(effects.Bridge)
    scene.join(call_id, order.order.channel_id)
    assert (scene.call(call_id).state, scene.call(call_id).agent_id) == (CallState.CONNECTED, 1)


def test_when_the_same_agent_does_not_come_back_another_takes_over() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.works(2, "page0009")
    scene.fact(ChannelHungUp(scene.agent().leg_id, 44))
    scene.later(9)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), scene.agent(2).leg_id)]
    assert scene.agent(1).state is AgentState.WRAP_UP


def test_a_join_that_does_not_come_goes_to_somebody_else() -> None:
    scene = Scene()
    scene.works(1, "page0001", es=90)
    scene.works(2, "page0002", es=10)
    call_id = scene.human()
    first = next(a for a in (1, 2) if scene.agent(a).state is AgentState.ON_CALL)
    scene.later(1.1)
    (bridge,) = scene.did(effects.Bridge)
    assert bridge == effects.Bridge(str(call_id), scene.agent(3 - first).leg_id)
    assert scene.agent(first).leg is LegState.DIALING


def test_a_person_who_hangs_up_before_the_join_frees_the_agent() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.human()
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert (scene.agent().state, scene.agent().call_id) == (AgentState.READY, None)


def test_stop_ends_a_ringing_call_and_tells_the_agent_on_a_live_one() -> None:
    scene = Scene()
    scene.works()
    talking, ringing = scene.talks(person_id=1), scene.dials(person_id=2)
    scene.learns(person_id=2, reason="paid", flags=["stopped"])
    assert scene.did(effects.HangUp) == [effects.HangUp(str(ringing))]
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CANCELLED]
    scene.learns(person_id=1, reason="paid", flags=["stopped"])
    assert "stopped" in scene.pushed("agent")[-1]["call"]["flags"]
    assert scene.call(talking).state is CallState.CONNECTED


def test_a_failed_originate_is_the_carriers_fault_not_a_second_try() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(OriginateFailed(str(call_id), "refused"))
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CARRIER_FAILURE]
    assert not scene.did(effects.Originate)


def test_a_command_is_taken_once() -> None:
    scene = Scene()
    scene.works()
    scene.numbers -= 1
    scene.command("agent.pause", code="break")
    assert scene.agent().state is AgentState.READY


def test_unknown_codes_and_other_peoples_calls_are_refused() -> None:
    scene = Scene()
    scene.works()
    scene.works(2, "page0002")
    call_id = scene.talks(1)
    other = next(a for a in (1, 2) if scene.agent(a).call_id is None)
    scene.command("agent.hang_up", other, call_id=str(call_id))
    scene_refusals = scene.pushed("refused")
    assert scene_refusals[0]["reason"] == "not your call"
    scene.command("agent.pause", other, code="nonsense")
    assert scene.pushed("refused")[0]["reason"] == "unknown pause code"


def test_what_a_state_forbids_is_refused_with_the_state() -> None:
    scene = Scene()
    scene.works()
    scene.command("agent.log_out")
    scene.command("agent.pause", code="break")
    (refused,) = scene.pushed("refused")
    assert (refused["request"], refused["state"]) == ("pause", "offline")


def test_a_pause_of_the_recording_is_marked() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.command("agent.pause_recording", call_id=str(call_id), paused=True)
    assert scene.did(effects.PauseRecording) == [effects.PauseRecording(str(call_id), True)]
    assert [mark.kind for mark in scene.turn.marks] == ["paused"]
    assert scene.pushed("agent")[-1]["call"]["recording"] == "pausing"
    scene.fact(RecordingPaused(str(call_id), True))
    assert scene.pushed("agent")[-1]["call"]["recording"] == "paused"


def test_pacing_orders_calls_only_with_agents_lease_and_link() -> None:
    scene = Scene()
    assert not [e for e in scene.pace().effects if isinstance(e, effects.Place)]
    scene.works()
    scene.pace()
    assert [place.count for place in scene.did(effects.Place)] == [1]
    scene.state.tally(1).placing = 0
    scene.fact(LinkDown("gone"))
    assert not [e for e in scene.pace().effects if isinstance(e, effects.Place)]


def test_the_crew_of_two_campaigns_is_not_counted_twice() -> None:
    scene = Scene()
    scene.state.campaigns[2] = scene.campaign.model_copy(update={"id": 2, "code": "two"})
    scene.works()
    scene.state.agents[1] = replace(scene.agent(), campaigns=frozenset({1, 2}))
    scene.pace()
    assert sum(place.count for place in scene.did(effects.Place)) == 1


def test_parted_without_a_hang_up_brings_the_person_back_to_the_agent() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.fact(Parted(str(call_id), "b1"), Parted(leg, "b1"))
    scene.now += timedelta(seconds=1.2)
    scene.take()
    assert effects.Bridge(str(call_id), leg) in scene.did(effects.Bridge)
    scene.fact(Joined(str(call_id), "b2"), Joined(leg, "b2"))
    assert scene.call(call_id).state is CallState.CONNECTED


def test_a_replacement_leg_that_fails_is_called_again_and_nobody_is_joined_to_the_old_one() -> None:
    scene = Scene()
    scene.works()
    scene.command("agent.attach", page="page0002")
    (order,) = scene.did(effects.OriginateLeg)
    scene.fact(OriginateFailed(order.order.channel_id, "not registered"))
    assert not scene.agent().available
    scene.later(1.1)
    (again,) = scene.did(effects.OriginateLeg)
    scene.fact(ChannelAnswered(again.order.channel_id))
    assert scene.agent().available


def test_a_phone_that_registers_again_is_called_when_the_leg_belongs_to_an_older_page() -> None:
    scene = Scene()
    scene.works()
    scene.command("agent.attach", page="page0002")
    (order,) = scene.did(effects.OriginateLeg)
    scene.fact(ChannelHungUp(order.order.channel_id, 20))
    scene.fact(EndpointReachable("web-01", True))
    assert len(scene.did(effects.OriginateLeg)) == 1


def test_a_page_id_cannot_smuggle_anything_into_a_channel_id() -> None:
    scene = Scene()
    scene.works(page="Action: Command|Exec, ñ;")
    assert scene.agent().leg_id.replace("-", "").replace(".", "").isalnum()


def test_an_order_that_comes_back_after_a_pause_is_not_dialled() -> None:
    scene = Scene()
    scene.campaign = scene.campaign.model_copy(update={"status": CampaignStatus.PAUSED})
    scene.state.campaigns[1] = scene.campaign
    scene.dials()
    assert not scene.did(effects.Originate)
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CANCELLED]


def test_a_malformed_command_is_an_alarm_and_nothing_else() -> None:
    scene = Scene()
    call_id = scene.human()
    scene.command("agent.force_pause", 0)
    assert scene.turn.alarms == [("malformed_command", "agent.force_pause", "agent_id: missing")]
    assert scene.call(call_id).state is CallState.WAITING


def test_who_sent_a_malformed_command_is_told() -> None:
    scene = Scene()
    scene.works()
    scene.command("agent.pause", code="lunch\x00")
    assert scene.agent().state is AgentState.READY
    assert scene.pushed("refused") == [
        {"type": "refused", "request": "pause", "reason": "malformed", "state": "", "page": ""}
    ]


def test_a_control_character_in_the_notes_costs_nobody_the_note() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.command("agent.dispose", call_id=str(call_id), code="cannot_pay", notes="sin\x00 más\r\nfin")
    assert [made.notes for made in scene.turn.dispositions] == ["sin más\nfin"]


@pytest.mark.parametrize(
    ("code", "body", "reason"),
    [
        ("promise", {"promise_minor": 5, "promise_on": "2020-01-01"}, "a promise is for today or later"),
        ("callback", {"callback_at": "2020-01-01T10:00:00+00:00"}, "a callback is for later"),
        ("promise", {"promise_minor": 5, "promise_on": "2199-01-01"}, "a promise is not for so far ahead"),
        ("callback", {"callback_at": "2199-01-01T00:00:00Z"}, "a callback is not for so far ahead"),
        ("callback", {"callback_at": "2027-01-01T10:00:00"}, "malformed"),
        ("callback", {"callback_at": "9999-12-31T23:59:59-12:00"}, "malformed"),
        ("promise", {"promise_minor": 10**30, "promise_on": "2027-01-01"}, "malformed"),
    ],
)
def test_what_is_agreed_lies_ahead(code: str, body: dict[str, Any], reason: str) -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.command("agent.dispose", call_id=str(call_id), code=code, **body)
    assert scene.pushed("refused")[0]["reason"] == reason


def test_an_agent_whom_nobody_employs_any_more_has_no_screen_and_stops_no_turn() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    del scene.state.agents[1]
    scene.learns(person_id=1, reason="payment.received", flags=["paid"])
    assert scene.state.calls[call_id].card.flags == ("paid",)
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert scene.pushed("agent") == []
    assert call_id not in scene.state.calls
