"""A scripted PBX behind the Telephony port: for tests of whatever gives orders to it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from dialer.ami import actions
from dialer.ami.arrivals import id_of
from dialer.exceptions import ActionFailed, LinkUnavailable, Unsendable
from dialer.model.facts import (
    Arrived,
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    ChannelSnapshot,
    Chose,
    EarlyMedia,
    EndpointReachable,
    HoldChanged,
    Joined,
    LinkDown,
    LinkUp,
    MessagePlayed,
    OrderRefused,
    OriginateFailed,
    PacketsCounted,
    Parted,
    PbxSnapshot,
    RecordingPaused,
    Screened,
    TelephonyFact,
)
from dialer.model.orders import DIALPLAN
from dialer.ports import AdmitOrder, CallOrder, LegOrder, QueueNews

_PAIR = 2


class Conduct(StrEnum):
    """What a called number does by itself."""

    WAITS = "waits"
    """Nothing: the test moves it with `ring`, `answer`, `screen` and `depart`."""
    ANSWERS = "answers"
    """Answers at once; the dialplan then tells its verdict, or OFF without screening."""
    RINGS = "rings"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    """The PBX cannot even make a channel."""


@dataclass(frozen=True, slots=True)
class Given:
    """One order as it was given."""

    kind: str
    """Name of the port's method."""
    channel_id: str
    other: str = ""
    """The agent's channel of a bridge."""
    order: CallOrder | LegOrder | AdmitOrder | QueueNews | None = None
    paused: bool | None = None


@dataclass(slots=True)
class _Channel:
    name: str
    up: bool = False
    ringing: bool = False
    context: str = ""
    bridge_id: str = ""
    order: CallOrder | None = None
    caller: str = ""
    called: str = ""
    silent: bool = False
    """Whether its recording is paused."""


