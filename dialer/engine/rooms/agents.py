"""The agents: who is on the floor, found by campaign, by what they do and by the call they are on."""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, MutableMapping, Sequence, ValuesView
from dataclasses import dataclass, field
from uuid import UUID

from dialer.engine.rooms.index import INDEX
from dialer.model.agent import Agent, AgentState

AT_WORK = frozenset({AgentState.READY, AgentState.WRAP_UP, AgentState.ON_CALL, AgentState.CALLING})


@dataclass(slots=True, eq=False)
class Team:
    """Agents who work the same campaigns."""

    campaigns: frozenset[int]
    by_state: dict[AgentState, set[int]] = field(
        default_factory=lambda: {state: set() for state in AgentState}
    )
    available: set[int] = field(default_factory=set)
    """Who may be handed a person now."""


@dataclass(slots=True, eq=False)
class Agents(MutableMapping[int, Agent]):
    """Every agent by number, in the order in which they came; writing one keeps what is derived of it."""

    _all: dict[int, Agent] = field(default_factory=dict)
    _rank: dict[int, int] = field(default_factory=dict, metadata=INDEX)
    """Agent → place in the order of all."""
    _ranks: int = field(default=0, metadata=INDEX)
    _teams: dict[frozenset[int], Team] = field(default_factory=dict, metadata=INDEX)
    _of_campaign: dict[int, tuple[Team, ...]] = field(default_factory=dict, metadata=INDEX)
    """As far as somebody has asked; none of a campaign that has another team since."""
    _on_call: dict[UUID, set[int]] = field(default_factory=dict, metadata=INDEX)

    def __getitem__(self, agent_id: int) -> Agent:
        return self._all[agent_id]

    def __setitem__(self, agent_id: int, agent: Agent) -> None:
        known = self._all.get(agent_id)
        self._all[agent_id] = agent
        if known is None:
            self._ranks += 1
            self._rank[agent_id] = self._ranks
        else:
            self._forget(known)
        self._note(agent)

    def __delitem__(self, agent_id: int) -> None:
        self._forget(self._all.pop(agent_id))
        del self._rank[agent_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def __contains__(self, agent_id: object) -> bool:
        return agent_id in self._all

    def keys(self) -> KeysView[int]:
        """As of a dict."""
        return self._all.keys()

    def values(self) -> ValuesView[Agent]:
        """As of a dict."""
        return self._all.values()

    def items(self) -> ItemsView[int, Agent]:
        """As of a dict."""
        return self._all.items()

    # --- what is found without looking at all -----------------------------------------------------

    def teams(self, campaign_id: int) -> tuple[Team, ...]:
        """Who works a campaign, skills apart, in no order."""
        found = self._of_campaign.get(campaign_id)
        if found is None:
            found = tuple(team for team in self._teams.values() if campaign_id in team.campaigns)
            self._of_campaign[campaign_id] = found
        return found

    def count(self, campaign_id: int, *states: AgentState) -> int:
        """Agents of a campaign in these states."""
        return sum(len(team.by_state[state]) for team in self.teams(campaign_id) for state in states)

    def logged_in(self, campaign_id: int) -> int:
        """Agents of a campaign who are not offline."""
        return self.count(campaign_id, *_ON_SHIFT)

    def available(self, campaign_id: int) -> int:
        """Agents of a campaign who may be handed a person now."""
        return sum(len(team.available) for team in self.teams(campaign_id))

    def free(self) -> list[Agent]:
        """Everybody who may be handed a person now, in the order of all."""
        return self._in_order(agent for team in self._teams.values() for agent in team.available)

    def at_work(self, teams: Sequence[Team]) -> list[Agent]:
        """Who of these teams is at work, in the order of all."""
        return self._in_order(agent for team in teams for state in AT_WORK for agent in team.by_state[state])

    def on_call(self, call_id: UUID) -> list[Agent]:
        """Who is on this call, or has it on the screen, in the order of all."""
        return self._in_order(self._on_call.get(call_id, ()))

    def _in_order(self, agents: Iterable[int]) -> list[Agent]:
        return [self._all[agent] for agent in sorted(agents, key=self._rank.__getitem__)]

    # --- what is derived --------------------------------------------------------------------------

    def reindex(self) -> None:
        """Derive everything anew."""
        for index in (self._rank, self._teams, self._of_campaign, self._on_call):
            index.clear()
        for rank, agent in enumerate(self._all.values(), 1):
            self._rank[agent.id] = self._ranks = rank
            self._note(agent)

    def _note(self, agent: Agent) -> None:
        team = self._teams.get(agent.campaigns)
        if team is None:
            team = self._teams[agent.campaigns] = Team(agent.campaigns)
            self._of_campaign.clear()
        team.by_state[agent.state].add(agent.id)
        if agent.available:
            team.available.add(agent.id)
        if agent.call_id is not None:
            there = self._on_call.get(agent.call_id)
            if there is None:
                there = self._on_call[agent.call_id] = set()
            there.add(agent.id)

    def _forget(self, agent: Agent) -> None:
        team = self._teams[agent.campaigns]
        team.by_state[agent.state].discard(agent.id)
        team.available.discard(agent.id)
        if agent.call_id is not None:
            there = self._on_call[agent.call_id]
            there.discard(agent.id)
            if not there:
                del self._on_call[agent.call_id]


_ON_SHIFT = tuple(state for state in AgentState if state is not AgentState.OFFLINE)
