"""The live calls: each with what is no part of its own life cycle, found by campaign, trunk and direction."""

from collections.abc import Collection, ItemsView, Iterator, KeysView, MutableMapping, ValuesView
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from dialer.engine.rooms.index import INDEX
from dialer.model.call import Call
from dialer.model.handover import Handover
from dialer.ports import CallCard, OpenCall


@dataclass(frozen=True, slots=True)
class Consult:
    """A second agent is on a call: spoken to beside the person, or with the person."""

    agent_id: int
    three: bool = False
    """Whether the person is in it, too; else the person hears music meanwhile."""
    routing: dict[str, object] = field(default_factory=dict)
    """Why that agent."""
    handover: Handover | None = None
    """What the agent who asked has told, and said so far."""
    remembered: bool = False
    """Whether an earlier engine wrote it: who sits with whom is known when the bridges were looked at."""


@dataclass(slots=True)
class Live:
    """A live call with what is not part of its own life cycle."""

    call: Call
    card: CallCard
    channel: str = field(init=False)
    """The id as the PBX writes it."""
    assigned: int | None = None
    """Agent it is being joined to."""
    assigned_at: datetime | None = None
    routing: dict[str, object] = field(default_factory=dict)
    same_agent: int | None = None
    """The agent who spoke to this person before the leg was lost."""
    lost_at: datetime | None = None
    """When the agent was lost, until a new one is joined."""
    parted_at: datetime | None = None
    """When the person left the bridge though nobody hung up."""
    recording_paused: bool = False
    """What its agent wants."""
    recording_silent: bool = False
    """What the PBX has said that it does."""
    mute_wanted_at: datetime | None = None
    mute_ordered_at: datetime | None = None
    mute_alarmed: bool = False
    """Whether the alarm of this wish was raised."""
    missing_since: datetime | None = None
    """When reconciliation first missed the channel."""
    odds: float = 1.0
    """How much likelier than the campaign's mean a person answers."""
    handover: Handover | None = None
    """The last one: set once an agent has handed the person on."""
    consult: Consult | None = None
    """The agent who was called in by the one on the call."""
    verified: bool = False
    """Whether the agent has verified who the person is; before, no debt is shown."""
    call_back_until: datetime | None = None
    """Until when the rules would let us call back this person, who called in; None = they would not."""
    admitted: bool = False
    """Whether we have had this call, which came in, answered."""
    told_at: datetime | None = None
    """When this person, who waits in the queue, was told last how it stands."""
    case_told: bool = False
    """Whether this person has heard the number of the case on the line, to its end."""
    offered: bool = False
    """Whether a callback was offered."""
    silent: str = ""
    """Of whom nothing comes in this conversation: 'person', 'agent', 'both', or nobody."""
    silence_told: bool = False
    """Whether the supervisors were told."""
    heard: bool = False
    """Whether more than a word has come from the person in a conversation."""
    taken_up: bool = False
    """Whether its conversation had begun before we knew it: what was heard then nobody has noted."""
    listening: bool = False
    """Whether the detector was asked to listen to it."""
    news: int = 0
    """What was told of the person last, in the reckoning of the store; 0 = nothing since the reservation."""
    excused: bool = False
    """Whether the dialplan has begun the message by itself: no agent gets this call any more."""
    trunk: str = ""
    """That it went out on; empty = it came in."""
    trunk_told: bool = False
    """Whether its first sign was told of the trunk."""
    timed: bool = True
    """Whether its instants are its own; False when reconciliation found out later what had happened."""

    def __post_init__(self) -> None:
        self.channel = str(self.call.id)


def live_of(found: OpenCall) -> Live:
    """A call as the store knows it; what its agent marked in it still holds."""
    handover = found.handover
    if handover is not None and found.call.agent_id != handover.by:
        handover = handover.given()
    return Live(
        found.call,
        found.card,
        recording_paused=found.paused,
        verified=found.verified,
        handover=handover,
        trunk=found.trunk,
        taken_up=found.call.connected_at is not None,
    )


_NOBODY: dict[UUID, Live] = {}


@dataclass(slots=True, eq=False)
class Calls(MutableMapping[UUID, Live]):
    """Every live call by its id, in the order in which they came; writing one keeps what is derived of it."""

    _all: dict[UUID, Live] = field(default_factory=dict)
    _of_campaign: dict[int, dict[UUID, Live]] = field(default_factory=dict, metadata=INDEX)
    _callers: dict[UUID, Live] = field(default_factory=dict, metadata=INDEX)
    """Who called us."""
    _on_trunk: dict[str, int] = field(default_factory=dict, metadata=INDEX)
    """Trunk → calls that go out on it."""
    _trunkless: dict[int, int] = field(default_factory=dict, metadata=INDEX)
    """Campaign → calls of which nobody knows the trunk."""

    def __getitem__(self, call_id: UUID) -> Live:
        return self._all[call_id]

    def __setitem__(self, call_id: UUID, live: Live) -> None:
        known = call_id in self._all
        self._all[call_id] = live
        if known:
            self.reindex()  # seldom, and it keeps its place among the others
        else:
            self._note(live)

    def __delitem__(self, call_id: UUID) -> None:
        live = self._all.pop(call_id)
        del self._of_campaign[live.call.campaign_id][call_id]
        self._callers.pop(call_id, None)
        self._charge(live, -1)

    def __iter__(self) -> Iterator[UUID]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, call_id: object) -> bool:
        return call_id in self._all

    def keys(self) -> KeysView[UUID]:
        """As of a dict."""
        return self._all.keys()

    def values(self) -> ValuesView[Live]:
        """As of a dict."""
        return self._all.values()

    def items(self) -> ItemsView[UUID, Live]:
        """As of a dict."""
        return self._all.items()

    # --- what is found without looking at all -----------------------------------------------------

    def of_campaign(self, campaign_id: int) -> Collection[Live]:
        """A campaign's calls, in the order in which they came."""
        return self._of_campaign.get(campaign_id, _NOBODY).values()

    def callers(self) -> Collection[Live]:
        """Calls that came in, in the order in which they came."""
        return self._callers.values()

    def on_trunk(self, trunk: str) -> int:
        """Calls that go out on a trunk."""
        return self._on_trunk.get(trunk, 0)

    def trunkless(self) -> ItemsView[int, int]:
        """Campaigns, and how many of their calls go out on no trunk that anybody knows."""
        return self._trunkless.items()

    def goes_out(self, live: Live, trunk: str) -> None:
        """A call goes out on a trunk."""
        self._charge(live, -1)
        live.trunk = trunk
        self._charge(live, 1)

    # --- what is derived --------------------------------------------------------------------------

    def reindex(self) -> None:
        """Derive everything anew."""
        for index in (self._of_campaign, self._callers, self._on_trunk, self._trunkless):
            index.clear()
        for live in self._all.values():
            self._note(live)

    def _note(self, live: Live) -> None:
        mine = self._of_campaign.get(live.call.campaign_id)
        if mine is None:
            mine = self._of_campaign[live.call.campaign_id] = {}
        mine[live.call.id] = live
        if live.call.inbound:
            self._callers[live.call.id] = live
        self._charge(live, 1)

    def _charge(self, live: Live, count: int) -> None:
        if live.trunk:
            self._on_trunk[live.trunk] = self._on_trunk.get(live.trunk, 0) + count
        else:
            campaign_id = live.call.campaign_id
            left = self._trunkless.pop(campaign_id, 0) + count
            if left:
                self._trunkless[campaign_id] = left
