"""Whether a call may be promised for an instant: the gate is asked as it will be when that call is due."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from portfolio.contact_rules.facts import AddressFacts, Approach, Channel, LedgerEntry, PersonFacts
from portfolio.contact_rules.gate import may_contact, next_permitted
from portfolio.contact_rules.pack import RulePack
from portfolio.contact_rules.verdicts import Permitted

_MINUTE = timedelta(minutes=1)
_TRIES = 5
"""Full minutes that are looked at: each but the first only where a window shut within the minute before."""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What the gate would say of a call that is agreed for an instant, with the ledger as it is."""

    at: datetime
    rule: str = ""
    """The rule that would refuse it; empty = none would."""
    first_at: datetime | None = None
    """First full minute from then on at which the call may be made; None = none in sight."""

    @property
    def permitted(self) -> bool:
        """Whether the call may be promised for that instant."""
        return not self.rule


def foresee(
    person: PersonFacts,
    addresses: Sequence[AddressFacts],
    rules: RulePack,
    ledger: Sequence[LedgerEntry],
    at: datetime,
    approach: Approach,
) -> Foreseen:
    """The answer for the number that may be called first, as a call that the person asked for.

    That a line is busy is no hindrance: then it will not be.
    """
    asked = replace(approach, invited=True)
    found = [_of_number(person, replace(one, busy=False), rules, ledger, at, asked) for one in addresses]
    if not found:
        return Foreseen(at, "no_number")
    return min(found, key=_soonest)


def _of_number(
    person: PersonFacts,
    address: AddressFacts,
    rules: RulePack,
    ledger: Sequence[LedgerEntry],
    at: datetime,
    approach: Approach,
) -> Foreseen:
    verdict = may_contact(person, Channel.VOICE, address, rules, ledger, at, approach)
    if isinstance(verdict, Permitted):
        return Foreseen(at, first_at=at)
    asked = at
    for _ in range(_TRIES):
        first = next_permitted(person, Channel.VOICE, address, rules, ledger, asked, approach)
        if first is None or first == (asked := _full_minute(first)):
            return Foreseen(at, verdict.rule, first)
    return Foreseen(at, verdict.rule)


def _full_minute(at: datetime) -> datetime:
    """What a person can say and a field can hold: never before the instant itself."""
    whole = at.replace(second=0, microsecond=0)
    return whole if whole == at else whole + _MINUTE


def _soonest(one: Foreseen) -> tuple[bool, bool, float]:
    """Permitted first, then by the instant; never last."""
    return not one.permitted, one.first_at is None, one.first_at.timestamp() if one.first_at else 0.0
