"""Leads on their way to a call: what is placed, what is refused, what an agent is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dialer.model.call import Call
from dialer.model.handover import Handover
from dialer.model.holds import Hold, HoldCode


@dataclass(frozen=True, slots=True)
class CallCard:
    """What the agent's screen shows of a person (the screen pop). Money in minor units."""

    person_id: int
    name: str
    language: str
    zone: str
    masked_number: str
    debts: tuple[dict[str, Any], ...] = ()
    """creditor, currency, balance_minor, days_past_due, reference, stage, status"""
    flags: tuple[str, ...] = ()
    last_contacts: tuple[dict[str, Any], ...] = ()
    """at, outcome, disposition, agent — newest first, at most 5"""
    last_agent: int | None = None
    """Who spoke to the person last, within three months."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A reserved and committed attempt, ready to originate."""

    call: Call
    card: CallCard
    odds: float = 1.0
    """How much likelier than the campaign's mean a person answers; 1 = the mean, or nothing known."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A lead that the contact gate refused at reservation."""

    lead_id: int
    person_id: int
    rule: str
    until: datetime | None


NOT_HELD = "not_held"
"""Rule of a refusal: the lead is not held for a preview any more."""


@dataclass(frozen=True, slots=True)
class LeadsLeft:
    """Open leads of a campaign."""

    open: int = 0
    """All of them."""
    resting: int = 0
    """Of these, not to be called before a time of their own."""
    wakes: tuple[tuple[datetime, int], ...] = ()
    """When the first of these may be, and how many: one pair for each second, `WAKES` at most, in order."""

    def resting_at(self, now: datetime) -> tuple[int, datetime | None]:
        """How many rest still at an instant after the count, and until when the first of them does."""
        passed = sum(leads for at, leads in self.wakes if at <= now)
        first = next((at for at, _ in self.wakes if at > now), None)
        return self.resting - passed, first


WAKES = 300
"""Seconds in which leads wake that a count tells: more than pass until the next count."""


HOURS = frozenset({"calling_hours", "excluded_day", "preferred_hours"})
"""Rules of the clock and the calendar alone."""


QUOTA_FULL, LIST_PAUSED = "quota_full", "list_paused"
"""What holds all leads of a list: it has had its day's calls or conversations; a supervisor has paused it."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What holds back the leads of a campaign that has none to call now."""

    rule: str
    """That holds most of them; empty = they rest between two attempts."""
    held: int
    """By that rule."""
    leads: int
    """That wait, for whatever reason."""
    until: datetime | None
    """When the first of them is looked at again; None = by themselves none."""
    only_hours: bool = False
    """Whether nothing but the hours holds any of them."""

    def hold(self) -> Hold:
        """For the supervisor's strip."""
        code = HoldCode.WAITS
        if self.until is not None and self.only_hours:
            code = HoldCode.OUTSIDE_HOURS
        elif self.until is not None and self.rule == QUOTA_FULL and self.held == self.leads:
            code = HoldCode.QUOTA
        return Hold(code, self.rule or "retry", self.until, self.held, self.leads)


def waiting_of(found: Iterable[tuple[str, int, datetime | None]]) -> Waiting | None:
    """Of (rule, leads, first instant) of each rule; None = no lead waits.

    Where some will come by themselves, those who wait for somebody's decision, as in a paused list, are left
    out.
    """
    rows = sorted(found, key=lambda one: (-one[1], one[0]))
    ranked = [row for row in rows if row[2] is not None] or rows
    if not ranked:
        return None
    rule, held, _ = ranked[0]
    first = min((until for _, _, until in ranked if until is not None), default=None)
    return Waiting(rule, held, sum(n for _, n, _ in rows), first, all(one[0] in HOURS for one in ranked))


@dataclass(frozen=True, slots=True)
class PlaceResult:
    """What came of asking for some calls."""

    placed: tuple[Placed, ...] = ()
    refused: tuple[Refusal, ...] = ()
    dry: bool = False
    """No lead is left that could be called now."""
    next_odds: tuple[float, ...] = ()
    """Odds of the leads that would be called next, in their order, at most 30; empty = all 1."""
    waiting: Waiting | None = None
    """What the campaign waits for when it is dry; None = no lead rests."""


@dataclass(frozen=True, slots=True)
class PreviewNumber:
    """One number of a previewed person, and what the contact gate says of it now."""

    phone_id: int
    masked_number: str
    kind: str
    status: str
    rule: str = ""
    """The rule that refuses; empty = it may be called."""
    until: datetime | None = None
    """When the rule ends; None with a rule = nobody knows, or never."""


@dataclass(frozen=True, slots=True)
class LeadPreview:
    """A lead held for an agent who decides whether to call; nothing is dialled yet."""

    campaign_id: int
    lead_id: int
    card: CallCard
    numbers: tuple[PreviewNumber, ...]
    """At least one of them may be called."""


@dataclass(frozen=True, slots=True)
class PreviewResult:
    """What came of asking for a lead to preview."""

    lead: LeadPreview | None = None
    refused: tuple[Refusal, ...] = ()
    """Leads that the contact gate refused on the way."""


FORESEEN = timedelta(hours=2)
"""How far ahead, from the arrival of a call, it is asked whether the rules would let us call back."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """A call that came in, committed; nobody has spoken to the person yet."""

    call: Call
    card: CallCard
    call_back_until: datetime | None = None
    """Until when the rules would let us call the person back, if that is chosen; None = they would not."""


@dataclass(frozen=True, slots=True)
class CallbackDue:
    """A callback that was agreed, or that keeps a caller's place."""

    agent_id: int | None
    """None = anybody's, with `lead_id`."""
    campaign_id: int
    at: datetime
    lead_id: int | None = None
    """Who called in and keeps the place in the queue."""
    place_since: datetime | None = None
    """Since when that person has waited."""


@dataclass(frozen=True, slots=True)
class OpenCall:
    """An attempt found open at start, with its card."""

    call: Call
    card: CallCard
    paused: bool = False
    """Its recording is paused."""
    verified: bool = False
    """Its agent has verified who speaks."""
    handover: Handover | None = None
    """The last one that brought the person to another agent."""
    trunk: str = ""
    """That it went out on; empty = it came in, or was not handed over."""


@dataclass(frozen=True, slots=True)
class PersonNews:
    """What stands in the books of a person of whom something was learnt."""

    person_id: int
    news: int
    """How often something was learnt until then; what is told again has no greater number."""
    flags: tuple[str, ...]
    """All that hold now, 'stopped' among them."""
    debts: tuple[dict[str, Any], ...]
    what: str = "learnt from the books"
    """Why we look: what was learnt last."""
