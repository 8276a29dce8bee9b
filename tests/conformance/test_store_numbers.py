"""One suite for both stores: what the network's words mean for numbers, caps and tries."""

from collections import Counter
from datetime import datetime, timedelta

import pytest

from dialer.exceptions import FenceLost
from dialer.model.call import Call, CallEvent, CallEventKind, step
from dialer.model.campaign import Campaign, RetryRule
from dialer.model.number import FORGOTTEN, Unallocated
from dialer.model.outcomes import Outcome, Retry
from dialer.ports import EngineCommit, Launch, Transition
from dialer.store.lead_advice import DELAYS
from tests.conformance.store_worlds import SETTINGS, World, counts_of
from tests.conformance.test_store import NOON, ONE, TWO, after, conversation, place_one, run, world

__all__ = ["world"]

K = CallEventKind
BROKEN = CallEvent(K.HUNG_UP, cause=34, reason="SIP 503")
NO_CODEC = CallEvent(K.HUNG_UP, cause=58, reason="SIP 488")
REFUSED = CallEvent(K.HUNG_UP, cause=1, reason="SIP 404")
VACANT = CallEvent(K.HEARD, heard="unallocated", reason="tone: sit_vc", vacant=True)
SPAIN = SETTINGS.model_copy(update={"rule_pack": "es-collections", "max_attempts": 6})
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


@pytest.mark.parametrize("answered", [False, True])
async def test_who_answered_without_a_codec_in_common_was_called_though_not_spoken_to_and_rests_a_day(
    world: World, answered: bool
) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    agent = await world.agent()
    before = conversation(agent.id)[:-1] if answered else (CallEvent(K.RINGING),)
    ended = await run(world, call, *before, NO_CODEC)
    assert ended.outcome is Outcome.NO_MEDIA
    assert await world.ledger(call.person_id) == ["attempt"]
    assert await world.tries(lead) == 1
    rested = after(len(before) + 1) + DELAYS[Retry.TOMORROW]
    assert (await world.lead_row(lead))[:2] == ("open", rested)
    counted = await counts_of(world.store, campaign.id, since=NOON, until=NOON + timedelta(hours=1))
    assert [minute.dialed for minute in counted] == [0]
    assert await world.store.past_calls(campaign.id, limit=5) == ()


@pytest.mark.parametrize(
    ("eager", "a_day", "a_week"),
    [({}, 1, 5), ({"retry": {Outcome.NO_MEDIA: RetryRule(minutes=15)}, "max_attempts": 60}, 2, 7)],
)
async def test_no_telephone_without_our_codec_is_rung_past_a_cap_in_thirty_days(
    world: World, eager: dict[str, object], a_day: int, a_week: int
) -> None:
    """It was rung 61 times on 21 days. Caps hold also where a rule of the campaign tries it again at once."""
    campaign = await world.campaign(settings=SPAIN.model_copy(update=eager))
    person = await world.person("Eva Muñoz", ONE)
    await world.set_country(person, "ES")
    lead = await world.lead(campaign, person)
    rang: list[datetime] = []
    for hour in range(0, 30 * 24, 2):
        at = NOON + timedelta(hours=hour)
        for placed in (await world.store.place(campaign, 1, now=at, fence=world.fence)).placed:
            rang.append(at)
            await run(world, placed.call, CallEvent(K.RINGING), NO_CODEC, at=at)
    assert max(Counter(at.date() for at in rang).values()) == a_day
    week = timedelta(days=7)
    assert max(sum(first <= at < first + week for at in rang) for first in rang) == a_week
    assert await world.tries(lead) == len(rang)
    if not eager:
        assert len(rang) == campaign.settings.max_attempts
        assert (await world.lead_row(lead))[0] == "done"


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


async def refused(
    world: World, call: Call, day: int, *, trunk: str = "carrier", believed: bool = True
) -> None:
    """The network says on this day that there is no such number."""
    at = NOON + timedelta(days=day, seconds=5)
    said = Unallocated(at.date(), trunk) if believed else None
    ended, _ = step(call, REFUSED, now=at)
    moved = Transition(call.state, ended, REFUSED, at, unallocated=said)
    await world.store.commit(EngineCommit((moved,)), fence=world.fence)


async def again(world: World, campaign: Campaign, day: int) -> Call:
    """The same lead is called some days later."""
    at = NOON + timedelta(days=day)
    (placed,) = (await world.store.place(campaign, 1, now=at, fence=world.fence)).placed
    return placed.call


