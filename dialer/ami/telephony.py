"""The Telephony port over AMI."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from panoramisk.message import Message

from dialer.ami import actions
from dialer.ami.arrivals import Arrivals
from dialer.ami.backoff import Backoff
from dialer.ami.contacts import Contacts
from dialer.ami.endings import Endings
from dialer.ami.feed import Feed, Item
from dialer.ami.instants import stamp_of
from dialer.ami.intruders import Intruders
from dialer.ami.link import Account, Limits, Link
from dialer.ami.origins import Origins, made_late
from dialer.ami.stats import LinkStats
from dialer.ami.translate import channel_snapshot, is_arrival, translate, version_of
from dialer.exceptions import ActionFailed, Unsendable
from dialer.model.facts import (
    AnsweredTooLate,
    ChannelSnapshot,
    Intruded,
    LinkUp,
    OrderRefused,
    OriginateFailed,
    PacketsCounted,
    PbxSnapshot,
    RecordingPaused,
    Strayed,
    TelephonyFact,
    TrunkBusy,
)
from dialer.ports import AdmitOrder, CallOrder, LegOrder, QueueNews

_log = logging.getLogger(__name__)

COUNTS_PENDING = 2000
"""Actions without an answer, beyond which no packets are counted: the link takes 10,000 of all kinds."""
NO_LINK = "no link to the PBX"
LATE = 1.0
"""Seconds by which the news of a channel may come after the news that its originate failed: they go through
different queues of Asterisk, and a PBX short of processor time mixes them up."""


class AmiTelephony:
    """Orders go out at once, facts come back in order; `run` keeps the link and has an owner in the wiring.

    Ids of channels should all have the same length: for `bridge` Asterisk also takes the beginning of an id.
    """

    def __init__(
        self,
        account: Account,
        *,
        limits: Limits | None = None,
        backoff: Backoff | None = None,
        capacity: int = 20_000,
        detector: str = "",
    ) -> None:
        """`detector` is 'host:port' of its audio, as the PBX reaches it; empty = there is none."""
        self._detector = detector
        self.stats = LinkStats()
        self._feed = Feed(capacity, self.stats)
        self._contacts = Contacts()
        self._origins = Origins()
        self._arrivals = Arrivals()
        self._intruders = Intruders()
        self._endings = Endings()
        self._mute = False
        self._link = Link(
            account, self._feed, self.stats, limits=limits or Limits(), backoff=backoff or Backoff()
        )

    @property
    def pending_actions(self) -> int:
        """Actions the PBX has not answered yet."""
        return self._link.pending_actions

    async def run(self) -> None:
        """Keep the link until `close` or cancelled."""
        await self._link.run()

    def close(self) -> None:
        """End the link for good; `run` returns."""
        self._link.close()

    def originate(self, order: CallOrder) -> None:
        """Call a person. A refusal of any kind comes back as OriginateFailed, a lost answer as nothing."""
        self._originate(order.channel_id, partial(actions.originate, order))

    def originate_leg(self, order: LegOrder) -> None:
        """Call an agent's phone; as above."""
        self._originate(order.channel_id, partial(actions.originate_leg, order))

    def beat(self, value: str) -> None:
        """Tell the PBX that the engine is alive; a refusal is told once, not with every beat."""

        def answered(success: bool, words: str) -> None:
            if not success:
                self.stats.refused_orders += 1
                if not self._mute:
                    _log.error("the PBX does not take our beat, nobody will wait for us: %s", words)
            self._mute = not success

        self._link.order(actions.beat(value), answered)

    def bridge(self, customer_channel: str, agent_channel: str) -> None:
        """Join both channels; Joined tells that it happened."""
        self._order(
            "bridge", customer_channel, lambda: actions.bridge(self._named(customer_channel), agent_channel)
        )

    def hang_up(self, channel_id: str) -> None:
        """End a channel, even one that is still to be made; ChannelHungUp tells that it happened."""
        self._order("hang_up", channel_id, lambda: actions.hang_up(self._named(channel_id)))

    def play_message(self, channel_id: str) -> None:
        """Send a person to the safe-harbour message; MessagePlayed and ChannelHungUp follow."""
        self._order("play_message", channel_id, lambda: actions.play_message(self._named(channel_id)))

    def park(self, channel_id: str) -> None:
        """Send a person to music on hold."""
        self._order("park", channel_id, lambda: actions.park(self._named(channel_id)))

    def join_in(self, agent_channel: str, mate_channel: str) -> None:
        """Put an agent's leg into the bridge of another one; Joined tells that it happened."""
        self._orders("join_in", agent_channel, lambda: actions.join_in(agent_channel, mate_channel))

    def release(self, agent_channel: str) -> None:
        """Take an agent's leg out of its bridge; Parted tells that it happened."""
        self._order("release", agent_channel, lambda: actions.release(agent_channel))

    def pause_recording(self, channel_id: str, paused: bool) -> None:
        """Write silence into both sides of the recording until resumed; RecordingPaused tells so."""
        theirs = self._named(channel_id)

        def is_so() -> None:
            self._order("pause_recording", channel_id, lambda: actions.mark_paused(theirs, paused))
            self._feed.put(RecordingPaused(channel_id, paused))

        self._order("pause_recording", channel_id, lambda: actions.pause_recording(theirs, paused), is_so)

    async def paused(self, channel_ids: Sequence[str]) -> Mapping[str, bool]:
        """Whether the recordings of these channels are paused, of those that are there; LinkUnavailable."""
        found: dict[str, bool] = {}
        for channel_id in channel_ids:
            try:
                (answer, *_) = await self._link.ask(actions.is_paused(self._named(channel_id)))
            except ActionFailed:
                continue  # it has just ended
            found[channel_id] = str(answer.value) == "1"
        return found

    def listen(self, channel_id: str) -> None:
        """Send what a call's far end says to the detector."""
        if self._detector:
            self._order("listen", channel_id, lambda: actions.listen(channel_id, self._detector))

    def leave_message(self, channel_id: str) -> None:
        """Send an answering machine to the campaign's message; MessagePlayed follows."""
        self._order("leave_message", channel_id, lambda: actions.leave_message(channel_id))

    def admit(self, order: AdmitOrder) -> None:
        """Answer a call that came in; Screened follows when its greeting is over."""
        self._orders("admit", order.channel_id, lambda: actions.admit(self._named(order.channel_id), order))

    def announce(self, news: QueueNews) -> None:
        """Tell somebody in the queue how it stands; Chose may follow."""
        self._orders(
            "announce", news.channel_id, lambda: actions.announce(self._named(news.channel_id), news)
        )

    def confirm(self, channel_id: str) -> None:
        """Tell somebody in the queue that we shall call back; the dialplan hangs up."""
        self._order("confirm", channel_id, lambda: actions.confirm(self._named(channel_id)))

    def count_packets(self, channel_id: str) -> None:
        """Ask how many packets of sound have come in on a channel; PacketsCounted follows, or nothing."""

        def answered(done: bool, words: str) -> None:
            if done and words.isascii() and words.isdigit():
                self._feed.put(PacketsCounted(channel_id, int(words)))

        # What merely asks leaves room for what ends or joins a call when the PBX is slow to answer.
        if self._link.pending_actions < COUNTS_PENDING:
            self._link.order(actions.count_packets(self._named(channel_id)), answered)

    def answered_too_late(self, number: str) -> None:
        """The PBX's signalling tells of an answer that crossed our CANCEL; for SignallingPort."""
        self._feed.put(AnsweredTooLate(number))

    def asked_to_wait(self, number: str, seconds: float) -> None:
        """The PBX's signalling tells of a Retry-After; for SignallingPort."""
        self._feed.put(TrunkBusy(number, seconds))

    async def snapshot(self) -> PbxSnapshot:
        """All channels and registered endpoints now; LinkUnavailable, or ActionFailed without rights."""
        answer = await self._link.ask(actions.question("CoreShowChannels"))
        channels = tuple(self._listed(item) for item in answer if item.event == "CoreShowChannel")
        self._intruders.listed(channels)
        devices = await self._link.ask(actions.question("DeviceStateList"))
        dialplan = await self._value(actions.DIALPLAN)
        beat = await self._value(actions.BEAT)
        version = version_of(dialplan) if dialplan is not None else None
        return PbxSnapshot(channels, self._contacts.listed(devices), version, beat or "")

    async def _value(self, name: str) -> str | None:
        """A variable of the PBX; empty where there is none, None when it refuses to say."""
        try:
            (answer, *_) = await self._link.ask(actions.variable(name))
        except ActionFailed:
            return None
        return str(answer.value or "")

    async def next_facts(self) -> Sequence[TelephonyFact]:
        """Wait for the next facts, in order; for one reader. Cancelling it loses nothing."""
        while True:
            facts = [fact for item in await self._feed.take() if (fact := self._fact(item)) is not None]
            if facts:
                return facts

    def _listed(self, item: Message) -> ChannelSnapshot:
        """A channel of the list; one that came in is known from here on by our name, too."""
        called = self._arrivals.called(item)
        return channel_snapshot(item, self._arrivals.seen(str(item["Uniqueid"])) if called else "", called)

    def _named(self, channel_id: str) -> str:
        return self._arrivals.theirs(channel_id)

    def _fact(self, item: Item) -> TelephonyFact | None:
        if isinstance(item, LinkUp):
            self._origins.forget()
            self._intruders.forget()
        if isinstance(item, OriginateFailed) and self._origins.made_after_all(item.channel_id):
            return None
        if not isinstance(item, Message):
            return item
        if (astray := self._astray(item)) is not None:
            return astray
        if item.event == "ContactStatus":
            return self._contacts.changed(item)
        if unwanted := self._origins.unwanted(item):
            self.hang_up(unwanted)
        if self._origins.told_by_hangup(item):
            return None
        fact = self._dated(self._endings.marked(item, translate(item)), item)
        if isinstance(fact, OriginateFailed) and made_late(item):
            asyncio.get_running_loop().call_later(LATE, self._feed.put, fact)
            return None
        return fact

    def _astray(self, item: Message) -> TelephonyFact | None:
        """A channel where it has no business: one of ours among the arrivals, a stranger in a call of ours.

        What came in is known by our name for it from here on.
        """
        if came_in := self._arrivals.take(item):
            item["Uniqueid"] = came_in
        elif is_arrival(item):
            return Strayed(str(item["Uniqueid"]))
        if mate := self._intruders.seen(item):
            self.hang_up(str(item["Uniqueid"]))
            return Intruded(mate)
        return None

    def _dated(self, fact: TelephonyFact | None, item: Message) -> TelephonyFact | None:
        stamp, now = stamp_of(str(item.get("timestamp", ""))), asyncio.get_running_loop().time()
        age = self._link.instants.age(stamp, now)
        return replace(fact, age=age) if fact is not None and age else fact

    def _originate(self, channel_id: str, build: Callable[[], actions.Headers]) -> None:
        try:
            headers = build()
        except Unsendable as error:
            self._refused(channel_id, str(error))
            return

        def answered(done: bool, words: str) -> None:
            if not done:
                self._refused(channel_id, words)

        if not self._link.order(headers, answered):
            self._refused(channel_id, NO_LINK)

    def _refused(self, channel_id: str, reason: str) -> None:
        self.stats.refused_orders += 1
        _log.warning("originate of %s refused: %s", channel_id, reason)
        self._feed.put(OriginateFailed(channel_id, reason))

    def _order(
        self,
        name: str,
        channel_id: str,
        build: Callable[[], actions.Headers],
        done: Callable[[], None] = lambda: None,
    ) -> None:
        self._orders(name, channel_id, lambda: (build(),), done)

    def _orders(
        self,
        name: str,
        channel_id: str,
        build: Callable[[], Iterable[actions.Headers]],
        done: Callable[[], None] = lambda: None,
    ) -> None:
        """What cannot be sent is refused like what the PBX refuses: no order ends the engine."""
        try:
            ordered = tuple(build())
        except Unsendable as error:
            return self._not_done(name, channel_id, str(error))

        def answered(success: bool, words: str) -> None:
            if success:
                return done()
            # Usually the channel has just ended, and its hang-up is on the way or was told.
            self._not_done(name, channel_id, words)

        for headers in ordered:
            self._link.order(headers, answered)

    def _not_done(self, name: str, channel_id: str, words: str) -> None:
        self.stats.refused_orders += 1
        _log.info("%s of %s refused: %s", name, channel_id, words)
        if name == "hang_up":
            self._origins.end_on_sight(channel_id)
        else:
            self._feed.put(OrderRefused(channel_id, name, words))
