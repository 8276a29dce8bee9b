"""The world about an engine that has none: callees, telephones, agents and the store, in simulated time.

It answers what a turn has wanted as a PBX, a detector, a database and people would, from one seed. Nothing
waits: an instant is a number, and the next turn takes what has become due by then.
"""

import heapq
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from dialer.call_progress.amd import AmdScreener
from dialer.engine import effects
from dialer.engine.inputs import CommandIn, FactIn, Input, PlacedIn, RefreshIn, SnapshotIn
from dialer.engine.learning import relearned
from dialer.engine.state import FloorState, Turn
from dialer.model import commands
from dialer.model.agent import Agent
from dialer.model.call import Call, place
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus, DialMode
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    ChannelSnapshot,
    EarsUp,
    Heard,
    HeardFact,
    Hearing,
    Joined,
    LinkUp,
    MessagePlayed,
    PacketsCounted,
    Parted,
    PbxSnapshot,
    TelephonyFact,
)
from dialer.model.orders import DIALPLAN
from dialer.ports import CallCard, Command, LeadsLeft, MinuteCount, PastCall, Placed, PlaceResult, TrunkLimits

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
TICK = timedelta(milliseconds=250)
TALK, WRAP = 60.0, 10.0
"""Mean seconds."""
PERSON, MACHINE, REFUSED = 0.11, 0.09, 0.15
"""Share of the calls that ends so; the rest rings on until we give it up."""
_SOON = 0.02
"""Seconds until a PBX has done what it was told."""
_PAUSES = 0.02
"""Share of the wrap-ups after which the agent takes a break."""
_PACKETS = 50
_TRUNK, _DEBTS = "carrier", ({"creditor": "Banco", "status": "open", "balance_minor": 10_000},)


