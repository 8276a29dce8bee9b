"""One line, one call, whoever places it and for whom: on the store in memory and in Postgres."""

from datetime import timedelta
from uuid import uuid4

import pytest

from dialer.model.call import Call, CallEvent, CallEventKind
from dialer.model.campaign import Campaign
from tests.conformance.store_worlds import SETTINGS, World
from tests.conformance.test_store_callbacks import ends, place, says, talked
from tests.conformance.test_store_preview import BUSY, NOON, ONE, TWO, preview, world

__all__ = ["world"]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
DAYTIME = NOON + 6 * 60 * MINUTE
"""From Mexico to Spain."""
MOBILE, AT_HOME = "+5491123456789", "+541123456789"
SPELLED = [
    (ONE, ONE),
    (MOBILE, AT_HOME),
    ("+5215512345678", "+525512345678"),
    ("+551187654321", "+5511987654321"),
]


async def couple(world: World, campaign: Campaign, *numbers: str) -> list[int]:
    """Persons with these numbers, each in the campaign's list; returns their leads."""
    people = [await world.person(f"P{place}", number) for place, number in enumerate(numbers)]
    return [await world.lead(campaign, person) for person in people]


async def busy(world: World, call: Call) -> None:
    """The network says busy: the call is over."""
    await ends(world, call, BUSY, at=NOON)


async def rings_us(world: World, number: str) -> None:
    """Somebody of the same house whom another creditor calls rings us up on the line."""
    campaign = await world.campaign("beta")
    await world.lead(campaign, await world.person("Leo", number))
    await world.store.take_in(uuid4(), number, (campaign,), now=NOON, fence=world.fence)


@pytest.mark.parametrize("numbers", SPELLED)
async def test_of_a_couple_with_one_telephone_one_is_rung(world: World, numbers: tuple[str, str]) -> None:
    campaign = await world.campaign()
    first, second = await couple(world, campaign, *numbers)
    assert [one.call.lead_id for one in await place(world, campaign, 2)] == [first]
    status, next_at, held_by = await world.lead_row(second)
    # The pack counts an attempt a day for the line, which lasts longer than a call.
    assert (status, held_by, next_at > NOON) == ("open", "attempts_per_day", True)


async def test_who_share_a_line_are_rung_by_turns(world: World) -> None:
    campaign = await world.campaign()
    both = await couple(world, campaign, ONE, ONE)
    rung = []
    for day in range(4):
        at = DAYTIME + day * DAY
        (reserved,) = await place(world, campaign, 2, at=at)
        rung.append(reserved.call.lead_id)
        await ends(world, reserved.call, BUSY, at=at)
        # Asked again on the same day, the line has had its call: both are held until the next.
        assert await place(world, campaign, 2, at=at + 60 * MINUTE) == []
    assert rung == both * 2


@pytest.mark.parametrize("numbers", SPELLED)
async def test_two_creditors_ring_a_line_one_after_the_other(world: World, numbers: tuple[str, str]) -> None:
    alfa, beta = await world.campaign("alfa"), await world.campaign("beta")
    await couple(world, alfa, numbers[0])
    (later,) = await couple(world, beta, numbers[1])
    (placed,) = await place(world, alfa)
    assert await place(world, beta) == []
    await busy(world, placed.call)
    # The pack of the laboratory has no cap that two attempts would reach.
    settled = NOON + 25 * 60 * MINUTE
    assert [one.call.lead_id for one in await place(world, beta, at=settled)] == [later]


async def test_with_another_number_the_second_is_called_there(world: World) -> None:
    campaign = await world.campaign()
    await couple(world, campaign, ONE)
    await world.lead(campaign, await world.person("Leo", ONE, TWO))
    assert [one.call.number for one in await place(world, campaign, 2)] == [ONE, TWO]


@pytest.mark.parametrize("numbers", SPELLED)
async def test_an_agent_who_calls_by_hand_finds_the_line_busy(world: World, numbers: tuple[str, str]) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    (lead,) = await couple(world, campaign, numbers[0])
    shown = (await preview(world, campaign)).lead
    assert shown is not None
    assert shown.lead_id == lead
    await rings_us(world, numbers[1])
    asked = (campaign, lead, shown.numbers[0].phone_id, agent.id)
    result = await world.store.place_previewed(*asked, now=NOON, fence=world.fence)
    assert (result.placed, [one.rule for one in result.refused]) == ((), ["line_busy"])


@pytest.mark.parametrize("numbers", SPELLED)
async def test_no_card_is_shown_of_a_line_that_is_busy(world: World, numbers: tuple[str, str]) -> None:
    campaign = await world.campaign()
    (lead,) = await couple(world, campaign, numbers[0])
    await rings_us(world, numbers[1])
    found = await preview(world, campaign)
    assert (found.lead, [one.rule for one in found.refused]) == (None, ["line_busy"])
    assert await world.lead_row(lead) == ("open", NOON + MINUTE / 6, "line_busy")


@pytest.mark.parametrize("numbers", SPELLED)
async def test_who_calls_in_keeps_the_line_busy(world: World, numbers: tuple[str, str]) -> None:
    """And is known by the number in whichever spelling the trunk has."""
    campaign = await world.campaign()
    person = await world.person("Eva", numbers[0])
    await world.lead(campaign, person)
    await couple(world, campaign, numbers[1])
    taken = await world.store.take_in(uuid4(), numbers[1], (campaign,), now=NOON, fence=world.fence)
    assert await place(world, campaign, 2) == []
    await ends(world, taken.call, CallEvent(CallEventKind.HUNG_UP, cause=16), at=NOON)
    assert len(await place(world, campaign, 2, at=NOON + MINUTE)) == 1


