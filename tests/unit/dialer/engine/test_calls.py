"""What one step of a call means for the floor: the books, the clocks, the agents, the orders."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from dialer.engine import calls, effects
from dialer.engine.inputs import CallEventIn, FactIn, NewsIn
from dialer.engine.rooms.calls import Live
from dialer.model.agent import AgentState
from dialer.model.call import CallEvent, CallEventKind, CallState
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    EarsUp,
    GreetingOver,
    Heard,
    Hearing,
    LinkDown,
    Parted,
    Screened,
)
from dialer.model.handover import Handover
from dialer.model.outcomes import Outcome
from dialer.ports import Frame, PersonNews, Transition
from tests.unit.dialer.engine.scenes import START, Scene

K = CallEventKind
HANDED = Handover(by=9, agent_id=1, note="espera su nómina")
DEBT = {
    "creditor": "Banco",
    "currency": "EUR",
    "balance_minor": 5000,
    "days_past_due": 45,
    "reference": "1",
    "stage": "early",
    "status": "open",
}


def live(scene: Scene, call_id: UUID) -> Live:
    return scene.state.calls[call_id]


def happens(scene: Scene, call_id: UUID, kind: CallEventKind, *, seconds: float = 0.0) -> None:
    scene.take(CallEventIn(call_id, CallEvent(kind), scene.now + timedelta(seconds=seconds)))


# --- the books ----------------------------------------------------------------------------------


def test_news_of_a_call_that_is_over_is_counted_and_nothing_else() -> None:
    scene = Scene()
    for _ in range(3):
        happens(scene, uuid4(), K.RINGING)
    assert scene.state.late_events == 3
    assert (scene.turn.transitions, scene.turn.alarms) == ([], [])


def test_an_event_that_cannot_be_is_an_alarm_and_leaves_the_call_as_it_was() -> None:
    scene = Scene()
    call_id = scene.dials()
    before = scene.call(call_id)
    for _ in range(2):
        happens(scene, call_id, K.BRIDGED)
        assert scene.turn.alarms == [
            ("illegal_event", str(call_id), f"bridged in dialing of {call_id}"),
        ]
        assert scene.turn.transitions == []
    assert scene.state.illegal_events == 2
    assert scene.call(call_id) == before


def test_nothing_happens_before_what_is_known_already() -> None:
    """Two clocks: the ring was seen at the third second, the answer is said to be of the first."""
    scene = Scene()
    call_id = scene.dials()
    happens(scene, call_id, K.RINGING, seconds=3)
    happens(scene, call_id, K.ANSWERED, seconds=1)
    assert scene.call(call_id).answered_at == START + timedelta(seconds=3)


def test_nothing_happens_before_the_call_was_placed() -> None:
    scene = Scene()
    call_id = scene.dials()
    happens(scene, call_id, K.RINGING, seconds=-3)
    assert scene.call(call_id).ringing_at == START


def test_every_step_is_written_as_it_was() -> None:
    scene = Scene()
    call_id = scene.dials()
    live(scene, call_id).handover = HANDED
    happens(scene, call_id, K.RINGING, seconds=2)
    assert scene.turn.transitions == [
        Transition(
            "dialing", scene.call(call_id), CallEvent(K.RINGING), START + timedelta(seconds=2), None, None
        )
    ]
    assert scene.turn.touched == {call_id}


def test_a_join_is_written_with_why_this_agent_and_a_hand_over_with_what_went_along() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.human()
    live(scene, call_id).handover = HANDED
    why = dict(live(scene, call_id).routing)
    scene.join(call_id, scene.agent().leg_id)
    (joined,) = scene.turn.transitions
    assert (joined.before, joined.routing, joined.handover) == ("waiting", why, None)
    assert why
    live(scene, call_id).routing["later"] = True
    assert joined.routing == why
    handed = live(scene, call_id).handover
    assert handed == replace(HANDED, agent_id=None)
    happens(scene, call_id, K.TRANSFERRED)
    (moved,) = scene.turn.transitions
    assert (moved.before, moved.routing, moved.handover) == ("connected", None, handed)


@pytest.mark.parametrize("record", [True, False])
@pytest.mark.parametrize("answered", [True, False])
def test_the_end_is_told_to_whoever_waits_for_it(record: bool, answered: bool) -> None:
    scene = Scene(record=record)
    call_id = scene.dials()
    if answered:
        scene.fact(ChannelAnswered(str(call_id)))
        scene.now += timedelta(seconds=0.5)
    scene.state.bridges.become({str(call_id): "b1", "another": "b2"})
    scene.fact(ChannelHungUp(str(call_id), 17))
    body = {
        "call_id": str(call_id),
        "answered": answered,
        "recorded": record and answered,
        "outcome": "hung_up_early" if answered else "busy",
    }
    assert effects.Publish(Frame("call.ended", body)) in scene.did(effects.Publish)
    assert scene.state.calls == {}
    assert scene.state.just_ended == {call_id: scene.now}
    assert scene.state.bridges == {"another": "b2"}


# --- clocks -------------------------------------------------------------------------------------


def test_whoever_waits_is_looked_at_and_nobody_else() -> None:
    scene = Scene()
    call_id = scene.dials()
    assert scene.state.waiting == {}
    scene.fact(ChannelAnswered(str(call_id)))
    assert scene.state.due == scene.call(call_id).deadline_at == START + timedelta(seconds=4)
    scene.fact(Screened(str(call_id), "HUMAN"))
    assert scene.state.waiting == {call_id: live(scene, call_id)}
    scene.works()
    scene.join(call_id, scene.agent().leg_id)
    assert scene.state.waiting == {}
    happens(scene, call_id, K.HUNG_UP)
    assert scene.state.waiting == {}


def test_the_next_deadline_is_the_first_of_all() -> None:
    scene = Scene()
    assert calls.next_deadline(scene.state) is None
    first, second = scene.dials(1), scene.dials(2)
    scene.fact(ChannelAnswered(str(second)))
    assert calls.next_deadline(scene.state) == START + timedelta(seconds=4)
    scene.works()
    talking = scene.talks(person_id=3)
    assert scene.call(talking).deadline_at is None
    assert calls.next_deadline(scene.state) == START + timedelta(seconds=4)
    scene.fact(LinkDown("cut"))
    assert calls.next_deadline(scene.state) is None
    assert first in scene.state.calls


def test_while_two_are_joined_the_second_of_the_join_stands_for_the_limit() -> None:
    scene = Scene(connect_limit=5.0)
    scene.works()
    call_id = scene.human()
    scene.now += timedelta(seconds=0.25)
    assert calls.next_deadline(scene.state) == START + timedelta(seconds=1)
    scene.join(call_id, scene.agent().leg_id)
    assert calls.next_deadline(scene.state) is None
    scene.fact(Parted(str(call_id), "b1"))
    assert calls.next_deadline(scene.state) == scene.now + timedelta(seconds=1)


def test_a_join_has_a_whole_second() -> None:
    scene = Scene(connect_limit=5.0)
    leg = scene.works().leg_id
    call_id = scene.human()
    live(scene, call_id).handover = HANDED
    scene.later(1.0)
    assert (live(scene, call_id).assigned, scene.turn.alarms) == (1, [])
    scene.later(0.001)
    assert scene.turn.alarms == [("join_failed", str(call_id), "agent 1")]
    assert scene.did(effects.HangUp) == [effects.HangUp(leg)]
    assert live(scene, call_id).handover == replace(HANDED, agent_id=None)
    assert (live(scene, call_id).assigned, live(scene, call_id).assigned_at) == (None, None)
    assert (scene.agent().state, scene.agent().leg_id) == (AgentState.READY, "")


def test_whoever_left_the_bridge_has_lost_the_agent_after_a_whole_second() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.fact(Parted(str(call_id), "b1"))
    scene.later(1.0)
    assert scene.turn.transitions == []
    scene.later(0.001)
    (lost,) = scene.turn.transitions
    assert (lost.event, lost.at) == (CallEvent(K.AGENT_LOST, reason="parted"), scene.now)
    assert live(scene, call_id).parted_at is None


def test_who_is_handed_on_a_moment_after_leaving_the_bridge_waits_for_the_next_and_has_lost_nobody() -> None:
    scene = Scene()
    scene.works(1)
    call_id = scene.talks(1)
    leg = scene.works(2, page="page0002").leg_id
    scene.fact(Parted(str(call_id), "b1"))
    scene.now += timedelta(seconds=0.5)
    scene.command("agent.transfer", 1, call_id=str(call_id), agent_id=2)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), leg)]
    scene.later(0.6)
    assert (scene.turn.alarms, scene.turn.transitions) == ([], [])


def test_who_is_joined_again_has_not_left() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.fact(Parted(str(call_id), "b1"))
    assert live(scene, call_id).parted_at == scene.now
    scene.join(call_id, leg, "b2")
    assert live(scene, call_id).parted_at is None
    assert scene.turn.transitions == []


def test_one_who_has_time_keeps_nobody_from_being_judged() -> None:
    scene = Scene()
    scene.dials(1)
    scene.now += timedelta(seconds=20)
    late = scene.dials(2)
    scene.fact(ChannelAnswered(str(late)))
    scene.later(4.0)  # to the instant
    assert scene.call(late).state is CallState.WAITING
    assert scene.call(late).verdict == "unsure"


def test_what_fell_due_as_it_came_is_judged_in_the_next_turn() -> None:
    """A verdict that is read late: the agent who is there gets the person, not the message."""
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.dials()
    scene.now += timedelta(seconds=9)
    told = [
        FactIn(fact, START + timedelta(seconds=second), scene.now)
        for second, fact in ((1, ChannelAnswered(str(call_id))), (2, Screened(str(call_id), "HUMAN")))
    ]
    scene.take(*told)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), leg)]
    assert scene.did(effects.PlayMessage) == []


def test_who_waited_to_the_end_is_abandoned_when_we_see_it_and_was_screened_when_it_was() -> None:
    scene = Scene()
    waiting, screened = scene.human(1), scene.dials(2)
    scene.fact(ChannelAnswered(str(screened)))
    scene.later(4.5)
    at = {moved.call.id: moved.at for moved in scene.turn.transitions}
    assert at == {waiting: scene.now, screened: START + timedelta(seconds=4)}


def audited(scene: Scene) -> UUID:
    """A machine that an agent gets all the same."""
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)))
    scene.fact(Screened(str(call_id), "MACHINE", "LONGGREETING-1500"))
    assert scene.call(call_id).verdict == "audit"
    return call_id


def test_an_audited_machine_that_got_no_agent_ends_as_one() -> None:
    scene = Scene(audit_share=1.0)
    call_id = audited(scene)
    scene.later(2.1)
    (end,) = scene.turn.transitions
    assert end.event == CallEvent(K.MACHINE, reason="no agent for the audit")
    assert end.call.outcome is Outcome.MACHINE
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    assert scene.did(effects.PlayMessage) == []


def test_whoever_an_agent_has_had_is_excused_as_a_person_audit_or_not() -> None:
    scene = Scene(audit_share=1.0)
    scene.works()
    call_id = audited(scene)
    scene.join(call_id, scene.agent().leg_id)
    scene.fact(ChannelHungUp(scene.agent().leg_id, 44))
    scene.later(16)
    (end,) = scene.turn.transitions
    assert end.event == CallEvent(K.DEADLINE)
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(call_id))]


# --- agents -------------------------------------------------------------------------------------


def test_a_join_ends_all_that_led_to_it_and_counts_for_the_agent() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    first = scene.human()
    before = live(scene, first)
    before.lost_at = before.parted_at = scene.now
    scene.join(first, leg)
    assert not any((before.assigned, before.assigned_at, before.lost_at, before.parted_at))
    assert before.handover is None
    assert scene.turn.shown == {1}
    assert scene.state.calls_today == {1: 1}
    happens(scene, first, K.HUNG_UP)
    assert scene.turn.transitions[0].event == CallEvent(K.HUNG_UP)
    scene.command("agent.dispose", call_id=str(first), code="cannot_pay")
    scene.talks(person_id=2)
    assert scene.state.calls_today == {1: 2}


def test_whoever_lost_the_agent_hears_music_and_is_kept_for_the_same() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    live(scene, call_id).parted_at = scene.now
    happens(scene, call_id, K.AGENT_LOST, seconds=0.5)
    kept = live(scene, call_id)
    assert (kept.same_agent, kept.lost_at, kept.parted_at) == (1, scene.now + timedelta(seconds=0.5), None)
    assert scene.did(effects.Park) == [effects.Park(str(call_id))]


def test_an_agent_sees_how_the_own_call_gets_on_and_nobody_sees_the_others() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.dials()
    happens(scene, call_id, K.RINGING)
    assert scene.turn.shown == set()
    own = scene.dials(2)
    live(scene, own).call = replace(scene.call(own), reserved_for=1)
    happens(scene, own, K.RINGING)
    assert scene.turn.shown == {1}


# --- orders -------------------------------------------------------------------------------------


def test_a_machine_that_is_left_a_message_gets_it_and_is_hung_up() -> None:
    scene = Scene(screening="progress", on_voicemail="leave_message", voicemail_message="/recado")
    scene.fact(EarsUp())
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)))
    scene.fact(Heard(str(call_id), Hearing.MACHINE, "model"))
    scene.fact(GreetingOver(str(call_id), beep=True))
    assert scene.did(effects.LeaveMessage) == [effects.LeaveMessage(str(call_id))]
    happens(scene, call_id, K.LEFT)
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]


def test_who_would_rather_be_called_back_is_told_that_it_is_so() -> None:
    scene = Scene()
    call_id = scene.human()
    happens(scene, call_id, K.CALLBACK_TAKEN)
    assert scene.did(effects.ConfirmCallback) == [effects.ConfirmCallback(str(call_id))]


def test_whom_the_dialplan_excuses_already_hears_it_once() -> None:
    for excused, times in ((False, 1), (True, 0)):
        scene = Scene()
        call_id = scene.human()
        live(scene, call_id).excused = excused
        scene.take(CallEventIn(call_id, CallEvent(K.DEADLINE)))
        assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(call_id))] * times


# --- what is learnt of a person -----------------------------------------------------------------


def test_news_reach_every_call_of_the_person_and_no_other() -> None:
    scene = Scene()
    ringing, other = scene.dials(1), scene.dials(2)
    waiting = scene.human(1)
    scene.fact(ChannelRinging(str(ringing)))
    flags = ["paid", "old", "paid"]
    live(scene, waiting).card = replace(live(scene, waiting).card, flags=("old",))
    scene.learns(person_id=1, reason="payment.received", flags=flags, debts=[DEBT])
    (gone,) = scene.turn.transitions
    assert (gone.call.id, gone.at) == (ringing, scene.now)
    assert gone.event == CallEvent(K.CANCELLED, reason="payment.received")
    card = live(scene, waiting).card
    assert (card.flags, card.debts) == (("old", "paid"), (DEBT,))
    assert (live(scene, other).card.flags, scene.turn.shown) == ((), set())


def test_who_is_being_joined_who_speaks_and_who_wraps_up_sees_the_news() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.human()

    def told(flag: str) -> None:
        scene.learns(person_id=1, reason="r", flags=[flag])
        assert scene.pushed("agent")[-1]["call"]["flags"][-1] == flag
        assert scene.turn.shown == {1}

    told("being joined")
    scene.join(call_id, scene.agent().leg_id)
    told("speaking")
    scene.fact(ChannelHungUp(str(call_id), 16))
    told("wrapping up")
    scene.learns(person_id=2, reason="r", flags=["somebody else's"])
    assert scene.turn.shown == set()


def test_what_stands_in_the_books_is_learnt_though_nobody_told() -> None:
    scene = Scene()
    ringing, waiting = scene.dials(1), scene.human(2)
    news = [
        PersonNews(3, news=7, flags=(), debts=()),
        PersonNews(1, news=8, flags=("paid",), debts=()),
        PersonNews(2, news=9, flags=("paid",), debts=(DEBT,)),
    ]
    scene.take(NewsIn(tuple(news)))
    (gone,) = scene.turn.transitions
    assert (gone.call.id, gone.call.reason) == (ringing, "learnt from the books")
    card = live(scene, waiting).card
    assert (live(scene, waiting).news, card.flags, card.debts) == (9, ("paid",), (DEBT,))


# --- a join that came to nothing ------------------------------------------------------------------


def test_a_leg_that_ends_before_the_join_frees_its_agent_and_the_person_goes_to_the_next() -> None:
    scene = Scene()
    scene.works(1)
    call_id = scene.human()
    scene.works(2, page="page0002")
    scene.fact(ChannelHungUp(scene.agent(1).leg_id, 102))
    assert (scene.agent(1).state, scene.agent(1).call_id) == (AgentState.READY, None)
    assert (live(scene, call_id).assigned, live(scene, call_id).assigned_at) == (2, scene.now)
    assert scene.call(call_id).state is CallState.WAITING


def test_an_agent_whose_next_leg_fails_too_before_the_join_keeps_the_person_a_little_longer() -> None:
    scene = Scene()
    scene.works(1)
    call_id = scene.talks(1)
    scene.works(2, page="page0002")
    scene.fact(ChannelHungUp(scene.agent(1).leg_id, 102))
    scene.later(1)
    scene.fact(ChannelAnswered(scene.state.pending_legs[1]))
    assert live(scene, call_id).assigned == 1
    scene.fact(ChannelHungUp(scene.agent(1).leg_id, 102))
    assert (live(scene, call_id).assigned, live(scene, call_id).assigned_at) == (None, None)
    assert (scene.agent(1).state, scene.agent(1).call_id) == (AgentState.ON_CALL, call_id)
