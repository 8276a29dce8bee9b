"""Rows and channels brought together after a gap."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialer.engine import effects
from dialer.engine.inputs import SnapshotIn
from dialer.model.agent import AgentState, LegState
from dialer.model.call import CallState
from dialer.model.facts import LinkDown, LinkUp, PbxSnapshot
from dialer.model.orders import DIALPLAN
from dialer.model.outcomes import Outcome
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
    assert says(scene, None, 1.5) == ["dialplan_version"]
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
