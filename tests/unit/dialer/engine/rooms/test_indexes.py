"""Whatever comes in whatever order: what a room finds at once is what a look at everybody would find."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.engine.rooms.agents import AT_WORK, Agents
from dialer.engine.rooms.calls import Calls, Live
from dialer.engine.rooms.link import Bridges
from dialer.model.agent import Agent, AgentState, LegState, page_key
from dialer.model.call import Call, CallLimits, Direction
from dialer.ports import CallCard
from tests.unit.dialer.engine.scenes import START

CALLS, CAMPAIGNS, AGENTS = [UUID(int=number) for number in range(5)], [1, 2, 3], [7, 3, 5, 1]
TRUNKS, CHANNELS, BRIDGES = ["", "one", "two"], ["a", "b", "c"], ["x", "y"]
CARD = CallCard(1, "Lucía Muñoz", "es", "Europe/Madrid", "+34 6•• ••• 000")


# --- calls ----------------------------------------------------------------------------------------


def a_live(call_id: UUID, campaign: int, trunk: str, direction: Direction) -> Live:
    number = "+34600001000"
    call = Call(call_id, campaign, 1, 1, 1, number, START, CallLimits(), screened=True, direction=direction)
    return Live(call, CARD, trunk=trunk)


def goes_out(calls: Calls, call_id: UUID, trunk: str) -> None:
    if call_id in calls:
        calls.goes_out(calls[call_id], trunk)


CALL_ACTS: st.SearchStrategy[Callable[[Calls], object]] = st.one_of(
    st.builds(
        lambda i, c, t, d: lambda calls: calls.__setitem__(i, a_live(i, c, t, d)),
        st.sampled_from(CALLS), st.sampled_from(CAMPAIGNS), st.sampled_from(TRUNKS),
        st.sampled_from(Direction),
    ),
    st.builds(lambda i: lambda calls: calls.pop(i, None), st.sampled_from(CALLS)),
    st.builds(
        lambda i, t: lambda calls: goes_out(calls, i, t), st.sampled_from(CALLS), st.sampled_from(TRUNKS)
    ),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(CALL_ACTS, max_size=25))
def test_calls_are_found_by_campaign_direction_and_trunk(acts: list[Callable[[Calls], object]]) -> None:
    calls = Calls()
    for act in acts:
        act(calls)
    everybody = list(calls.values())
    for campaign in CAMPAIGNS:
        mine = [live for live in everybody if live.call.campaign_id == campaign]
        assert list(calls.of_campaign(campaign)) == mine
    assert list(calls.callers()) == [live for live in everybody if live.call.inbound]
    for trunk in TRUNKS[1:]:
        assert calls.on_trunk(trunk) == sum(live.trunk == trunk for live in everybody)
    assert dict(calls.trunkless()) == Counter(live.call.campaign_id for live in everybody if not live.trunk)


# --- agents ---------------------------------------------------------------------------------------


def an_agent(number: int, campaigns: frozenset[int], state: AgentState, call: UUID | None, up: bool) -> Agent:
    fresh = Agent(number, f"Agent {number}", "web", {}, campaigns, state, call_id=call)
    leg = LegState.UP if up else LegState.DOWN
    return replace(fresh, session="page", leg=leg, leg_page=page_key("page"))


AGENT_ACTS: st.SearchStrategy[Callable[[Agents], object]] = st.one_of(
    st.builds(
        lambda n, c, s, k, up: lambda agents: agents.__setitem__(n, an_agent(n, c, s, k, up)),
        st.sampled_from(AGENTS), st.frozensets(st.sampled_from(CAMPAIGNS)), st.sampled_from(AgentState),
        st.sampled_from([None, *CALLS[:2]]), st.booleans(),
    ),
    st.builds(lambda n: lambda agents: agents.pop(n, None), st.sampled_from(AGENTS)),
    st.builds(lambda c: lambda agents: agents.teams(c), st.sampled_from(CAMPAIGNS)),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(AGENT_ACTS, max_size=25))
def test_agents_are_found_by_campaign_state_and_call(acts: list[Callable[[Agents], object]]) -> None:
    agents = Agents()
    for act in acts:
        act(agents)
    everybody = list(agents.values())
    assert agents.free() == [agent for agent in everybody if agent.available]
    for call in CALLS[:2]:
        assert agents.on_call(call) == [agent for agent in everybody if agent.call_id == call]
    for campaign in CAMPAIGNS:
        mine = [agent for agent in everybody if campaign in agent.campaigns]
        assert agents.at_work(agents.teams(campaign)) == [agent for agent in mine if agent.state in AT_WORK]
        assert agents.available(campaign) == sum(agent.available for agent in mine)
        assert agents.logged_in(campaign) == sum(agent.state is not AgentState.OFFLINE for agent in mine)
        for state in AgentState:
            assert agents.count(campaign, state) == sum(agent.state is state for agent in mine)


# --- bridges --------------------------------------------------------------------------------------

BRIDGE_ACTS: st.SearchStrategy[Callable[[Bridges], object]] = st.one_of(
    st.builds(
        lambda c, b: lambda bridges: bridges.__setitem__(c, b),
        st.sampled_from(CHANNELS), st.sampled_from(BRIDGES),
    ),
    st.builds(lambda c: lambda bridges: bridges.pop(c, None), st.sampled_from(CHANNELS)),
    st.builds(
        lambda found: lambda bridges: bridges.become(dict(found)),
        st.dictionaries(st.sampled_from(CHANNELS), st.sampled_from(BRIDGES)),
    ),
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(BRIDGE_ACTS, max_size=20))
def test_who_is_in_a_bridge_is_found(acts: list[Callable[[Bridges], object]]) -> None:
    bridges = Bridges()
    for act in acts:
        act(bridges)
    for bridge in BRIDGES:
        assert set(bridges.mates(bridge)) == {name for name, where in bridges.items() if where == bridge}


def test_what_is_derived_can_be_derived_anew() -> None:
    calls, agents = Calls(), Agents()
    calls[CALLS[0]] = a_live(CALLS[0], 1, "one", Direction.INBOUND)
    agents[7] = an_agent(7, frozenset({1}), AgentState.READY, CALLS[0], up=True)
    calls.reindex()
    agents.reindex()
    assert (list(calls.of_campaign(1)), list(calls.callers())) == ([calls[CALLS[0]]],) * 2
    assert calls.on_trunk("one") == 1
    assert agents.free() == agents.on_call(CALLS[0]) == [agents[7]]
