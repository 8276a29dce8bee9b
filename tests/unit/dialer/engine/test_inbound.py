"""Calls that come in: taken in, queued, told how it stands, called back in their turn."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from dialer.engine import effects
from dialer.engine.floors import sights
from dialer.engine.inbound import MOST_TAKEN_IN
from dialer.engine.inputs import CallbacksIn, LeadFoundIn, ResultsIn, TakenInIn
from dialer.engine.rooms.calls import Live
from dialer.engine.views import call_view
from dialer.model.agent import AgentState
from dialer.model.call import Call, CallState, arrive
from dialer.model.campaign import CampaignStatus, RoutingWeights
from dialer.model.facts import Arrived, CaseTold, ChannelHungUp, Chose, Joined, LinkDown, LinkUp, Screened
from dialer.model.leads import FORESEEN
from dialer.model.outcomes import Outcome
from dialer.ports import (
    CallbackDue,
    CallCard,
    LeadPreview,
    PreviewNumber,
    PreviewResult,
    TakenIn,
)
from tests.unit.dialer.engine.scenes import Scene, a_channel

CALLER = "+34600001000"
OURS = "+34910000000"
CASE = "12345674"


class Line(Scene):
    """A floor that people call."""

    def arrives(self, caller: str = "600001000", called: str = "910000000") -> UUID:
        """The trunk tells of a call; the store is asked."""
        channel = str(uuid4())
        self.fact(Arrived(channel, caller, called))
        return UUID(channel)

    def taken(
        self,
        call_id: UUID,
        person: int = 7,
        *,
        known: bool = True,
        last: int | None = None,
        number: str = "",
        foreseen: timedelta = FORESEEN,
    ) -> None:
        """The store has it in its books."""
        limits = self.campaign.settings.limits()
        number = number or f"+34600{person:06}"
        made = Call(
            call_id, 1, person, person, person, number, self.now, limits, screened=False, case_number=CASE
        )
        card = CallCard(person, "Eva", "es", "Europe/Madrid", "+34 6•• ••• 000", last_agent=last)
        until = self.now + foreseen if known else None
        self.take(TakenInIn(str(call_id), TakenIn(arrive(made, now=self.now), card, until)))

    def waits(self, person: int = 7, **more: object) -> UUID:
        """Somebody is in the queue."""
        call_id = self.arrives()
        self.taken(call_id, person, **more)  # type: ignore[arg-type]  # a test names what it changes
        self.fact(Screened(str(call_id), "OFF"))
        return call_id

    def live(self, call_id: UUID) -> Live:
        return self.state.calls[call_id]

    def joined(self, agent_id: int, call_id: UUID) -> None:
        """The agent and the caller hear each other."""
        leg = self.agent(agent_id).leg_id
        self.fact(Joined(leg, "b1"), Joined(str(call_id), "b1"))

    def outcome(self) -> Outcome | None:
        """Of the last transition."""
        return self.turn.transitions[-1].call.outcome

    def told(self) -> list[tuple[int, int, bool]]:
        """Position, minutes and offer of the announcements of the last turn."""
        news = [effect.news for effect in self.did(effects.Announce)]
        return [(one.position, one.minutes, one.offer) for one in news]


def place(scene: Line, *, lead: int = 7, ago: float = 60.0) -> CallbackDue:
    return CallbackDue(None, 1, scene.now, lead, scene.now - timedelta(seconds=ago))


def card(lead: int = 7) -> PreviewResult:
    person = CallCard(lead, "Eva", "es", "Europe/Madrid", "+34 6•• ••• 000")
    number = PreviewNumber(70, "+34 6•• ••• 000", "mobile", "unknown")
    return PreviewResult(LeadPreview(1, lead, person, (number,)))


# --- taking in ----------------------------------------------------------------------------------


def test_a_call_is_answered_only_when_it_is_in_the_books() -> None:
    scene = Line()
    call_id = scene.arrives()
    (order,) = scene.did(effects.TakeIn)
    assert (order.caller, order.campaigns) == (CALLER, (1,))
    assert not scene.did(effects.Admit)
    scene.taken(call_id)
    (admitted,) = scene.did(effects.Admit)
    assert (admitted.order.channel_id, admitted.order.recording) == (str(call_id), f"/spool/{call_id}")


@pytest.mark.parametrize("told", ["34600001000", "+34600001000", "600001000", "0034600001000"])
def test_a_trunk_may_write_the_caller_as_it_likes(told: str) -> None:
    scene = Line()
    scene.arrives(caller=told)
    assert scene.did(effects.TakeIn)[0].caller == CALLER


@pytest.mark.parametrize("told", ["", "anonymous", "unknown", "123", "+999999999999999999"])
def test_who_withholds_the_number_is_taken_in_all_the_same(told: str) -> None:
    scene = Line()
    scene.arrives(caller=told)
    assert scene.did(effects.TakeIn)[0].caller == ""


def test_a_number_that_no_campaign_answers_is_told_so() -> None:
    scene = Line()
    call_id = scene.arrives(called="911111111")
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(call_id))]
    assert not scene.did(effects.TakeIn)


def test_a_flood_is_excused_and_does_not_fill_the_engine() -> None:
    scene = Line()
    for _ in range(MOST_TAKEN_IN):
        scene.arrives()
    late = scene.arrives()
    assert scene.did(effects.PlayMessage) == [effects.PlayMessage(str(late))]
    assert len(scene.state.taking_in) == MOST_TAKEN_IN


def test_a_key_from_somewhere_else_is_nothing() -> None:
    scene = Line()
    scene.works()
    scene.talks()
    scene.fact(Chose(scene.agent().leg_id, "1"), Chose("no such channel", "1"))
    assert scene.turn.transitions == []


def cases(scene: Line) -> list[str]:
    """The case numbers that the line was told to say in the last turn."""
    return [effect.news.case_number for effect in scene.did(effects.Announce)]


@pytest.mark.parametrize(("by_law", "by_setting"), [(True, False), (False, True), (True, True)])
def test_who_waits_is_told_the_case_by_law_or_by_setting_until_it_was_heard(
    by_law: bool, by_setting: bool
) -> None:
    scene = Line(inbound_case_number=by_setting)
    scene.state.campaigns[1] = scene.campaign.model_copy(update={"case_number_by_law": by_law})
    call_id = scene.waits()
    scene.pace(4)
    assert cases(scene) == [CASE]
    scene.pace(46)
    assert cases(scene) == [CASE], "a key may have ended it in the middle"
    scene.fact(CaseTold(str(call_id)), CaseTold("no such channel"))
    scene.pace(46)
    assert cases(scene) == [""]


def test_where_neither_law_nor_setting_asks_the_agent_alone_sees_it() -> None:
    scene = Line()
    call_id = scene.waits()
    scene.pace(4)
    assert cases(scene) == [""]
    scene.works(1)
    scene.joined(1, call_id)
    shown = call_view(scene.state, scene.live(call_id), scene.agent(1))
    assert (shown["case_number"], shown["case_told"]) == (CASE, False)


def test_a_free_agent_waits_for_no_number() -> None:
    scene = Line(inbound_case_number=True)
    scene.works(1)
    call_id = scene.waits()
    assert scene.live(call_id).assigned == 1
    assert not scene.did(effects.Announce)
    scene.joined(1, call_id)
    scene.pace(4)
    assert not scene.did(effects.Announce)


def test_a_campaign_may_take_no_calls() -> None:
    scene = Line(inbound=False)
    scene.arrives()
    assert not scene.did(effects.TakeIn)


def test_the_same_call_is_taken_in_once() -> None:
    scene = Line()
    call_id = scene.arrives()
    again = scene.fact(Arrived(str(call_id), CALLER, OURS))
    assert not [one for one in again.effects if isinstance(one, effects.TakeIn)]
    scene.taken(call_id)
    again = scene.fact(Arrived(str(call_id), CALLER, OURS))
    assert not [one for one in again.effects if isinstance(one, effects.TakeIn)]


def test_who_hangs_up_before_the_books_know_of_it_has_given_up() -> None:
    scene = Line()
    call_id = scene.arrives()
    scene.fact(ChannelHungUp(str(call_id), 16))
    scene.taken(call_id)
    assert not scene.did(effects.Admit)
    assert scene.outcome() is Outcome.GAVE_UP


def test_a_call_of_ours_gives_way_to_theirs() -> None:
    scene = Line()
    ours = scene.dials(7)
    scene.taken(scene.arrives(), 7)
    assert [str(ours)] == [effect.channel for effect in scene.did(effects.HangUp)]
    assert scene.outcome() is Outcome.CANCELLED


def test_a_call_of_ours_gives_way_to_whoever_calls_on_that_line() -> None:
    """The one of a couple calls in while we ring the other; the trunk spells the line in its own way."""
    scene = Line()
    ours = scene.dials(8)
    live = scene.live(ours)
    live.call = replace(live.call, number="+541123456789")
    scene.taken(scene.arrives(), 7, number="+5491123456789")
    assert [str(ours)] == [effect.channel for effect in scene.did(effects.HangUp)]
    assert scene.outcome() is Outcome.CANCELLED


def test_a_telephone_gets_no_second_agent_whoever_it_is_known_as() -> None:
    scene = Line()
    scene.works(1)
    talking = scene.talks(1, person_id=8)
    scene.live(talking).call = replace(scene.live(talking).call, number="+541123456789")
    scene.works(2)
    assert scene.live(scene.waits(7, number="+5491123456789")).assigned is None


def test_while_the_database_is_away_the_call_is_asked_for_again() -> None:
    scene = Line()
    call_id = scene.arrives()
    scene.take(TakenInIn(str(call_id), None))
    assert scene.did(effects.TakeSnapshot)
    ringing = a_channel(str(call_id), context="cadencia-inbound", caller="600001000", called="910000000")
    scene.snapshot(ringing)
    assert scene.did(effects.TakeIn)


def test_an_engine_that_was_away_finds_who_called_meanwhile() -> None:
    scene = Line()
    scene.fact(LinkDown("lost"), LinkUp())
    channel = str(uuid4())
    scene.snapshot(a_channel(channel, context="cadencia-inbound", caller=CALLER, called=OURS, up=False))
    assert [order.channel_id for order in scene.did(effects.TakeIn)] == [channel]
    assert not scene.did(effects.HangUp)


def test_an_engine_that_died_before_the_answer_answers_now() -> None:
    scene = Line()
    call_id = scene.arrives()
    scene.taken(call_id)
    scene.live(call_id).admitted = False  # what an engine knows that took the row over
    scene.snapshot(a_channel(str(call_id), context="cadencia-inbound", called=OURS, up=False))
    assert [effect.order.channel_id for effect in scene.did(effects.Admit)] == [str(call_id)]


# --- the queue ----------------------------------------------------------------------------------


def test_who_calls_back_reaches_the_agent_who_called() -> None:
    scene = Line()
    scene.works(1)
    scene.works(2)
    call_id = scene.waits(last=2)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), scene.agent(2).leg_id)]
    scene.joined(2, call_id)
    assert scene.live(call_id).call.state is CallState.CONNECTED
    assert scene.agent(2).state is AgentState.ON_CALL


def test_a_paused_campaign_takes_calls_all_the_same() -> None:
    scene = Line()
    scene.works(1)
    scene.changes(status=CampaignStatus.PAUSED)
    call_id = scene.waits()
    assert scene.live(call_id).assigned == 1


def test_whom_we_called_comes_before_who_called_us() -> None:
    """Two seconds are all the law gives those; these have their place."""
    scene = Line()
    queued = scene.waits(7)
    scene.later(30)
    called = scene.human(1)
    scene.works(1)
    assert scene.live(called).assigned == 1
    assert scene.live(queued).assigned is None


def test_the_longest_wait_comes_first_in_the_queue() -> None:
    scene = Line()
    first = scene.waits(7)
    scene.later(5)
    second = scene.waits(8)
    scene.works(1)
    assert (scene.live(first).assigned, scene.live(second).assigned) == (1, None)


def test_people_are_told_their_place_and_wait() -> None:
    """One agent at work, and two and a half minutes for each person, as far as was learned."""
    scene = Line()
    scene.works(1)
    scene.talks(1)
    scene.waits(7)
    scene.waits(8, known=False)
    scene.pace(2.5)
    assert scene.told() == []
    scene.pace(1)
    assert scene.told() == [(1, 3, True), (2, 5, False)]
    scene.pace(30)
    assert scene.told() == []
    scene.pace(15)
    assert scene.told() == [(1, 3, True), (2, 5, False)]


def test_nobody_at_work_is_no_number_but_an_offer() -> None:
    scene = Line()
    scene.waits()
    scene.pace(4)
    assert scene.told() == [(1, 0, True)]


def test_a_short_wait_offers_nothing() -> None:
    scene = Line(inbound_offer=300.0)
    scene.works(1)
    scene.talks(1)
    scene.waits()
    scene.pace(4)
    assert scene.told() == [(1, 3, False)]


def test_nobody_is_cut_off_for_waiting_long() -> None:
    """Not after `inbound_wait`, not after hours; whoever waited that long is still served."""
    scene = Line(inbound_wait=60.0)
    call = scene.waits()
    for _ in range(6):
        scene.later(3600)
    assert scene.live(call).call.state is CallState.WAITING
    assert not scene.did(effects.PlayMessage)
    scene.works(1)
    assert scene.live(call).assigned == 1


def test_who_called_in_and_lost_the_agent_is_not_cut_off_either() -> None:
    """The limit for people whom we called does not hold for them."""
    scene = Line(reattach_limit=15.0)
    scene.works(1)
    call = scene.waits()
    scene.joined(1, call)
    scene.fact(ChannelHungUp(scene.agent(1).leg_id, 44))
    assert scene.live(call).call.state is CallState.WAITING
    scene.later(3600)
    assert scene.live(call).call.state is CallState.WAITING
    assert not scene.did(effects.PlayMessage)


def test_a_channel_that_was_forgotten_ends_after_a_day_and_was_not_abandoned_by_the_dialer() -> None:
    scene = Line()
    scene.waits()
    scene.later(86_401)
    assert scene.outcome() is Outcome.UNSERVED
    assert scene.did(effects.PlayMessage)
    assert scene.results() == (0, 0)


def test_agents_are_held_back_for_who_waits() -> None:
    """So that blending lets the queue run empty before it dials."""
    scene = Line()
    scene.works(1)
    scene.talks(1)
    scene.waits(7)
    scene.take(CallbacksIn((place(scene, lead=9),)))
    floor = sights(scene.state, scene.now)[1].party.floor
    assert (floor.reserved, floor.waiting.size, floor.screening.size) == (2.0, 0, 0)


# --- several calls of one person ----------------------------------------------------------------


def test_ten_calls_of_one_person_take_one_agent() -> None:
    scene = Line()
    for agent in range(1, 7):
        scene.works(agent)
    calls = [scene.waits(7) for _ in range(10)]
    assert [scene.live(call).assigned for call in calls] == [1] + [None] * 9
    scene.joined(1, calls[0])
    scene.later(1)
    assert [agent.state for agent in scene.state.agents.values()].count(AgentState.ON_CALL) == 1


def test_the_second_call_moves_up_when_the_first_ends() -> None:
    scene = Line()
    scene.works(1)
    first, second = scene.waits(7), scene.waits(7)
    scene.joined(1, first)
    scene.works(2)
    assert scene.live(second).assigned is None
    scene.fact(ChannelHungUp(str(first), 16))
    assert scene.live(second).assigned == 2


def test_the_second_call_of_one_person_keeps_nobody_else_waiting() -> None:
    scene = Line()
    scene.works(1)
    first, second = scene.waits(7), scene.waits(7)
    scene.joined(1, first)
    other = scene.waits(8)
    scene.works(2)
    assert (scene.live(second).assigned, scene.live(other).assigned) == (None, 2)


def test_who_is_on_a_line_that_we_called_gets_no_second_agent_by_calling_in() -> None:
    scene = Line()
    scene.works(1)
    scene.talks(1, person_id=7)
    scene.works(2)
    assert scene.live(scene.waits(7)).assigned is None


def test_a_person_who_lost_the_agent_is_served_on_that_line_and_not_on_the_second() -> None:
    scene = Line()
    scene.works(1)
    first, second = scene.waits(7), scene.waits(7)
    scene.joined(1, first)
    scene.fact(ChannelHungUp(scene.agent(1).leg_id, 44))
    scene.later(9)
    scene.works(2)
    assert (scene.live(first).assigned, scene.live(second).assigned) == (2, None)


def test_the_second_call_is_told_its_wait_and_takes_no_place_from_who_came_later() -> None:
    scene = Line()
    scene.works(1)
    scene.talks(1)
    scene.waits(7)
    scene.waits(7)
    scene.waits(8)
    scene.pace(4)
    assert [position for position, *_ in scene.told()] == [1, 1, 2]


def test_agents_are_held_back_for_people_not_for_calls() -> None:
    scene = Line()
    scene.works(1)
    scene.talks(1)
    scene.waits(7)
    scene.waits(7)
    assert sights(scene.state, scene.now)[1].party.floor.reserved == 1.0


# --- called back --------------------------------------------------------------------------------


def test_who_takes_the_offer_is_confirmed_when_it_is_in_the_books() -> None:
    scene = Line()
    call_id = scene.waits()
    scene.pace(4)
    scene.fact(Chose(str(call_id), "1"))
    assert scene.outcome() is Outcome.CALLBACK_TAKEN
    assert scene.did(effects.ConfirmCallback) == [effects.ConfirmCallback(str(call_id))]


@pytest.mark.parametrize(("digit", "known"), [("2", True), ("1", False)])
def test_what_was_not_offered_cannot_be_taken(digit: str, known: bool) -> None:
    scene = Line()
    call_id = scene.waits(known=known)
    scene.pace(4)
    scene.fact(Chose(str(call_id), digit))
    assert scene.live(call_id).call.state is CallState.WAITING


@pytest.mark.parametrize(("minutes", "offered"), [(30, True), (3, True), (2, False), (0, False)])
def test_no_call_is_promised_for_a_time_at_which_the_rules_refuse_it(minutes: int, offered: bool) -> None:
    """The wait is two and a half minutes, of which some seconds are over."""
    scene = Line()
    scene.works(1)
    scene.talks(1)
    call_id = scene.waits(foreseen=timedelta(minutes=minutes))
    scene.pace(4)
    assert scene.told() == [(1, 3, offered)]
    scene.fact(Chose(str(call_id), "1"))
    assert (call_id in scene.state.calls) is not offered


@pytest.mark.parametrize(("short", "offered"), [(0, True), (1, False)])
def test_while_nobody_is_at_work_the_rules_must_agree_as_far_as_they_were_asked(
    short: int, offered: bool
) -> None:
    scene = Line()
    scene.waits(foreseen=FORESEEN - timedelta(minutes=short))
    scene.pace(4)
    assert scene.told() == [(1, 0, offered)]


def test_a_campaign_that_dials_nobody_promises_no_call() -> None:
    scene = Line()
    scene.waits()
    scene.state.campaigns[1] = scene.campaign.model_copy(update={"status": CampaignStatus.PAUSED})
    scene.pace(4)
    assert scene.told() == [(1, 0, False)]


def test_a_kept_place_counts_for_who_came_later() -> None:
    scene = Line()
    scene.take(CallbacksIn((place(scene, ago=60),)))
    scene.waits(8)
    scene.pace(4)
    assert scene.told() == [(2, 0, True)]


def test_in_their_turn_they_are_called_by_the_agent_who_is_free() -> None:
    scene = Line()
    scene.take(CallbacksIn((place(scene),)))
    queued = scene.waits(8)
    scene.works(1)
    (order,) = scene.did(effects.SeekLead)
    assert (order.agent_id, order.place, order.callback) == (1, 7, True)
    assert scene.live(queued).assigned is None
    scene.take(LeadFoundIn(order, card()))
    (call,) = scene.did(effects.PlaceLead)
    assert (call.agent_id, call.lead_id, call.phone_id) == (1, 7, 70)


def test_who_waits_longer_on_the_line_comes_before_a_kept_place() -> None:
    scene = Line()
    queued = scene.waits(8)
    scene.later(30)
    scene.take(CallbacksIn((place(scene, ago=10),)))
    scene.works(1)
    assert scene.live(queued).assigned == 1
    assert not scene.did(effects.SeekLead)


def test_a_halted_campaign_calls_nobody_back() -> None:
    scene = Line()
    scene.changes(status=CampaignStatus.PAUSED)
    scene.take(CallbacksIn((place(scene),)))
    scene.works(1)
    assert not scene.did(effects.SeekLead)


def test_an_engine_that_is_to_end_calls_nobody_back() -> None:
    scene = Line()
    scene.take(CallbacksIn((place(scene),)))
    scene.state.draining = True
    scene.works(1)
    assert not scene.did(effects.SeekLead)


def test_who_keeps_a_place_gets_the_agent_whom_the_campaign_values() -> None:
    scene = Line(routing=RoutingWeights(skills=0.0, success=1.0))
    scene.changes(required_skills={"collections": 40})
    scene.works(1, collections=40)
    scene.works(2, page="page0002", collections=100)
    scene.take(ResultsIn({1: (300, 90), 2: (300, 30)}))
    scene.take(CallbacksIn((place(scene),)))
    (order,) = scene.did(effects.SeekLead)
    assert order.agent_id == 1


def test_without_a_line_the_card_stays_with_the_agent() -> None:
    scene = Line(max_lines=0)
    scene.take(CallbacksIn((place(scene),)))
    scene.works(1)
    (order,) = scene.did(effects.SeekLead)
    scene.take(LeadFoundIn(order, card()))
    assert not scene.did(effects.PlaceLead)
    assert scene.agent(1).state is AgentState.PREVIEW
