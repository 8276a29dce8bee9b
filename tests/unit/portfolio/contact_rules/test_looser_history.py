"""Whether a cap or a silence forbids all that another one forbids: asked of the gate's own history."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from portfolio.contact_rules.facts import Approach, Channel, EntryKind, LedgerEntry
from portfolio.contact_rules.history import History
from portfolio.contact_rules.looser_history import covers
from portfolio.contact_rules.opening import Opening
from portfolio.contact_rules.pack import Cap, RulePack, Silence, Spanned
from tests.unit.portfolio.packs import cap, pack, silence

NOON = datetime(2026, 11, 30, 11, tzinfo=UTC)
NUMBER, OTHER = "+34600000001", "+34600000002"
MADRID = Opening(None, (ZoneInfo("Europe/Madrid"),))


def a_cap(most: int, hours: float | None, **changes: Any) -> Cap:
    return Cap.model_validate(cap(most, hours, **changes))


def a_silence(hours: float | None, **changes: Any) -> Silence:
    return Silence.model_validate({**silence("conversation", hours), **changes})


DAILY: dict[str, Any] = {"per": "calendar_day"}
WEEKLY: dict[str, Any] = {"per": "calendar_week"}


@pytest.mark.parametrize(
    ("own", "law", "kept"),
    [
        (a_cap(2, 24), a_cap(2, 24), True),
        (a_cap(3, 24), a_cap(2, 24), False),
        (a_cap(2, 20), a_cap(2, 24), False),
        (a_cap(1, 24), a_cap(7, 168), True),  # seven days of one each
        (a_cap(2, 24), a_cap(7, 168), False),
        (a_cap(1, 24), a_cap(1, None, **DAILY), True),
        (a_cap(1, None, **DAILY), a_cap(1, 24), False),  # before and after midnight
        (a_cap(1, None, **DAILY), a_cap(7, 168), False),  # a rolling week touches eight days
        (a_cap(1, None, **DAILY), a_cap(7, None, **WEEKLY), True),
        (a_cap(2, None, **WEEKLY), a_cap(2, None, **DAILY), True),
        (a_cap(3, 168), a_cap(3, 168, unit="number"), True),
        (a_cap(3, 168, unit="number"), a_cap(3, 168), False),
        (a_cap(3, 168, unit="debt"), a_cap(3, 168), False),
        (a_cap(1, 24, unless_invited=True), a_cap(1, 24), False),
        (a_cap(1, 24), a_cap(1, 24, unless_invited=True), True),
        (a_cap(1, 24, counts=["attempt"]), a_cap(1, 24), False),
        (a_cap(1, 24), a_cap(1, 24, channels=["voice", "sms"]), False),
        (a_cap(1, 24, channels=["voice", "sms"]), a_cap(1, 24), True),
        (a_silence(72), a_silence(72), True),
        (a_silence(48), a_silence(72), False),
        (a_silence(24), a_silence(None, **DAILY), True),
        (a_silence(None, **DAILY), a_silence(1), False),
        (a_silence(None, **WEEKLY), a_silence(None, **DAILY), True),
        (a_silence(72, after="machine"), a_silence(72), False),
        (a_silence(72, unless_agent_reserved=True), a_silence(72), False),
        (a_silence(72, other_channels=True), a_silence(72), False),
        (a_silence(72), a_silence(72, other_channels=True), True),
        (a_silence(72), a_cap(1, 72), False),
    ],
)
def test_one_rule_covers_another(own: Spanned, law: Spanned, *, kept: bool) -> None:
    assert covers(own, law) == kept


def a_rule(chance: Random) -> Spanned:
    span: dict[str, Any] = chance.choice([DAILY, WEEKLY, {"hours": 24.0}, {"hours": 48.0}, {"hours": 168.0}])
    common = {
        "unit": chance.choice(["person", "number", "debt"]),
        "unless_invited": chance.random() < 0.2,
        "hours": None,
        **span,
    }
    if chance.random() < 0.6:
        kinds = chance.choice([["attempt"], ["attempt", "reserved"]])
        return Cap.model_validate({**cap(chance.randint(1, 4), None), "counts": kinds, **common})
    more = {"other_channels": chance.random() < 0.2, "unless_agent_reserved": chance.random() < 0.2}
    return Silence.model_validate({**silence("conversation", None), **more, **common})


def alone(rule: Spanned) -> RulePack:
    """A pack of this rule and no other."""
    return pack(caps=[rule.model_dump()]) if isinstance(rule, Cap) else pack(silences=[rule.model_dump()])


def kept_ledger(chance: Random, own: RulePack) -> list[LedgerEntry]:
    """Contacts as a pack with this rule alone lets happen: each has passed it before it was made."""
    made: list[LedgerEntry] = []
    at = NOON - timedelta(days=16)
    while at < NOON:
        at += timedelta(hours=chance.choice([1, 6, 12, 23, 24, 25]))
        asked = _approach(chance)
        number, channel = chance.choice([NUMBER, NUMBER, OTHER]), chance.choice([Channel.VOICE, Channel.SMS])
        if at >= NOON or refused(own, made, at, asked, number, channel):
            continue
        about = asked.debts or None
        kind = chance.choice([EntryKind.ATTEMPT, EntryKind.RESERVED])
        made.append(LedgerEntry(kind, at, channel, number, debts=about))
        if chance.random() < 0.5:
            made.append(LedgerEntry(EntryKind.CONVERSATION, at, channel, number, debts=about))
    return made


def _approach(chance: Random) -> Approach:
    return Approach(
        agent_reserved=chance.random() < 0.3,
        invited=chance.random() < 0.3,
        debts=frozenset(chance.sample([1, 2], chance.randint(1, 2))),
    )


def refused(
    rules: RulePack, made: list[LedgerEntry], at: datetime, asked: Approach, number: str, channel: Channel
) -> bool:
    return any(True for _ in History(made, number, channel, asked, at, MADRID).refusals(rules))


def test_what_covers_refuses_whatever_the_other_refuses() -> None:
    """Where one of two drawn rules covers the other, no contact that the gate lets pass by it breaks that."""
    counted: Counter[str] = Counter()
    for seed in range(6000):
        chance = Random(seed)
        own, law = a_rule(chance), a_rule(chance)
        if not covers(own, law):
            counted["not covered"] += 1
            continue
        ours, its = alone(own), alone(law)
        made = kept_ledger(chance, ours)
        for _ in range(6):
            asked = _approach(chance)
            at = NOON + timedelta(hours=chance.randint(0, 30))
            number, channel = chance.choice([NUMBER, OTHER]), Channel.VOICE
            if refused(its, made, at, asked, number, channel):
                counted["refused by the law"] += 1
                assert refused(ours, made, at, asked, number, channel), (seed, own, law)
            else:
                counted["permitted"] += 1
    assert min(counted["not covered"], counted["refused by the law"], counted["permitted"]) > 100, counted
