"""Who gets whom, and why: what matching tells the router, and what it makes of the answer."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from dialer.engine import effects
from dialer.engine.calls import BRIDGE_LIMIT
from dialer.engine.inputs import ResultsIn
from dialer.engine.matching import SAME_AGENT_GRACE, best_for, bridge, give
from dialer.engine.rooms.calls import Live
from dialer.engine.state import Turn
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.campaign import RoutingWeights
from dialer.model.facts import ChannelAnswered, ChannelHungUp, LinkDown, LinkUp, Parted, Screened
from tests.unit.dialer.engine.scenes import Scene

OWED = {"creditor": "Banco Uno", "stage": "early", "days_past_due": 45, "status": "open"}
SETTLED = {"creditor": "Banco Dos", "stage": "late", "days_past_due": 20, "status": "settled"}
NOT_SAID = {"creditor": "Banco Tres", "days_past_due": 10}
"""A debt of which nobody says that it is closed is open."""


class Floor(Scene):
    """People whose cards the test writes."""

    def answers(self, person_id: int = 1, **card: Any) -> UUID:
        """A person answers and is recognised as one."""
        call_id = self.dials(person_id)
        live = self.live(call_id)
        live.card = replace(live.card, **card)
        self.fact(ChannelAnswered(str(call_id)))
        self.fact(Screened(str(call_id), "HUMAN"))
        return call_id

    def live(self, call_id: UUID) -> Live:
        return self.state.calls[call_id]

    def joins(self) -> list[tuple[str, str]]:
        """Person and leg of the joins that the last turn ordered."""
        return [(order.customer, order.leg) for order in self.did(effects.Bridge)]

    def with_agent(self, call_id: UUID, agent_id: int) -> tuple[str, str]:
        return str(call_id), self.agent(agent_id).leg_id

    def leg_fails(self, agent_id: int = 1) -> None:
        self.fact(ChannelHungUp(self.agent(agent_id).leg_id, 102))

    def phone_is_back(self, agent_id: int = 1) -> None:
        self.fact(ChannelAnswered(self.state.pending_legs[agent_id]))


# --- what the router is told --------------------------------------------------------------------


def test_why_an_agent_got_a_person_is_kept_with_the_call() -> None:
    scene = Floor(routing=RoutingWeights(skills=2.0, segment=0.25, success=0.75, same_agent=1.5))
    scene.changes(required_skills={"collections": 40})
    call_id = scene.answers(language="ca", debts=(OWED,), last_agent=1)
    scene.later(0.5)
    scene.works(1, "page0001", collections=80, **{"lang-ca": 100, "stage-early": 100, "dpd-60": 100})
    assert scene.live(call_id).routing == {
        "required": {"collections": 40},
        "score": 3.683,
        "parts": {"skills": 0.8, "segment": 0.8333, "success": 0.5, "same_agent": 1.0},
        "weights": {"skills": 2.0, "segment": 0.25, "success": 0.75, "same_agent": 1.5},
        "tier": "fair",
        "idle_s": 0.0,
        "occupancy": 0.0,
        "same_agent": True,
        "candidates": 1,
        "waited_s": 0.5,
    }


def test_how_long_an_agent_was_idle_and_how_busy_before_counts() -> None:
    scene = Floor()
    scene.works()
    first = scene.talks()
    scene.later(1800)
    scene.fact(ChannelHungUp(str(first), 16))
    scene.command("agent.dispose", call_id=str(first), code="cannot_pay")
    scene.later(120)
    routing = scene.live(scene.answers(2)).routing
    assert (routing["idle_s"], routing["occupancy"]) == (120.0, 0.477)


def test_what_came_of_conversations_is_measured_against_all_of_them() -> None:
    """(60 + 30·0.2) / (200 + 30) of the one beside 80 / 400 of both."""
    scene = Floor()
    scene.works()
    scene.take(ResultsIn({1: (200, 60), 2: (200, 20)}))
    assert scene.live(scene.answers()).routing["parts"]["success"] == pytest.approx(0.5893, abs=1e-4)  # type: ignore[index]


def test_of_an_agent_of_whom_nothing_is_known_nothing_is_held_against() -> None:
    scene = Floor()
    scene.works()
    scene.state.agents[1] = replace(scene.agent(), idle_since=None)
    scene.take(ResultsIn({2: (200, 60)}))
    routing = scene.live(scene.answers()).routing
    assert (routing["idle_s"], routing["parts"]["success"]) == (0.0, 0.5)  # type: ignore[index]


def test_an_agent_who_has_just_come_has_been_busy_with_nothing() -> None:
    scene = Floor()
    scene.works()
    del scene.state.occupancies[1]
    assert scene.live(scene.answers()).routing["occupancy"] == 0.0


def test_of_one_good_conversation_the_whole_mean_is_made() -> None:
    """One of one is the mean of all: such an agent is as good as it."""
    scene = Floor()
    scene.works()
    scene.take(ResultsIn({1: (1, 1)}))
    assert scene.live(scene.answers()).routing["parts"]["success"] == 0.5  # type: ignore[index]


def test_who_owes_needs_an_agent_with_the_licence_of_every_open_debt() -> None:
    scene = Floor(creditor_licence=True)
    scene.works(1, "page0001", **{"creditor-banco-uno": 1})
    scene.works(2, page="page0002", **{"creditor-banco-uno": 1, "creditor-banco-tres": 1})
    call_id = scene.answers(debts=(OWED, SETTLED, NOT_SAID))
    assert scene.joins() == [scene.with_agent(call_id, 2)]
    assert scene.live(call_id).routing["required"] == {"creditor-banco-uno": 1, "creditor-banco-tres": 1}


def test_a_skill_that_the_person_was_handed_on_for_is_needed_besides() -> None:
    scene = Floor()
    scene.changes(required_skills={"collections": 40})
    scene.works(1, collections=50)
    call_id = scene.talks()
    scene.works(2, page="page0002", collections=50)
    scene.works(3, page="page0003", collections=50, legal=1)
    scene.command("agent.transfer", 1, call_id=str(call_id), skill="legal")
    assert scene.joins() == [scene.with_agent(call_id, 3)]
    assert scene.live(call_id).routing["required"] == {"collections": 40, "legal": 1}


def test_a_skill_that_the_campaign_needs_anyway_keeps_its_level() -> None:
    scene = Floor()
    scene.changes(required_skills={"collections": 40})
    scene.works(1, collections=50)
    call_id = scene.talks()
    scene.works(2, page="page0002", collections=39)
    scene.works(3, page="page0003", collections=40)
    scene.command("agent.transfer", 1, call_id=str(call_id), skill="collections")
    assert scene.joins() == [scene.with_agent(call_id, 3)]
    assert scene.live(call_id).routing["required"] == {"collections": 40}


def test_who_handed_a_person_on_does_not_get_them_back() -> None:
    scene = Floor()
    scene.works(1, legal=50)
    call_id = scene.talks()
    scene.works(2, page="page0002", legal=50)
    scene.command("agent.transfer", 1, call_id=str(call_id), skill="legal")
    scene.fact(Parted(str(call_id), "b1"), Parted(scene.agent(1).leg_id, "b1"))
    scene.command("agent.dispose", 1, call_id=str(call_id), code="cannot_pay")
    scene.leg_fails(2)
    assert (scene.agent(1).available, scene.live(call_id).assigned) == (True, None)
    scene.later(0.1)
    assert not scene.joins()


# --- one person ---------------------------------------------------------------------------------


def test_one_person_is_given_to_the_best_who_is_free() -> None:
    scene = Floor()
    call_id = scene.answers()
    turn = Turn(scene.now)
    assert not give(scene.state, turn, scene.live(call_id))
    assert best_for(scene.state, turn, scene.live(call_id)) is None
    assert not turn.effects


def test_the_best_is_told_and_nobody_is_joined_for_it() -> None:
    scene = Floor()
    scene.works(1)
    scene.works(2, page="page0002", **{"lang-es": 100})
    live = scene.live(scene.dials())
    turn = Turn(scene.now)
    best = best_for(scene.state, turn, live)
    assert best is not None
    assert (best.agent_id, best.call_id, turn.effects) == (2, str(live.call.id), [])
    assert give(scene.state, turn, live)
    assert (live.assigned, live.assigned_at, live.routing) == (2, scene.now, dict(best.reason))


# --- the agent who was lost ---------------------------------------------------------------------


def test_who_lost_the_agent_is_kept_for_that_agent_alone_and_then_anybodys() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.talks()
    scene.works(2, page="page0002")
    scene.leg_fails()
    scene.later(SAME_AGENT_GRACE - 0.1)
    assert not scene.joins()
    scene.later(0.1)
    assert scene.joins() == [scene.with_agent(call_id, 2)]
    assert (scene.agent(1).state, scene.agent(1).call_id) == (AgentState.WRAP_UP, call_id)
    assert scene.state.wrapping[1] is scene.live(call_id)


def test_the_agent_who_was_lost_still_knows_the_person_best() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.talks()
    scene.leg_fails()
    scene.later(SAME_AGENT_GRACE)
    scene.phone_is_back()
    scene.command("agent.dispose", call_id=str(call_id), code="cannot_pay")
    assert scene.joins() == [scene.with_agent(call_id, 1)]
    assert scene.live(call_id).routing["same_agent"] is True


def test_the_agents_new_leg_gets_the_person_back() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.talks()
    scene.works(2, page="page0002")
    scene.leg_fails()
    scene.later(1)
    scene.phone_is_back()
    assert scene.joins() == [scene.with_agent(call_id, 1)]
    live = scene.live(call_id)
    assert (live.assigned, live.assigned_at) == (1, scene.now)
    scene.join(call_id, scene.agent(1).leg_id, "b2")
    assert scene.call(call_id).state is CallState.CONNECTED


def test_a_new_leg_that_sends_nothing_gets_nobody() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.talks()
    scene.leg_fails()
    scene.later(1)
    scene.state.agents[1] = replace(scene.agent(1), mute=True)
    scene.phone_is_back()
    assert not scene.joins()
    assert scene.live(call_id).assigned is None


def test_an_agent_who_was_lost_and_got_somebody_else_keeps_nobody_waiting() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.talks()
    scene.works(2, page="page0002")
    scene.state.calls[call_id].lost_at = None
    scene.leg_fails()
    live = scene.live(call_id)
    scene.state.agents[1] = replace(scene.agent(1), state=AgentState.PAUSED, call_id=None)
    scene.later(0.1)
    assert scene.joins() == [scene.with_agent(call_id, 2)]
    assert live.same_agent == 1


def test_another_call_of_the_agent_does_not_hold_the_one_that_lost_them() -> None:
    scene = Floor()
    scene.works(1)
    call_id = scene.talks()
    scene.works(2, page="page0002")
    scene.leg_fails()
    other = scene.dials(9)
    scene.state.agents[1] = replace(scene.agent(1), call_id=other)
    scene.later(0.1)
    assert scene.joins() == [scene.with_agent(call_id, 2)]


def test_before_the_channels_were_compared_nobody_is_joined() -> None:
    scene = Floor()
    call_id = scene.answers()
    scene.fact(LinkDown("cut"))
    scene.works(1)
    assert not scene.joins()
    scene.fact(LinkUp())
    assert not scene.joins()
    assert scene.live(call_id).assigned is None


# --- the join -----------------------------------------------------------------------------------


def test_a_join_is_looked_at_again_when_its_limit_is_over() -> None:
    scene = Floor()
    agent = scene.works()
    live = scene.live(scene.dials())
    scene.state.due = scene.now + timedelta(hours=1)
    bridge(scene.state, Turn(scene.now), live, agent)
    assert scene.state.due == scene.now + timedelta(seconds=BRIDGE_LIMIT)