async def test_two_refusals_on_different_days_by_believed_trunks_make_a_number_dead(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    await refused(world, call, 0)
    assert await world.phones(call.person_id) == ["unknown"]
    assert await world.first_refusals(call.person_id) == [Unallocated(NOON.date(), "carrier")]
    second = await again(world, campaign, 2)
    await refused(world, second, 2, trunk="backup")
    assert await world.phones(call.person_id) == ["dead"]
    assert await world.first_refusals(call.person_id) == [Unallocated(NOON.date(), "carrier")]
    assert (await world.lead_row(lead))[0] == "done"


async def test_with_another_number_the_lead_goes_on_when_one_is_dead(world: World) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    await refused(world, call, 0)
    second = await again(world, campaign, 2)
    await world.add_number(call.person_id, TWO)
    await refused(world, second, 2)
    assert await world.phones(call.person_id) == ["dead", "unknown"]
    assert (await world.lead_row(lead))[0] == "open"
    assert (await again(world, campaign, 3)).number == TWO


@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False)])
async def test_a_refusal_by_a_trunk_that_is_not_believed_is_none_of_the_two(
    world: World, first: bool, second: bool
) -> None:
    campaign = await world.campaign()
    call, lead = await place_one(world, campaign, ONE)
    await refused(world, call, 0, believed=first)
    await refused(world, await again(world, campaign, 2), 2, believed=second)
    assert await world.phones(call.person_id) == ["unknown"]
    rested = NOON + timedelta(days=3, seconds=5)
    assert await world.rests(call.person_id) == [rested]
    assert (await world.lead_row(lead))[:2] == ("open", rested)


async def test_two_refusals_of_one_day_count_once(world: World) -> None:
    """Such as for two people who have the number."""
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    await refused(world, call, 0)
    second = await again(world, campaign, 2)
    await refused(world, second, 0)
    assert await world.phones(call.person_id) == ["unknown"]


async def test_the_first_refusal_is_known_of_everybody_who_has_the_number(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    mate = await world.person("Mate", ONE)
    await refused(world, call, 0)
    await refused(world, await again(world, campaign, 2), 2)
    assert await world.phones(call.person_id) == ["dead"]
    assert await world.phones(mate) == ["unknown"]
    assert await world.first_refusals(mate) == [Unallocated(NOON.date(), "carrier")]


@pytest.mark.parametrize("days", [FORGOTTEN.days, FORGOTTEN.days + 1])
async def test_an_old_refusal_is_forgotten(world: World, days: int) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    await refused(world, call, 0)
    await refused(world, await again(world, campaign, days), days, trunk="backup")
    late = days > FORGOTTEN.days
    assert await world.phones(call.person_id) == ["unknown" if late else "dead"]
    newest = Unallocated((NOON + timedelta(days=days)).date(), "backup")
    kept = newest if late else Unallocated(NOON.date(), "carrier")
    assert await world.first_refusals(call.person_id) == [kept]


@pytest.mark.parametrize(
    ("ends", "proves"),
    [
        ((CallEvent(K.HUNG_UP, cause=17),), True),
        ((CallEvent(K.HUNG_UP, cause=21, reason="SIP 603"),), True),
        ((CallEvent(K.RINGING), CallEvent(K.DEADLINE)), False),
        ((CallEvent(K.HUNG_UP, cause=34, reason="SIP 503"),), False),
    ],
)
async def test_a_number_that_was_seen_to_be_there_begins_anew(
    world: World, ends: tuple[CallEvent, ...], proves: bool
) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    await refused(world, call, 0)
    await run(world, await again(world, campaign, 2), *ends, at=NOON + timedelta(days=2))
    known = await world.first_refusals(call.person_id)
    assert known == [None if proves else Unallocated(NOON.date(), "carrier")]
    await refused(world, await again(world, campaign, 4), 4)
    assert await world.phones(call.person_id) == ["unknown" if proves else "dead"]


# --- trunks


async def test_the_trunk_of_a_call_is_written_and_read_again(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    assert [one.trunk for one in await world.store.open_calls()] == [""]
    launched = EngineCommit(launches=(Launch(call.id, "backup"),))
    for _ in range(2):
        await world.store.commit(launched, fence=world.fence)
    assert [(one.call, one.trunk) for one in await world.store.open_calls()] == [(call, "backup")]
    await run(world, call, CallEvent(K.HUNG_UP, cause=17))
    assert [one.trunk for one in await world.store.shown_calls([call.id])] == ["backup"]


async def test_a_call_that_goes_out_and_moves_in_one_turn_keeps_its_trunk(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    event = CallEvent(K.CANCELLED, reason="paid")
    ended, _ = step(call, event, now=after(1))
    both = EngineCommit(
        (Transition(call.state, ended, event, after(1)),), launches=(Launch(call.id, "carrier"),)
    )
    await world.store.commit(both, fence=world.fence)
    (shown,) = await world.store.shown_calls([call.id])
    assert (shown.trunk, shown.call.outcome) == ("carrier", Outcome.CANCELLED)


async def test_no_trunk_is_written_without_the_lease(world: World) -> None:
    campaign = await world.campaign()
    call, _ = await place_one(world, campaign, ONE)
    with pytest.raises(FenceLost):
        await world.store.commit(EngineCommit(launches=(Launch(call.id, "x"),)), fence=world.fence - 1)
    assert [one.trunk for one in await world.store.open_calls()] == [""]


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
