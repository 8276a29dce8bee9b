"""Runs the examples a rule pack carries with it."""

from portfolio.contact_rules.complaints import deadline
from portfolio.contact_rules.facts import AddressFacts, Approach, LedgerEntry, PersonFacts
from portfolio.contact_rules.gate import may_contact
from portfolio.contact_rules.pack import ComplaintExample, PackExample, RulePack
from portfolio.contact_rules.verdicts import Permitted

_USUAL = "+34600000001"


def failed_examples(pack: RulePack) -> tuple[str, ...]:
    """One line for each example of the pack that its rules do not fulfil; empty = the pack is sound."""
    contacts = [_failure(example, pack) for example in pack.tests]
    complaints = [_late(example, pack) for example in pack.complaint_tests]
    return tuple(line for line in (*contacts, *complaints) if line)


def _late(example: ComplaintExample, pack: RulePack) -> str:
    found = deadline(pack, example.opened_at)
    due = found.due_on if found is not None else None
    return "" if due == example.due_on else f"{pack.name}: {example.name}: got {due}"


def _number(example: PackExample, pack: RulePack) -> str:
    """The number of the example, else one that the pack calls."""
    usual = pack.countries.such_as if pack.countries is not None else _USUAL
    return example.address.number or usual


def _failure(example: PackExample, pack: RulePack) -> str:
    verdict = may_contact(
        PersonFacts(person_id=1, **example.person.model_dump()),
        example.channel,
        AddressFacts(**{**example.address.model_dump(), "number": _number(example, pack)}),
        pack,
        [LedgerEntry(e.kind, e.at, e.channel, e.number, e.same_person, e.debts) for e in example.ledger],
        example.at,
        Approach(**example.approach.model_dump()),
    )
    rule, until = ("permitted", None) if isinstance(verdict, Permitted) else (verdict.rule, verdict.until)
    if (rule, until) == (example.expect, example.until):
        return ""
    return f"{pack.name}: {example.name}: got {rule}, {until}"