@pytest.mark.parametrize("numbers", SPELLED)
async def test_a_callback_waits_until_the_line_is_free(world: World, numbers: tuple[str, str]) -> None:
    campaign, agent = await world.campaign(), await world.agent()
    (lead,) = await couple(world, campaign, numbers[0])
    (placed,) = await place(world, campaign)
    due = NOON + 25 * 60 * MINUTE
    await says(world, await talked(world, placed, agent.id), agent.id, "callback", back=due)
    beta = await world.campaign("beta")
    await world.lead(beta, await world.person("Leo", numbers[1]))
    other = await world.store.take_in(uuid4(), numbers[1], (beta,), now=due, fence=world.fence)
    assert await place(world, campaign, at=due) == []
    await ends(world, other.call, CallEvent(CallEventKind.HUNG_UP, cause=16), at=due)
    assert [one.call.lead_id for one in await place(world, campaign, at=due + MINUTE)] == [lead]


@pytest.mark.parametrize(("country", "numbers"), list(zip(("ES", "AR", "MX", "BR"), SPELLED, strict=True)))
async def test_after_a_conversation_the_line_has_its_silence(
    world: World, country: str, numbers: tuple[str, str]
) -> None:
    """Of a couple one has spoken to us: the telephone does not ring for the other."""
    law = SETTINGS.model_copy(update={"rule_pack": f"{country.lower()}-collections"})
    made, agent = await world.campaign("alfa", law), await world.agent()
    campaign = made.model_copy(update={"caller_registered": True})
    people = [await world.person(f"P{place}", number) for place, number in enumerate(numbers)]
    for person in people:
        await world.set_country(person, country)
    await world.lead(campaign, people[0])
    early = DAYTIME - 60 * MINUTE  # open by every clock, also Madrid's
    (placed,) = await place(world, campaign, at=early)
    await talked(world, placed, agent.id)
    lead = await world.lead(campaign, people[1])
    assert await place(world, campaign, at=early + 50 * MINUTE) == []
    assert (await world.lead_row(lead))[2] == "after_conversation"


@pytest.mark.parametrize("numbers", SPELLED)
async def test_a_line_is_suppressed_in_every_spelling(world: World, numbers: tuple[str, str]) -> None:
    campaign = await world.campaign()
    await couple(world, campaign, numbers[0])
    (placed,) = await place(world, campaign)
    await world.suppress(numbers[1])
    assert await world.store.stopped([placed.call.person_id]) == {placed.call.person_id}
    await busy(world, placed.call)
    await couple(world, campaign, numbers[0])
    assert await place(world, campaign, 2, at=NOON + 60 * MINUTE) == []


async def test_a_list_with_an_end_holds_a_lead_until_then_and_no_longer(world: World) -> None:
    until = DAYTIME + timedelta(days=7)
    campaign = await world.campaign()
    (lead,) = await couple(world, campaign, ONE)
    await world.suppress(ONE, until)
    assert await place(world, campaign, at=DAYTIME) == []
    assert await world.lead_row(lead) == ("open", until, "do_not_call")
    assert await place(world, campaign, at=until - MINUTE) == []
    assert [one.call.lead_id for one in await place(world, campaign, at=until)] == [lead]


async def test_while_one_number_is_on_a_list_the_other_is_called(world: World) -> None:
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Ana", ONE, TWO))
    await world.suppress(ONE, DAYTIME + timedelta(days=7))
    assert [one.call.number for one in await place(world, campaign, at=DAYTIME)] == [TWO]
    assert (await world.lead_row(lead))[0] == "in_call"


async def test_a_wrong_number_gives_way_to_one_that_is_listed_for_a_while(world: World) -> None:
    """Without a number for good the lead is done; on a list with an end, the gate waits for it."""
    campaign, agent = await world.campaign(), await world.agent()
    lead = await world.lead(campaign, await world.person("Ana", ONE, TWO))
    (placed,) = await place(world, campaign, at=DAYTIME)
    await world.suppress(TWO, DAYTIME + timedelta(days=7))
    await says(world, await talked(world, placed, agent.id, at=DAYTIME), agent.id, "wrong_number")
    assert (await world.lead_row(lead))[0] == "open"


async def test_a_refused_number_does_not_give_way_at_once_to_one_that_is_listed(world: World) -> None:
    """There is nothing to try before one of them may be called."""
    campaign = await world.campaign()
    lead = await world.lead(campaign, await world.person("Ana", ONE, TWO))
    (placed,) = await place(world, campaign, at=DAYTIME)
    await world.suppress(TWO, DAYTIME + timedelta(days=7))
    await ends(world, placed.call, CallEvent(CallEventKind.REFUSED, cause=1, reason="404"), at=DAYTIME)
    status, next_at, _ = await world.lead_row(lead)
    assert (status, next_at > DAYTIME + MINUTE) == ("open", True)


async def test_a_list_without_an_end_outlasts_one_with(world: World) -> None:
    campaign = await world.campaign()
    (lead,) = await couple(world, campaign, ONE)
    await world.suppress(ONE, DAYTIME + timedelta(days=7))
    await world.suppress(ONE)
    assert await place(world, campaign, at=DAYTIME) == []
    assert (await world.lead_row(lead))[0] == "withdrawn"
