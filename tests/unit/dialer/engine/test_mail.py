"""What reaches the engine, in which order, and what is known by when. No clock is waited for."""

import asyncio
from datetime import timedelta

from dialer.engine.inputs import FactIn, LeaseIn
from dialer.engine.mail import LONG_STALL, MOST_PER_TURN, STALL, Mailbox
from dialer.model.facts import ChannelAnswered, ChannelHungUp, LinkDown, LinkUp
from tests.unit.dialer.engine.scenes import START, Scene


def a_fact(second: float) -> FactIn:
    at = START + timedelta(seconds=second)
    return FactIn(ChannelAnswered("x"), at, at)


async def test_a_turn_takes_what_waits_in_order() -> None:
    mail = Mailbox(START)
    facts = [a_fact(1), a_fact(2), a_fact(3)]
    for fact in facts:
        mail.hear(fact)
    assert await mail.take(1.0) == facts
    assert await mail.take(0.0) == []


async def test_deadlines_are_judged_up_to_what_was_read() -> None:
    """More waits than a turn takes: the next turn may bring an answer that came before a deadline."""
    mail, now = Mailbox(START), START + timedelta(seconds=9000)
    for second in range(MOST_PER_TURN + 1):
        mail.hear(a_fact(second))
    read = await mail.take(1.0)
    assert mail.known_until(read, now) == START + timedelta(seconds=MOST_PER_TURN - 1)
    rest = await mail.take(1.0)
    assert mail.known_until(rest, now) == now


async def test_facts_beyond_the_bound_are_dropped_and_rows_and_channels_compared() -> None:
    mail = Mailbox(START, most=2)
    for second in range(5):
        mail.hear(a_fact(second))
    mail.hear(FactIn(LinkUp(), START))
    assert mail.waiting == 3
    await mail.take(1.0)
    told = mail.stalled(START)
    assert told is not None
    assert told.alarm
    assert "3 facts" in told.why
    assert mail.stalled(START) is None


async def test_what_is_no_fact_waits_for_room() -> None:
    mail = Mailbox(START, most=1)
    mail.hear(a_fact(1))
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        put = tasks.create_task(mail.put(LeaseIn(True)))
        await asyncio.sleep(0)
        assert not put.done()
        await mail.take(1.0)
        await put
    assert await mail.take(1.0) == [LeaseIn(True)]


def test_standing_still_is_told() -> None:
    mail = Mailbox(START)
    assert mail.stalled(START + STALL - timedelta(milliseconds=1)) is None
    short = mail.stalled(START + 2 * STALL)
    assert short is not None
    assert not short.alarm
    long = mail.stalled(START + 2 * STALL + LONG_STALL)
    assert long is not None
    assert long.alarm


def test_after_standing_still_nothing_is_judged_before_a_look() -> None:
    scene, mail = Scene(), Mailbox(START)
    call_id = scene.human()
    scene.now += timedelta(seconds=10)
    told = mail.stalled(scene.now)
    assert told is not None
    scene.take(told)
    assert call_id in scene.state.calls
    assert not scene.turn.transitions
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert scene.turn.transitions[-1].call.outcome == "abandoned"


def test_a_stall_behind_a_lost_link_asks_for_nothing() -> None:
    scene, mail = Scene(), Mailbox(START)
    scene.fact(LinkDown("cut"))
    told = mail.stalled(START + LONG_STALL)
    assert told is not None
    scene.take(told)
    assert [kind for kind, *_ in scene.turn.alarms] == ["engine_stalled"]
    assert not scene.turn.effects or all(type(e).__name__ != "TakeSnapshot" for e in scene.turn.effects)
