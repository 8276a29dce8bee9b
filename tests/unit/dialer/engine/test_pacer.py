"""The pacing joined to the floor: what it sees, orders, gives up and stores."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from dialer.engine import effects, floors, pacer
from dialer.engine.inputs import PlacedIn, RefreshIn
from dialer.model.breaker import Breaker, TrunkState
from dialer.model.campaign import CampaignStatus, DialMode
from dialer.model.facts import ChannelAnswered, ChannelHungUp, ChannelRinging, Screened
from dialer.model.outcomes import Outcome
from dialer.ports import MinuteCount, PlaceResult, TrunkLimits
from pacing import Basis, Decision, Floor, Learner, Model, Pace, decide
from pacing.learner import RingEnd
from portfolio.contact_rules import AbandonmentWindow
from tests.unit.dialer.engine.scenes import Scene


class Ear(Learner):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[object, ...]] = []

    def ring_over(self, seconds: float, end: RingEnd, odds: float = 1.0) -> None:
        self.told.append(("ring", round(seconds, 3), end, odds))

    def screening_over(self, seconds: float, human: bool) -> None:
        self.told.append(("screening", round(seconds, 3), human))

    def talk_over(self, seconds: float, agent: int) -> None:
        self.told.append(("talk", round(seconds, 3), agent))

    def wrap_over(self, seconds: float, agent: int) -> None:
        self.told.append(("wrap", round(seconds, 3), agent))

    def answer(self, abandoned: bool, target: float) -> None:
        self.told.append(("answer", abandoned, target))

    def heard(self) -> list[tuple[object, ...]]:
        told, self.told = self.told, []
        return told


def listening(scene: Scene) -> Ear:
    ear = Ear()
    scene.state.learners[1] = ear
    return ear


def rich(scene: Scene, campaign_id: int = 1) -> None:
    """So many good answers that the cap holds nobody."""
    scene.state.tally(campaign_id).counts.put(MinuteCount(scene.now, 3000, 1000))


def second_campaign(scene: Scene, **more: object) -> None:
    other = scene.campaign.model_copy(update={"id": 2, "code": "two", **more})
    scene.state.campaigns[2] = other


def works_in(scene: Scene, agent_id: int, *campaigns: int) -> None:
    agent = scene.works(agent_id, f"page{agent_id:04}")
    scene.state.agents[agent_id] = replace(agent, campaigns=frozenset(campaigns))


def floor_of(scene: Scene, campaign_id: int = 1) -> Floor:
    return floors.sights(scene.state, scene.now)[campaign_id].party.floor


# --- learning -------------------------------------------------------------------------------------


def test_a_conversation_is_told_phase_by_phase() -> None:
    scene = Scene()
    ear = listening(scene)
    scene.works()
    call_id = scene.dials()
    scene.state.calls[call_id].odds = 1.5
    scene.later(2)
    scene.fact(ChannelRinging(str(call_id)))
    scene.later(7)
    scene.fact(ChannelAnswered(str(call_id)))
    assert ear.heard() == []
    scene.later(1.5)
    scene.fact(Screened(str(call_id), "HUMAN", "HUMAN-800"))
    assert ear.heard() == [("ring", 9.0, "human", 1.5), ("screening", 1.5, True)]
    scene.join(call_id, scene.agent().leg_id)
    assert ear.heard() == [("answer", False, 0.025)]
    assert scene.results() == (1, 0)
    scene.later(60)
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert ear.heard() == [("talk", 60.0, 1)]
    scene.later(12)
    scene.command("agent.dispose", call_id=str(call_id), code="cannot_pay")
    assert ear.heard() == [("wrap", 12.0, 1)]
    assert scene.state.tally(1).counts.share(scene.now) == (1, 1)


def test_a_disposition_during_the_call_is_a_wrap_up_of_nothing() -> None:
    scene = Scene()
    scene.works()
    ear = listening(scene)
    call_id = scene.talks()
    scene.command("agent.dispose", call_id=str(call_id), code="cannot_pay")
    ear.heard()
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert ear.heard()[-1] == ("wrap", 0.0, 1)


@pytest.mark.parametrize("cause", [17, 19])
def test_an_unanswered_end_is_told_as_such(cause: int) -> None:
    scene = Scene()
    ear = listening(scene)
    call_id = scene.dials()
    scene.later(4)
    scene.fact(ChannelHungUp(str(call_id), cause))
    assert ear.heard() == [("ring", 4.0, "other", 1.0)]
    assert scene.state.tally(1).counts.share(scene.now) == (1, 0)


@pytest.mark.parametrize("cause", [34, 38, 58])
def test_what_the_network_broke_says_nothing_of_who_answers(cause: int) -> None:
    """Believed, an outage would have too many called once it is over; nor is it in the share of answers."""
    scene = Scene()
    ear = listening(scene)
    call_id = scene.dials()
    scene.fact(ChannelHungUp(str(call_id), cause))
    assert ear.heard() == []
    assert scene.state.tally(1).counts.share(scene.now) == (0, 0)


def test_a_machine_and_a_hang_up_before_the_verdict() -> None:
    scene = Scene()
    ear = listening(scene)
    machine, hasty = scene.dials(1), scene.dials(2)
    scene.later(3)
    scene.fact(ChannelAnswered(str(machine)), ChannelAnswered(str(hasty)))
    scene.later(1)
    scene.fact(Screened(str(machine), "MACHINE", "LONGGREETING-1500"), ChannelHungUp(str(hasty), 16))
    assert ear.heard() == [
        ("ring", 3.0, "machine", 1.0),
        ("screening", 1.0, False),
        ("ring", 3.0, "other", 1.0),
        ("answer", True, 0.025),
    ]
    assert scene.state.tally(1).counts.count(AbandonmentWindow(name="rolling_24h"), scene.now).machines == 1
    assert (*scene.results(), scene.unserved()) == (1, 0, 1)


@pytest.mark.parametrize(("stayed", "unserved"), [(0.9, 0), (1.1, 1)])
def test_who_hangs_up_while_waiting_pushes_the_price_down_or_dilutes_nothing(
    stayed: float, unserved: int
) -> None:
    """Nobody was free. Who stayed for a second was served by nobody; who did not is nobody's answer."""
    scene = Scene()
    ear = listening(scene)
    call_id = scene.dials()
    scene.fact(ChannelAnswered(str(call_id)), Screened(str(call_id), "HUMAN"))
    ear.heard()
    scene.later(stayed)
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert ear.heard() == [("answer", True, 0.025)] * unserved
    assert (*scene.results(), scene.unserved()) == (unserved, 0, unserved)
    assert scene.state.tally(1).counts.share(scene.now) == (1, 1)
    (window,) = floor_of(scene).windows
    assert window.spare() == pytest.approx(unserved * (0.03 - 1.0) / 0.97)


