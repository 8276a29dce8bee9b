"""What each fact from the PBX means for the call or the leg that it is about, and that it means no more."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from dialer.engine import effects
from dialer.engine.inputs import FactIn
from dialer.engine.state import Turn
from dialer.engine.telephone import learn
from dialer.model.agent import AgentState, LegState
from dialer.model.call import CallEventKind, CallState
from dialer.model.facts import (
    AnsweredTooLate,
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    Chose,
    EndpointReachable,
    HoldChanged,
    Intruded,
    Joined,
    LinkDown,
    LinkUp,
    MessagePlayed,
    OrderRefused,
    OriginateFailed,
    Parted,
    RecordingPaused,
    Screened,
    Strayed,
    TelephonyFact,
)
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import Scene

A_MOMENT = timedelta(seconds=0.3)
UNKNOWN_LEG = "leg-000009-00000000-000001.000001"


class Floor(Scene):
    """The PBX tells late: what it tells happened a moment ago."""

    def happened(self, fact: TelephonyFact) -> Turn:
        return self.take(FactIn(fact, self.now - A_MOMENT, self.now))

    def answered(self, person_id: int = 1) -> UUID:
        call_id = self.dials(person_id)
        self.fact(ChannelAnswered(str(call_id)))
        return call_id

    @property
    def leg(self) -> str:
        return self.agent().leg_id

    def quiet(self) -> bool:
        """Whether the last turn wrote and did nothing."""
        turn = self.turn
        return not (turn.transitions or turn.agents or turn.alarms or turn.effects)


# --- the engine was away ------------------------------------------------------------------------


def test_whom_the_dialplan_excused_while_we_were_frozen_was_abandoned() -> None:
    """All of it is read at once, after the freeze; an agent is idle by then."""
    scene = Scene(screening="progress")
    scene.works()
    channel = str(scene.dials())
    scene.fact(ChannelAnswered(channel), MessagePlayed(channel, "start"))
    assert [t.call.outcome for t in scene.turn.transitions][-1] is Outcome.ABANDONED
    assert not scene.did(effects.Bridge)
    assert not scene.did(effects.PlayMessage)


def test_who_hung_up_in_the_midst_of_the_message_was_abandoned_too() -> None:
    scene = Scene(screening="progress")
    channel = str(scene.dials())
    scene.fact(ChannelAnswered(channel), MessagePlayed(channel, "start"), ChannelHungUp(channel, 16))
    assert [t.call.outcome for t in scene.turn.transitions][-1] is Outcome.ABANDONED


def test_who_waits_and_is_excused_by_the_dialplan_hears_the_message_once() -> None:
    scene = Scene(screening="off")
    call_id = scene.dials()
    channel = str(call_id)
    scene.fact(ChannelAnswered(channel))
    scene.fact(Screened(channel, "OFF"))
    assert scene.call(call_id).state is CallState.WAITING
    scene.fact(MessagePlayed(channel, "start"))
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.ABANDONED]
    assert not scene.did(effects.PlayMessage)


@pytest.mark.parametrize(
    ("by_pbx", "outcome", "alarms"),
    [(True, Outcome.LOST, ["hung_up_by_pbx"]), (False, Outcome.HUNG_UP_EARLY, [])],
)
def test_a_call_that_our_own_dialplan_ends_is_not_the_persons(
    by_pbx: bool, outcome: Outcome, alarms: list[str]
) -> None:
    scene = Scene(screening="progress")
    channel = str(scene.dials())
    scene.fact(ChannelAnswered(channel))
    scene.fact(ChannelHungUp(channel, 16, by_pbx=by_pbx))
    assert [t.call.outcome for t in scene.turn.transitions] == [outcome]
    assert [alarm[0] for alarm in scene.turn.alarms] == alarms


def test_an_end_that_the_pbx_brings_before_anybody_answered_is_as_it_was() -> None:
    scene = Scene()
    channel = str(scene.dials())
    scene.fact(ChannelHungUp(channel, 17, "SIP 486", by_pbx=True))
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.BUSY]


def test_a_call_that_our_own_dialplan_ends_says_so_in_the_alarm_and_in_the_books() -> None:
    scene = Floor(screening="off")
    call_id = scene.answered()
    channel = str(call_id)
    scene.fact(Screened(channel, "OFF"))
    scene.fact(ChannelHungUp(channel, 16, by_pbx=True))
    assert scene.turn.alarms == [("hung_up_by_pbx", channel, "the dialplan ended the call of a person")]
    assert scene.turn.transitions[-1].event.reason == "the PBX hung up by itself"


def test_whom_the_dialplan_excused_gets_no_agent_who_becomes_free() -> None:
    scene = Floor(screening="off")
    call_id = scene.answered()
    live = scene.state.calls[call_id]
    scene.later(0.5)
    scene.happened(MessagePlayed(str(call_id), "start"))
    assert live.excused
    steps = [(one.event.kind, one.event.reason) for one in scene.turn.transitions]
    assert steps == [(CallEventKind.DEADLINE, "dialplan fallback")] * 2
    assert live.call.ended_at == scene.now - A_MOMENT


def test_a_message_that_begins_as_the_person_is_being_joined_changes_nothing() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.human()
    scene.fact(MessagePlayed(str(call_id), "start"))
    assert scene.quiet()
    assert scene.call(call_id).state is CallState.WAITING
    assert not scene.state.calls[call_id].excused


def test_the_parts_of_a_message_that_are_no_beginning_excuse_nobody() -> None:
    scene = Floor()
    call_id = scene.human()
    scene.fact(MessagePlayed(str(call_id), "end"), MessagePlayed(str(call_id), "left"))
    assert scene.quiet()
    assert not scene.state.calls[call_id].excused
    scene.fact(MessagePlayed(str(uuid4()), "start"), MessagePlayed("leg-x", "start"))
    assert scene.quiet()


# --- what was heard of a channel, and of an order -----------------------------------------------


def test_a_channel_was_heard_of_when_its_fact_came() -> None:
    scene = Floor()
    channel = str(scene.dials())
    scene.happened(ChannelRinging(channel))
    assert scene.state.heard[channel] == scene.now


def test_what_is_said_of_an_order_or_of_no_channel_tells_nothing_of_where_a_channel_is() -> None:
    scene = Floor()
    channel = str(scene.human())
    scene.later(1)
    known = dict(scene.state.heard)
    scene.fact(RecordingPaused(channel, True), OrderRefused(channel, "park", "no"))
    scene.fact(EndpointReachable("web-09", True), AnsweredTooLate("+34600009999"), LinkUp())
    assert scene.state.heard == known


def test_an_order_is_owed_until_its_effect_is_seen_and_looked_for_when_it_is_refused() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.human()
    assert set(scene.state.owed) == {str(call_id), scene.leg}
    scene.fact(OrderRefused(str(call_id), "bridge", "no such channel"))
    assert scene.did(effects.TakeSnapshot) == [effects.TakeSnapshot()]
    scene.join(call_id, scene.leg)
    assert scene.state.owed == {}


# --- the link -----------------------------------------------------------------------------------


def test_a_link_that_is_lost_is_an_alarm_and_nothing_is_known_until_the_lines_are_looked_at() -> None:
    scene = Floor()
    scene.fact(LinkDown("reset by peer"))
    assert (scene.state.pbx_up, scene.state.looked) == (False, False)
    assert scene.turn.alarms == [("pbx_link_down", "pbx", "reset by peer")]
    assert not scene.did(effects.TakeSnapshot)
    scene.later(5)
    scene.fact(LinkUp())
    assert (scene.state.pbx_up, scene.state.looked) == (True, False)
    assert (scene.state.linked_at, scene.turn.alarms) == (scene.now, [])
    assert scene.did(effects.TakeSnapshot) == [effects.TakeSnapshot()]


def test_calls_older_than_the_pbx_died_with_the_one_before() -> None:
    """Its uptime is in whole seconds: it may have started up to one earlier."""
    scene = Floor()
    scene.fact(LinkUp("monday", uptime=40.0))
    assert scene.state.pbx_renewed_at == scene.now - timedelta(seconds=41)
    assert scene.state.pbx_started == "monday"


@pytest.mark.parametrize(("started", "renewed"), [("monday", False), ("tuesday", True)])
def test_another_pbx_than_before_has_none_of_its_calls(started: str, renewed: bool) -> None:
    scene = Floor()
    scene.fact(LinkUp("monday"))
    assert scene.state.pbx_renewed_at is None
    scene.later(7)
    scene.fact(LinkUp(started, uptime=3.0))
    assert scene.state.pbx_renewed_at == (scene.now if renewed else None)


# --- calls --------------------------------------------------------------------------------------


def test_every_step_of_a_call_happened_when_the_pbx_says() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.dials()
    seen = []
    leg = scene.leg
    for fact in (
        ChannelRinging(str(call_id)),
        ChannelAnswered(str(call_id)),
        Screened(str(call_id), "HUMAN", "HUMAN-800"),
    ):
        scene.later(1)
        scene.happened(fact)
        seen.append(scene.now - A_MOMENT)
    scene.later(0.5)
    scene.happened(Joined(str(call_id), "b1"))
    assert scene.call(call_id).connected_at is None
    scene.happened(Joined(leg, "b1"))
    call = scene.call(call_id)
    assert [call.ringing_at, call.answered_at, call.verdict_at] == seen
    assert call.connected_at == scene.now - A_MOMENT
    scene.later(9)
    scene.happened(ChannelHungUp(str(call_id), 16, "SIP 200"))
    (ended,) = scene.turn.transitions
    assert (ended.call.ended_at, ended.event.reason) == (scene.now - A_MOMENT, "SIP 200")
    assert (ended.event.kind, ended.event.cause) == (CallEventKind.HUNG_UP, 16)


def test_a_leg_that_is_told_of_first_is_joined_all_the_same() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.human()
    scene.fact(Joined(scene.leg, "b1"))
    assert scene.call(call_id).state is CallState.WAITING
    scene.fact(Joined(str(call_id), "b1"))
    assert scene.call(call_id).state is CallState.CONNECTED


def test_two_in_two_bridges_do_not_hear_each_other() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.human()
    scene.fact(Joined(scene.leg, "b1"), Joined(str(call_id), "b2"))
    assert scene.call(call_id).state is CallState.WAITING


def test_a_channel_of_nobody_that_is_joined_means_nothing() -> None:
    scene = Floor()
    scene.works()
    scene.fact(Joined(UNKNOWN_LEG, "b1"), Joined(str(uuid4()), "b1"), Joined(scene.leg, "b1"))
    assert scene.quiet()


def test_what_is_told_twice_has_happened_once() -> None:
    scene = Floor()
    call_id = scene.human()
    channel = str(call_id)
    for fact in (
        ChannelRinging(channel),
        ChannelAnswered(channel),
        Screened(channel, "MACHINE", "LONGGREETING"),
    ):
        scene.fact(fact)
        assert scene.quiet()
    assert scene.state.illegal_events == 0
    assert scene.call(call_id).verdict == "human"


def test_screening_that_ended_with_the_call_is_no_verdict() -> None:
    scene = Floor()
    channel = str(scene.answered())
    scene.fact(Screened(channel, "HANGUP"))
    assert scene.quiet()


@pytest.mark.parametrize(
    ("fact", "reason"),
    [(("HUMAN", "HUMAN-800-200"), "HUMAN HUMAN-800-200"), (("NOTSURE",), "NOTSURE")],
)
def test_the_dialplans_own_words_are_the_reason_of_the_verdict(fact: tuple[str, ...], reason: str) -> None:
    scene = Floor()
    call_id = scene.answered()
    scene.later(1)
    scene.happened(Screened(str(call_id), *fact))
    (step,) = scene.turn.transitions
    assert (step.event.kind, step.event.reason) == (CallEventKind.HUMAN, reason)
    (verdict,) = scene.turn.verdicts
    assert (verdict.source, verdict.verdict, verdict.cause) == ("amd", "human", "".join(fact[1:]))
    assert (verdict.at, verdict.after) == (scene.now - A_MOMENT, 0.7)


@pytest.mark.parametrize("screened", [True, False])
def test_a_machine_is_one_only_where_the_dialplan_was_to_screen(screened: bool) -> None:
    """Such as an order of before the settings were changed."""
    scene = Floor(screening="amd" if not screened else "off")
    call_id = scene.answered()
    live = scene.state.calls[call_id]
    live.call = replace(live.call, screened=screened)
    scene.fact(Screened(str(call_id), "MACHINE", "LONGGREETING-1500"))
    assert live.call.state is CallState.WAITING
    assert scene.turn.transitions[-1].event.reason == "MACHINE LONGGREETING-1500"
    assert scene.turn.verdicts == []


def test_an_originate_that_the_pbx_refuses_ends_the_call_with_its_reason() -> None:
    scene = Floor()
    call_id = scene.dials()
    scene.happened(OriginateFailed(str(call_id), "no such endpoint"))
    (ended,) = scene.turn.transitions
    assert (ended.event.kind, ended.event.cause, ended.event.reason) == (
        CallEventKind.HUNG_UP,
        38,
        "no such endpoint",
    )


@pytest.mark.parametrize("by", ["channel", "number"])
def test_who_answers_after_all_did_so_when_it_happened(by: str) -> None:
    scene = Floor()
    call_id = scene.dials()
    number = scene.call(call_id).number
    scene.fact(ChannelRinging(str(call_id)))
    scene.later(60)
    scene.later(1)
    scene.happened(ChannelAnswered(str(call_id)) if by == "channel" else AnsweredTooLate(number))
    assert [late.at for late in scene.turn.late_answers] == [scene.now - A_MOMENT]


def test_whoever_is_nobodys_may_come_and_go() -> None:
    scene = Floor()
    channel = str(uuid4())
    scene.fact(ChannelRinging(channel), ChannelAnswered(channel), ChannelHungUp(channel, 16))
    scene.fact(Screened("no id", "HUMAN"), Parted(channel, "b1"), Chose(channel, "1"))
    assert scene.quiet()


# --- a person alone in the bridge ---------------------------------------------------------------


def test_a_person_whom_the_bridge_has_left_is_looked_at_when_a_join_would_be_late() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    scene.state.due = scene.now + timedelta(hours=1)
    learn(scene.state, Turn(scene.now), Parted(str(call_id), "b1"), scene.now - A_MOMENT, scene.now)
    live = scene.state.calls[call_id]
    assert live.parted_at == scene.now - A_MOMENT
    assert str(call_id) not in scene.state.bridges
    assert scene.state.due == scene.now - A_MOMENT + timedelta(seconds=1)


def test_a_person_who_is_back_in_the_bridge_has_not_lost_the_agent() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    scene.fact(Parted(str(call_id), "b1"))
    scene.fact(Joined(str(call_id), "b1"))
    assert scene.state.calls[call_id].parted_at is None
    scene.later(2)
    assert scene.call(call_id).state is CallState.CONNECTED


def test_who_is_told_late_to_have_left_an_older_bridge_is_still_in_the_newer_one() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    scene.fact(Joined(str(call_id), "b2"), Parted(str(call_id), "b1"))
    assert scene.state.bridges[str(call_id)] == "b2"


def test_who_waits_has_lost_nobody_by_leaving_a_bridge() -> None:
    scene = Floor()
    call_id = scene.human()
    scene.fact(Joined(str(call_id), "b1"), Parted(str(call_id), "b1"))
    assert scene.state.calls[call_id].parted_at is None


def test_a_leg_that_leaves_the_bridge_is_nobodys_parting() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    scene.fact(Parted(scene.leg, "b1"))
    assert scene.state.calls[call_id].parted_at is None
    assert scene.leg not in scene.state.bridges


# --- legs ---------------------------------------------------------------------------------------


def test_hold_is_the_agents_whose_leg_it_is() -> None:
    scene = Floor()
    scene.works()
    scene.fact(HoldChanged(scene.leg, held=True), HoldChanged(UNKNOWN_LEG, held=True))
    assert scene.agent().held
    assert scene.turn.shown == {1}
    scene.command("agent.attach", page="page0002")
    scene.fact(HoldChanged(scene.state.pending_legs[1], held=False))
    assert scene.agent().held
    scene.fact(HoldChanged(scene.leg, held=False))
    assert not scene.agent().held


def test_only_the_leg_that_is_being_called_becomes_the_agents() -> None:
    scene = Floor()
    scene.works()
    old = scene.leg
    scene.command("agent.attach", page="page0002")
    new = scene.state.pending_legs[1]
    scene.fact(ChannelAnswered(old), ChannelAnswered(UNKNOWN_LEG))
    assert scene.quiet()
    assert scene.state.pending_legs == {1: new}
    scene.fact(ChannelAnswered(new))
    assert (scene.leg, scene.state.pending_legs) == (new, {})


def test_a_leg_of_nobody_that_ends_ends_nothing() -> None:
    scene = Floor()
    scene.works()
    scene.talks()
    scene.fact(ChannelHungUp(UNKNOWN_LEG, 16), OriginateFailed(UNKNOWN_LEG, "busy"))
    assert scene.quiet()


def test_a_new_leg_that_fails_takes_nothing_from_the_one_in_use() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    old = scene.leg
    scene.command("agent.attach", page="page0002")
    scene.fact(OriginateFailed(scene.state.pending_legs[1], "busy"))
    assert (scene.leg, scene.call(call_id).state) == (old, CallState.CONNECTED)
    assert scene.state.goodbyes == {}


def test_a_leg_of_which_no_sound_came_is_named_and_the_next_one_must_prove_itself() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    scene.fact(ChannelHungUp(scene.leg, 44))
    assert [alarm[:2] for alarm in scene.turn.alarms] == [("agent_silent", "1")]
    assert scene.agent().mute
    assert scene.call(call_id).state is CallState.WAITING


def test_a_telephone_put_down_before_the_join_gives_the_person_to_another() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.human()
    scene.works(2, page="page0002")
    scene.fact(ChannelHungUp(scene.leg, 16))
    assert scene.state.goodbyes == {}
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), scene.agent(2).leg_id)]


def test_who_handed_a_person_on_and_puts_the_telephone_down_ends_nothing() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.talks()
    scene.works(2, page="page0002")
    scene.command("agent.transfer", call_id=str(call_id), agent_id=2)
    scene.join(call_id, scene.agent(2).leg_id, "b2")
    assert scene.agent(1).call_id == call_id
    scene.fact(ChannelHungUp(scene.leg, 16))
    scene.later(1)
    assert scene.state.goodbyes == {}
    assert not scene.did(effects.HangUp)


def test_a_telephone_put_down_in_wrap_up_says_goodbye_to_nobody() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    scene.fact(ChannelHungUp(str(call_id), 16))
    scene.fact(ChannelHungUp(scene.leg, 16))
    assert (scene.agent().state, scene.state.goodbyes) == (AgentState.WRAP_UP, {})


# --- telephones ---------------------------------------------------------------------------------


class Desk(Floor):
    """An agent whose phone went away, and was found away."""

    def __init__(self) -> None:
        super().__init__()
        self.works()
        self.fact(OriginateFailed(self.leg, "gone"))

    def registers(self, endpoint: str = "web-01") -> list[str]:
        self.fact(EndpointReachable(endpoint, True))
        return [order.order.endpoint for order in self.did(effects.OriginateLeg)]


def test_a_phone_that_is_back_is_called_at_once() -> None:
    assert Desk().registers() == ["web-01"]


def test_a_phone_that_is_being_called_is_not_called_again() -> None:
    scene = Desk()
    scene.registers()
    assert scene.registers() == []


def test_nobodys_phone_is_not_called() -> None:
    scene = Desk()
    assert scene.registers("web-09") == []
    scene.command("agent.log_out")
    scene.state.agents[1] = replace(scene.agent(), session="page0001")
    assert scene.agent().state is AgentState.OFFLINE
    assert scene.registers() == []


def test_the_phone_of_an_agent_whose_page_is_gone_is_not_called() -> None:
    scene = Desk()
    scene.command("agent.detach", page="page0001")
    assert scene.registers() == []


def test_a_phone_that_never_went_away_is_not_called() -> None:
    scene = Floor()
    scene.works()
    scene.fact(EndpointReachable("web-01", True))
    assert scene.quiet()


@pytest.mark.parametrize("change", [{"leg": LegState.DOWN}, {"leg_page": "another"}])
def test_a_leg_that_is_down_or_of_an_older_page_is_none(change: dict[str, object]) -> None:
    scene = Floor()
    scene.works()
    scene.state.agents[1] = replace(scene.agent(), **change)  # type: ignore[arg-type]  # a test names what it changes
    scene.fact(EndpointReachable("web-01", True))
    assert len(scene.did(effects.OriginateLeg)) == 1


# --- strangers ----------------------------------------------------------------------------------


def test_the_alarm_of_a_channel_that_was_thrown_about_says_what_happened() -> None:
    scene = Floor()
    scene.works()
    call_id = scene.talks()
    leg = scene.leg
    scene.fact(Intruded(leg))
    assert scene.turn.alarms == [("stranger_in_call", leg, "the other side put somebody in their place")]
    assert scene.call(call_id).state is CallState.CONNECTED
    scene.fact(Strayed(leg))
    assert scene.turn.alarms == [("channel_strayed", leg, "sent away by the other side, or by a dialplan")]
    (lost,) = scene.turn.transitions
    assert (lost.event.kind, lost.event.agent_id) == (CallEventKind.AGENT_LOST, 1)
