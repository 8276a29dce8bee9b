"""A floor without a world: say what happens, look at what the engine would do."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID, uuid4

from dialer.call_progress.amd import AmdScreener
from dialer.engine import effects
from dialer.engine.inputs import BadCommandIn, CommandIn, FactIn, Input, NewsIn, PlacedIn, SnapshotIn
from dialer.engine.state import FloorState, Turn
from dialer.engine.turns import take_turn
from dialer.model.agent import Agent
from dialer.model.call import Call, place
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus, DialMode, Screening
from dialer.model.facts import (
    ChannelAnswered,
    ChannelRinging,
    ChannelSnapshot,
    HeardFact,
    Joined,
    LinkUp,
    PbxSnapshot,
    Screened,
    TelephonyFact,
)
from dialer.model.orders import DIALPLAN
from dialer.ports import BadCommand, CallCard, PersonNews, Placed, PlaceResult
from dialer.store.command_wire import command_of
from portfolio.contact_rules import AbandonmentWindow

START = datetime(2026, 11, 23, 10, tzinfo=UTC)
E = TypeVar("E")


def settings(**more: Any) -> CampaignSettings:
    """AMD() unless a test says otherwise, and no verdict audited by chance."""
    usual = {"screening": Screening.AMD, "screening_limit": 4.0, "screening_errors": 0.0, "audit_share": 0.0}
    return CampaignSettings(**{"mode": DialMode.PREDICTIVE, "calls_per_agent": 2.0, **usual, **more})


def a_channel(channel_id: str, **more: Any) -> ChannelSnapshot:
    fresh = ChannelSnapshot(channel_id, "PJSIP/x", True, False, "cadencia-customer", "Wait", "", 1.0)
    return replace(fresh, **more)


class Scene:
    """One campaign; agents come by `works`. Every method is one turn unless it says otherwise."""

    def __init__(self, **more: Any) -> None:
        self.now = START
        self.state = FloorState(epoch=1, spool="/spool", screener=AmdScreener())
        self.state.disposition_codes = {"cannot_pay": "", "promise": "promise", "callback": "callback"}
        self.state.pause_codes = frozenset({"break", "forced"})
        self.campaign = Campaign(
            id=1,
            code="one",
            name="One",
            trunk="carrier",
            caller_id="+34910000000",
            status=CampaignStatus.RUNNING,
            settings=settings(**more),
            settings_version=1,
        )
        self.state.campaigns[1] = self.campaign
        self.turn = Turn(self.now)
        self.numbers = 0
        self.fact(LinkUp())
        self.snapshot()

    # --- turns

    def take(self, *inputs: Input) -> Turn:
        self.turn = take_turn(self.state, inputs, now=self.now, pacing_every=timedelta(hours=1))
        turn = self.turn
        while turn.deferred:
            turn = take_turn(self.state, turn.deferred, now=self.now, pacing_every=timedelta(hours=1))
            self.turn.transitions += turn.transitions
            self.turn.effects += turn.effects
        return self.turn

    def later(self, seconds: float) -> Turn:
        self.now += timedelta(seconds=seconds)
        return self.take()

    def fact(self, *facts: TelephonyFact | HeardFact) -> Turn:
        return self.take(*(FactIn(fact, self.now) for fact in facts))

    def command(self, kind: str, agent: int = 1, **body: Any) -> Turn:
        self.numbers += 1
        text = json.dumps(body, default=str)
        came = command_of({"kind": kind, "actor": str(agent), "body": text, "id": f"c{self.numbers}"})
        return self.take(BadCommandIn(came) if isinstance(came, BadCommand) else CommandIn(came))

    def learns(
        self,
        person_id: int,
        reason: str = "payment",
        flags: Sequence[str] = (),
        debts: Sequence[dict[str, Any]] = (),
    ) -> Turn:
        """The books say something new of a person."""
        self.numbers += 1
        news = PersonNews(person_id, self.numbers, tuple(flags), tuple(debts), reason)
        return self.take(NewsIn((news,)))

    def pace(self, seconds: float = 0.0) -> Turn:
        self.now += timedelta(seconds=seconds)
        self.state.paced_at = None
        return self.take()

    def ordered(self) -> dict[int, int]:
        """Calls that the last turn ordered, by campaign."""
        return {order.campaign_id: order.count for order in self.did(effects.Place)}

    def changes(self, campaign_id: int = 1, **more: Any) -> None:
        """The supervisor changes settings, or anything else of a campaign by its name."""
        known = self.state.campaigns[campaign_id]
        own = {name: more.pop(name) for name in list(more) if name in Campaign.model_fields}
        changed = known.settings.model_copy(update=more)
        self.state.campaigns[campaign_id] = known.model_copy(update={"settings": changed, **own})

    def snapshot(self, *channels: ChannelSnapshot) -> Turn:
        return self.take(SnapshotIn(PbxSnapshot(channels, dialplan=DIALPLAN), self.now))

    # --- longer stories

    def works(self, agent_id: int = 1, page: str = "page0001", **skills: int) -> Agent:
        """An agent logs in, the phone answers, and is ready."""
        fresh = Agent(agent_id, f"Agent {agent_id}", f"web-{agent_id:02d}", skills, frozenset({1}))
        self.state.agents[agent_id] = fresh
        self.command("agent.attach", agent_id, page=page)
        (order,) = self.did(effects.OriginateLeg)
        self.fact(ChannelAnswered(order.order.channel_id))
        self.command("agent.ready", agent_id)
        return self.agent(agent_id)

    def dials(self, person_id: int = 1) -> UUID:
        """A call is placed and handed to the PBX."""
        call_id = uuid4()
        call = Call(
            call_id,
            1,
            person_id,
            person_id,
            person_id,
            "+34600001000",
            self.now,
            self.campaign.settings.limits(),
            True,
        )
        card = CallCard(person_id, "Lucía Muñoz", "es", "Europe/Madrid", "+34 6•• ••• 000")
        result = PlaceResult((Placed(place(call, now=self.now)[0], card),))
        self.state.tally(1).placing += 1
        self.take(PlacedIn(1, 1, result))
        return call_id

    def human(self, person_id: int = 1) -> UUID:
        """A person answers and is recognised as one."""
        call_id = self.dials(person_id)
        self.fact(ChannelRinging(str(call_id)), ChannelAnswered(str(call_id)))
        self.fact(Screened(str(call_id), "HUMAN", "HUMAN-800"))
        return call_id

    def talks(self, agent_id: int = 1, person_id: int = 1) -> UUID:
        """A person is joined to the agent."""
        call_id = self.human(person_id)
        self.join(call_id, self.agent(agent_id).leg_id)
        return call_id

    def join(self, call_id: UUID, leg: str, bridge: str = "b1") -> Turn:
        return self.fact(Joined(str(call_id), bridge), Joined(leg, bridge))

    # --- looks

    def results(self, campaign_id: int = 1) -> tuple[int, int]:
        """Live answers and abandoned of the last day."""
        count = self.state.tally(campaign_id).counts.count(AbandonmentWindow(name="rolling_24h"), self.now)
        return count.live, count.abandoned

    def unserved(self, campaign_id: int = 1) -> int:
        """Who hung up in silence in the last 24 hours."""
        counts = self.state.tally(campaign_id).counts
        return counts.count(AbandonmentWindow(name="rolling_24h"), self.now).unserved

    def agent(self, agent_id: int = 1) -> Agent:
        return self.state.agents[agent_id]

    def call(self, call_id: UUID) -> Call:
        return self.state.calls[call_id].call

    def did(self, kind: type[E]) -> list[E]:
        return [effect for effect in self.turn.effects if isinstance(effect, kind)]

    def pushed(self, kind: str) -> list[dict[str, Any]]:
        return [publish.frame.body for publish in self.did(effects.Publish) if publish.frame.kind == kind]