def test_the_law_of_the_pack_says_whether_the_unserved_count_in_its_share() -> None:
    scene = Scene()
    scene.state.tally(1).counts.put(MinuteCount(scene.now, 200, 100, unserved=5))
    for by_law, rate in ((False, 0.0), (True, 0.05)):
        scene.changes(unserved_by_law=by_law)
        (window,) = floor_of(scene).windows
        assert (window.rate, window.house_rate) == (rate, 0.05)


def test_what_we_ended_ourselves_tells_only_how_long_it_rang() -> None:
    scene = Scene()
    ear = listening(scene)
    scene.dials(2)
    scene.learns(person_id=2, reason="paid", flags=["stopped"])
    assert [t.call.outcome for t in scene.turn.transitions] == [Outcome.CANCELLED]
    assert [(kind, end) for kind, _, end, _ in ear.heard()] == [("ring", "cancelled")]
    assert scene.state.tally(1).counts.share(scene.now) == (0, 0)


def test_an_abandoned_person_moves_the_price_and_the_windows() -> None:
    scene = Scene(boost=2.0)
    ear = listening(scene)
    scene.human()
    scene.later(2.1)
    assert ear.heard()[-1] == ("answer", True, 0.03)
    assert scene.results() == (1, 1)


# --- the floor ------------------------------------------------------------------------------------


def test_ages_are_measured_from_where_each_state_began() -> None:
    scene = Scene()
    first, second = scene.dials(1), scene.dials(2)
    scene.later(2)
    scene.fact(ChannelRinging(str(first)))
    scene.later(3)
    scene.fact(ChannelAnswered(str(second)))
    scene.later(1.0004)
    floor = floor_of(scene)
    assert (floor.ringing.tolist(), floor.rung.tolist()) == ([6.0], [4.0])
    assert (floor.screening.tolist(), floor.screening_after.tolist()) == ([1.0], [5.0])
    assert floor.dialing_odds.size == floor.ringing_odds.size == 0


def test_odds_of_calls_and_of_the_next_leads_are_seen() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.state.calls[call_id].odds = 0.5
    scene.take(PlacedIn(1, 0, PlaceResult(next_odds=(1.4, 1.2))))
    floor = floor_of(scene)
    assert (floor.dialing_odds.tolist(), floor.next_odds.tolist()) == ([0.5], [1.4, 1.2])
    scene.works()
    scene.fact(ChannelHungUp(str(call_id), 17))
    scene.pace()
    floor = floor_of(scene)
    assert (floor.dialing.tolist(), floor.dialing_odds.tolist()) == ([0.0], [1.4])
    assert floor.next_odds.tolist() == [1.2]


