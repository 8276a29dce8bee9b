"""Never two open calls of one line, in any race: schedules are drawn, two engines play them on one database.

People share lines that are spelled in several ways; three creditors' campaigns, agents by hand, callbacks,
callers, calls that end and engines that take over meet on them, each started at a drawn moment. What may
never be is counted from the rows, not by the code that decides; and whatever was raced for, at the end every
line that is free is rung.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from dialer.exceptions import FenceLost
from dialer.model.call import Call, CallEvent, CallEventKind, CallState, step
from dialer.model.campaign import Campaign
from dialer.ports import DispositionMade, EngineCommit, Placed, Transition
from dialer.store.contact_gate import contact_gate
from dialer.store.gate import Candidate, CandidatePhone, GateVerdict
from dialer.store.postgres import PostgresStore
from portfolio.rule_packs.shelf import SHELF
from tests.conformance.store_worlds import SETTINGS, PostgresWorld
from tests.integration.fixtures import migrated_database
from tests.integration.services import Postgres
from tests.integration.store.test_postgres import NOON
from tests.premises import premise
from tests.unit.portfolio.packs import cap, pack

DAY = timedelta(hours=25)
A_DAY_AT_MOST = 3
"""Attempts at one line."""
LINES = (
    ("+5491123456789", "+541123456789"),
    ("+5215512345678", "+525512345678"),
    ("+551187654321", "+5511987654321"),
    ("+34910000001",),
)
SPELLED = {number: place for place, line in enumerate(LINES) for number in line}
"""Which line a number is, told by hand."""
places = st.integers(0, 20)
people = st.lists(
    st.tuples(
        # Of the first line more often, or too few people would share one.
        st.lists(st.sampled_from([0, 0, 0, 1, 2, 3]), min_size=1, max_size=2, unique=True),
        st.frozensets(st.integers(0, 2), min_size=1),
    ),
    min_size=3,
    max_size=6,
)
"""The lines of each, and whose debtors they are; neighbours spell a line differently."""


class Act(NamedTuple):
    """What somebody does; `late`: round trips that they start after the others of the moment."""

    what: str
    engine: int
    which: int
    late: int


acts = st.builds(
    Act,
    what=st.sampled_from(
        ["dial"] * 6 + ["card"] * 2 + ["by_hand"] * 2 + ["callback", "calls_in"] + ["ends"] * 3
        + ["talks", "takes_over"]
    ),
    engine=st.integers(0, 1),
    which=places,
    late=st.integers(0, 6),
)  # fmt: skip
waits = st.sampled_from([timedelta(), timedelta(seconds=10), timedelta(minutes=2), timedelta(hours=5), DAY])
moments = st.lists(st.tuples(waits, st.lists(acts, min_size=1, max_size=5)), min_size=2, max_size=7)
OPEN = "SELECT id, number, person_id, direction FROM attempts WHERE ended_at IS NULL"
FREE = (
    "SELECT DISTINCT l.campaign_id, f.number FROM leads l JOIN phones f USING (person_id)"
    " WHERE l.status = 'open' AND l.next_at <= $1"
)
WAITING = (
    "SELECT l.id, l.campaign_id, f.number FROM leads l JOIN phones f USING (person_id)"
    " WHERE l.status = 'open'"
)
COUNTED = (
    "SELECT number, at FROM contacts c WHERE kind = 'attempt' AND NOT EXISTS ("
    " SELECT 1 FROM contacts t WHERE t.attempt_id = c.attempt_id AND t.kind = 'failed')"
)


@dataclass
class Asked:
    """The gate, with what it said."""

    permitted: set[tuple[int, str, datetime]] = field(default_factory=set)
    """Lead, number and instant."""

    def __call__(
        self, candidate: Candidate, phone: CandidatePhone, campaign: Campaign, now: datetime
    ) -> GateVerdict:
        verdict = contact_gate(candidate, phone, campaign, now)
        if verdict.permitted:
            self.permitted.add((candidate.lead_id, phone.number, now))
        else:
            self.permitted.discard((candidate.lead_id, phone.number, now))
        return verdict


@dataclass
class House:
    """Both engines, the database between them, and what is known of the calls."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    engines: Sequence[PostgresStore]
    gate: Asked
    campaigns: list[Campaign] = field(default_factory=list)
    agent: int = 0
    fence: int = 1
    now: datetime = NOON
    calls: dict[UUID, Call] = field(default_factory=dict)
    """Open ones; who ends one takes it out first."""
    cards: list[tuple[Campaign, int, int]] = field(default_factory=list)
    """Campaign, lead, and telephone of those that an agent looks at."""
    raced: bool = False
    """Whether two have claimed at once where one line was free for both."""
    apart: bool = False
    """Whether they had it in two spellings."""

    async def fill(self, drawn: list[tuple[list[int], frozenset[int]]]) -> None:
        await self.pool.execute("TRUNCATE lists, persons, attempts, callbacks CASCADE")
        self.calls, self.cards, self.now = {}, [], NOON
        self.raced = self.apart = False
        self.gate.permitted.clear()
        world = PostgresWorld(self.engines[0], self.pool, 1)
        for place, (lines, creditors) in enumerate(drawn):
            spelled = [LINES[line][place % len(LINES[line])] for line in lines]
            person = await world.person(f"P{place}", *spelled)
            for creditor in creditors:
                await world.lead(self.campaigns[creditor], person)

    async def moment(self, wait: timedelta, together: list[Act]) -> None:
        """All of these at once, and then what may never be."""
        self.now += wait
        before = {row["id"]: row for row in await self.pool.fetch(OPEN)}
        free = [(row["campaign_id"], row["number"]) for row in await self.pool.fetch(FREE, self.now)]
        deeds = [self._deed(act) for act in together]
        placed = await asyncio.gather(*(self._plays(a, d) for a, d in zip(together, deeds, strict=True)))
        claims = [self._campaign(act).id for act in together if act.what == "dial"]
        for call in (one for some in placed for one in some):
            wanted = [
                {number for of, number in free if of == campaign and SPELLED[number] == SPELLED[call.number]}
                for campaign in claims
            ]
            self.raced |= sum(map(bool, wanted)) > 1
            self.apart |= len(set().union(*wanted)) > 1 and sum(map(bool, wanted)) > 1
            assert (call.lead_id, call.number, self.now) in self.gate.permitted
        await self.never_two(before, [call for some in placed for call in some])
        # Also those whose end was refused, as another engine had taken over meanwhile.
        self.calls = {one.call.id: one.call for one in await self.engines[0].open_calls()}

    async def never_two(self, before: dict[UUID, asyncpg.Record], placed: list[Call]) -> None:
        rows = await self.pool.fetch(OPEN)
        ours = [row for row in rows if row["direction"] == "outbound"]
        for what in ([SPELLED[row["number"]] for row in ours], [row["person_id"] for row in ours]):
            assert len(set(what)) == len(what), f"two open calls: {[dict(row) for row in ours]}"
        # Open before all this began, and still: nobody could take that line for free.
        busy = {SPELLED[row["number"]] for row in rows if row["id"] in before}
        assert not busy & {SPELLED[call.number] for call in placed}
        since = self.now - timedelta(hours=24)
        recent = [SPELLED[row["number"]] for row in await self.pool.fetch(COUNTED) if row["at"] > since]
        assert all(recent.count(line) <= A_DAY_AT_MOST for line in recent)

    async def _plays(self, act: Act, deed: Callable[[], Awaitable[Sequence[Placed]]]) -> list[Call]:
        for _ in range(act.late):
            await self.pool.fetchval("SELECT 1")
        try:
            placed = await deed()
        except FenceLost:
            return []
        return [one.call for one in placed]

    def _campaign(self, act: Act) -> Campaign:
        return self.campaigns[act.which % len(self.campaigns)]

    def _deed(self, act: Act) -> Callable[[], Awaitable[Sequence[Placed]]]:
        """What it is, with the call or card that it is about: no two have the same."""
        store, campaign, how = (
            self.engines[act.engine],
            self._campaign(act),
            {"now": self.now, "fence": self.fence},
        )
        match act.what:
            case "dial":
                return lambda: self._dials(store, campaign, 1 + act.which % 3, how)
            case "card" | "callback":
                return lambda: self._looks(store, campaign, act.what == "callback", how)
            case "by_hand" if self.cards:
                return self._by_hand(store, self.cards.pop(act.which % len(self.cards)), how)
            case "calls_in":
                caller = tuple(SPELLED)[act.which % len(SPELLED)]
                return lambda: self._calls_in(store, caller, how)
            case "ends" | "talks" if self.calls:
                call = self.calls.pop(list(self.calls)[act.which % len(self.calls)])
                return lambda: self._ends(store, call, act.what == "talks")
            case "takes_over":
                return lambda: self._takes_over(store)
            case _:
                return lambda: self._dials(store, campaign, 1, how)

    async def _dials(
        self, store: PostgresStore, campaign: Campaign, count: int, how: dict[str, Any]
    ) -> Sequence[Placed]:
        return (await store.place(campaign, count, **how)).placed

    async def _looks(
        self, store: PostgresStore, campaign: Campaign, own: bool, how: dict[str, Any]
    ) -> Sequence[Placed]:
        until = self.now + timedelta(seconds=90)
        shown = (
            await store.preview(campaign, until=until, callback_of=self.agent if own else None, **how)
        ).lead
        if shown is not None:
            self.cards += [(campaign, shown.lead_id, phone.phone_id) for phone in shown.numbers]
        return ()

    def _by_hand(
        self, store: PostgresStore, card: tuple[Campaign, int, int], how: dict[str, Any]
    ) -> Callable[[], Awaitable[Sequence[Placed]]]:
        async def calls() -> Sequence[Placed]:
            return (await store.place_previewed(*card, self.agent, **how)).placed

        return calls

    async def _calls_in(self, store: PostgresStore, caller: str, how: dict[str, Any]) -> Sequence[Placed]:
        await store.take_in(uuid4(), caller, self.campaigns, **how)
        return ()

    async def _ends(self, store: PostgresStore, call: Call, talks: bool) -> Sequence[Placed]:
        """Busy, or a talk after which they want to be called back by this agent; who calls in, hangs up."""
        talks = talks and call.state is CallState.DIALING
        answer = [CallEventKind.ANSWERED, CallEventKind.HUMAN, CallEventKind.BRIDGED] if talks else []
        steps = []
        for kind in answer:
            event = CallEvent(kind, agent_id=self.agent if kind is CallEventKind.BRIDGED else None)
            steps.append(event)
        steps.append(CallEvent(CallEventKind.HUNG_UP, cause=16 if talks else 17))
        for event in steps:
            moved = step(call, event, now=self.now)[0]
            if moved.version != call.version:
                written = EngineCommit((Transition(call.state, moved, event, self.now),))
                await store.commit(written, fence=self.fence)
            call = moved
        if talks:
            back = self.now + timedelta(hours=4)
            said = DispositionMade(
                call.id, self.agent, self.now, "callback", callback_at=back, callback_mine=True
            )
            await store.commit(EngineCommit(dispositions=(said,)), fence=self.fence)
        return ()

    async def _takes_over(self, store: PostgresStore) -> Sequence[Placed]:
        """Another engine; of the calls that it finds, the PBX knows every second one only."""
        self.fence = await store.take_fence()
        for place, one in enumerate(await store.open_calls()):
            if place % 2 and self.calls.pop(one.call.id, None) is not None:
                event = CallEvent(CallEventKind.VANISHED, reason="no channel")
                moved = step(one.call, event, now=self.now)[0]
                written = EngineCommit((Transition(one.call.state, moved, event, self.now),))
                await store.commit(written, fence=self.fence)
        return ()

    async def every_line_is_rung(self) -> None:
        """All calls over and a day gone, each creditor who has somebody waiting on a line rings it.

        In turn, or who is first each day would have all that the line may be rung.
        """
        waiting: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for row in await self.pool.fetch(WAITING):
            waiting[row["id"]].add((row["campaign_id"], SPELLED[row["number"]]))
        rung: set[tuple[int, int]] = set()
        for turn in range(24):
            for call in list(self.calls):
                await self._ends(self.engines[0], self.calls.pop(call), talks=False)
            both = [Act("dial", engine, turn % len(self.campaigns), 0) for engine in (0, 1)]
            await self.moment(DAY if turn % 4 == 0 else timedelta(minutes=2), both)
            rung |= {(call.campaign_id, SPELLED[call.number]) for call in self.calls.values()}
            if all(lines & rung for lines in waiting.values()):
                return
        never = {lead: lines for lead, lines in waiting.items() if not lines & rung}
        rows = await self.pool.fetch("SELECT * FROM leads WHERE id = ANY($1)", list(never))
        raise AssertionError(f"at {self.now} never rung: {never}, {[dict(row) for row in rows]}")


