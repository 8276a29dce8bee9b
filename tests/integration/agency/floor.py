"""A floor of a simulated agency: the engine's own turns on the real store, second by second."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from dialer.ami.fakes import FakeTelephony
from dialer.call_progress.amd import AmdScreener
from dialer.engine import effects
from dialer.engine.inputs import CommandIn, FactIn, Input, PlacedIn, RefreshIn, SnapshotIn
from dialer.engine.start import rebuilt
from dialer.engine.state import FloorState, Turn
from dialer.engine.turns import take_turn
from dialer.model.agent import AgentState
from dialer.model.commands import AgentAsks, Attach, Dispose, LogOut, Ready
from dialer.ports import Command, Store
from tests.integration.agency.exchange import Exchange

STEP, PACED = timedelta(seconds=1), timedelta(seconds=2)
WRAP = timedelta(seconds=8)


@dataclass(frozen=True, slots=True)
class Ordered:
    """Calls that a campaign asked the store for, and got."""

    at: datetime
    campaign_id: int
    asked: int
    placed: int


class Floor:
    """Agents who take every call and wrap it up; nothing here decides."""

    def __init__(self, store: Store, exchange: Exchange, fence: int) -> None:
        self.store, self.exchange, self.fence = store, exchange, fence
        self.state = FloorState(epoch=fence, spool="/spool", screener=AmdScreener())
        self.alarms: list[tuple[str, str, str]] = []
        self.orders: list[Ordered] = []
        self._commands = 0

    async def shift(self, begins: datetime, lasts: timedelta) -> datetime:
        """A working day: log in, be called upon, log out when the last call is over; returns when."""
        self.exchange.now = begins
        self.state = await rebuilt(self.store, self.state_of_today(), begins)
        self.exchange.restart()
        await self._turn(begins)
        for agent in self.state.agents:
            await self._asks(begins, agent, Attach(f"page{agent:04}"))
        now = begins
        while now < begins + lasts:
            now += STEP
            await self._second(now)
        self.state.draining = True
        while not self.exchange.quiet():
            now += STEP
            await self._second(now)
        for agent in self.state.agents:
            await self._asks(now, agent, LogOut())
        return now

    def state_of_today(self) -> FloorState:
        """An engine that has just started and is the only one."""
        fresh = FloorState(epoch=self.fence, spool="/spool", screener=AmdScreener())
        fresh.lease_held = True
        return fresh

    async def _second(self, now: datetime) -> None:
        await self._turn(now)
        for agent in list(self.state.agents.values()):
            since = agent.since or now
            if agent.state is AgentState.WRAP_UP and now - since >= WRAP and agent.call_id:
                await self._asks(now, agent.id, Dispose(agent.call_id, "cannot_pay"))
            elif agent.state in (AgentState.PAUSED, AgentState.OFFLINE) and agent.leg == "up":
                await self._asks(now, agent.id, Ready())

    async def _asks(self, now: datetime, agent: int, request: AgentAsks) -> None:
        self._commands += 1
        await self._turn(now, CommandIn(Command(request, agent, id=f"c{self._commands}")))

    async def _turn(self, now: datetime, *inputs: Input) -> None:
        """As the engine's shell: take a turn, commit it, then do what it says."""
        waits: list[Input] = [*(FactIn(fact, now) for fact in self.exchange.advance(now)), *inputs]
        while True:
            turn = take_turn(self.state, waits, now=now, pacing_every=PACED)
            if not (commit := turn.commit()).empty:
                await self.store.commit(commit, fence=self.fence)
            self.alarms += turn.alarms
            waits = [*turn.deferred, *await self._performed(now, turn)]
            waits += [FactIn(fact, now) for fact in self.exchange.advance(now)]
            if not waits:
                return

    async def _performed(self, now: datetime, turn: Turn) -> Iterable[Input]:
        found: list[Input] = []
        for effect in turn.effects:
            if isinstance(effect, effects.Place):
                found.append(await self._placed(now, effect))
            elif isinstance(effect, effects.TakeSnapshot):
                found.append(SnapshotIn(await self.exchange.snapshot(), now))
            elif isinstance(effect, effects.Reload):
                found.append(await self._reloaded(now))
            else:
                tell(self.exchange, effect)
        return found

    async def _placed(self, now: datetime, order: effects.Place) -> PlacedIn:
        campaign = self.state.campaigns[order.campaign_id]
        result = await self.store.place(campaign, order.count, now=now, fence=self.fence)
        self.orders.append(Ordered(now, campaign.id, order.count, len(result.placed)))
        persons = [placed.call.person_id for placed in result.placed]
        stopped = await self.store.stopped(persons) if persons else frozenset[int]()
        return PlacedIn(order.campaign_id, order.count, result, stopped)

    async def _reloaded(self, now: datetime) -> RefreshIn:
        campaigns, agents = await self.store.campaigns(), await self.store.agents()
        left = {one.id: await self.store.leads_left(one.id, now) for one in campaigns}
        return RefreshIn(campaigns, agents, left)


def tell(pbx: FakeTelephony, effect: effects.Effect) -> None:
    """Orders that a floor of outbound calls gives; the screens and the detector are nobody's here."""
    match effect:
        case effects.Originate(order):
            pbx.originate(order)
        case effects.OriginateLeg(leg):
            pbx.originate_leg(leg)
        case effects.Bridge(customer, agent):
            pbx.bridge(customer, agent)
        case effects.HangUp(channel):
            pbx.hang_up(channel)
        case effects.PlayMessage(channel):
            pbx.play_message(channel)
        case effects.Park(channel):
            pbx.park(channel)
        case effects.Release(leg_id):
            pbx.release(leg_id)
        case _:
            pass
