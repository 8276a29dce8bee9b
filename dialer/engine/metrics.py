"""What the engine tells Prometheus. Never labelled by phone, lead or call."""

from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from dialer.engine.state import FloorState, Turn
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.facts import Heard, HeardFact, Joined, Screened, TelephonyFact

_FAST = (0.001, 0.002, 0.005, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3, 0.6, 1.2, 2.5)
_REMEMBERED = 10_000


class EngineMetrics:
    """Counters and histograms of one engine."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.facts = Counter("dialer_ami_events", "facts from the PBX", registry=registry)
        self.commands = Counter("dialer_commands", "commands from web processes", registry=registry)
        self.bad_commands = Counter(
            "dialer_bad_commands", "commands refused at the entrance", registry=registry
        )
        self.turns = Counter("dialer_engine_turns", "turns of the engine", registry=registry)
        self.commit_retries = Counter("dialer_commit_retries", "commits given again", registry=registry)
        self.quarantined = Counter(
            "dialer_quarantined", "records that the database refused", registry=registry
        )
        self.originations = Counter(
            "dialer_originations", "calls originated", ["campaign"], registry=registry
        )
        results = "dialer_call_results"
        self.results = Counter(results, "ended calls by outcome", ["campaign", "result"], registry=registry)
        connect = "dialer_answer_to_agent_seconds"
        self.connect = Histogram(
            connect, "from the human verdict to both bridged", buckets=_FAST, registry=registry
        )
        self.commit = Histogram("dialer_commit_seconds", "one commit", buckets=_FAST, registry=registry)
        self.decision = Histogram(
            "dialer_pacing_decision_seconds",
            "one round of pacing: a decision for every running campaign",
            buckets=_FAST,
            registry=registry,
        )
        self.lag = Histogram(
            "dialer_loop_lag_seconds", "lateness of the event loop", buckets=_FAST, registry=registry
        )
        self.calls = Gauge("dialer_calls", "live calls by state", ["state"], registry=registry)
        self.agents = Gauge("dialer_agents", "agents by state", ["state"], registry=registry)
        self.pbx = Gauge("dialer_ami_up", "1 while the PBX link is up", registry=registry)
        self.illegal = Gauge("dialer_illegal_events", "events outside the call table", registry=registry)
        self.late = Gauge("dialer_late_events", "events of ended calls", registry=registry)
        self._verdicts: dict[str, datetime] = {}

    def saw_fact(self, fact: TelephonyFact | HeardFact, at: datetime) -> None:
        """Count a fact and time the way from verdict to bridge."""
        self.facts.inc()
        if isinstance(fact, Screened | Heard):
            if len(self._verdicts) >= _REMEMBERED:
                self._verdicts.clear()
            self._verdicts[fact.channel_id] = at
        elif isinstance(fact, Joined):
            since = self._verdicts.pop(fact.channel_id, None)
            if since is not None:
                self.connect.observe((at - since).total_seconds())

    def shift(self, step: timedelta) -> None:
        """Our clock was set: who waits to be joined has waited no longer for that."""
        self._verdicts = {channel: at + step for channel, at in self._verdicts.items()}

    def saw_turn(self, state: FloorState, turn: Turn) -> None:
        """Count what a turn did."""
        self.turns.inc()
        for transition in turn.transitions:
            call = transition.call
            if call.outcome is not None:
                self.results.labels(state.campaigns[call.campaign_id].code, call.outcome.value).inc()

    def saw_floor(self, state: FloorState) -> None:
        """Refresh the gauges."""
        for call_state in CallState:
            if call_state is not CallState.ENDED:
                count = sum(live.call.state is call_state for live in state.calls.values())
                self.calls.labels(call_state.value).set(count)
        for agent_state in AgentState:
            count = sum(agent.state is agent_state for agent in state.agents.values())
            self.agents.labels(agent_state.value).set(count)
        self.pbx.set(1 if state.pbx_up else 0)
        self.illegal.set(state.illegal_events)
        self.late.set(state.late_events)