async def _opened(postgres: Postgres) -> tuple[AsyncExitStack, House]:
    stack, gate = AsyncExitStack(), Asked()
    database = await stack.enter_async_context(migrated_database(postgres))
    engines = [
        await stack.enter_async_context(PostgresStore.open(database.dsn, size=5, gate=gate)) for _ in range(2)
    ]
    pool = await stack.enter_async_context(asyncpg.create_pool(database.dsn, min_size=1, max_size=5))
    await pool.execute("INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)")
    house, world = House(pool, engines, gate), PostgresWorld(engines[0], pool, 1)
    how = SETTINGS.model_copy(update={"rule_pack": "races"})
    house.campaigns = [await world.campaign(code, how) for code in ("alfa", "beta", "gamma")]
    house.agent = (await world.agent()).id
    return stack, house


@pytest.fixture
def shelf() -> None:
    """The pack of these draws: the cap of a line can be reached, and it is raced for as well."""
    data = pack(caps=[cap(A_DAY_AT_MOST, 24)]).model_copy(update={"name": "races"}).model_dump(mode="json")
    SHELF.put("races", 1, yaml.safe_dump(data))


def test_never_two_open_calls_of_one_line_in_any_race(postgres: Postgres, shelf: None) -> None:
    runner = asyncio.Runner()
    stack, house = runner.run(_opened(postgres))

    async def plays(who: list[tuple[list[int], frozenset[int]]], schedule: list[Any]) -> None:
        await house.fill(who)
        for wait, together in schedule:
            await house.moment(wait, together)
        await house.every_line_is_rung()

    @settings(
        max_examples=30,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(people, moments)
    def drawn(who: list[tuple[list[int], frozenset[int]]], schedule: list[Any]) -> None:
        runner.run(plays(who, schedule))
        premise(house.raced)
        premise(house.apart)

    try:
        drawn()
    finally:
        runner.run(stack.aclose())
        runner.close()
