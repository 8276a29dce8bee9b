"""Rows and channels brought together after a gap."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from dialer.engine import effects
from dialer.engine.inputs import CallEventIn, SnapshotIn
from dialer.engine.reconcile import CERTAIN_AFTER, missed_events
from dialer.engine.rooms.calls import Consult
from dialer.model.agent import AgentState, LegState
from dialer.model.call import CallEvent, CallState
from dialer.model.call import CallEventKind as K
from dialer.model.facts import ChannelAnswered, ChannelHungUp, ChannelRinging, LinkDown, LinkUp, PbxSnapshot
from dialer.model.orders import DIALPLAN
from dialer.model.outcomes import Outcome
from dialer.ports import Tape
from pacing import Learner
from tests.unit.dialer.engine.scenes import Scene, a_channel


def test_a_call_without_a_channel_vanishes_only_after_two_looks() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.now = scene.now.replace(second=10)
    scene.snapshot()
    assert call_id in scene.state.calls
    assert scene.did(effects.TakeSnapshot)
    scene.now = scene.now.replace(second=12)
    scene.snapshot()
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.LOST]
    assert not scene.did(effects.Originate)


def test_a_call_placed_after_the_look_is_left_alone() -> None:
    scene = Scene()
    asked = scene.now
    scene.now = scene.now.replace(second=5)
    call_id = scene.dials()
    scene.now, later = asked, scene.now
    scene.snapshot()
    scene.now = later
    assert call_id in scene.state.calls


@pytest.mark.parametrize(
    ("context", "bridge", "state"),
    [
        ("cadencia-customer", "", CallState.SCREENING),
        ("cadencia-waiting", "", CallState.WAITING),
    ],
)
def test_an_answer_that_was_missed_is_caught_up(context: str, bridge: str, state: CallState) -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.snapshot(a_channel(str(call_id), context=context, bridge_id=bridge))
    assert scene.call(call_id).state is state


def test_a_join_that_was_missed_is_caught_up() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.dials()
    scene.snapshot(
        a_channel(str(call_id), context="cadencia-waiting", bridge_id="b"), a_channel(leg, bridge_id="b")
    )
    assert (scene.call(call_id).state, scene.call(call_id).agent_id) == (CallState.CONNECTED, 1)


def test_a_leg_that_went_unseen_before_the_join_leaves_the_person_to_another_agent_at_once() -> None:
    scene = Scene()
    leg = scene.works(1).leg_id
    call_id = scene.human()
    assert scene.state.calls[call_id].assigned == 1
    other = scene.works(2, page="page0002").leg_id
    scene.now += timedelta(seconds=0.5)
    scene.snapshot(a_channel(str(call_id), context="cadencia-waiting"), a_channel(other))
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), other)]
    assert not scene.turn.alarms
    assert not scene.did(effects.HangUp)
    assert scene.agent(1).leg_id != leg


def test_a_join_that_failed_for_want_of_a_telephone_ends_no_later_look() -> None:
    """Ordering the end of a leg that has no name ended the engine at the next look."""
    scene = Scene()
    scene.works()
    call_id = scene.human()
    scene.state.agents[1] = replace(scene.agent(), leg=LegState.DOWN, leg_id="")
    scene.later(1.1)
    assert [alarm[0] for alarm in scene.turn.alarms] == ["join_failed"]
    assert not scene.did(effects.HangUp)
    scene.now += timedelta(seconds=5)
    scene.snapshot(a_channel(str(call_id), context="cadencia-waiting"))
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(call_id))]


def test_the_dialplans_own_message_counts_as_abandoned() -> None:
    scene = Scene()
    call_id = scene.human()
    scene.snapshot(a_channel(str(call_id), context="cadencia-safe-harbour"))
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.ABANDONED]


def test_all_legs_gone_after_the_pbx_died() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.now = scene.now.replace(second=10)
    scene.snapshot()
    scene.later(0.1)
    assert call_id not in scene.state.calls
    assert (scene.agent().leg, scene.agent().state) == (LegState.DOWN, AgentState.WRAP_UP)
    scene.later(1.1)
    assert len(scene.did(effects.OriginateLeg)) == 1


def test_channels_nobody_knows_are_ended_kindly() -> None:
    scene = Scene()
    ringing, answered = "018f0000-0000-7000-8000-000000000001", "018f0000-0000-7000-8000-000000000002"
    scene.snapshot(a_channel(ringing, up=False), a_channel(answered, context="cadencia-waiting"))
    assert scene.did(effects.HangUp) == [effects.HangUp(ringing)]
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(answered)]


def test_a_leg_of_nobody_on_shift_is_hung_up() -> None:
    scene = Scene()
    scene.snapshot(a_channel("leg-000077-page0001-000001.000001", context="cadencia-agent"))
    assert scene.did(effects.HangUp) == [effects.HangUp("leg-000077-page0001-000001.000001")]


def test_nothing_is_overdue_before_the_channels_were_looked_at() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.human()
    scene.fact(LinkDown("cut"))
    scene.later(30)
    assert scene.call(call_id).state is CallState.WAITING
    scene.fact(LinkUp())
    scene.later(5)
    assert scene.agent().state is AgentState.ON_CALL
    scene.snapshot(
        a_channel(str(call_id), context="cadencia-waiting", bridge_id="b"), a_channel(leg, bridge_id="b")
    )
    assert scene.call(call_id).state is CallState.CONNECTED


def test_whom_the_dialplan_has_excused_is_abandoned_and_hears_it_once() -> None:
    """The engine was away, an agent is idle: who hears the message already is not thrown to and fro."""
    scene = Scene()
    scene.works()
    call_id = scene.dials()
    scene.snapshot(a_channel(str(call_id), context="cadencia-safe-harbour"))
    assert [t.call.outcome for t in scene.turn.transitions][-1] is Outcome.ABANDONED
    assert not scene.did(effects.Bridge)
    assert not scene.did(effects.PlayMessage)


def test_with_another_dialplan_nothing_is_dialled_and_it_is_said_once() -> None:
    scene = Scene()
    scene.works()
    assert scene.state.dials
    scene.take(SnapshotIn(PbxSnapshot(dialplan="1"), scene.now))
    ((kind, subject, detail),) = scene.turn.alarms
    assert (kind, subject) == ("dialplan_version", "pbx")
    assert detail == f"extensions_cadencia.conf has version 1, not {DIALPLAN}: nothing is dialled"
    assert not scene.state.dials
    assert not scene.take(SnapshotIn(PbxSnapshot(dialplan="1"), scene.now)).alarms
    ((_, _, detail),) = scene.take(SnapshotIn(PbxSnapshot(), scene.now)).alarms
    assert detail.startswith("extensions_cadencia.conf has version none")
    scene.snapshot()
    assert scene.state.dials


def says(scene: Scene, dialplan: str | None, seconds: float = 0.0) -> list[str]:
    """What the PBX tells of its dialplan, some time later; the alarms."""
    scene.now += timedelta(seconds=seconds)
    scene.take(SnapshotIn(PbxSnapshot(dialplan=dialplan), scene.now))
    return [kind for kind, *_ in scene.turn.alarms]


def test_a_pbx_that_refuses_to_say_is_believed_until_a_second_look_some_time_later() -> None:
    scene = Scene()
    scene.works()
    assert says(scene, None) == []
    assert scene.did(effects.TakeSnapshot)
    assert says(scene, None, 0.1) == []
    assert not scene.did(effects.TakeSnapshot)
    assert scene.state.dials
    assert says(scene, None, CERTAIN_AFTER - 0.1) == ["dialplan_version"]
    assert not scene.state.dials


def test_a_refusal_is_forgotten_with_the_next_answer() -> None:
    scene = Scene()
    assert says(scene, None) + says(scene, DIALPLAN, 1.0) + says(scene, None, 1.0) == []
    assert scene.state.dials


def test_a_wrong_version_stops_at_once_whatever_was_refused_before() -> None:
    scene = Scene()
    assert says(scene, None) == []
    assert says(scene, "1", 0.1) == ["dialplan_version"]
    assert not scene.state.dials


def test_a_pbx_of_which_nothing_is_known_yet_is_not_believed() -> None:
    scene = Scene()
    scene.state.dialplan = None
    assert says(scene, None) == ["dialplan_version"]
    assert not scene.state.dials


def test_a_dialplan_that_is_away_for_a_moment_stops_dialling_for_that_moment_only() -> None:
    """In a reload there may be none: it is asked for again at once, not at the next sweep."""
    scene = Scene()
    assert says(scene, "") == ["dialplan_version"]
    assert not scene.state.dials
    assert scene.did(effects.TakeSnapshot)
    scene.snapshot()
    assert scene.state.dials


def test_calls_that_were_committed_meanwhile_are_not_handed_to_another_dialplan() -> None:
    scene = Scene()
    scene.take(SnapshotIn(PbxSnapshot(dialplan="1"), scene.now))
    scene.dials()
    assert not scene.did(effects.Originate)
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CANCELLED]


@pytest.mark.parametrize(("version", "fits"), [("1", False), (DIALPLAN, True)])
def test_the_floor_says_why_nothing_is_dialled(version: str, fits: bool) -> None:
    scene = Scene()
    scene.take(SnapshotIn(PbxSnapshot(dialplan=version), scene.now))
    scene.command("floor.snapshot", 0)
    scene.later(2.0)
    assert scene.pushed("floor")[-1]["dialplan_ok"] is fits


# --- what was missed, step by step --------------------------------------------------------------

UP = {"context": "cadencia-waiting", "bridge_id": "b"}


def events(scene: Scene) -> list[CallEvent]:
    return [moved.event for moved in scene.turn.transitions]


def test_everything_that_was_missed_is_played_in_order_and_says_so() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.dials()
    scene.now += timedelta(seconds=5)
    scene.snapshot(a_channel(str(call_id), **UP), a_channel(leg, bridge_id="b"))
    assert events(scene) == [
        CallEvent(K.ANSWERED, reason="reconciled", reconciled=True),
        CallEvent(K.HUMAN, reason="reconciled: unsure means human", reconciled=True),
        CallEvent(K.BRIDGED, agent_id=1, reason="reconciled", reconciled=True),
    ]
    assert {moved.at for moved in scene.turn.transitions} == {scene.now}


def test_the_path_is_whole() -> None:
    """From what is stored to what is there, and nothing beyond it."""
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.dials()
    live = scene.state.calls[call_id]
    scene.state.bridges.become({str(call_id): "b", leg: "b"})
    path = [event.kind for event in missed_events(scene.state, live, a_channel(str(call_id), **UP))]
    assert path == [K.ANSWERED, K.HUMAN, K.BRIDGED]
    assert not live.excused
    scene.state.bridges.clear()
    excused = a_channel(str(call_id), context="cadencia-safe-harbour")
    path = [event.kind for event in missed_events(scene.state, live, excused)]
    assert path == [K.ANSWERED, K.HUMAN, K.DEADLINE]
    assert live.excused is True


@pytest.mark.parametrize(
    ("ringing", "missed"), [(True, [CallEvent(K.RINGING, reason="reconciled", reconciled=True)]), (False, [])]
)
def test_a_call_that_is_not_answered_rings_or_does_not(ringing: bool, missed: list[CallEvent]) -> None:
    scene = Scene()
    call_id = scene.dials()
    there = a_channel(str(call_id), up=False, ringing=ringing)
    scene.snapshot(there)
    assert events(scene) == missed
    scene.snapshot(there)
    assert (events(scene), scene.turn.alarms) == ([], [])


def test_who_speaks_to_nobody_any_more_has_lost_the_agent() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.now += timedelta(seconds=5)
    scene.snapshot(a_channel(str(call_id), context="cadencia-waiting"), a_channel(leg))
    assert events(scene) == [CallEvent(K.AGENT_LOST, agent_id=1, reason="reconciled", reconciled=True)]
    scene.now += timedelta(seconds=0.1)
    scene.snapshot(a_channel(str(call_id), context="cadencia-waiting"), a_channel(leg))
    assert (events(scene), scene.turn.alarms) == ([], [])


@pytest.mark.parametrize(("three", "lost"), [(False, []), (True, [K.AGENT_LOST])])
def test_who_hears_music_while_two_agents_speak_has_lost_nobody(three: bool, lost: list[K]) -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    live = scene.state.calls[call_id]
    live.consult = Consult(2, three=three)
    scene.state.bridges.clear()
    scene.state.heard.clear()
    there = a_channel(str(call_id), context="cadencia-hold")
    assert [event.kind for event in missed_events(scene.state, live, there)] == lost


def test_whom_we_called_is_not_answered_as_a_caller() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)))
    scene.snapshot(a_channel(str(call_id)))
    assert scene.call(call_id).state is CallState.SCREENING
    assert scene.did(effects.Admit) == []


# --- calls without a channel --------------------------------------------------------------------


def test_a_call_is_missed_from_the_first_look_on_until_it_is_found() -> None:
    scene = Scene()
    call_id = scene.dials()
    live = scene.state.calls[call_id]
    scene.snapshot()  # asked for in the instant of the call
    assert live.missing_since == scene.now
    scene.now += timedelta(seconds=1)
    scene.snapshot()
    assert scene.did(effects.TakeSnapshot) == [effects.TakeSnapshot()]
    scene.snapshot(a_channel(str(call_id), up=False))
    assert live.missing_since is None


def test_a_call_that_is_gone_says_so() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    scene.now += timedelta(seconds=1)
    scene.snapshot()
    assert events(scene) == [CallEvent(K.VANISHED, reason="no channel")]


def recorded(scene: Scene, call_id: UUID, tape: Tape) -> None:
    """A look in which the call is gone and its recording is there."""
    scene.take(SnapshotIn(PbxSnapshot(dialplan=DIALPLAN), scene.now, {call_id: tape}))


def test_an_answer_of_which_only_the_recording_tells_is_booked_as_found_out() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    scene.now += timedelta(seconds=20)
    recorded(scene, call_id, Tape(3.0, 7.0))
    assert events(scene) == [
        CallEvent(K.ANSWERED, reason="reconciled: there is a recording", reconciled=True),
        CallEvent(K.VANISHED, reason="no channel"),
    ]


@pytest.mark.parametrize("missed", [False, True])
def test_an_answer_that_was_missed_teaches_nothing_of_how_long_it_rang(missed: bool) -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    scene.now += timedelta(seconds=9)
    if missed:
        scene.snapshot(a_channel(str(call_id), context="cadencia-waiting"))
    else:
        scene.take(CallEventIn(call_id, CallEvent(K.ANSWERED)))
        scene.take(CallEventIn(call_id, CallEvent(K.HUMAN)))
    assert scene.call(call_id).state is CallState.WAITING
    learned = scene.state.learner(1).as_record() != Learner().as_record()
    assert learned is not missed


def test_a_call_of_the_new_pbx_did_not_die_with_the_old_one() -> None:
    """Placed in the very instant in which the new one answered: its recording is a witness."""
    scene = Scene()
    scene.fact(LinkUp("of the morning"))
    scene.fact(LinkDown("killed"))
    scene.fact(LinkUp("of the afternoon"))
    scene.snapshot()
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)))
    scene.now += timedelta(seconds=20)
    recorded(scene, call_id, Tape(2.0, 18.0))
    assert [moved.call.outcome for moved in scene.turn.transitions] == [Outcome.UNSERVED]


# --- telephones ---------------------------------------------------------------------------------


def a_leg(agent: str, page: str = "0badpage", number: int = 9) -> str:
    return f"leg-{agent}-{page}-000001.{number:06d}"


def test_a_phone_that_was_being_called_and_is_not_there_is_called_again_and_the_other_kept() -> None:
    scene = Scene()
    old = scene.works().leg_id
    scene.command("agent.attach", page="page0002")
    assert scene.state.pending_legs.keys() == {1}
    scene.now += timedelta(seconds=0.5)
    scene.snapshot(a_channel(old))
    assert (scene.agent().leg, scene.agent().leg_id) == (LegState.UP, old)
    assert not scene.state.pending_legs
    assert set(scene.state.leg_retry) == {1}
    scene.later(1.1)
    assert len(scene.did(effects.OriginateLeg)) == 1


def test_a_phone_that_answered_unseen_is_the_agents_leg() -> None:
    scene = Scene()
    old = scene.works().leg_id
    scene.command("agent.attach", page="page0002")
    pending = scene.state.pending_legs[1]
    scene.now += timedelta(seconds=0.5)
    scene.snapshot(a_channel(old), a_channel(pending))
    assert (scene.agent().leg, scene.agent().leg_id, scene.agent().available) == (LegState.UP, pending, True)
    assert scene.did(effects.HangUp) == [effects.HangUp(old)]


def test_a_leg_that_outlived_the_engine_is_the_agents_again() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    lost = replace(scene.agent(), leg=LegState.DOWN, leg_id="", leg_page="")
    scene.state.agents[1] = lost
    scene.now += timedelta(seconds=5)
    scene.snapshot(a_channel(leg))
    assert scene.agent() == replace(
        lost, leg=LegState.UP, leg_id=leg, leg_page=leg.split("-")[2], seq=scene.agent().seq
    )
    assert scene.agent().available
    assert scene.turn.shown == {1}
    scene.now += timedelta(seconds=5)
    scene.snapshot(a_channel(leg))
    assert scene.did(effects.HangUp) == []


@pytest.mark.parametrize("agent", ["000001", "000002", "000077", "nobody"])
def test_a_leg_that_nobody_needs_is_hung_up(agent: str) -> None:
    """Of one who has another, of one who went home, of one whom nobody knows, of nobody at all."""
    scene = Scene()
    scene.works(2, page="page0002")
    scene.command("agent.log_out", 2)
    assert scene.agent(2).state is AgentState.OFFLINE
    mine = scene.works(1).leg_id
    scene.now += timedelta(seconds=5)
    scene.snapshot(a_channel(mine), a_channel(a_leg(agent)))
    assert scene.did(effects.HangUp) == [effects.HangUp(a_leg(agent))]
    assert scene.agent(1).leg_id == mine


# --- channels of nobody -------------------------------------------------------------------------


def test_only_channels_that_no_book_knows_are_orphans() -> None:
    scene = Scene()
    ours, over = scene.dials(), scene.dials(2)
    scene.fact(ChannelHungUp(str(over), 17))
    orphans = [str(uuid4()) for _ in range(3)]
    caller, leaving = str(uuid4()), str(uuid4())
    scene.snapshot(
        a_channel("PJSIP/carrier-1"),
        a_channel(str(over)),
        a_channel(str(ours), up=False),
        a_channel(leaving, context="cadencia-safe-harbour"),
        a_channel(caller, up=False, context="cadencia-inbound", caller="+34600001000", called="+34910000000"),
        a_channel(orphans[0], up=False, context="cadencia-customer"),
        a_channel(orphans[1], bridge_id="b", context="cadencia-waiting"),
        a_channel(orphans[2], context="cadencia-hold"),
    )
    assert scene.did(effects.HangUp) == [effects.HangUp(one) for one in orphans[:2]]
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(orphans[2])]
    assert scene.did(effects.TakeIn) == [effects.TakeIn(caller, "+34600001000", (1,))]
    assert scene.turn.alarms == [
        ("orphan_channel", orphans[0], "cadencia-customer"),
        ("orphan_channel", orphans[1], "cadencia-waiting"),
        ("orphan_channel", orphans[2], "cadencia-hold"),
    ]


def test_a_person_alone_in_a_bridge_whose_agent_is_on_the_way_to_it_has_lost_nobody() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    leg = scene.agent().leg_id
    scene.later(5)
    scene.snapshot(a_channel(str(call_id), bridge_id="b1"), a_channel(leg, context="cadencia-agent"))
    assert scene.call(call_id).state is CallState.CONNECTED
    assert scene.turn.transitions == []


def test_a_person_with_one_of_us_has_lost_nobody_though_it_is_another_than_in_the_books() -> None:
    """Such as the one who handed the person on and has not left yet, when the next one's telephone dies."""
    scene = Scene()
    scene.works(1)
    call_id = scene.talks(1)
    scene.works(2, page="page0002")
    scene.command("agent.transfer", 1, call_id=str(call_id), agent_id=2)
    scene.join(call_id, scene.agent(2).leg_id, "b1")
    scene.later(5)
    scene.snapshot(a_channel(str(call_id), bridge_id="b1"), a_channel(scene.agent(1).leg_id, bridge_id="b1"))
    assert (scene.agent(1).state, scene.agent(2).leg_id) == (AgentState.WRAP_UP, "")
    assert (scene.call(call_id).state, scene.call(call_id).agent_id) == (CallState.CONNECTED, 2)
