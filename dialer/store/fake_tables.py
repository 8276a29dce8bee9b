"""The tables of the store in memory, and what a test puts into them."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from dialer.exceptions import FenceLost, StoreUnavailable
from dialer.model.agent import Agent
from dialer.model.alarm import OF_SETTINGS, Alarm
from dialer.model.call import Call
from dialer.model.campaign import Campaign
from dialer.model.number import Unallocated
from dialer.model.verdict import VerdictRecord
from dialer.ports import (
    AgentChange,
    DispositionMade,
    EngineCommit,
    ModelRecord,
    PacingRecord,
    RecordingMark,
    SetAside,
    Transition,
    TrunkLimits,
)
from dialer.store.clock import wall
from dialer.store.fake_refusals import alarm_of, refuse_unstorable
from dialer.store.fake_rows import MemoryCallback, MemoryLead, MemoryPerson, extend_alarms
from dialer.store.gate import CandidatePhone, Gate, basic_gate
from dialer.store.ids import NewId, uuid7
from dialer.store.lead_chances import LeadChances
from portfolio.contact_rules import CARE_FLAGS


class MemoryTables:
    """Rows by id."""

    def __init__(self, *, gate: Gate = basic_gate, new_id: NewId = uuid7, fence: int = 1) -> None:
        self._gate = gate
        self._new_id = new_id
        self.fence = fence
        self.unavailable = False
        self.shows: Callable[[], datetime] = wall
        """What the database's clock shows."""
        self.campaign_rows: dict[int, Campaign] = {}
        self.agent_rows: dict[int, Agent] = {}
        self.gone: set[int] = set()
        """Agents whose accounts are not active any more."""
        self.persons: dict[int, MemoryPerson] = {}
        self.leads: dict[int, MemoryLead] = {}
        self.do_not_call: set[str] = set()
        self.suppressed: dict[str, datetime] = {}
        """Numbers on lists with an end."""
        self.callbacks: list[MemoryCallback] = []
        self.digests: dict[int, str] = {}
        self.rule_changes: dict[int, int] = {}
        """Campaign → how often its own rules have changed."""
        self.freed = 0
        """How often numbers were freed for every campaign."""
        self.calls: dict[UUID, Call] = {}
        self.news_then: dict[UUID, int] = {}
        """The column attempts.news."""
        self.lead_chances = LeadChances()
        self.chances: dict[UUID, float | None] = {}
        """The column attempts.chance."""
        self.gate_details: dict[UUID, dict[str, Any]] = {}
        self.transitions: list[Transition] = []
        self.agent_log: list[AgentChange] = []
        self.dispositions: list[DispositionMade] = []
        self.pacing: list[PacingRecord] = []
        self.alarms: list[tuple[str, str, str]] = []
        self.alarms_over: set[tuple[str, str]] = set()
        """(kind, subject) of those that have ended."""
        self.alarms_at: dict[tuple[str, str], datetime] = {}
        self.alarm_counts: dict[tuple[str, str], int] = {}
        self.quarantine: list[SetAside] = []
        self.set_aside_at: list[tuple[datetime, SetAside]] = []
        self.marks: list[RecordingMark] = []
        self.models: list[ModelRecord] = []
        self.learner_rows: dict[int, dict[str, Any]] = {}
        self.trunk_rows: dict[str, TrunkLimits] = {}
        self.unallocated: dict[str, Unallocated] = {}
        """Number → the columns refused_on and refused_trunk of everybody's phones."""
        self.trunk_of: dict[UUID, str] = {}
        """The column attempts.trunk."""
        self.verdict_rows: dict[tuple[UUID, str], VerdictRecord] = {}
        """(attempt, stage) → verdict."""

    # --- whether it answers ---

    def _reach(self) -> None:
        if self.unavailable:
            raise StoreUnavailable("the database is away")

    def _check(self, fence: int) -> None:
        self._reach()
        if fence != self.fence:
            raise FenceLost(f"fence {fence}, now {self.fence}")

    async def set_aside(self, records: Sequence[SetAside], *, at: datetime, fence: int) -> None:
        """Put what commit() refused into quarantine, each with an alarm; once for each instant."""
        self._check(fence)
        refuse_unstorable(records)
        known = [record for when, record in self.set_aside_at if when == at]
        fresh = [record for record in records if record not in known]
        self.set_aside_at.extend((at, record) for record in fresh)
        self.quarantine.extend(fresh)
        self._raise(tuple(alarm_of(record, at) for record in records))

    # --- alarms ---

    def _alarmed(self, commit: EngineCommit) -> None:
        self._raise(commit.alarms)
        self.alarms_over |= set(commit.alarms_over)

    def _raise(self, alarms: Sequence[Alarm]) -> None:
        known = dict(self.alarms_at)
        for alarm in alarms:
            about = alarm[:2]
            if known.get(about) == alarm.at:
                continue  # its turn is written again
            self.alarms_at[about] = alarm.at
            self.alarm_counts[about] = self.alarm_counts.get(about, 0) + 1
            self.alarms_over.discard(about)
        extend_alarms(self.alarms, [alarm[:3] for alarm in alarms])

    async def open_alarms(self) -> int:
        """All alarms that are not over: nobody acknowledges here."""
        self._reach()
        return len({alarm[:2] for alarm in self.alarms} - self.alarms_over)

    async def alarms_of_settings(self) -> tuple[tuple[str, str], ...]:
        """See ports.Store."""
        self._reach()
        still = {alarm[:2] for alarm in self.alarms} - self.alarms_over
        return tuple(sorted(about for about in still if about[0] in OF_SETTINGS))

    # --- what a test puts in ---

    async def clock(self) -> datetime:
        """What a test says that the database's clock shows; else this machine's."""
        if self.unavailable:
            raise StoreUnavailable("the database is away")
        return self.shows()

    def add_campaign(self, campaign: Campaign) -> None:
        """Add a campaign, or replace it."""
        self.campaign_rows[campaign.id] = campaign

    def add_agent(self, agent: Agent) -> None:
        """Add an agent, or replace it."""
        self.agent_rows[agent.id] = agent

    def add_person(self, name: str, numbers: Sequence[str], **more: Any) -> MemoryPerson:
        """Add a person with their numbers, in the order in which they are tried."""
        person = MemoryPerson(len(self.persons) + 1, name, **more)
        for number in numbers:
            person.phones.append(CandidatePhone(1000 * person.id + len(person.phones), number))
        self.persons[person.id] = person
        return person

    def add_lead(self, campaign_id: int, person_id: int, **more: Any) -> MemoryLead:
        """Put a person into a campaign's list."""
        lead = MemoryLead(len(self.leads) + 1, campaign_id, person_id, **more)
        self.leads[lead.id] = lead
        return lead

    def stop_person(self, person_id: int, reason: str = "asked") -> None:
        """What the stop endpoint does."""
        person = self.persons[person_id]
        person.stopped, person.stop_reason = True, reason
        person.news += 1
        for lead in self.leads.values():
            if lead.person_id == person_id and lead.status == "open":
                lead.withdraw("stop")

    def unstop_person(self, person_id: int) -> None:
        """The stop is lifted; what the ledger says of it holds no more."""
        person = self.persons[person_id]
        person.stopped, person.unstopped_at = False, self.shows()
        self.ask_again_for(person_id)

    def ask_again_for(self, person_id: int) -> None:
        """Something else is known of a person: the next claim asks the gate again."""
        for lead in self.leads.values():
            if lead.person_id == person_id and lead.held_rules is not None:
                lead.hold(-1)

    def allow(self, number: str) -> None:
        """A number leaves the do-not-call list."""
        self.do_not_call.discard(number)
        self.freed += 1

    def move_end(self, number: str, end: datetime) -> None:
        """The list that a number is on ends at another time."""
        self.freed += end < self.suppressed[number]
        self.suppressed[number] = end

    def pay(self, person_id: int, *debts: dict[str, Any]) -> None:
        """What the payment endpoint does with the person: these debts are left."""
        self.persons[person_id].debts = debts
        self.persons[person_id].news += 1

    def flag_person(self, person_id: int, flag: str) -> None:
        """What the trigger of the database does with somebody who needs care."""
        person = self.persons[person_id]
        if flag in person.flags:
            return
        person.flags = (*person.flags, flag)
        person.news += 1
        if flag not in CARE_FLAGS:
            return
        cared = [c.id for c in self.campaign_rows.values() if c.settings.care]
        for lead in self.leads.values():
            if lead.person_id == person_id and lead.status == "open" and lead.campaign_id not in cared:
                lead.withdraw("care")
        if cared and not person.stopped:
            self.add_lead(min(cared), person_id)

    def unflag_person(self, person_id: int, flag: str) -> None:
        """It holds no more."""
        person = self.persons[person_id]
        person.flags = tuple(one for one in person.flags if one != flag)
        person.news += 1
        self.ask_again_for(person_id)
