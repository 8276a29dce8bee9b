"""One suite for both stores: what the network's words mean for numbers, caps and tries."""

from datetime import timedelta

import pytest

from dialer.model.call import CallEvent, CallEventKind
from dialer.model.outcomes import Outcome, Retry
from dialer.store.lead_advice import DELAYS
from tests.conformance.store_worlds import SETTINGS, World
from tests.conformance.test_store import NOON, ONE, TWO, after, place_one, run, world

__all__ = ["world"]

K = CallEventKind
BROKEN = CallEvent(K.HUNG_UP, cause=34, reason="SIP 503")
REFUSED = CallEvent(K.HUNG_UP, cause=1, reason="SIP 404")
VACANT = CallEvent(K.HEARD, heard="unallocated", reason="tone: sit_vc")
TOMORROW = NOON + timedelta(days=1, minutes=1)


# --- what the network broke


@pytest.mark.parametrize(
    ("cause", "words", "outcome"),
    [
        (34, "SIP 503", Outcome.CONGESTION),
        (38, "SIP 500", Outcome.CARRIER_FAILURE),
        (21, "SIP 403", Outcome.BARRED),
        (21, "SIP 608", Outcome.CALLER_BLOCKED),
    ],
)
async def test_what_the_network_broke_is_taken_back_from_ledger_and_tries(
    world: World, cause: int, words: str, outcome: Outcome
) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    assert await world.tries(lead) == 1
    ended = await run(world, call, CallEvent(K.HUNG_UP, cause=cause, reason=words))
    assert ended.outcome is outcome
    assert await world.ledger(call.person_id) == ["attempt", "failed"]
    assert await world.tries(lead) == 0
    assert (await world.lead_row(lead))[:2] == ("open", after(1) + DELAYS[Retry.SOON])


async def test_a_call_that_was_never_handed_over_is_none(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    await run(world, call, CallEvent(K.CANCELLED, reason="dialling was halted", unsent=True))
    assert await world.ledger(call.person_id) == ["attempt", "failed"]
    assert await world.tries(lead) == 0
    assert (await world.lead_row(lead))[:2] == ("open", after(1) + DELAYS[Retry.SOON])


@pytest.mark.parametrize(
    "story",
    [
        (CallEvent(K.RINGING), BROKEN),
        (CallEvent(K.RINGING), CallEvent(K.CANCELLED, reason="no agent will be free")),
        (CallEvent(K.HUNG_UP, cause=17),),
        (CallEvent(K.VANISHED),),
        (REFUSED,),
    ],
)
async def test_whoever_may_have_heard_it_ring_was_called(world: World, story: tuple[CallEvent, ...]) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    await run(world, call, *story)
    assert await world.ledger(call.person_id) == ["attempt"]
    assert await world.tries(lead) == 1


async def test_no_outage_uses_up_the_tries_of_a_lead(world: World) -> None:
    settings = SETTINGS.model_copy(update={"max_attempts": 2})
    campaign = await world.campaign(settings=settings)
    call, lead = await place_one(world, campaign, ONE)
    await run(world, call, BROKEN)
    at, rests = after(1), [DELAYS[Retry.SOON]]
    for _ in range(3):
        at = (await world.lead_row(lead))[1]
        (placed,) = (await world.store.place(campaign, 1, now=at, fence=world.fence)).placed
        await run(world, placed.call, BROKEN, at=at)
        rests.append((await world.lead_row(lead))[1] - at)
    assert (await world.lead_row(lead))[0] == "open"
    assert [round(rest / rests[0]) for rest in rests] == [1, 2, 4, 8]


# --- numbers that the network refuses


async def test_a_refused_number_rests_a_day_and_the_next_is_tried_at_once(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE, TWO)
    await run(world, call, REFUSED)
    assert (await world.lead_row(lead))[:2] == ("open", after(1))
    assert await world.phones(call.person_id) == ["unknown", "unknown"]
    assert await world.rests(call.person_id) == [after(1) + timedelta(days=1), None]


async def test_a_lead_whose_only_number_was_refused_rests_a_day(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    await run(world, call, REFUSED)
    assert (await world.lead_row(lead))[:2] == ("open", after(1) + timedelta(days=1))
    (again,) = (await world.store.place(campaign, 1, now=TOMORROW, fence=world.fence)).placed
    assert again.call.number == ONE


async def test_a_number_rests_for_everybody_who_has_it(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    mate = await world.person("Mate", ONE)
    await run(world, call, REFUSED)
    assert await world.rests(mate) == [after(1) + timedelta(days=1)]


async def test_an_information_tone_kills_the_number_and_then_the_lead_is_done(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE, TWO)
    await run(world, call, VACANT)
    assert (await world.lead_row(lead))[:2] == ("open", after(1))
    assert await world.phones(call.person_id) == ["dead", "unknown"]
    (second,) = (await world.store.place(campaign, 1, now=TOMORROW, fence=world.fence)).placed
    assert second.call.number == TWO
    assert [row["outcome"] for row in second.card.last_contacts] == ["unallocated"]
    await run(world, second.call, VACANT, at=TOMORROW)
    assert (await world.lead_row(lead))[0] == "done"


async def test_a_wish_for_silence_holds_for_that_line(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE, TWO)
    ended = await run(world, call, CallEvent(K.HUNG_UP, cause=21, reason="SIP 607"))
    assert ended.outcome is Outcome.UNWANTED
    (second,) = (await world.store.place(campaign, 1, now=TOMORROW, fence=world.fence)).placed
    assert second.call.number == TWO
    await run(world, second.call, CallEvent(K.HUNG_UP, cause=21, reason="SIP 607"), at=TOMORROW)
    assert (await world.lead_row(lead))[0] == "done"
