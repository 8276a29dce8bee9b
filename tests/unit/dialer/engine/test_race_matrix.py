"""News of a person against every phase of a call, in both orders within one turn of the engine.

Whatever comes first: no telephone rings on, none is rung afresh, nobody who speaks is cut off, and whoever
has the person on the screen knows. The store's side is tests/integration/store/test_everything_at_once.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from dialer.engine import effects
from dialer.engine.inputs import CommandIn, FactIn, Input, LeadFoundIn, LeadPlacedIn, NewsIn, PlacedIn
from dialer.model.agent import AgentState
from dialer.model.call import Call, CallState, place
from dialer.model.campaign import DialMode
from dialer.model.commands import CallPreview
from dialer.model.facts import ChannelAnswered, ChannelHungUp, ChannelRinging, Joined, Screened, TelephonyFact
from dialer.model.outcomes import Outcome
from dialer.ports import (
    CallCard,
    Command,
    LeadPreview,
    PersonNews,
    Placed,
    PlaceResult,
    PreviewNumber,
    PreviewResult,
)
from tests.unit.dialer.engine.scenes import Scene

NEWS = {
    "payment": ["paid"],
    "stop": ["stopped"],
    "do_not_call": ["stopped", "do_not_call"],
    "dispute": ["dispute"],
    "vulnerable": ["vulnerable"],
    "lawyer": ["lawyer"],
}
UNANSWERED = (CallState.DIALING, CallState.RINGING)


def news(kind: str, person: int = 1) -> Input:
    return NewsIn((PersonNews(person, 1, tuple(NEWS[kind]), (), kind),))


@dataclass(frozen=True)
class Step:
    """How a call gets into a phase, and what leads out of it."""

    before: Callable[[Scene], UUID]
    fact: Callable[[str, str], list[TelephonyFact]]


def _dialing(scene: Scene) -> UUID:
    return scene.dials()


def _ringing(scene: Scene) -> UUID:
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    return call_id


def _screening(scene: Scene) -> UUID:
    call_id = _ringing(scene)
    scene.fact(ChannelAnswered(str(call_id)))
    return call_id


def _waiting(scene: Scene) -> UUID:
    return scene.human()


STEPS = {
    "rings": Step(_dialing, lambda call, leg: [ChannelRinging(call)]),
    "answers at once": Step(_dialing, lambda call, leg: [ChannelAnswered(call)]),
    "answers": Step(_ringing, lambda call, leg: [ChannelAnswered(call)]),
    "is judged": Step(_screening, lambda call, leg: [Screened(call, "HUMAN", "HUMAN-800")]),
    "is joined": Step(_waiting, lambda call, leg: [Joined(call, "b1"), Joined(leg, "b1")]),
    "hangs up": Step(_waiting, lambda call, leg: [ChannelHungUp(call, 16)]),
    "is busy": Step(_dialing, lambda call, leg: [ChannelHungUp(call, 17, "SIP 486")]),
}


@pytest.mark.parametrize("first", ["news", "fact"])
@pytest.mark.parametrize("kind", NEWS)
@pytest.mark.parametrize("step", STEPS)
def test_news_and_the_next_step_of_a_call_in_one_turn(step: str, kind: str, first: str) -> None:
    scene = Scene()
    scene.works()
    call_id = STEPS[step].before(scene)
    facts: list[Input] = [FactIn(f, scene.now) for f in STEPS[step].fact(str(call_id), scene.agent().leg_id)]
    unanswered = scene.call(call_id).state in UNANSWERED
    scene.take(*([news(kind), *facts] if first == "news" else [*facts, news(kind)]))
    live = scene.state.calls.get(call_id)
    assert live is None or live.call.state not in UNANSWERED
    assert not scene.did(effects.Originate)
    if live is not None:
        assert set(NEWS[kind]) <= set(live.card.flags)
        assert not scene.did(effects.HangUp)
        return
    outcome = scene.turn.transitions[-1].call.outcome
    if unanswered and outcome is Outcome.CANCELLED:
        assert [effect.channel for effect in scene.did(effects.HangUp)] == [str(call_id)]
    else:
        assert step in ("hangs up", "is busy")


@pytest.mark.parametrize("kind", NEWS)
def test_news_in_a_conversation_and_in_its_wrap_up_is_seen_and_cuts_nothing(kind: str) -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.take(news(kind))
    assert scene.call(call_id).state is CallState.CONNECTED
    assert set(NEWS[kind]) <= set(scene.pushed("agent")[-1]["call"]["flags"])
    scene.fact(ChannelHungUp(str(call_id), 16))
    scene.take(news(kind))
    assert set(NEWS[kind]) <= set(scene.pushed("agent")[-1]["call"]["flags"])
    assert scene.agent().state is AgentState.WRAP_UP


def a_call(scene: Scene, agent: int | None = None) -> Placed:
    limits = scene.campaign.settings.limits()
    call = Call(uuid4(), 1, 1, 1, 1, "+34600001000", scene.now, limits, False, reserved_for=agent)
    return Placed(place(call, now=scene.now)[0], CallCard(1, "Lucía", "es", "Europe/Madrid", "+34 6••"))


def test_a_reservation_that_news_overtook_is_not_handed_over() -> None:
    """The store looks once more, after the commit and before the hand-over."""
    scene = Scene()
    scene.works()
    scene.state.tally(1).placing += 1
    scene.take(PlacedIn(1, 1, PlaceResult((a_call(scene),)), stopped=frozenset({1})))
    assert not scene.did(effects.Originate)
    assert scene.turn.transitions[-1].call.outcome is Outcome.CANCELLED


@pytest.mark.parametrize("first", ["news", "reservation"])
@pytest.mark.parametrize("kind", NEWS)
def test_news_and_a_reservation_in_one_turn(kind: str, first: str) -> None:
    """News before: the store has seen it and says so. News after: the call ends before it rings for long."""
    scene = Scene()
    scene.works()
    scene.state.tally(1).placing += 1
    placed = a_call(scene)
    stopped = frozenset({1}) if first == "news" else frozenset[int]()
    reservation = PlacedIn(1, 1, PlaceResult((placed,)), stopped=stopped)
    scene.take(*([news(kind), reservation] if first == "news" else [reservation, news(kind)]))
    assert placed.call.id not in scene.state.calls
    orders = [type(one) for one in scene.turn.effects if isinstance(one, effects.Originate | effects.HangUp)]
    assert orders in ([effects.HangUp], [effects.Originate, effects.HangUp])
    assert scene.turn.transitions[-1].call.outcome is Outcome.CANCELLED


def with_card(callback: bool) -> Scene:
    """An agent reads the card of a person; own callbacks come in any mode."""
    scene = Scene(mode=DialMode.PREDICTIVE if callback else DialMode.MANUAL)
    scene.works()
    person = CallCard(1, "Lucía", "es", "Europe/Madrid", "+34 6••")
    lead = LeadPreview(1, 1, person, (PreviewNumber(70, "+34 6••", "mobile", "unknown"),))
    until = scene.now.replace(hour=scene.now.hour + 1)
    order = effects.SeekLead(1, 1, until, by_hand=not callback, callback=callback)
    scene.state.seeking.add(1)
    scene.take(LeadFoundIn(order, PreviewResult(lead)))
    assert scene.agent().state is AgentState.PREVIEW
    return scene


@pytest.mark.parametrize("callback", [False, True])
@pytest.mark.parametrize("kind", NEWS)
def test_news_takes_the_card_away(kind: str, callback: bool) -> None:
    scene = with_card(callback)
    scene.take(news(kind))
    assert scene.agent().state is AgentState.READY
    assert [order.lead_id for order in scene.did(effects.ReturnLead)] == [1]


@pytest.mark.parametrize("callback", [False, True])
@pytest.mark.parametrize("kind", NEWS)
@pytest.mark.parametrize("first", ["news", "order"])
def test_news_and_the_agents_order_in_one_turn(kind: str, callback: bool, first: str) -> None:
    """Whatever the store answers to an order that was given too late: nobody is called."""
    scene = with_card(callback)
    order = CommandIn(Command(CallPreview(1), 1, id=uuid4().hex))
    scene.take(*([news(kind), order] if first == "news" else [order, news(kind)]))
    asked = effects.PlaceLead(1, 1, 1, 70)
    scene.take(LeadPlacedIn(asked, PlaceResult((a_call(scene, agent=1),)), stopped=frozenset({1})))
    assert not scene.did(effects.Originate)
    assert scene.turn.transitions[-1].call.outcome is Outcome.CANCELLED
    assert scene.agent().state is AgentState.READY
