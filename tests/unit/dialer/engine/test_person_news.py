"""What agents learn of a person and when, and who gets the person, told as scenes."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from dialer.engine import effects
from dialer.engine.inputs import ResultsIn
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.facts import ChannelAnswered, ChannelHungUp, ChannelRinging, Screened
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import Scene

DEBT = {
    "creditor": "Banco",
    "currency": "EUR",
    "balance_minor": 5000,
    "days_past_due": 45,
    "reference": "1",
    "stage": "early",
    "status": "open",
}


def with_a_debt(scene: Scene, call_id: UUID) -> None:
    """The person of a call owes something."""
    live = scene.state.calls[call_id]
    live.card = replace(live.card, debts=(DEBT,))


def test_a_debt_is_on_the_screen_only_after_the_identity_was_verified() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    with_a_debt(scene, call_id)
    scene.command("agent.verify_identity", call_id=str(uuid4()))
    assert scene.pushed("refused")[-1]["reason"] == "not your call"
    scene.command("agent.verify_identity", call_id=str(call_id))
    shown = scene.pushed("agent")[-1]["call"]
    assert (shown["verified"], shown["debts"], shown["debts_hidden"]) == (True, [DEBT], False)
    assert [(mark.kind, mark.actor_id) for mark in scene.turn.marks] == [("verified", 1)]
    scene.command("agent.verify_identity", call_id=str(call_id))
    assert scene.turn.marks == []


def test_no_debt_leaves_the_engine_before_the_identity_is_verified() -> None:
    scene = Scene()
    scene.works()
    with_a_debt(scene, scene.talks())
    scene.command("agent.pause", code="break")
    assert all("5000" not in str(frame) and "Banco" not in str(frame) for frame in scene.pushed("agent"))


def test_a_campaign_may_show_debts_at_once() -> None:
    scene = Scene(verify_first=False)
    scene.works()
    with_a_debt(scene, scene.talks())
    scene.command("agent.pause", code="break")
    assert scene.pushed("agent")[-1]["call"]["debts"] == [DEBT]


@pytest.mark.parametrize("phase", ["dialing", "ringing"])
def test_a_payment_ends_a_call_that_nobody_has_answered(phase: str) -> None:
    scene = Scene()
    scene.works()
    call_id = scene.dials()
    if phase == "ringing":
        scene.fact(ChannelRinging(str(call_id)))
    scene.learns(person_id=1, reason="payment.received", flags=["paid"], debts=[])
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CANCELLED]


def test_a_payment_during_the_call_and_the_wrap_up_is_seen_at_once() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    with_a_debt(scene, call_id)
    scene.command("agent.verify_identity", call_id=str(call_id))
    rest = {**DEBT, "balance_minor": 100}
    scene.learns(person_id=1, reason="payment.received", flags=[], debts=[rest])
    assert scene.pushed("agent")[-1]["call"]["debts"] == [rest]
    scene.fact(ChannelHungUp(str(call_id), 16))
    scene.learns(person_id=1, reason="payment.received", flags=["paid"], debts=[])
    assert scene.pushed("agent")[-1]["call"]["flags"] == ["paid"]


def test_a_payment_while_the_person_waits_is_on_the_screen_that_pops_up() -> None:
    scene = Scene()
    call_id = scene.human()
    scene.learns(person_id=1, reason="payment.received", flags=["paid"])
    assert scene.call(call_id).state is CallState.WAITING
    scene.works()
    assert scene.pushed("agent")[-1]["call"]["flags"] == ["paid"]


def test_who_knows_the_person_gets_the_person() -> None:
    scene = Scene()
    scene.works(1)
    scene.later(60)
    scene.works(2, page="page0002")
    call_id = scene.dials()
    live = scene.state.calls[call_id]
    live.card = replace(live.card, last_agent=2)
    scene.fact(ChannelRinging(str(call_id)), ChannelAnswered(str(call_id)))
    scene.fact(Screened(str(call_id), "HUMAN", "HUMAN-800"))
    assert scene.agent(2).call_id == call_id
    assert live.routing["parts"] == {"skills": 0.0, "segment": 0.0, "success": 0.5, "same_agent": 1.0}


def test_a_language_that_is_asked_for_is_a_hard_skill() -> None:
    scene = Scene(match_language=True)
    scene.works(1)
    scene.works(2, page="page0002", **{"lang-en": 50})
    call_id = scene.dials()
    live = scene.state.calls[call_id]
    live.card = replace(live.card, language="en", last_agent=1)
    scene.fact(ChannelRinging(str(call_id)), ChannelAnswered(str(call_id)))
    scene.fact(Screened(str(call_id), "HUMAN", "HUMAN-800"))
    assert scene.agent(2).call_id == call_id


def test_what_came_of_conversations_counts_for_the_next_one() -> None:
    scene = Scene()
    scene.works(1)
    scene.works(2, page="page0002")
    scene.take(ResultsIn({1: (200, 20), 2: (200, 60)}))
    scene.human()
    assert scene.agent(2).state is AgentState.ON_CALL
