"""Agents who call by hand, told as scenes."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from agent_ws.messages import AgentView
from dialer.engine import effects, lines
from dialer.engine.inputs import CallbacksIn, LeadFoundIn, LeadPlacedIn, PlacedIn, RefreshIn
from dialer.engine.state import Turn
from dialer.model.agent import AgentState
from dialer.model.call import Call, CallState, place
from dialer.model.campaign import CampaignStatus, DialMode
from dialer.model.facts import ChannelAnswered, ChannelHungUp, ChannelRinging, Screened
from dialer.model.outcomes import Outcome
from dialer.ports import (
    NOT_HELD,
    CallbackDue,
    CallCard,
    LeadPreview,
    LeadsLeft,
    Placed,
    PlaceResult,
    PreviewNumber,
    PreviewResult,
    Refusal,
    TrunkLimits,
)
from tests.unit.dialer.engine.scenes import Scene

LEAD, PERSON, HOME, WORK = 7, 1, 71, 72
CARD = CallCard(PERSON, "Lucía Muñoz", "es", "Europe/Madrid", "+34 6•• ••• 000")


class ByHand(Scene):
    """A campaign whose calls the agents start."""

    def __init__(self, mode: DialMode = DialMode.PREVIEW, **more: Any) -> None:
        super().__init__(mode=mode, screening="off", **more)

    def finds(self, lead_id: int = LEAD) -> Turn:
        """The store holds a lead for the agent who waits for one."""
        (asked,) = self.did(effects.SeekLead)
        numbers = (
            PreviewNumber(HOME, "+34 6•• ••• 000", "mobile", "unknown"),
            PreviewNumber(WORK, "+34 9•• ••• 001", "fixed", "unknown", "calling_hours", self.now),
        )
        return self.take(LeadFoundIn(asked, PreviewResult(LeadPreview(1, lead_id, CARD, numbers))))

    def shows(self) -> AgentView:
        """An agent at work with a card on the screen."""
        self.works()
        self.finds()
        return self.screen()

    def screen(self) -> AgentView:
        return AgentView.model_validate(self.pushed("agent")[-1])

    def answers(self, **more: Any) -> UUID:
        """The store commits the attempt that was asked for."""
        (asked,) = self.did(effects.PlaceLead)
        call = replace(self.fresh_call(asked), **more)
        result = PlaceResult((Placed(place(call, now=self.now)[0], CARD),))
        self.take(LeadPlacedIn(asked, result))
        return call.id

    def fresh_call(self, asked: effects.PlaceLead) -> Call:
        limits, agent = self.campaign.settings.limits(), asked.agent_id
        number, phone = "+34600001000", asked.phone_id
        return Call(
            uuid4(), 1, asked.lead_id, PERSON, phone, number, self.now, limits, False, reserved_for=agent
        )

    def calls(self) -> UUID:
        """The agent calls the person on the card."""
        self.shows()
        self.command("agent.call_preview", lead_id=LEAD, phone_id=HOME)
        return self.answers()

    def person_answers(self, call_id: UUID) -> None:
        self.fact(ChannelAnswered(str(call_id)))
        self.fact(Screened(str(call_id), "OFF"))

    def halts(self) -> None:
        """A supervisor pauses the campaign."""
        halted = self.campaign.model_copy(update={"status": CampaignStatus.PAUSED})
        self.take(RefreshIn((halted,), tuple(self.state.agents.values()), {1: LeadsLeft(5)}))


def returned(scene: Scene) -> list[tuple[int, datetime]]:
    return [(effect.lead_id, effect.next_at) for effect in scene.did(effects.ReturnLead)]


def test_a_free_agent_is_shown_a_person_and_nobody_is_dialled() -> None:
    scene = ByHand(preview_limit=40)
    view = scene.shows()
    assert (view.state, view.deadline_at) == ("preview", scene.now + timedelta(seconds=40))
    assert view.preview is not None
    assert (view.preview.name, view.preview.campaign) == ("Lucía Muñoz", "One")
    assert [(n.phone_id, n.rule) for n in view.preview.numbers] == [(HOME, ""), (WORK, "calling_hours")]
    assert not scene.did(effects.Originate)


def test_the_call_goes_out_after_its_commit_and_the_agent_waits_for_it() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD, phone_id=HOME)
    assert scene.did(effects.PlaceLead) == [effects.PlaceLead(1, 1, LEAD, HOME)]
    assert not scene.did(effects.Originate)
    call_id = scene.answers()
    (order,) = scene.did(effects.Originate)
    assert (order.order.channel_id, order.order.screen) == (str(call_id), "off")
    assert (scene.agent().state, scene.agent().call_id) == (AgentState.CALLING, call_id)
    scene.fact(ChannelRinging(str(call_id)))
    view = scene.screen()
    assert (view.state, view.call and view.call.state, view.preview) == ("calling", "ringing", None)


def test_who_answers_is_joined_at_once_to_the_agent_who_called() -> None:
    scene = ByHand()
    call_id = scene.calls()
    scene.works(2)
    scene.person_answers(call_id)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), scene.agent(1).leg_id)]
    scene.join(call_id, scene.agent(1).leg_id)
    assert scene.call(call_id).agent_id == 1
    assert scene.turn.transitions[-1].routing == {"reserved": True}


def test_a_person_of_another_campaign_does_not_get_the_agent_who_is_calling() -> None:
    scene = ByHand()
    scene.calls()
    other = scene.human(person_id=9)
    assert not scene.did(effects.Bridge)
    assert scene.state.calls[other].assigned is None


def test_a_person_whose_caller_was_lost_is_anybodys() -> None:
    scene = ByHand()
    call_id = scene.calls()
    scene.fact(ChannelHungUp(scene.agent().leg_id, 16))
    scene.works(2)
    scene.person_answers(call_id)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), scene.agent(2).leg_id)]
    assert (scene.agent(1).state, scene.agent(1).call_id) == (AgentState.READY, None)


def test_with_every_agent_lost_the_person_hears_the_message_and_it_counts() -> None:
    scene = ByHand()
    call_id = scene.calls()
    scene.fact(ChannelHungUp(scene.agent().leg_id, 16))
    scene.person_answers(call_id)
    scene.later(2.5)
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(call_id))]
    assert scene.agent().state is AgentState.READY


@pytest.mark.parametrize(("cause", "outcome"), [(17, "busy"), (19, "no_answer")])
def test_nobody_answers_and_the_next_card_comes_with_the_outcome(cause: int, outcome: str) -> None:
    scene = ByHand()
    call_id = scene.calls()
    scene.fact(ChannelHungUp(str(call_id), cause))
    assert (scene.agent().state, scene.screen().last_outcome) == (AgentState.READY, outcome)
    scene.finds(lead_id=8)
    assert scene.screen().preview is not None


def test_the_agent_gives_up_a_ringing_call() -> None:
    scene = ByHand()
    call_id = scene.calls()
    scene.fact(ChannelRinging(str(call_id)))
    scene.command("agent.hang_up", call_id=str(call_id))
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CANCELLED]
    assert scene.agent().state is AgentState.READY


def test_a_skipped_lead_rests_and_another_is_sought() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.skip_preview", lead_id=LEAD)
    assert returned(scene) == [(LEAD, scene.now + timedelta(hours=1))]
    assert len(scene.did(effects.SeekLead)) == 1


def test_a_card_that_nobody_attends_to_goes_back_and_the_agent_is_paused() -> None:
    scene = ByHand(preview_limit=40)
    scene.shows()
    scene.later(40.1)
    assert returned(scene) == [(LEAD, scene.now)]
    assert (scene.agent().state, scene.agent().pause_code) == (AgentState.PAUSED, "preview")


@pytest.mark.parametrize("leaving", ["agent.pause", "agent.log_out"])
def test_who_leaves_gives_the_card_back(leaving: str) -> None:
    scene = ByHand()
    scene.shows()
    body: dict[str, Any] = {"code": "break"} if leaving == "agent.pause" else {}
    scene.command(leaving, **body)
    assert returned(scene) == [(LEAD, scene.now)]
    assert not scene.state.previews


def test_a_call_that_comes_back_after_the_agent_left_is_not_dialled() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD)
    order = scene.turn
    scene.command("agent.pause", code="break")
    scene.turn = order
    scene.answers()
    assert not scene.did(effects.Originate)
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CANCELLED]
    assert scene.agent().state is AgentState.PAUSED


def test_a_halted_campaign_takes_its_cards_back() -> None:
    scene = ByHand()
    scene.shows()
    scene.halts()
    assert returned(scene) == [(LEAD, scene.now)]
    assert scene.agent().state is AgentState.READY


def test_a_call_that_comes_back_after_the_halt_is_not_dialled() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD)
    order = scene.turn
    scene.halts()
    scene.turn = order
    scene.answers()
    assert not scene.did(effects.Originate)
    assert not scene.state.calls


def test_a_stopped_person_leaves_the_screen() -> None:
    scene = ByHand()
    scene.shows()
    scene.learns(person_id=PERSON, reason="asked", flags=["stopped"])
    assert (scene.state.previews, scene.agent().state) == ({}, AgentState.READY)


def test_the_gate_refuses_one_number_and_the_card_says_until_when() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD, phone_id=HOME)
    (asked,) = scene.did(effects.PlaceLead)
    until = scene.now + timedelta(hours=2)
    refusal = Refusal(LEAD, PERSON, "attempts_per_number", until)
    scene.take(LeadPlacedIn(asked, PlaceResult(refused=(refusal,))))
    view = scene.screen()
    assert view.preview is not None
    first = view.preview.numbers[0]
    assert (view.state, first.rule, first.until) == ("preview", "attempts_per_number", until)
    scene.command("agent.call_preview", lead_id=LEAD, phone_id=WORK)
    assert [order.phone_id for order in scene.did(effects.PlaceLead)] == [WORK]


def test_a_lead_that_is_not_held_any_more_leaves_the_screen() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD)
    (asked,) = scene.did(effects.PlaceLead)
    scene.take(LeadPlacedIn(asked, PlaceResult(refused=(Refusal(LEAD, 0, NOT_HELD, None),))))
    assert scene.pushed("refused")[0]["reason"] == NOT_HELD
    assert scene.agent().state is AgentState.READY


def test_without_an_answer_of_the_store_nobody_is_dialled() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD)
    (asked,) = scene.did(effects.PlaceLead)
    scene.take(LeadPlacedIn(asked, PlaceResult()))
    assert scene.pushed("refused")[0]["reason"] == "unavailable"
    assert not scene.did(effects.Originate)


@pytest.mark.parametrize(
    ("body", "why"),
    [({"lead_id": 99}, "not your card"), ({"lead_id": LEAD, "phone_id": 5}, "unknown number")],
)
def test_only_what_is_on_the_card_can_be_called(body: dict[str, Any], why: str) -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", **body)
    assert [refused["reason"] for refused in scene.pushed("refused")] == [why]


def test_pressing_twice_calls_once() -> None:
    scene = ByHand()
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD)
    scene.command("agent.call_preview", lead_id=LEAD)
    assert not scene.did(effects.PlaceLead)


def test_without_room_for_the_recording_nobody_is_called_and_no_attempt_is_made() -> None:
    scene = ByHand()
    scene.shows()
    scene.state.spool_is_full = True
    scene.command("agent.call_preview", lead_id=LEAD)
    assert scene.pushed("refused")[0]["reason"] == "no room for the recording"
    assert not scene.did(effects.PlaceLead)


def test_without_a_free_line_nobody_is_called() -> None:
    scene = ByHand(max_lines=0)
    scene.shows()
    scene.command("agent.call_preview", lead_id=LEAD)
    assert scene.pushed("refused")[0]["reason"] == "no line is free"


def test_in_manual_mode_nothing_comes_until_the_agent_asks() -> None:
    scene = ByHand(DialMode.MANUAL, preview_limit=40)
    scene.works()
    scene.pace()
    assert not scene.did(effects.SeekLead)
    scene.command("agent.next_lead")
    scene.finds()
    assert scene.screen().state == "preview"
    scene.later(40.1)
    assert returned(scene) == [(LEAD, scene.now)]
    assert scene.agent().state is AgentState.READY


def test_a_manual_agent_hears_that_there_is_no_lead() -> None:
    scene = ByHand(DialMode.MANUAL)
    scene.works()
    scene.command("agent.next_lead")
    (asked,) = scene.did(effects.SeekLead)
    scene.take(LeadFoundIn(asked, PreviewResult()))
    assert scene.pushed("refused")[0]["reason"] == "no lead to call now"


def test_who_is_not_at_work_is_given_no_lead_and_told_by_which_state() -> None:
    scene = ByHand(DialMode.MANUAL)
    scene.works()
    scene.command("agent.pause", code="break")
    scene.command("agent.next_lead")
    (refused,) = scene.pushed("refused")
    assert (refused["state"], scene.did(effects.SeekLead)) == ("paused", [])


def test_a_dry_campaign_is_asked_again_after_a_rest() -> None:
    scene = ByHand()
    scene.works()
    (asked,) = scene.did(effects.SeekLead)
    scene.take(LeadFoundIn(asked, PreviewResult()))
    scene.later(4)
    assert not scene.did(effects.SeekLead)
    scene.later(1.1)
    assert len(scene.did(effects.SeekLead)) == 1


def test_a_lead_for_an_agent_who_left_goes_back() -> None:
    scene = ByHand()
    scene.works()
    (asked,) = scene.did(effects.SeekLead)
    scene.command("agent.pause", code="break")
    scene.take(LeadFoundIn(asked, PreviewResult(LeadPreview(1, LEAD, CARD, ()))))
    assert returned(scene) == [(LEAD, scene.now)]


def test_an_agent_whom_calls_in_the_air_count_on_is_shown_no_card() -> None:
    scene = ByHand()
    predictive = scene.campaign.settings.model_copy(update={"mode": DialMode.PREDICTIVE})
    scene.state.campaigns[2] = scene.campaign.model_copy(update={"id": 2, "settings": predictive})
    call = replace(scene.fresh_call(effects.PlaceLead(2, 0, 5, 5)), campaign_id=2, reserved_for=None)
    scene.take(PlacedIn(2, 1, PlaceResult((Placed(call, CARD),))))
    scene.state.agents.clear()
    scene.works()
    scene.take(
        RefreshIn(
            tuple(scene.state.campaigns.values()), (replace(scene.agent(), campaigns=frozenset({1, 2})),), {}
        )
    )
    scene.state.seeking.clear()
    scene.pace()
    assert not scene.did(effects.SeekLead)
    scene.fact(ChannelHungUp(str(call.id), 17))
    assert [asked.campaign_id for asked in scene.did(effects.SeekLead)] == [1]


def test_no_cards_while_the_telephone_exchange_is_away() -> None:
    scene = ByHand()
    scene.state.looked = False
    scene.works()
    assert not scene.did(effects.SeekLead)


def test_a_dismissed_agent_ends_the_call_they_wait_for() -> None:
    scene = ByHand()
    call_id = scene.calls()
    scene.take(RefreshIn((scene.campaign,), (), {1: LeadsLeft(5)}))
    assert scene.agent().state is AgentState.CALLING
    scene.person_answers(call_id)
    assert scene.call(call_id).state is CallState.WAITING
    assert scene.agent().state is AgentState.ON_CALL


# --- callbacks ----------------------------------------------------------------------------------


class Predictive(ByHand):
    """A campaign that dials by itself, whose agents have agreed to call people back."""

    def __init__(self, **more: Any) -> None:
        super().__init__(DialMode.PREDICTIVE, **more)

    def agreed(self, seconds: float = 0.0, agent: int = 1) -> Turn:
        """The store knows of a callback that is due in so many seconds."""
        due = CallbackDue(agent, 1, self.now + timedelta(seconds=seconds))
        return self.take(CallbacksIn((due,)))


def test_a_due_callback_is_shown_to_its_agent_even_when_the_campaign_dials_by_itself() -> None:
    scene = Predictive()
    scene.works()
    scene.agreed(5)
    assert scene.did(effects.SeekLead) == []
    scene.later(5)
    (asked,) = scene.did(effects.SeekLead)
    assert (asked.agent_id, asked.callback) == (1, True)
    scene.finds()
    screen = scene.screen()
    assert (screen.state, screen.preview and screen.preview.callback) == ("preview", True)
    scene.command("agent.call_preview", lead_id=LEAD)
    assert len(scene.did(effects.PlaceLead)) == 1


def test_calls_in_the_air_come_first_unless_somebody_else_is_free_or_it_gets_late() -> None:
    scene = Predictive()
    scene.works(1)
    scene.dials(person_id=5)
    scene.agreed()
    assert scene.did(effects.SeekLead) == []
    scene.later(10)
    assert scene.did(effects.SeekLead) == []
    scene.works(2, page="page0002")
    assert [order.agent_id for order in scene.did(effects.SeekLead)] == [1]

    late = Predictive()
    late.works()
    late.agreed()
    late.dials(person_id=5)
    late.state.seeking.clear()
    late.agreed(-61)
    assert [order.agent_id for order in late.did(effects.SeekLead)] == [1]


def test_a_callback_let_pass_goes_back_and_the_agent_stays_at_work() -> None:
    scene = Predictive(preview_limit=30)
    scene.works()
    scene.agreed()
    scene.finds()
    scene.later(31)
    assert scene.agent().state is AgentState.READY
    assert [back.lead_id for back in scene.did(effects.ReturnLead)] == [LEAD]


def test_a_callback_that_is_gone_meanwhile_disturbs_nobody() -> None:
    scene = Predictive()
    scene.works()
    scene.agreed()
    (asked,) = scene.did(effects.SeekLead)
    scene.take(LeadFoundIn(asked, PreviewResult()))
    assert scene.agent().state is AgentState.READY
    assert scene.pushed("refused") == []
    assert scene.state.no_preview_until == {}


def test_debts_are_not_on_a_card_before_the_identity_is_known() -> None:
    scene = ByHand()
    assert scene.shows().preview is not None
    shown = scene.screen().preview
    assert shown is not None
    assert shown.debts_hidden


@pytest.mark.parametrize(
    ("trunk", "free"),
    [
        (TrunkLimits("", max_lines=0), False),
        (TrunkLimits("", max_lines=1), True),
        (TrunkLimits("", max_cps=1), True),
        (TrunkLimits("other", max_lines=0), True),
    ],
)
def test_the_trunk_is_not_overdrawn_by_hand(trunk: TrunkLimits, free: bool) -> None:
    scene = ByHand()
    scene.shows()
    named = replace(trunk, name=trunk.name or scene.campaign.trunk)
    scene.state.trunks = {named.name: named}
    scene.command("agent.call_preview", lead_id=LEAD)
    assert bool(scene.did(effects.PlaceLead)) is free


def test_the_trunks_pace_holds_for_agents_as_for_the_dialer() -> None:
    scene = ByHand()
    scene.shows()
    trunk = scene.campaign.trunk
    scene.state.trunks = {trunk: TrunkLimits(trunk, max_cps=0.5)}
    lines.fill_buckets(scene.state, scene.now)
    lines.take(scene.state, trunk)
    scene.command("agent.call_preview", lead_id=LEAD)
    assert not scene.did(effects.PlaceLead)
    scene.now += timedelta(seconds=4)
    scene.command("agent.call_preview", lead_id=LEAD)
    assert scene.did(effects.PlaceLead)
    assert scene.state.trunk_buckets[trunk].tokens < 1