class World:
    """Campaigns, their agents and everybody they call."""

    def __init__(self, campaigns: int, agents: int, *, shared: bool, seed: int = 1) -> None:
        self.now = START
        self._random = Random(seed)
        self._due: list[tuple[float, int, Input]] = []
        self._count = 0
        self._bridges: dict[str, str] = {}
        self._up: dict[str, datetime] = {}
        """Channel → since when there is sound on it; only those of calls and legs that are there."""
        self._there: dict[str, bool] = {}
        """Channel → whether it was answered."""
        self._campaigns = tuple(_campaign(number) for number in range(1, campaigns + 1))
        everybody = frozenset(range(1, campaigns + 1))
        self._agents = tuple(
            Agent(
                number,
                f"Agent {number}",
                f"web-{number:04d}",
                {"collections": 50 + number % 50},
                everybody if shared else frozenset({1 + number % campaigns}),
            )
            for number in range(1, agents + 1)
        )
        self.state = self._floor()

    def _floor(self) -> FloorState:
        """As after a start: settings, people and what was learned yesterday."""
        state = FloorState(epoch=1, spool="spool", screener=AmdScreener())
        state.disposition_codes = {"cannot_pay": ""}
        state.pause_codes = frozenset({"break"})
        for campaign in self._campaigns:
            state.tally(campaign.id).counts.put(MinuteCount(START - timedelta(hours=2), 2000, 400, 4, 240))
            state.learners[campaign.id] = relearned(self._past() for _ in range(1000))
        self._soon(FactIn(LinkUp(), START), FactIn(EarsUp(), START), self._refresh(), self._snapshot())
        for agent in self._agents:
            page = f"page{agent.id:04d}"
            self._soon(self._asks(agent.id, commands.Attach(page)))
            self._later(1.0 + self._random.random() * 5, self._asks(agent.id, commands.Ready()))
        return state

    # --- one turn -------------------------------------------------------------------------------------

    def inputs(self) -> list[Input]:
        """A quarter of a second later: everything that has happened by then, in its order."""
        self.now += TICK
        until = (self.now - START).total_seconds()
        found: list[Input] = []
        while self._due and self._due[0][0] <= until:
            item = heapq.heappop(self._due)[2]
            if not isinstance(item, FactIn) or self._is_true(item.fact):
                found.append(item)
        return found

    def answer(self, turn: Turn) -> None:
        """Take what the turn has wanted."""
        for effect in turn.effects:
            self._take(effect)
        if effects.TakeSnapshot() in turn.effects:
            self._soon(self._snapshot())  # the list comes after what the PBX was told before
        self._soon(*turn.deferred)

    def _is_true(self, fact: TelephonyFact | HeardFact) -> bool:
        """From the instant on at which it is told; nothing happens any more to a channel that is gone."""
        channel = getattr(fact, "channel_id", "")
        if channel and channel not in self._there:
            return False
        self._note(fact)
        return True

    def _note(self, fact: TelephonyFact | HeardFact) -> None:
        match fact:
            case ChannelAnswered(channel_id=channel):
                self._there[channel], self._up[channel] = True, self.now
            case Joined(channel_id=channel, bridge_id=bridge):
                self._bridges[channel] = bridge
            case Parted(channel_id=channel):
                self._bridges.pop(channel, None)
            case ChannelHungUp(channel_id=channel):
                for known in (self._there, self._up, self._bridges):
                    known.pop(channel, None)

    # --- what is wanted of it -------------------------------------------------------------------------

    def _take(self, effect: effects.Effect) -> None:
        match effect:
            case effects.Place(campaign_id, count):
                self._soon(PlacedIn(campaign_id, count, self._placed(campaign_id, count)))
            case effects.Originate(order):
                self._rings(order.channel_id)
            case effects.OriginateLeg(order):
                self._there[order.channel_id] = False
                self._tell(0.5, ChannelAnswered(order.channel_id))
            case effects.Listen(order):
                self._hears(order.channel_id)
            case effects.Bridge(person, leg):
                self._talk(person, leg)
            case effects.HangUp(channel):
                self._ends(channel, _SOON)
            case effects.Reload():
                self._soon(self._refresh())
            case _:
                self._tell_of(effect)

    def _tell_of(self, effect: effects.Effect) -> None:
        match effect:
            case effects.PlayMessage(channel):
                self._tell(_SOON, MessagePlayed(channel, "start"))
                self._ends(channel, 5.0)
            case effects.CountPackets(channel):
                self._counted(channel)
            case _:
                pass  # screens and the detector's other orders: nobody answers them

    def _placed(self, campaign_id: int, count: int) -> PlaceResult:
        return PlaceResult(tuple(self._attempt(self._campaigns[campaign_id - 1]) for _ in range(count)))

    def _attempt(self, campaign: Campaign) -> Placed:
        self._count += 1
        number, call_id = self._count, UUID(int=self._random.getrandbits(128), version=4)
        phone = f"+346{number % 100_000_000:08d}"
        at = self.now + timedelta(seconds=_SOON)
        call = Call(call_id, campaign.id, number, number, number, phone, at, campaign.limits(), screened=True)
        card = CallCard(number, f"Persona {number}", "es", "Europe/Madrid", "+34 6•• ••• 000", _DEBTS)
        return Placed(place(call, now=at)[0], card)

    def _rings(self, channel: str) -> None:
        self._there[channel] = False
        self._tell(0.8, ChannelRinging(channel))
        fate, at = self._fate()
        if fate == "refused":
            self._tell(at, ChannelHungUp(channel, 17, "SIP 486"))
        elif fate in ("person", "machine"):
            self._tell(at, ChannelAnswered(channel))

    def _fate(self) -> tuple[str, float]:
        """What becomes of a call, and after how many seconds."""
        drawn = self._random.random()
        if drawn < PERSON:
            return "person", 2.0 + self._random.gammavariate(2.5, 3.0)
        if drawn < PERSON + MACHINE:
            return "machine", 12.0 + self._random.gammavariate(4.0, 2.0)
        if drawn < PERSON + MACHINE + REFUSED:
            return "refused", 1.0 + self._random.random() * 4
        return "silence", 60.0

    def _hears(self, channel: str) -> None:
        """Whoever takes long to answer is a machine; what is heard of it is drawn again."""
        machine = self._random.random() < MACHINE / (PERSON + MACHINE)
        what = Hearing.MACHINE if machine else Hearing.HUMAN
        after = 5.5 if machine else 0.8 + self._random.random()
        self._tell(after, Heard(channel, what, "greeting", after=after, p=0.9 if machine else 0.1))

    def _talk(self, person: str, leg: str) -> None:
        if not (self._there.get(person) and self._there.get(leg)):
            return
        bridge, over = f"b-{person}", self._talked()
        self._tell(_SOON, Joined(person, bridge), Joined(leg, bridge))
        self._tell(over, Parted(person, bridge), ChannelHungUp(person, 16), Parted(leg, bridge))
        agent = int(leg.split("-")[1])
        wrap = over + 0.5 + self._wrapped()
        pauses = self._random.random() < _PAUSES
        if pauses:
            self._later(over - 0.1, self._asks(agent, commands.Pause("break")))
        self._later(wrap, self._asks(agent, commands.Dispose(UUID(person), "cannot_pay")))
        if pauses:
            self._later(wrap + 30.0, self._asks(agent, commands.Ready()))

    def _ends(self, channel: str, after: float) -> None:
        if channel in self._there:
            self._tell(after, ChannelHungUp(channel, 16))

    def _counted(self, channel: str) -> None:
        since = self._up.get(channel)
        if since is not None:
            heard = int((self.now - since).total_seconds() * _PACKETS)
            self._tell(_SOON, PacketsCounted(channel, heard))

    # --- what it tells by itself ----------------------------------------------------------------------

    def _snapshot(self) -> SnapshotIn:
        channels = tuple(
            ChannelSnapshot(
                name, "PJSIP/x", up, not up, "cadencia-customer", "Wait", self._bridges.get(name, ""), 1.0
            )
            for name, up in self._there.items()
        )
        return SnapshotIn(PbxSnapshot(channels, dialplan=DIALPLAN), self.now)

    def _refresh(self) -> RefreshIn:
        left = {campaign.id: LeadsLeft(open=100_000) for campaign in self._campaigns}
        trunk = TrunkLimits(_TRUNK, max_lines=10_000, max_cps=500)
        return RefreshIn(self._campaigns, self._agents, left, trunks=(trunk,))

    def _past(self) -> PastCall:
        fate, at = self._fate()
        if fate == "person":
            talk, wrap = (
                self._talked(),
                self._wrapped(),
            )
            return PastCall(at, "human", 1.3, talk, 1 + self._random.randrange(len(self._agents)), wrap)
        return PastCall(at, fate if fate == "machine" else "other", 5.5 if fate == "machine" else None)

    def _talked(self) -> float:
        return self._random.gammavariate(1.5, TALK / 1.5)

    def _wrapped(self) -> float:
        return self._random.gammavariate(2.0, WRAP / 2.0)

    def _asks(self, agent: int, request: Any) -> CommandIn:
        self._count += 1
        return CommandIn(Command(request, agent, f"page{agent:04d}", f"c{self._count}"))

    def _tell(self, after: float, *facts: TelephonyFact | HeardFact) -> None:
        self._later(after, *(FactIn(fact, self.now + timedelta(seconds=after)) for fact in facts))

    def _soon(self, *items: Input) -> None:
        self._later(_SOON, *items)

    def _later(self, after: float, *items: Input) -> None:
        at = (self.now - START).total_seconds() + after
        for item in items:
            self._count += 1
            heapq.heappush(self._due, (at, self._count, item))


def _campaign(number: int) -> Campaign:
    return Campaign(
        id=number,
        code=f"c{number:03d}",
        name=f"Campaign {number}",
        trunk=_TRUNK,
        caller_id=f"+3491{number:07d}",
        status=CampaignStatus.RUNNING,
        settings=CampaignSettings(mode=DialMode.PREDICTIVE, audit_share=0.0),
        settings_version=1,
    )