@dataclass(slots=True)
class FakeTelephony:
    """Records orders, does at once what a PBX would do, and lets the test play the people and the failures.

    The link is up from the start: LinkUp is the first fact. With `obedient=False` orders are only recorded.
    """

    conduct: Callable[[CallOrder], Conduct] = lambda order: Conduct.WAITS
    endpoints: Iterable[str] = ()
    """Phones that are registered; they answer at once."""
    verdict: str = "HUMAN"
    """What screening says of whoever ANSWERS."""
    obedient: bool = True
    shuts_its_eyes: bool = False
    """Our account may not list channels."""
    dialplan: str | None = DIALPLAN
    """Version of the dialplan it has; None = it refuses to say."""
    mute: set[str] = field(default_factory=set)
    """Channels of which no sound comes."""
    given: list[Given] = field(default_factory=list)
    last_beat: str = field(init=False, default="")
    linked: bool = field(init=False, default=False)
    _registered: set[str] = field(init=False, default_factory=set)
    _channels: dict[str, _Channel] = field(init=False, default_factory=dict)
    _facts: deque[TelephonyFact] = field(init=False, default_factory=deque)
    _some: asyncio.Event = field(init=False, default_factory=asyncio.Event)
    _packets: dict[str, int] = field(init=False, default_factory=dict)
    _bridges: int = field(init=False, default=0)
    _starts: int = field(init=False, default=0)
    _arrivals: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        """Begin with a PBX that has just started."""
        self._registered.update(self.endpoints)
        self.restart()

    # --- the port ------------------------------------------------------------------------------------------

    def originate(self, order: CallOrder) -> None:
        """Record, then do what the number's conduct says."""
        self.given.append(Given("originate", order.channel_id, order=order))
        if self._takes(order.channel_id, lambda: actions.originate(order)):
            conduct = self.conduct(order)
            if conduct is Conduct.UNREACHABLE:
                self.push(OriginateFailed(order.channel_id, "no such endpoint, or not registered"))
                return
            name = f"PJSIP/{order.trunk}-{len(self.given):08x}"
            self._channels[order.channel_id] = _Channel(name, order=order)
            self._behave(order, conduct)

    def originate_leg(self, order: LegOrder) -> None:
        """Record; a registered phone answers."""
        self.given.append(Given("originate_leg", order.channel_id, order=order))
        if not self._takes(order.channel_id, lambda: actions.originate_leg(order)):
            return
        if order.endpoint not in self._registered:
            self.push(OriginateFailed(order.channel_id, "no such endpoint, or not registered"))
            return
        name = f"PJSIP/{order.endpoint}-{len(self.given):08x}"
        self._channels[order.channel_id] = _Channel(name, context="cadencia-agent")
        self.answer(order.channel_id)

    def beat(self, value: str) -> None:
        """Keep the value; it is not among the orders, which it would bury."""
        actions.beat(value)
        if self._obeys:
            self.last_beat = value

    def bridge(self, customer_channel: str, agent_channel: str) -> None:
        """Record; both are joined when both are up."""
        actions.bridge(customer_channel, agent_channel)
        self.given.append(Given("bridge", customer_channel, other=agent_channel))
        pair = (customer_channel, agent_channel)
        if not all(self._is_up(channel_id) for channel_id in pair):
            self._refuse("bridge", customer_channel)
        elif self._obeys:
            for channel_id in pair:
                self._part(channel_id)
            self._bridges += 1
            for channel_id in pair:
                self._channels[channel_id].bridge_id = f"bridge-{self._bridges}"
                self.push(Joined(channel_id, f"bridge-{self._bridges}"))

    def hang_up(self, channel_id: str) -> None:
        """Record; the channel ends normally."""
        actions.hang_up(channel_id)
        self.given.append(Given("hang_up", channel_id))
        if self._obeys:
            self.depart(channel_id)

    def play_message(self, channel_id: str) -> None:
        """Record; the message begins and goes on until `message_ends`."""
        actions.play_message(channel_id)
        self.given.append(Given("play_message", channel_id))
        if self._redirected("play_message", channel_id, "cadencia-safe-harbour"):
            self.push(MessagePlayed(channel_id, "start"))

    def park(self, channel_id: str) -> None:
        """Record; the channel leaves its bridge."""
        actions.park(channel_id)
        self.given.append(Given("park", channel_id))
        self._redirected("park", channel_id, "cadencia-hold")

    def join_in(self, agent_channel: str, mate_channel: str) -> None:
        """Record; the leg enters the bridge that the other one is in."""
        actions.join_in(agent_channel, mate_channel)
        self.given.append(Given("join_in", agent_channel, other=mate_channel))
        if not self._is_up(agent_channel):
            self._refuse("join_in", agent_channel)
        elif self._obeys and self._is_up(mate_channel):
            self._part(agent_channel)
            if bridge_id := self._channels[mate_channel].bridge_id:
                self._channels[agent_channel].bridge_id = bridge_id
                self.push(Joined(agent_channel, bridge_id))

    def release(self, agent_channel: str) -> None:
        """Record; the leg goes back to where it waits."""
        actions.release(agent_channel)
        self.given.append(Given("release", agent_channel))
        self._redirected("release", agent_channel, "cadencia-agent")

    def pause_recording(self, channel_id: str, paused: bool) -> None:
        """Record; the channel's recording is silent, or not any more."""
        actions.pause_recording(channel_id, paused)
        self.given.append(Given("pause_recording", channel_id, paused=paused))
        if not self._is_up(channel_id):
            self._refuse("pause_recording", channel_id)
        elif self._obeys:
            self._channels[channel_id].silent = paused
            self.push(RecordingPaused(channel_id, paused))

    async def paused(self, channel_ids: Sequence[str]) -> Mapping[str, bool]:
        """Whether the recordings of these channels are paused."""
        if not self.linked:
            raise LinkUnavailable("there is no link to the PBX")
        known = [channel_id for channel_id in channel_ids if channel_id in self._channels]
        return {channel_id: self._channels[channel_id].silent for channel_id in known}

    def listen(self, channel_id: str) -> None:
        """Record; nobody notices."""
        actions.listen(channel_id, "127.0.0.1:9092")
        self.given.append(Given("listen", channel_id))

    def admit(self, order: AdmitOrder) -> None:
        """Record; the call is answered, greeted at once, and waits."""
        actions.admit(order.channel_id, order)
        self.given.append(Given("admit", order.channel_id, order=order))
        if self._obeys and order.channel_id in self._channels:
            self.answer(order.channel_id)
            self._redirect(order.channel_id, "cadencia-queue")
            self.push(Screened(order.channel_id, "OFF"))

    def announce(self, news: QueueNews) -> None:
        """Record; the person hears it and waits on."""
        actions.announce(news.channel_id, news)
        self.given.append(Given("announce", news.channel_id, order=news))

    def confirm(self, channel_id: str) -> None:
        """Record; the dialplan says so and hangs up."""
        actions.confirm(channel_id)
        self.given.append(Given("confirm", channel_id))
        if self._redirected("confirm", channel_id, "cadencia-confirm"):
            self.depart(channel_id)

    def count_packets(self, channel_id: str) -> None:
        """Of a channel that is up, a second more of sound each time, unless it is among `mute`."""
        actions.count_packets(channel_id)
        if self._obeys and self._is_up(channel_id):
            second = 0 if channel_id in self.mute else 50
            self._packets[channel_id] = self._packets.get(channel_id, 0) + second
            self.push(PacketsCounted(channel_id, self._packets[channel_id]))

    def leave_message(self, channel_id: str) -> None:
        """Record; the message begins and goes on until `message_left`."""
        actions.leave_message(channel_id)
        self.given.append(Given("leave_message", channel_id))
        if self._redirected("leave_message", channel_id, "cadencia-voicemail"):
            self.push(MessagePlayed(channel_id, "leaving"))

    async def snapshot(self) -> PbxSnapshot:
        """The channels as they are."""
        if not self.linked:
            raise LinkUnavailable("there is no link to the PBX")
        if self.shuts_its_eyes:
            raise ActionFailed("CoreShowChannels: Permission denied")
        channels = tuple(
            ChannelSnapshot(
                channel_id,
                channel.name,
                channel.up,
                channel.ringing,
                channel.context,
                "",
                channel.bridge_id,
                0.0,
                channel.caller,
                channel.called,
            )
            for channel_id, channel in self._channels.items()
        )
        return PbxSnapshot(channels, frozenset(self._registered), self.dialplan, self.last_beat)

    async def next_facts(self) -> Sequence[TelephonyFact]:
        """All facts that wait."""
        await self._some.wait()
        facts = tuple(self._facts)
        self._facts.clear()
        self._some.clear()
        return facts

    # --- what the test plays -------------------------------------------------------------------------------

    def push(self, *facts: TelephonyFact) -> None:
        """Tell these facts as they are, if there is a link to tell them over."""
        told = [fact for fact in facts if self.linked or isinstance(fact, LinkDown | OriginateFailed)]
        self._facts.extend(told)
        if told:
            self._some.set()

    def call_in(self, caller: str, called: str) -> str:
        """Somebody calls our number; the channel's id."""
        self._arrivals += 1
        channel_id = id_of(f"{self._starts}.{self._arrivals}")
        name = f"PJSIP/carrier-{self._arrivals:08x}"
        self._channels[channel_id] = _Channel(name, context="cadencia-inbound", caller=caller, called=called)
        self.push(Arrived(channel_id, caller, called))
        return channel_id

    def press(self, channel_id: str, digit: str) -> None:
        """Somebody in the queue presses a key."""
        self.push(Chose(channel_id, digit))

    def ring(self, channel_id: str) -> None:
        """The called phone rings."""
        self._channels[channel_id].ringing = True
        self.push(ChannelRinging(channel_id))

    def answer(self, channel_id: str) -> None:
        """Somebody or something answers."""
        channel = self._channels[channel_id]
        channel.up, channel.ringing = True, False
        channel.context = channel.context or "cadencia-customer"
        self.push(ChannelAnswered(channel_id))

    def screen(self, channel_id: str, status: str, cause: str = "") -> None:
        """The dialplan's screening gives its verdict."""
        self._channels[channel_id].context = "cadencia-waiting"
        self.push(Screened(channel_id, status, cause))

    def depart(self, channel_id: str, cause: int = 16, tech_cause: str = "", *, by_pbx: bool = False) -> None:
        """The channel ends, whoever ended it; nothing happens when it is not there."""
        if channel_id in self._channels:
            self._part(channel_id)
            del self._channels[channel_id]
            self.push(ChannelHungUp(channel_id, cause, tech_cause, by_pbx))

    def message_ends(self, channel_id: str) -> None:
        """The safe-harbour message is over and the dialplan hangs up."""
        self.push(MessagePlayed(channel_id, "end"))
        self.depart(channel_id)

    def message_left(self, channel_id: str) -> None:
        """The message on the machine is over and the dialplan hangs up."""
        self.push(MessagePlayed(channel_id, "left"))
        self.depart(channel_id)

    def early_media(self, channel_id: str) -> None:
        """The network plays something before anybody answers."""
        self.push(EarlyMedia(channel_id))

    def hold(self, channel_id: str, held: bool) -> None:
        """An agent's phone puts the peer on hold, or takes it back."""
        self.push(HoldChanged(channel_id, held))

    def register(self, endpoint: str, reachable: bool = True) -> None:
        """A phone registers, or is lost."""
        (self._registered.add if reachable else self._registered.discard)(endpoint)
        self.push(EndpointReachable(endpoint, reachable))

    def lose_link(self, reason: str = "lost") -> None:
        """The link is lost; channels live on, and what happens to them is not told."""
        self.linked = False
        self.push(LinkDown(reason))

    def regain_link(self) -> None:
        """The link to the same PBX process is back."""
        self.linked = True
        self.push(LinkUp(f"start {self._starts}", uptime=0.0))

    def restart(self) -> None:
        """A new PBX process without channels: LinkDown if there was a link, then LinkUp."""
        if self.linked:
            self.lose_link("the PBX closed the connection")
        self._channels.clear()
        self.last_beat = ""
        self._starts += 1
        self.regain_link()

    def orders(self, kind: str) -> list[Given]:
        """All orders of a kind, in order."""
        return [given for given in self.given if given.kind == kind]

    # --- inside --------------------------------------------------------------------------------------------

    @property
    def _obeys(self) -> bool:
        return self.obedient and self.linked

    def _takes(self, channel_id: str, build: Callable[[], object]) -> bool:
        """Whether the PBX gets the originate; what cannot be sent fails as a fact, as with the real link."""
        try:
            build()
        except Unsendable as error:
            self.push(OriginateFailed(channel_id, str(error)))
            return False
        if not self.linked:
            self.push(OriginateFailed(channel_id, "no link to the PBX"))
        return self._obeys

    def _behave(self, order: CallOrder, conduct: Conduct) -> None:
        match conduct:
            case Conduct.ANSWERS:
                self.answer(order.channel_id)
                if order.screen != "progress":
                    self.screen(order.channel_id, self.verdict if order.screen == "amd" else "OFF")
            case Conduct.RINGS:
                self.ring(order.channel_id)
            case Conduct.BUSY:
                self.depart(order.channel_id, 17, "SIP 486")

    def _is_up(self, channel_id: str) -> bool:
        channel = self._channels.get(channel_id)
        return channel is not None and channel.up

    def _refuse(self, order: str, channel_id: str) -> None:
        if self._obeys:
            self.push(OrderRefused(channel_id, order, "No such channel"))

    def _redirected(self, order: str, channel_id: str, context: str) -> bool:
        """Obey if it can be done; whether it was."""
        if not self._is_up(channel_id):
            self._refuse(order, channel_id)
        return self._obeys and self._redirect(channel_id, context)

    def _redirect(self, channel_id: str, context: str) -> bool:
        """Whether an answered channel went there; one that still rings, or is not there, cannot be sent."""
        if not self._is_up(channel_id):
            return False
        self._part(channel_id)
        self._channels[channel_id].context = context
        return True

    def _part(self, channel_id: str) -> None:
        """Out of its bridge; in a bridge of two the other one is left alone and parts too."""
        bridge_id = self._channels[channel_id].bridge_id
        if not bridge_id:
            return
        mates = [key for key, channel in self._channels.items() if channel.bridge_id == bridge_id]
        if len(mates) > _PAIR:
            mates = [channel_id]
        for mate in sorted(mates, key=lambda key: key != channel_id):
            self._channels[mate].bridge_id = ""
            self.push(Parted(mate, bridge_id))