def test_who_is_being_joined_needs_no_further_agent() -> None:
    scene = Scene()
    scene.works()
    scene.human()
    floor = floor_of(scene)
    assert (floor.waiting.size, floor.on_call.size) == (0, 1)


def test_who_will_pause_is_no_agent_of_the_future() -> None:
    scene = Scene()
    scene.works()
    scene.talks()
    scene.command("agent.pause", code="break")
    assert floor_of(scene).on_call.size == 0


def test_agents_without_the_required_skill_are_not_on_the_floor() -> None:
    scene = Scene()
    scene.works(1, "page0001", catalan=40)
    scene.works(2, "page0002", catalan=80)
    scene.changes(required_skills={"catalan": 60})
    assert floor_of(scene).ready.size == 1


def test_every_window_of_the_pack_is_on_the_floor_with_the_screening_errors() -> None:
    scene = Scene(screening_errors=0.1)
    day = AbandonmentWindow(name="calendar_day", zone="Europe/Madrid", limit=0.01)
    scene.changes(windows=(day, AbandonmentWindow(name="rolling_30d")))
    scene.state.tally(1).counts.put(MinuteCount(scene.now, 100, 50, 1, 20, suspected=2_000_000))
    windows = floor_of(scene).windows
    assert [(w.name, w.limit, w.live, w.abandoned, w.screened_out) for w in windows] == [
        ("calendar_day", 0.01, 50.0, 1.0, 2.0),
        ("rolling_30d", 0.03, 50.0, 1.0, 2.0),
    ]


# --- orders ---------------------------------------------------------------------------------------


def test_power_mode_orders_its_ratio_once_there_is_something_to_spare() -> None:
    scene = Scene(mode=DialMode.POWER, calls_per_agent=3.0)
    works_in(scene, 1, 1)
    works_in(scene, 2, 1)
    scene.pace()
    assert scene.ordered() == {1: 2}
    assert scene.state.tally(1).capped
    rich(scene)
    scene.pace(1)
    assert scene.ordered() == {1: 4}


@pytest.mark.parametrize("mode", [DialMode.MANUAL, DialMode.PREVIEW])
def test_on_demand_modes_order_nothing(mode: DialMode) -> None:
    scene = Scene(mode=mode)
    scene.works()
    assert not scene.ordered()
    scene.pace()
    assert not scene.ordered()


def test_a_pause_means_none_within_a_tick() -> None:
    scene = Scene()
    scene.works()
    paused = scene.campaign.model_copy(update={"status": CampaignStatus.PAUSED})
    scene.take(RefreshIn((paused,), tuple(scene.state.agents.values()), {}))
    scene.pace(1)
    assert not scene.ordered()


def test_a_change_of_settings_acts_in_the_next_decision() -> None:
    scene = Scene(mode=DialMode.POWER, calls_per_agent=1.0)
    works_in(scene, 1, 1)
    rich(scene)
    scene.pace()
    scene.changes(calls_per_agent=4.0, settings_version=2)
    scene.pace(1)
    assert scene.ordered() == {1: 3}
    assert scene.turn.pacing[0].inputs["settings_version"] == 2


def test_lines_of_a_trunk_are_shared() -> None:
    scene = Scene()
    second_campaign(scene)
    for agent_id in (1, 2, 3):
        works_in(scene, agent_id, 1)
    for agent_id in (4, 5, 6):
        works_in(scene, agent_id, 2)
    scene.state.trunks = {"carrier": TrunkLimits("carrier", max_lines=4)}
    scene.pace()
    assert sum(scene.ordered().values()) == 4
    scene.pace(1)
    assert not scene.ordered()


def test_calls_per_second_of_a_trunk_are_shared() -> None:
    scene = Scene()
    second_campaign(scene)
    for agent_id in (1, 2, 3):
        works_in(scene, agent_id, 1)
    for agent_id in (4, 5, 6):
        works_in(scene, agent_id, 2)
    trunks = (TrunkLimits("carrier", max_cps=2.0),)
    agents = tuple(scene.state.agents.values())
    scene.take(RefreshIn(tuple(scene.state.campaigns.values()), agents, {}, trunks=trunks))
    counts = []
    for _ in range(3):
        scene.pace(1)
        counts.append(sum(scene.ordered().values()))
    assert counts == [2, 2, 2]


