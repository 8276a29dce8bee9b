"""One suite for both stores: which leads are called first, and what is said of their odds."""

from datetime import datetime

import pytest

from dialer.model.call import CallEvent, CallEventKind, step
from dialer.model.campaign import Campaign
from dialer.ports import DispositionMade, EngineCommit, Placed, PlaceResult, Transition
from tests.conformance.store_worlds import World, answer_model
from tests.conformance.test_store import NOON, after, conversation, run, world

__all__ = ["world"]


async def lead(world: World, campaign: Campaign, name: str, kind: str, *, priority: int = 0) -> int:
    """A person with one telephone of a kind, in the list; returns the person."""
    person = await world.person(name, f"+349100050{ord(name[0])}")
    await world.set_kind(person, kind)
    await world.lead(campaign, person, priority=priority)
    return person


async def people(world: World, campaign: Campaign, kinds: str) -> list[int]:
    """One lead for each letter, m = mobile."""
    persons = []
    for place, letter in enumerate(kinds):
        person = await world.person(f"P{place}", f"+34910001{place:03}")
        await world.set_kind(person, "mobile" if letter == "m" else "unknown")
        await world.lead(campaign, person)
        persons.append(person)
    return persons


async def place(
    world: World, campaign: Campaign, count: int, *, wanted: float | None = None, at: datetime = NOON
) -> PlaceResult:
    """Ask for calls."""
    return await world.store.place(campaign, count, now=at, fence=world.fence, wanted=wanted)


def called(result: PlaceResult) -> list[int]:
    """Who is called, in order."""
    return [placed.call.person_id for placed in result.placed]


async def end(world: World, placed: Placed, event: CallEvent) -> None:
    """The call ends unanswered."""
    call, _ = step(placed.call, event, now=after(20))
    commit = EngineCommit((Transition(placed.call.state, call, event, after(20)),))
    await world.store.commit(commit, fence=world.fence)


async def test_without_a_model_the_queue_decides_and_all_are_average(world: World) -> None:
    campaign = await world.campaign()
    persons = await people(world, campaign, "uumu")
    result = await place(world, campaign, 3, wanted=0.01)
    assert called(result) == persons[:3]
    assert {placed.odds for placed in result.placed} == {1.0}
    assert result.next_odds == ()
    assert set((await world.chances()).values()) == {None}


async def test_likely_leads_go_first_and_their_odds_are_told_ahead(world: World) -> None:
    world.learn(answer_model())
    campaign = await world.campaign()
    persons = await people(world, campaign, "umumu")
    result = await place(world, campaign, 1)
    assert called(result) == [persons[1]]
    assert result.placed[0].odds > 1.5
    assert len(result.next_odds) == 4
    assert result.next_odds[0] == result.placed[0].odds
    assert max(result.next_odds[1:]) < 0.8
    stored = await world.chances()
    assert stored[result.placed[0].call.id] == pytest.approx(0.4, abs=0.05)
    again = await place(world, campaign, 2)
    assert called(again) == [persons[3], persons[0]]
    assert tuple(placed.odds for placed in again.placed) == result.next_odds[:2]


async def test_a_higher_priority_is_never_jumped(world: World) -> None:
    world.learn(answer_model())
    campaign = await world.campaign()
    likely = await lead(world, campaign, "Ana", "mobile")
    urgent = await lead(world, campaign, "Eva", "unknown", priority=3)
    assert called(await place(world, campaign, 2)) == [urgent, likely]


async def test_no_more_are_called_than_bring_the_wanted_answers(world: World) -> None:
    world.learn(answer_model())
    campaign = await world.campaign()
    persons = await people(world, campaign, "mmmmmm")
    result = await place(world, campaign, 6, wanted=0.9)
    assert called(result) == persons[:2]
    assert not result.dry
    assert len(result.next_odds) == 4
    result = await place(world, campaign, 6, wanted=9.0)
    assert called(result) == persons[2:]
    assert result.dry


async def test_who_asks_for_calls_gets_one(world: World) -> None:
    world.learn(answer_model())
    campaign = await world.campaign()
    await people(world, campaign, "mm")
    assert len((await place(world, campaign, 2, wanted=0.001)).placed) == 1


async def test_a_refused_lead_is_made_up_for(world: World) -> None:
    world.learn(answer_model())
    campaign = await world.campaign()
    gone = await world.person("Gone", "+34910002000", flags=("deceased",))
    await world.set_kind(gone, "mobile")
    await world.lead(campaign, gone)
    persons = await people(world, campaign, "mmm")
    result = await place(world, campaign, 4, wanted=0.9)
    assert called(result) == persons[:2]
    assert [refusal.person_id for refusal in result.refused] == [gone]


async def test_a_promised_callback_that_is_due_goes_first(world: World) -> None:
    world.learn(answer_model())
    campaign, agent = await world.campaign(), await world.agent()
    (promised,) = await people(world, campaign, "u")
    (placed,) = (await place(world, campaign, 1)).placed
    call = await run(world, placed.call, *conversation(agent.id))
    made = DispositionMade(call.id, agent.id, after(10), "callback", callback_at=after(90_000))
    await world.store.commit(EngineCommit(dispositions=(made,)), fence=world.fence)
    await lead(world, campaign, "Ana", "mobile")
    result = await place(world, campaign, 1, at=after(90_000))
    assert called(result) == [promised]


async def test_an_unlikely_lead_is_overtaken_by_its_generation_only(world: World) -> None:
    world.learn(answer_model())
    campaign = await world.campaign()
    persons = await people(world, campaign, "u" + "m" * 60)
    order = [called(await place(world, campaign, 10)) for _ in range(4)]
    assert persons[0] in order[3]


async def test_what_came_of_the_calls_is_learned_at_once(world: World) -> None:
    world.learn(answer_model())
    campaign = await world.campaign()
    await people(world, campaign, "m" * 45)
    first = await place(world, campaign, 22)
    for placed in first.placed:
        await end(world, placed, CallEvent(CallEventKind.REFUSED, cause=17))
    second = await place(world, campaign, 1)
    chances = await world.chances()
    before, later = chances[first.placed[0].call.id], chances[second.placed[0].call.id]
    assert before is not None
    assert later is not None
    assert later < before - 0.01
    assert world.learned().effects is not answer_model().effects


async def test_what_the_carrier_did_teaches_nothing_of_people(world: World) -> None:
    model = answer_model()
    world.learn(model)
    campaign = await world.campaign()
    await people(world, campaign, "m" * 45)
    for placed in (await place(world, campaign, 22)).placed:
        await end(world, placed, CallEvent(CallEventKind.REFUSED, cause=38))
    await place(world, campaign, 1)
    assert world.learned() is model
