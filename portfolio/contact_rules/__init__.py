"""Whether a person may be contacted: pure rules over facts, a ledger and the clock it is given."""

from portfolio.contact_rules.agreed import Foreseen, foresee
from portfolio.contact_rules.complaints import Deadline, deadline, deadlines_from
from portfolio.contact_rules.examples import failed_examples
from portfolio.contact_rules.facts import (
    AddressFacts,
    Approach,
    Channel,
    EntryKind,
    LedgerEntry,
    PersonFacts,
    PhoneStatus,
    taken_back,
)
from portfolio.contact_rules.gate import (
    BLOCKING_FLAGS,
    BUSY_LOOK,
    CARE_FLAGS,
    caller_id_refused,
    may_contact,
    next_permitted,
    zones_in_doubt,
)
from portfolio.contact_rules.lines import line_of
from portfolio.contact_rules.pack import AbandonmentWindow, HolidayLookup, RulePack
from portfolio.contact_rules.verdicts import Permitted, Refused, RuleRefusal

__all__ = [
    "BLOCKING_FLAGS",
    "BUSY_LOOK",
    "CARE_FLAGS",
    "AbandonmentWindow",
    "AddressFacts",
    "Approach",
    "Channel",
    "Deadline",
    "EntryKind",
    "Foreseen",
    "HolidayLookup",
    "LedgerEntry",
    "Permitted",
    "PersonFacts",
    "PhoneStatus",
    "Refused",
    "RulePack",
    "RuleRefusal",
    "caller_id_refused",
    "deadline",
    "deadlines_from",
    "failed_examples",
    "foresee",
    "line_of",
    "may_contact",
    "next_permitted",
    "taken_back",
    "zones_in_doubt",
]