def test_an_order_is_never_larger_than_the_store_takes_at_once() -> None:
    scene = Scene(max_cps=500.0, max_lines=500)
    for agent_id in range(1, 56):
        works_in(scene, agent_id, 1)
    scene.pace()
    assert scene.ordered() == {1: pacer.MOST_AT_ONCE}
    (record,) = scene.turn.pacing
    assert record.calls == pacer.MOST_AT_ONCE


def test_campaigns_that_share_agents_take_turns() -> None:
    scene = Scene()
    second_campaign(scene)
    works_in(scene, 1, 1, 2)
    firsts = []
    for _ in range(4):
        scene.pace(1)
        (campaign_id,) = scene.ordered()
        firsts.append(campaign_id)
        scene.take(PlacedIn(campaign_id, 1, PlaceResult()))
    assert firsts == [1, 2, 1, 2]


def test_campaigns_that_share_agents_have_one_price_and_calls_by_weight() -> None:
    """Nine of each ten calls of power mode to who weighs nine times as much, whoever has more to spare."""
    scene = Scene(mode=DialMode.POWER, calls_per_agent=5.0)
    scene.changes(settings=scene.campaign.settings.model_copy(update={"weight": 9}))
    second_campaign(scene, settings=scene.campaign.settings.model_copy(update={"weight": 1}))
    for agent_id in (1, 2):
        works_in(scene, agent_id, 1, 2)
    rich(scene)
    scene.state.tally(2).counts.put(MinuteCount(scene.now, 3000, 1000, abandoned=20))
    scene.pace(1)
    assert scene.ordered() == {1: 9, 2: 1}
    prices = [record.inputs["floor"]["trim"]["shared_price"] for record in scene.turn.pacing]
    assert len(prices) == 2
    assert len(set(prices)) == 1


def test_a_campaign_of_its_own_has_its_own_price() -> None:
    scene = Scene(mode=DialMode.POWER)
    works_in(scene, 1, 1)
    scene.pace()
    assert "shared_price" not in scene.turn.pacing[0].inputs["floor"]["trim"]


def test_answers_are_those_of_people_not_of_machines() -> None:
    scene = Scene()
    learner = scene.state.learner(1)
    for number in range(400):
        learner.ring_over(8.0, ("human", "machine", "machine", "other")[number % 4])
    learner.settle_in()
    said, party = learner.model().summary(), floors.sights(scene.state, scene.now)[1].party
    assert said["human_share"] == pytest.approx(0.25, abs=0.03)
    assert said["answer_rate"] == pytest.approx(0.75, abs=0.05)
    assert party.answers == said["human_share"]


# --- giving up ------------------------------------------------------------------------------------


def ringing(scene: Scene, person_id: int) -> UUID:
    call_id = scene.dials(person_id)
    scene.fact(ChannelRinging(str(call_id)))
    return call_id


def given_up(scene: Scene, *places: int) -> list[tuple[UUID, str]]:
    sight = floors.sights(scene.state, scene.now)[1]
    scene.turn.touched.clear()
    del scene.turn.transitions[:]
    pacer.give_up(scene.state, scene.turn, sight, Decision(0, Basis("predictive"), cancel=places))
    return [(t.call.id, t.call.reason) for t in scene.turn.transitions]


def test_a_ringing_call_that_nobody_can_take_is_given_up() -> None:
    scene = Scene()
    first, second = ringing(scene, 1), ringing(scene, 2)
    scene.later(18)
    assert given_up(scene, 1) == [(second, pacer.GIVEN_UP)]
    assert effects.HangUp(str(second)) in scene.turn.effects
    assert first in scene.state.calls
    assert second not in scene.state.calls


def test_who_answers_as_the_call_is_given_up_was_abandoned() -> None:
    scene = Scene()
    call_id = ringing(scene, 1)
    scene.later(18)
    given_up(scene, 0)
    scene.fact(ChannelAnswered(str(call_id)))
    assert [alarm[0] for alarm in scene.turn.alarms] == ["answered_as_given_up"]
    assert scene.results() == (1, 1)
    scene.fact(ChannelAnswered(str(call_id)))
    assert scene.results() == (1, 1)


