"""The engine's shell: mailbox → turn → one commit → effects. Every task has its owner in run()."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from dialer.engine import effects, muting
from dialer.engine.clock_watch import ClockWatch
from dialer.engine.heart import TURN_AT_LEAST, Heart
from dialer.engine.inputs import (
    BadCommandIn,
    CallbacksIn,
    CallEventIn,
    ClockSetIn,
    CommandIn,
    FactIn,
    Input,
    LeaseIn,
    LookRefusedIn,
    OpenCallsIn,
    PlacedIn,
    RefreshIn,
    ResultsIn,
    SnapshotIn,
    SpoolIn,
    StoreRefusedIn,
)
from dialer.engine.lead_orders import LeadOrder, look_after, unanswered
from dialer.engine.mail import Mailbox
from dialer.engine.metrics import EngineMetrics
from dialer.engine.news import NewsWatch
from dialer.engine.pacer import all_learned
from dialer.engine.shift import shifted
from dialer.engine.start import rebuilt
from dialer.engine.state import FloorState
from dialer.engine.turns import take_turn
from dialer.engine.writing import RETRY_FIRST, RETRY_LAST, Writer
from dialer.exceptions import ActionFailed, CadenciaError, CommitRefused, LinkUnavailable, StoreUnavailable
from dialer.model.audit import AUDIT_WINDOW
from dialer.model.call import CallEvent, CallEventKind
from dialer.model.facts import PbxSnapshot
from dialer.model.sounds import FOLDER
from dialer.ports import (
    BadCommand,
    Bus,
    CallOrder,
    Ears,
    EngineCommit,
    Frame,
    Journal,
    Lease,
    PlaceResult,
    Screener,
    Store,
    Tapes,
    Telephony,
    WallClock,
)
from portfolio.plain_text import shortened

log = structlog.get_logger("engine")

_HEARTBEAT = 2.0
_LOOK_AGAIN = 0.5
"""Seconds after a list of channels that did not come."""
_LOOK_AGAIN_REFUSED = 5.0
VERDICT_LIFE = timedelta(seconds=5)
"""How long a permission of the contact gate may wait for the PBX, such as behind an absent database."""
_LAG_PROBE = 0.1
_LAST_TURN = 2.0
"""Seconds past the drain limit for the turn that says goodbye."""
_CALLBACKS_EVERY = 2.0
_CALLBACKS_AHEAD = timedelta(seconds=10)
_SPOOL_EVERY = 5.0
_RESULTS_EVERY = 300.0


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """What the engine needs to know, in seconds."""

    spool: str
    pacing_interval: float = 0.25
    lease_ttl: float = 6.0
    detach_grace: float = 30.0
    drain_limit: float = 120.0
    clock_watch: float = 2.0
    """Between two comparisons of our clock with the machine's and the database's."""
    messages: str = FOLDER
    """Folder of the messages for answering machines, on the PBX."""
    spool_low: int = 0
    """Bytes free in the spool below which there is an alarm."""
    spool_full: int = 0
    """Bytes below which nobody is called who must be recorded."""


class Stopped(Exception):
    """The engine has drained; ends the task group."""


class Engine:
    """Single writer of the live calls of all campaigns."""

    def __init__(
        self,
        *,
        telephony: Telephony,
        store: Store,
        bus: Bus,
        lease: Lease,
        screener: Screener,
        ears: Ears,
        clock: WallClock,
        settings: EngineSettings,
        metrics: EngineMetrics,
        tapes: Tapes,
        journal: Journal,
    ) -> None:
        self._telephony, self._store, self._bus, self._ears = telephony, store, bus, ears
        self._lease, self._clock, self._settings = lease, clock, settings
        self.metrics = metrics
        self._mail = Mailbox(clock.now())
        self._heart = Heart(telephony, store)
        self._watch = ClockWatch(clock, store, self._mail, every=settings.clock_watch)
        self._writer = Writer(store, metrics)
        self._orders: asyncio.Queue[effects.Place | LeadOrder] = asyncio.Queue(5000)
        self._reload, self._look = asyncio.Event(), asyncio.Event()
        self._stop = asyncio.Event()
        self.begun = asyncio.Event()
        """Set once we hold the lease. Before, no link may stand: a spare touches nothing, and what it would
        hear is old when its turn comes."""
        self._news = NewsWatch(journal, store, self._mail, self._reload)
        self._drain_since: datetime | None = None
        self._tapes = tapes
        self._screener = screener
        self.state = self._empty_floor(epoch=0)

    def _empty_floor(self, epoch: int) -> FloorState:
        told = self._settings
        return FloorState(
            epoch=epoch,
            spool=told.spool,
            messages=told.messages,
            screener=self._screener,
            detach_grace=told.detach_grace,
            spool_low=told.spool_low,
            spool_full=told.spool_full,
        )

    @property
    def ready(self) -> bool:
        """Whether the engine holds the lease and the PBX answers."""
        return self.state.epoch > 0 and self.state.pbx_up and self.state.lease_held

    def stop(self) -> None:
        """Stop dialling, let the calls end, then leave run()."""
        self._stop.set()

    async def run(self) -> None:
        """Own the floor until stopped; raises FenceLost or VersionConflict when memory cannot be trusted."""
        fence = await self._acquired()
        if fence is None:
            await self._lease.release()
            return
        try:
            await self._news.begin()  # first: what is committed while the tables are read is followed
            self.state = await rebuilt(self._store, self._empty_floor(fence), self._clock.now())
            self.state.lease_held = True
            self.state.clock_in_doubt = True  # until it was compared once
            self._ears.begin(fence)
            self._mail.begin(self._clock.now())
            log.info("engine.started", epoch=fence, open_calls=len(self.state.calls))
            async with asyncio.TaskGroup() as tasks:
                for owned in (
                    self._pump_facts(),
                    self._pump_heard(),
                    self._pump_commands(),
                    self._run_orders(),
                    self._run_reloads(),
                    self._run_looks(),
                    self._watch_callbacks(),
                    self._watch_results(),
                    self._news.run(lambda: self.state),
                    self._watch_spool(),
                    self._keep_lease(),
                    self._beat(),
                    self._heart.run(lambda: self.state),
                    self._watch.run(),
                    self._probe_lag(),
                    self._end_in_time(),
                    self._turns(),
                ):
                    tasks.create_task(owned)
        except* Stopped:
            log.info("engine.stopped", epoch=fence, open_calls=len(self.state.calls))
        finally:
            await self._lease.release()

    async def _acquired(self) -> int | None:
        """The fence number; None when stopped while somebody else is the engine, or Redis is away."""
        async with asyncio.TaskGroup() as tasks:
            stopped = tasks.create_task(self._stop.wait())
            begun = tasks.create_task(self._begin())
            await asyncio.wait((stopped, begun), return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            begun.cancel()
        return None if begun.cancelled() else begun.result()

    async def _begin(self) -> int:
        """Wait for the lease; from then on we listen, and to nothing from before."""
        log.info("engine.waits")
        fence = await self._lease.acquire()
        await self._bus.start()
        self.begun.set()
        return fence

    async def _end_in_time(self) -> None:
        """Leave even if turns do not end, such as while the database is away: calls stay up in the PBX."""
        await self._stop.wait()
        await asyncio.sleep(self._settings.drain_limit + _LAST_TURN)
        log.warning("engine.not_drained", open_calls=len(self.state.calls))
        raise Stopped

    # --- the loop --------------------------------------------------------------------------------

    async def _turns(self) -> None:
        every = timedelta(seconds=self._settings.pacing_interval)
        while True:
            inputs = await self._mail.take(self._patience())
            if step := self._watch.set_if_due(self.state, inputs):
                inputs.append(ClockSetIn(step))
                self._shift(step)
            now = self._clock.now()
            if stalled := self._mail.stalled(now):
                inputs.insert(0, stalled)
            self.state.draining = self._stop.is_set()
            turn = take_turn(
                self.state,
                inputs,
                now=now,
                pacing_every=every,
                known_until=self._mail.known_until(inputs, now),
                pacing_watch=self.metrics.decision.time,
            )
            self._news.took(inputs)
            if (back := await self._writer.write(turn, self.state.epoch)) is not None:
                self._mail.defer(back)
            self._heart.turned()
            for effect in turn.effects:
                self._perform(effect)
            self._mail.defer(*turn.deferred)
            self.metrics.saw_turn(self.state, turn)
            if self._drained(now):
                await self._save_learned(now)
                raise Stopped

    def _shift(self, step: timedelta) -> None:
        """Our clock was set: instants that neither floor nor mailbox holds move, too."""
        self._drain_since = shifted(self._drain_since, step)
        self.metrics.shift(step)
        waiting = [self._orders.get_nowait() for _ in range(self._orders.qsize())]
        for order in waiting:
            self._orders.put_nowait(shifted(order, step))

    def _patience(self) -> float:
        due, now = self.state.due, self._clock.now()
        until = self._settings.pacing_interval
        if self.state.paced_at is not None:
            until -= (now - self.state.paced_at).total_seconds()
        until = min(until, TURN_AT_LEAST)
        if due is not None:
            until = min(until, (due - now).total_seconds())
        return max(0.001, until)

    def _drained(self, now: datetime) -> bool:
        """Whether we were asked to stop, and no call is left or we waited for them long enough."""
        if not self._stop.is_set():
            return False
        self._drain_since = self._drain_since or now
        waited = (now - self._drain_since).total_seconds()
        placing = any(tally.placing for tally in self.state.tallies.values())
        placing = placing or any(shown.asked for shown in self.state.previews.values())
        return not (self.state.calls or placing) or waited >= self._settings.drain_limit

    async def _save_learned(self, now: datetime) -> None:
        """For the next start; without the database it learns again from past calls."""
        try:
            commit = EngineCommit(learners=all_learned(self.state, now))
            if not commit.empty:
                await self._store.commit(commit, fence=self.state.epoch)
        except StoreUnavailable as error:
            log.warning("learned.not_saved", error=str(error))

    def _perform(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Publish(frame):
                self._bus.publish(frame)
            case (
                effects.Place()
                | effects.SeekLead()
                | effects.PlaceLead()
                | effects.ReturnLead()
                | effects.TakeIn()
            ):
                self._orders.put_nowait(effect)
            case effects.TakeSnapshot():
                self._look.set()
            case effects.Reload():
                self._reload.set()
            case _:
                self._tell_pbx(effect)

    def _tell_pbx(self, effect: effects.Effect) -> None:
        phone = self._telephony
        match effect:
            case effects.Bridge(customer, leg):
                phone.bridge(customer, leg)
            case effects.HangUp(channel):
                phone.hang_up(channel)
            case effects.Originate(order):
                self._hand_over(order)
            case effects.OriginateLeg(leg_order):
                phone.originate_leg(leg_order)
            case effects.PlayMessage(channel):
                phone.play_message(channel)
            case effects.Park(channel):
                phone.park(channel)
            case effects.PauseRecording(channel, paused):
                phone.pause_recording(channel, paused)
            case effects.LeaveMessage(channel):
                phone.leave_message(channel)
            case _:
                self._tell_queue(effect)

    def _tell_queue(self, effect: effects.Effect) -> None:
        match effect:
            case effects.JoinIn(leg, mate):
                self._telephony.join_in(leg, mate)
            case effects.Release(leg):
                self._telephony.release(leg)
            case effects.Admit(order):
                self._telephony.admit(order)
            case effects.Announce(news):
                self._telephony.announce(news)
            case effects.ConfirmCallback(channel):
                self._telephony.confirm(channel)
            case effects.CountPackets(channel):
                self._telephony.count_packets(channel)
            case _:
                self._tell_ears(effect)

    def _tell_ears(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Listen(order):
                self._ears.listen(order)
                self._telephony.listen(order.channel_id)
            case effects.HeardAnswer(channel, ring):
                self._ears.answered(channel, ring)
            case effects.HandOver(channel):
                self._ears.handed_over(channel)
            case effects.StopListening(channel):
                self._ears.forget(channel)

    def _hand_over(self, order: CallOrder) -> None:
        """The last look before the PBX: a verdict of the contact gate is good for a few seconds only."""
        live = self.state.calls.get(UUID(order.channel_id))
        if live is None:
            return
        if self._clock.now() - live.call.placed_at > VERDICT_LIFE:
            why = "the gate's verdict was too old at the hand-over"
            stale = CallEvent(CallEventKind.CANCELLED, reason=why, unsent=True)
            self._mail.defer(CallEventIn(live.call.id, stale))
            return
        self._telephony.originate(order)
        self.metrics.originations.labels(self.state.campaigns[live.call.campaign_id].code).inc()

    # --- tasks that feed the mailbox -------------------------------------------------------------

    async def _pump_facts(self) -> None:
        while True:
            for fact in await self._telephony.next_facts():
                now = self._clock.now()
                at = now - timedelta(seconds=fact.age)
                self.metrics.saw_fact(fact, at)
                self._mail.hear(FactIn(fact, at, now))

    async def _pump_heard(self) -> None:
        while True:
            for fact in await self._ears.next_heard():
                self._mail.hear(FactIn(fact, self._clock.now()))

    async def _pump_commands(self) -> None:
        async for command in self._bus.commands():
            if isinstance(command, BadCommand):
                self.metrics.bad_commands.inc()
                await self._mail.put(BadCommandIn(command))
            else:
                self.metrics.commands.inc()
                await self._mail.put(CommandIn(command))

    async def _run_orders(self) -> None:
        while True:
            order, moved = await self._orders.get(), self._watch.moved
            answer = await (
                self._place(order) if isinstance(order, effects.Place) else self._look_after(order)
            )
            if answer is not None:
                # What was asked for by another clock is told by ours.
                step = self._watch.moved - moved
                await self._mail.put(shifted(answer, step) if step else answer)

    async def _look_after(self, order: LeadOrder) -> Input | None:
        """An agent's own leads: hold, call or give back."""
        try:
            return await look_after(order, self._store, self._news.stopped, self.state, self._clock.now())
        except (StoreUnavailable, CommitRefused) as error:
            log.warning("lead.failed", error=type(error).__name__)
            await self._tell_refusal("lead", error)
            if isinstance(order, effects.PlaceLead):
                await self._adopt_open_calls()
            return unanswered(order)

    async def _place(self, order: effects.Place) -> Input:
        campaign = self.state.campaigns[order.campaign_id]
        try:
            result = await self._store.place(
                campaign, order.count, now=self._clock.now(), fence=self.state.epoch
            )
            persons = [placed.call.person_id for placed in result.placed]
            stopped = await self._news.stopped(persons) if persons else frozenset[int]()
        except (StoreUnavailable, CommitRefused) as error:
            log.warning("place.failed", error=type(error).__name__)
            await self._tell_refusal(f"campaign {order.campaign_id}", error)
            # The attempts may be committed all the same: they are looked up, never dialled blindly.
            await self._adopt_open_calls()
            # What is refused now is refused again: the campaign rests, the others go on.
            rest = PlaceResult(dry=isinstance(error, CommitRefused))
            return PlacedIn(order.campaign_id, order.count, rest)
        return PlacedIn(order.campaign_id, order.count, result, stopped)

    async def _tell_refusal(self, what: str, error: CadenciaError) -> None:
        """A value that the store refuses is somebody's defect, and no reason to end the calls."""
        if isinstance(error, CommitRefused):
            await self._mail.put(StoreRefusedIn(what, shortened(str(error), 300)))

    async def _adopt_open_calls(self) -> None:
        pause = RETRY_FIRST
        while True:
            try:
                await self._mail.put(OpenCallsIn(await self._store.open_calls()))
                return self._news.look()
            except StoreUnavailable:
                await asyncio.sleep(pause)
                pause = min(pause * 2, RETRY_LAST)

    async def _run_reloads(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            try:
                await self._mail.put(await self._reloaded())
            except (StoreUnavailable, CommitRefused) as error:
                log.warning("reload.failed", error=str(error))
                await self._tell_refusal("settings", error)

    async def _run_looks(self) -> None:
        refused = False
        while True:
            await self._look.wait()
            self._look.clear()
            asked_at = self._clock.now()
            try:
                steps = self._watch.steps
                snapshot = await self._telephony.snapshot()
                tapes = await self._tapes.of(_unwatched(self.state, snapshot))
                silent = await self._telephony.paused(muting.to_ask(self.state))
                if steps == self._watch.steps:
                    await self._mail.put(SnapshotIn(snapshot, asked_at, tapes, silent))
                else:
                    self._look.set()  # it was asked for by another clock
                refused = False
            except LinkUnavailable as error:
                await self._look_later(str(error), _LOOK_AGAIN)
            except ActionFailed as error:
                # A right that our account lacks: people who talk go on talking, who may mend it is told once.
                if not refused:
                    await self._mail.put(LookRefusedIn(str(error)))
                refused = True
                await self._look_later(str(error), _LOOK_AGAIN_REFUSED)

    async def _look_later(self, why: str, pause: float) -> None:
        log.warning("snapshot.failed", error=why)
        await asyncio.sleep(pause)
        if self.state.pbx_up and not self.state.looked:
            self._look.set()

    async def _reloaded(self) -> RefreshIn:
        campaigns = await self._store.campaigns()
        agents = await self._store.agents()
        now = self._clock.now()
        left = {campaign.id: await self._store.leads_left(campaign.id, now) for campaign in campaigns}
        alarms, trunks = await self._store.open_alarms(), await self._store.trunks()
        since = now - AUDIT_WINDOW
        audits = {campaign.id: await self._store.audits(campaign.id, since=since) for campaign in campaigns}
        alarmed = await self._store.alarms_of_settings() if alarms else ()
        return RefreshIn(campaigns, agents, left, alarms, trunks, audits, alarmed)

    async def _watch_callbacks(self) -> None:
        """Callbacks that agents agreed to make, a little ahead of their time."""
        while True:
            try:
                due = await self._store.callbacks_due(until=self._clock.now() + _CALLBACKS_AHEAD)
                await self._mail.put(CallbacksIn(due))
            except (StoreUnavailable, CommitRefused) as error:
                log.warning("callbacks.failed", error=str(error))
                await self._tell_refusal("callbacks", error)
            await asyncio.sleep(_CALLBACKS_EVERY)

    async def _watch_spool(self) -> None:
        while True:
            if (room := await self._tapes.room()) is not None:
                await self._mail.put(SpoolIn(room))
            await asyncio.sleep(_SPOOL_EVERY)

    async def _watch_results(self) -> None:
        """What routing knows of the agents' success."""
        while True:
            try:
                results = await self._store.agent_results(since=self._clock.now() - AUDIT_WINDOW)
                await self._mail.put(ResultsIn(results))
            except (StoreUnavailable, CommitRefused) as error:
                log.warning("results.failed", error=str(error))
                await self._tell_refusal("results", error)
            await asyncio.sleep(_RESULTS_EVERY)

    async def _keep_lease(self) -> None:
        while True:
            await asyncio.sleep(self._settings.lease_ttl / 3)
            held = await self._lease.renew()
            if held != self.state.lease_held:
                log.warning("lease.changed", held=held)
                await self._mail.put(LeaseIn(held))

    async def _beat(self) -> None:
        while True:
            self._bus.publish(Frame("engine", {"epoch": self.state.epoch, "up": True}))
            self.metrics.saw_floor(self.state)
            await asyncio.sleep(_HEARTBEAT)

    async def _probe_lag(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _LAG_PROBE
            await asyncio.sleep(_LAG_PROBE)
            self.metrics.lag.observe(max(0.0, loop.time() - due))


def _unwatched(state: FloorState, snapshot: PbxSnapshot) -> list[UUID]:
    """Open calls of which a recording may tell more than we know: gone, or up and not known as answered."""
    up = {channel.channel_id: channel.up for channel in snapshot.channels}
    return [
        key
        for key, live in state.calls.items()
        if (live.call.answered_at is None if up.get(str(key)) else str(key) not in up)
    ]
