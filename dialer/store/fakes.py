"""The store in memory, for tests; the same conformance suite runs on it and on the real one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

from dialer.exceptions import CommitRefused, VersionConflict
from dialer.model.agent import Agent
from dialer.model.audit import Audits
from dialer.model.call import TRANSITIONS, Call, CallEventKind, CallState, spared
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.model.masking import masked
from dialer.model.outcomes import Outcome
from dialer.ports import (
    NOT_HELD,
    CallbackDue,
    CallCard,
    Codes,
    DispositionMade,
    EngineCommit,
    LeadPreview,
    LeadsLeft,
    MinuteCount,
    OpenCall,
    PastCall,
    PersonNews,
    Placed,
    PlaceResult,
    Presence,
    PreviewResult,
    Refusal,
    TakenIn,
    Transition,
    TrunkLimits,
)
from dialer.store.best_hour import waits_for
from dialer.store.call_back import call_back_until
from dialer.store.clock import wall
from dialer.store.fake_counts import audits_of, broken, minute_counts, past_call
from dialer.store.fake_facts import fact_of
from dialer.store.fake_fates import due_again, owe, owed_by, withdrawn_by
from dialer.store.fake_inbound import DIALS, keep_place, recorded
from dialer.store.fake_lines import is_suppressed, ledger_now, phones_now
from dialer.store.fake_news import learnt, news_of
from dialer.store.fake_numbers import failures_of, know_number, numbers_left, reopen_for_number
from dialer.store.fake_refusals import refuse_strangers, refuse_unstorable
from dialer.store.fake_rows import (
    CODES,
    PAUSE_CODES,
    MemoryCallback,
    MemoryLead,
    contact_of,
    extend_new,
    results_of,
)
from dialer.store.fake_tables import MemoryTables
from dialer.store.fake_waking import counted, left_of, waiting_now, wake_held
from dialer.store.gate import Candidate, CandidatePhone, GateVerdict, LedgerRow, usable_in_turn
from dialer.store.lead_advice import BACK_OFF, attempts_to_settle
from dialer.store.lead_chances import MOST, LeadPlan
from dialer.store.list_mix import rank
from dialer.store.preview import LOOKED_AT, Preview, number_of
from dialer.store.reservation import FURTHER_ROUNDS, Reservation, soonest
from dialer.store.rows import IN_THE_LEDGER
from portfolio.contact_rules import BLOCKING_FLAGS

_LEDGER_WINDOW = timedelta(days=30)


class MemoryStore(MemoryTables):
    """ports.Store in dictionaries. Set `unavailable` to lose the database, `fence` to lose the lease."""

    # --- the port ---

    async def campaigns(self) -> tuple[Campaign, ...]:
        """All campaigns."""
        self._reach()
        return tuple(counted(self, self.campaign_rows[key], wall()) for key in sorted(self.campaign_rows))

    async def agents(self) -> tuple[Agent, ...]:
        """All agents, all offline."""
        self._reach()
        away = self.gone - {call.agent_id for call in self.calls.values() if call.live}
        rows = (self.agent_rows[key] for key in sorted(self.agent_rows.keys() - away))
        return tuple(replace(row, campaigns=frozenset()) if row.id in self.gone else row for row in rows)

    async def place(
        self, campaign: Campaign, count: int, *, now: datetime, fence: int, wanted: float | None = None
    ) -> PlaceResult:
        """Claim, ask the gate, reserve."""
        self._check(fence)
        wake_held(self, campaign, now)
        due = self._due(campaign.id, now)
        ends = [self.lead_chances.window(count) + MOST * more for more in range(FURTHER_ROUNDS + 1)]
        result = PlaceResult()
        for start, end in pairwise([0, *ends]):
            refused = result.refused
            result, more = self._round(campaign, due[start:end], (count, end - start), now, wanted)
            result = replace(result, refused=(*refused, *result.refused))
            if result.placed or not more:
                break
        return replace(result, waiting=waiting_now(self, campaign, now)) if result.dry else result

    def _round(
        self,
        campaign: Campaign,
        due: list[MemoryLead],
        most: tuple[int, int],
        now: datetime,
        wanted: float | None,
    ) -> tuple[PlaceResult, bool]:
        """`most`: calls to place, and leads to claim. The second result: whether to look further."""
        placed: list[Placed] = []
        refused: list[Refusal] = []
        satisfied, plan = False, self._plan(campaign, due, now)
        for index in plan.order:
            if len(placed) == most[0]:
                break
            if self._open_attempt(due[index].person_id) is not None:
                continue
            if satisfied := plan.enough(index, wanted):
                break
            plan.tried.add(index)
            self._ask(due[index], campaign, now, placed, refused, plan, index)
        short = len(placed) < most[0] and not satisfied
        dry = short and len(due) < most[1] and (bool(placed) or not due)
        return PlaceResult(tuple(placed), tuple(refused), dry, plan.next_odds()), short and not dry

    async def preview(
        self,
        campaign: Campaign,
        *,
        until: datetime,
        now: datetime,
        fence: int,
        callback_of: int | None = None,
        place: int | None = None,
    ) -> PreviewResult:
        """Hold the next lead that may be called."""
        self._check(fence)
        wish = Preview(campaign, 1, now, self._gate, self._new_id)
        refused: list[Refusal] = []
        wake_held(self, campaign, now)
        due = (
            self._due(campaign.id, now)
            if callback_of is None
            else self._own(campaign.id, callback_of, now, place)
        )
        for lead in due[:LOOKED_AT]:
            candidate = self._candidate(lead, now)
            verdicts = wish.ask_all(candidate)
            first = next((phone for phone, verdict in verdicts.items() if verdict.permitted), None)
            if first is None:
                refused.append(self._withhold(lead, soonest(verdicts), now, campaign))
                continue
            lead.held_by, lead.next_at = "preview", until
            numbers = tuple(number_of(phone, verdict) for phone, verdict in verdicts.items())
            card = self._card(lead.person_id, first.number)
            return PreviewResult(LeadPreview(campaign.id, lead.id, card, numbers), tuple(refused))
        return PreviewResult(None, tuple(refused))

    async def place_previewed(
        self, campaign: Campaign, lead_id: int, phone_id: int, agent_id: int, *, now: datetime, fence: int
    ) -> PlaceResult:
        """Ask the gate again and reserve a held lead on this number for this agent."""
        self._check(fence)
        lead = self.leads[lead_id]
        running = self.campaign_rows[campaign.id].status is CampaignStatus.RUNNING
        free = self._open_attempt(lead.person_id) is None
        if not (running and free and lead.status == "open" and lead.held_by == "preview"):
            return PlaceResult(refused=(Refusal(lead_id, 0, NOT_HELD, None),))
        wish = Preview(campaign, 1, now, self._gate, self._new_id)
        answer = wish.decided(self._candidate(lead, now), phone_id, agent_id)
        if isinstance(answer, Refusal):
            return PlaceResult(refused=(answer,))
        reserved = self._reserve(lead, *answer)
        self.chances[reserved.call.id] = None
        return PlaceResult((reserved,))

    async def return_lead(self, lead_id: int, *, next_at: datetime, fence: int) -> None:
        """Give a held lead back to its list."""
        self._reach()
        lead = self.leads[lead_id]
        if fence == self.fence and lead.status == "open" and lead.held_by == "preview":
            lead.held_by, lead.next_at = "", next_at

    async def commit(self, commit: EngineCommit, *, fence: int) -> None:
        """Write one turn, all or nothing, once."""
        self._check(fence)
        if commit.transitions and self._written(commit):
            return
        self._guard(commit)
        self.trunk_of |= {launch.attempt_id: launch.trunk for launch in commit.launches}
        for transition in commit.transitions:
            self._apply(transition)
        for late in commit.late_answers:
            self._answer_late(self.calls[late.attempt_id], late.at)
        for made in commit.dispositions:
            self._dispose(made)
        for call_id in attempts_to_settle(commit):
            self._settle(self.calls[call_id])
        extend_new(self.agent_log, commit.agents)
        extend_new(self.pacing, commit.pacing)
        self._alarmed(commit)
        extend_new(self.marks, commit.marks)
        extend_new(self.models, commit.models)
        self.learner_rows |= {record.campaign_id: record.content for record in commit.learners}
        for heard in commit.verdicts:
            self.verdict_rows.setdefault((heard.attempt_id, heard.stage), heard)
        self.lead_chances.written(commit)

    async def open_calls(self) -> tuple[OpenCall, ...]:
        """Attempts that have not ended."""
        self._reach()
        live = sorted((c for c in self.calls.values() if c.live), key=lambda c: (c.placed_at, c.id))
        return tuple(map(self._open_call, live))

    def _open_call(self, call: Call) -> OpenCall:
        marks = [mark.kind for mark in self.marks if mark.attempt_id == call.id]
        paused = [kind for kind in marks if kind != "verified"][-1:] == ["paused"]
        card = self._card(call.person_id, call.number)
        over = [t.handover for t in self.transitions if t.call.id == call.id and t.handover is not None]
        last, trunk = over[-1] if over else None, self.trunk_of.get(call.id, "")
        return OpenCall(call, card, paused, "verified" in marks, last, trunk)

    async def counts(
        self, campaign_ids: Sequence[int], *, since: datetime, until: datetime
    ) -> dict[int, tuple[MinuteCount, ...]]:
        """See ports.Store."""
        self._reach()
        calls = {
            one: [call for call in self.calls.values() if call.campaign_id == one] for one in campaign_ids
        }
        found = {one: minute_counts(mine, since, until) for one, mine in calls.items()}
        return {one: counts for one, counts in found.items() if counts}

    async def past_calls(self, campaign_id: int, *, limit: int) -> tuple[PastCall, ...]:
        """The newest ended attempts that nobody lost, broke, or started by hand, oldest first."""
        self._reach()
        mine = [call for call in self.calls.values() if call.campaign_id == campaign_id and not call.live]
        ours = [call for call in mine if not call.inbound and call.reserved_for is None]
        told = [call for call in ours if call.outcome is not Outcome.LOST and not broken(call)]
        told.sort(key=lambda call: call.placed_at)
        return tuple(past_call(call, self.agent_log) for call in told[-limit:])

    async def audits(self, campaign_id: int, *, since: datetime) -> Audits:
        """What the blind audits of machine verdicts have found since an instant."""
        self._reach()
        mine = [row for row in self.verdict_rows.values() if row.campaign_id == campaign_id]
        return audits_of([row for row in mine if row.audited and row.at >= since], self.dispositions)

    async def learners(self) -> dict[int, dict[str, Any]]:
        """Campaign → the learner that was saved last."""
        self._reach()
        return dict(self.learner_rows)

    async def trunks(self) -> tuple[TrunkLimits, ...]:
        """Trunks that have limits."""
        self._reach()
        return tuple(self.trunk_rows[name] for name in sorted(self.trunk_rows))

    async def stopped(self, person_ids: Sequence[int]) -> frozenset[int]:
        """Which of these persons may not be called any more."""
        self._reach()
        return frozenset(key for key in person_ids if key in self.persons and self._is_stopped(key))

    async def live_news(self, told: Mapping[UUID, int]) -> tuple[PersonNews, ...]:
        """See ports.Store."""
        self._reach()
        return learnt(self, told)

    async def person_news(self, person_ids: Sequence[int]) -> tuple[PersonNews, ...]:
        """See ports.Store."""
        self._reach()
        return tuple(news_of(self, key) for key in person_ids if key in self.persons)

    async def callbacks_due(self, *, until: datetime) -> tuple[CallbackDue, ...]:
        """Callbacks of agents that are due until an instant, and kept places."""
        self._reach()
        agreed = [b for b in self.callbacks if b.status == "scheduled" and b.at <= until]
        open_ones = [b for b in agreed if self.leads[b.lead_id].status == "open"]
        first: dict[tuple[int, int], CallbackDue] = {}
        for b in sorted(open_ones, key=lambda b: b.at, reverse=True):
            if b.agent_id is not None:
                first[b.agent_id, b.campaign_id] = CallbackDue(b.agent_id, b.campaign_id, b.at)
        places = [
            CallbackDue(None, b.campaign_id, b.at, b.lead_id, b.place_since)
            for b in sorted(open_ones, key=lambda b: b.place_since or b.at)
            if b.agent_id is None and b.place_since is not None and self._place_is_free(b.lead_id, until)
        ]
        return (*(first[key] for key in sorted(first)), *places)

    def _place_is_free(self, lead_id: int, now: datetime) -> bool:
        lead = self.leads[lead_id]
        held = lead.held_by != "" and lead.next_at > now
        return not held and self._open_attempt(lead.person_id) is None

    async def take_in(
        self, call_id: UUID, caller: str, campaigns: Sequence[Campaign], *, now: datetime, fence: int
    ) -> TakenIn:
        """Commit a call that came in, once for each id."""
        self._check(fence)
        if call_id not in self.calls:
            self.calls[call_id] = recorded(self, call_id, caller, campaigns, now)
        call, lead = self.calls[call_id], self.leads[self.calls[call_id].lead_id]
        known = self._candidate(lead, now) if caller and lead.status in DIALS else None
        until = call_back_until(known, call, campaigns, self._gate)
        return TakenIn(call, self._card(call.person_id, call.number), until)

    async def agent_results(self, *, since: datetime) -> dict[int, tuple[int, int]]:
        """Agent → conversations with the right person, and those that ended well."""
        self._reach()
        return results_of([made for made in self.dispositions if made.at >= since])

    async def leads_left(self, campaign_id: int, now: datetime) -> LeadsLeft:
        """Open leads, and how many of them rest."""
        self._reach()
        return left_of(self.leads.values(), campaign_id, now)

    async def calls_today(self, *, since: datetime) -> dict[int, int]:
        """Conversations per agent since an instant."""
        self._reach()
        counts: dict[int, int] = {}
        for call in self.calls.values():
            if call.agent_id is not None and call.connected_at is not None and call.connected_at >= since:
                counts[call.agent_id] = counts.get(call.agent_id, 0) + 1
        return counts

    async def presences(self, *, since: datetime) -> tuple[Presence, ...]:
        """The newest change of each agent."""
        self._reach()
        newest = {row.agent_id: row for row in sorted(self.agent_log, key=lambda r: r.at) if row.at >= since}
        rows = map(newest.__getitem__, sorted(newest))
        return tuple(Presence(r.agent_id, r.at, r.state, r.code, r.call_id) for r in rows)

    async def codes(self) -> Codes:
        """Disposition and pause codes."""
        self._reach()
        return Codes({name: code.requires for name, code in CODES.items()}, PAUSE_CODES)

    async def shown_calls(self, call_ids: Sequence[UUID]) -> tuple[OpenCall, ...]:
        """These attempts with their cards."""
        self._reach()
        calls = (self.calls[key] for key in call_ids if key in self.calls)
        return tuple(map(self._open_call, calls))

    # --- reservation ---

    def _due(self, campaign_id: int, now: datetime) -> list[MemoryLead]:
        if self.campaign_rows[campaign_id].status is not CampaignStatus.RUNNING:
            return []
        mine = (lead for lead in self.leads.values() if lead.campaign_id == campaign_id)
        due = [lead for lead in mine if lead.status == "open" and lead.next_at <= now]
        free = [lead for lead in due if self._open_attempt(lead.person_id) is None]
        return sorted(free, key=lambda a: (not a.urgent, -a.priority, a.next_at, a.attempts, a.id))

    def _own(self, campaign_id: int, agent_id: int, now: datetime, place: int | None) -> list[MemoryLead]:
        """Leads this agent agreed to call back, the longest due first; one that is held stays held."""
        ours = [b for b in self.callbacks if b.campaign_id == campaign_id]
        kept = [b for b in ours if b.place_since is not None and b.lead_id == place]
        mine = [b for b in ours if b.agent_id == agent_id]
        due = [b for b in [*kept, *mine] if b.status == "scheduled" and b.at <= now]
        leads = [self.leads[b.lead_id] for b in sorted(due, key=lambda b: (b not in kept, b.at))]
        return [
            one for one in leads if one.status == "open" and (one.held_by != "preview" or one.next_at <= now)
        ]

    def _invited(self, lead: MemoryLead, now: datetime) -> bool:
        return any(b.at <= now for b in self.callbacks if (b.lead_id, b.status) == (lead.id, "scheduled"))

    def _plan(self, campaign: Campaign, due: Sequence[MemoryLead], now: datetime) -> LeadPlan:
        if self.lead_chances.cold or not due:
            return LeadPlan(list(range(len(due))))
        ranks = [rank(0, lead.urgent, lead.priority) for lead in due]
        facts = [fact_of(self, lead, self._candidate(lead, now), campaign, now) for lead in due]
        ids, hour = [lead.id for lead in due], campaign.settings.best_hour
        return self.lead_chances.plan(campaign.id, ids, ranks, facts, hour)

    def _ask(
        self,
        lead: MemoryLead,
        campaign: Campaign,
        now: datetime,
        placed: list[Placed],
        refused: list[Refusal],
        plan: LeadPlan,
        index: int,
    ) -> None:
        candidate = self._candidate(lead, now)
        verdicts: dict[CandidatePhone, GateVerdict] = {}
        for phone in usable_in_turn(candidate, campaign.settings.rotate_numbers):
            verdicts[phone] = verdict = self._gate(candidate, phone, campaign, now)
            if not verdict.permitted:
                continue
            later = () if candidate.invited else plan.later_of(index)
            if wait := waits_for(later, partial(self._gate, candidate, phone, campaign)):
                refused.append(self._withhold(lead, wait, now, campaign))
                return
            call = Reservation(campaign, 1, now, self._gate, self._new_id).call_to(candidate, phone)
            reserved = self._reserve(lead, call, verdict)
            plan.total += plan.chance(index) or 0.0
            self.chances[reserved.call.id] = plan.chance(index)
            self.lead_chances.placed(reserved.call, plan, index)
            placed.append(replace(reserved, odds=plan.odds_of(index)))
            return
        refused.append(self._withhold(lead, soonest(verdicts), now, campaign))

    def _withhold(self, lead: MemoryLead, verdict: GateVerdict, now: datetime, campaign: Campaign) -> Refusal:
        lead.held_by = verdict.rule
        lead.status = "withdrawn" if verdict.final else "open"
        lead.next_at = lead.next_at if verdict.final else verdict.until or now + BACK_OFF
        lead.hold(campaign.rules)
        return Refusal(lead.id, lead.person_id, verdict.rule, None if verdict.final else lead.next_at)

    def _candidate(self, lead: MemoryLead, now: datetime) -> Candidate:
        person = self.persons[lead.person_id]
        return Candidate(
            lead.id,
            person.id,
            name=person.name,
            language=person.language,
            country=person.country,
            zone=person.zone,
            flags=person.flags,
            stopped=person.stopped,
            phones=phones_now(self, person, now),
            ledger=tuple(row for row in ledger_now(self, person) if row.at >= now - _LEDGER_WINDOW),
            rank=rank(0, lead.urgent, lead.priority),
            creditors=tuple(dict.fromkeys(str(debt["creditor"]) for debt in person.debts)),
            invited=self._invited(lead, now),
        )

    def _reserve(self, lead: MemoryLead, call: Call, verdict: GateVerdict) -> Placed:
        self.calls[call.id] = call
        self.news_then[call.id] = self.persons[call.person_id].news
        self.gate_details[call.id] = verdict.detail
        lead.status, lead.held_by, lead.attempts, lead.urgent = "in_call", "", lead.attempts + 1, False
        for agreed in self.callbacks:
            if agreed.lead_id == lead.id and agreed.status == "scheduled" and agreed.at <= call.placed_at:
                agreed.status, agreed.done_at = "called", call.placed_at
        self._note(call, "attempt", call.placed_at)
        return Placed(call, self._card(call.person_id, call.number))

    def _written(self, commit: EngineCommit) -> bool:
        mine = {(t.call.id, t.call.version): t for t in self.transitions}
        stored = [mine.get((t.call.id, t.call.version)) for t in commit.transitions]
        return all(
            old is not None and old.event == t.event
            for old, t in zip(stored, commit.transitions, strict=True)
        )

    def _guard(self, commit: EngineCommit) -> None:
        """Everything that the database would refuse, before the first write."""
        refuse_unstorable(commit)
        heads = dict(self.calls)
        for t in commit.transitions:
            head = heads.get(t.call.id)
            if head is None or head.version != t.call.version - 1 or head.state != t.before:
                raise VersionConflict(f"attempt {t.call.id} is not at version {t.call.version - 1}")
            if TRANSITIONS.get((head.state, t.event.kind), (None,))[0] is not t.call.state:
                raise CommitRefused(f"{t.event.kind} from {head.state} to {t.call.state}")
            heads[t.call.id] = t.call
        for made in commit.dispositions:
            if made.code not in CODES or made.attempt_id not in heads or made.agent_id not in self.agent_rows:
                raise CommitRefused(f"disposition {made.code} of {made.attempt_id}")
        refuse_strangers(commit, self.agent_rows.keys())

    def _apply(self, transition: Transition) -> None:
        call, ended = transition.call, transition.call.state is CallState.ENDED
        self.calls[call.id] = call
        self.transitions.append(transition)
        if transition.event.kind is CallEventKind.CALLBACK_TAKEN:
            keep_place(self, call)
        if spared(call, transition.event):
            self._note(call, "failed", transition.at)
            lead = self.leads[call.lead_id]
            lead.attempts = max(0, lead.attempts - 1)
        elif ended and call.outcome in IN_THE_LEDGER:
            spoke = call.connected_at if call.outcome is Outcome.CONVERSATION else None
            self._note(call, IN_THE_LEDGER[call.outcome], spoke or transition.at)
        if ended and call.outcome is not None:
            know_number(self, transition)

    def _answer_late(self, call: Call, at: datetime) -> None:
        if not call.live and call.answered_at is None:
            reason = f"{call.reason} · answered as we gave up"
            self.calls[call.id] = replace(call, outcome=Outcome.ABANDONED, answered_at=at, reason=reason)
            self._note(call, "abandoned", at)

    def _dispose(self, made: DispositionMade) -> None:
        if made in self.dispositions:
            return
        self.dispositions.append(made)
        call, code = self.calls[made.attempt_id], CODES[made.code]
        if code.effect == "wrong_party":
            self._mark_phone(call, "wrong_party")
        elif code.kind == "right_party":
            self._mark_phone(call, "right_party")
        if code.effect == "do_not_call":
            self.do_not_call.add(call.number)
        if made.code == "machine":
            self._note(call, "machine", made.at)
        if code.effect in ("stop", "do_not_call"):
            self._note(call, "stop", made.at)
            self.stop_person(call.person_id, made.code)
        if code.flag:
            self.flag_person(call.person_id, code.flag)

    def _settle(self, call: Call) -> None:
        """What becomes of the lead: stop, care, the agent's word, then rules and advice."""
        lead = self.leads[call.lead_id]
        talking = any(c.live and c.lead_id == lead.id for c in self.calls.values())
        if call.inbound and call.connected_at is None and lead.status != "in_call":
            return
        if talking or call.outcome is None or call.ended_at is None or lead.status == "withdrawn":
            return
        person, settings = self.persons[call.person_id], self.campaign_rows[call.campaign_id].settings
        made = next((d for d in reversed(self.dispositions) if d.attempt_id == call.id), None)
        if why := withdrawn_by(person, settings):
            lead.withdraw(why)
            lead.urgent = False
            return
        if made and made.callback_at:
            self._agree(lead, made, settings)
            return
        same = [c for c in self.calls.values() if c.lead_id == lead.id and c.outcome is call.outcome]
        numbers = numbers_left(call, usable_in_turn(self._candidate(lead, call.ended_at)))
        failures = failures_of(self, call)
        owed = owed_by(self.callbacks, call) if failures else None
        again = due_again(
            lead, call, made, settings, same_outcome=len(same), numbers=numbers, failures=failures, owed=owed
        )
        lead.urgent = False
        lead.status, lead.next_at = ("open", again) if again else ("done", lead.next_at)
        if owed and again:
            owe(lead, owed, again)

    def _agree(self, lead: MemoryLead, made: DispositionMade, settings: CampaignSettings) -> None:
        assert made.callback_at is not None
        self.callbacks = [b for b in self.callbacks if (b.lead_id, b.status) != (lead.id, "scheduled")]
        own = made.agent_id if made.callback_mine else None
        grace = timedelta(minutes=settings.callback_grace if made.callback_mine else 0)
        agreed = MemoryCallback(lead.id, lead.campaign_id, own, made.callback_at, grace=grace)
        self.callbacks.append(agreed)
        lead.status, lead.urgent, lead.next_at = "open", True, made.callback_at + grace

    def add_number(self, person_id: int, number: str) -> None:
        """A person has another number, after the others."""
        phones = self.persons[person_id].phones
        phones.append(CandidatePhone(1000 * person_id + len(phones), number))
        self.ask_again_for(person_id)
        reopen_for_number(self, person_id, self.shows())

    # --- small things ---

    def _open_attempt(self, person_id: int) -> Call | None:
        return next((c for c in self.calls.values() if c.live and c.person_id == person_id), None)

    def _is_stopped(self, person_id: int) -> bool:
        call = self._open_attempt(person_id)
        barred = BLOCKING_FLAGS & set(self.persons[person_id].flags)
        return (
            self.persons[person_id].stopped
            or bool(barred)
            or (call is not None and is_suppressed(self, call.number, self.shows()))
        )

    def _note(self, call: Call, kind: str, at: datetime) -> None:
        ledger = self.persons[call.person_id].ledger
        if not any(row.attempt_id == call.id and row.kind == kind for row in ledger):
            ledger.append(LedgerRow(kind, at, number=call.number, attempt_id=call.id))

    def _mark_phone(self, call: Call, status: str) -> None:
        phones = self.persons[call.person_id].phones
        phones[:] = [replace(p, status=status) if p.id == call.phone_id else p for p in phones]

    def _card(self, person_id: int, number: str) -> CallCard:
        person = self.persons[person_id]
        past = [c for c in self.calls.values() if c.person_id == person.id and not c.live]
        past.sort(key=lambda c: c.placed_at, reverse=True)
        return CallCard(
            person_id=person.id,
            name=person.name,
            language=person.language,
            zone=person.zone or "",
            masked_number=masked(number),
            debts=person.debts,
            flags=person.flags,
            last_agent=next((c.agent_id for c in past if c.outcome is Outcome.CONVERSATION), None),
            last_contacts=tuple(contact_of(c, self.dispositions, self.agent_rows) for c in past[:5]),
        )