@pytest.mark.parametrize("bar", ["open trunk", "full spool", "paused", "nothing"])
def test_who_may_not_dial_still_gives_up_calls_that_nobody_will_take(bar: str) -> None:
    """And the supervisor still reads why no calls are ordered."""
    scene = Scene()
    first, second = ringing(scene, 1), ringing(scene, 2)
    if bar == "open trunk":
        until = scene.now + timedelta(minutes=1)
        scene.state.breakers["carrier"] = Breaker(TrunkState.OPEN, until=until)
    scene.state.spool_is_full = bar == "full spool"
    if bar == "paused":
        scene.changes(status=CampaignStatus.PAUSED)
    scene.pace(5)
    assert not scene.turn.transitions
    last = scene.state.tally(1).last
    scene.pace(13)
    ends = {t.call.id: t.call.reason for t in scene.turn.transitions}
    assert ends
    assert ends.items() <= {first: pacer.GIVEN_UP, second: pacer.GIVEN_UP}.items()
    assert [len(record.cancel) for record in scene.turn.pacing] == [len(ends)]
    assert bar == "nothing" or scene.state.tally(1).last == last
    scene.pace()
    assert not scene.state.calls


def test_who_may_not_dial_lets_calls_ring_that_somebody_will_take() -> None:
    scene = Scene()
    works_in(scene, 1, 1)
    call_id = ringing(scene, 1)
    scene.changes(status=CampaignStatus.PAUSED)
    scene.pace(18)
    assert call_id in scene.state.calls
    assert not scene.ordered()


def test_calls_of_another_campaign_are_not_ours_to_give_up() -> None:
    scene = Scene()
    ringing(scene, 1)
    assert given_up(scene, 1, 2) == []


def test_a_call_that_was_answered_this_very_turn_is_left_alone() -> None:
    scene = Scene()
    call_id = ringing(scene, 1)
    sight = floors.sights(scene.state, scene.now)[1]
    scene.turn.touched.add(call_id)
    pacer.give_up(scene.state, scene.turn, sight, Decision(0, Basis("predictive"), cancel=(0,)))
    assert not scene.turn.deferred
    assert call_id in scene.state.calls


# --- what is stored -------------------------------------------------------------------------------


def test_a_stored_decision_decides_the_same_again() -> None:
    scene = Scene(mode=DialMode.POWER, calls_per_agent=2.5)
    second_campaign(scene)
    works_in(scene, 1, 1, 2)
    works_in(scene, 2, 1)
    rich(scene)
    ringing(scene, 9)
    scene.pace(3)
    assert scene.turn.pacing
    for record in scene.turn.pacing:
        (model,) = [kept.content for kept in scene.turn.models if kept.campaign_id == record.campaign_id]
        again = decide(
            Pace(**record.inputs["pace"]), Model.from_record(model), Floor.from_record(record.inputs["floor"])
        )
        assert (again.calls, again.reason, again.cancel) == (record.calls, record.reason, record.cancel)
        assert again.why.as_record() == record.why


def test_decisions_are_stored_when_they_order_or_say_something_new_or_every_ten_seconds() -> None:
    scene = Scene(mode=DialMode.POWER, calls_per_agent=1.0)
    assert not scene.pace().pacing
    scene.works()
    assert [record.calls for record in scene.pace(1).pacing] == [1]
    stored = [len(scene.pace(0.25).pacing) for _ in range(80)]
    assert 1 <= sum(stored) <= 3
    scene.changes(mode=DialMode.PROGRESSIVE)
    assert len(scene.pace(2).pacing) == 1


def test_a_model_is_stored_once_with_the_first_decision_made_with_it() -> None:
    scene = Scene()
    scene.works()
    scene.pace(1)
    (kept,), (record,) = scene.turn.models, scene.turn.pacing
    assert (kept.epoch, kept.version) == (record.epoch, record.model)
    assert record.inputs["model"] == record.model
    scene.state.tally(1).placing = 0
    scene.pace(1)
    assert scene.turn.pacing
    assert not scene.turn.models


def test_what_was_learned_is_saved_once_a_minute() -> None:
    scene = Scene()
    scene.works()
    saved = [len(scene.pace(1).learners) for _ in range(130)]
    assert sum(saved) == 2


# --- the screen -----------------------------------------------------------------------------------


def test_the_strip_shows_windows_idle_time_and_aim() -> None:
    scene = Scene(boost=1.1)
    scene.works()
    scene.later(30)
    scene.talks()
    scene.pace(1)
    scene.command("floor.snapshot")
    (row,) = scene.pushed("floor")[-1]["campaigns"]
    assert row["target"] == pytest.approx(0.0275)
    assert row["idle_seconds"] == 30.0
    assert row["windows"] == [
        {
            "name": "rolling_24h",
            "limit": 0.03,
            "live": 1,
            "abandoned": 0,
            "screened_out": 0.0,
            "unserved": 0,
            "law_counts_unserved": False,
            "rate": 0.0,
            "house_rate": 0.0,
            "spare": pytest.approx(0.03 / 0.97),
            "credit": 0.0,
        }
    ]
