"""No call and no agent is overlooked, though between two pacings only what may be due is looked at."""

from collections.abc import Callable
from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from dialer.engine import calls, desk
from dialer.model.call import CallState
from dialer.model.facts import ChannelAnswered, ChannelHungUp, ChannelRinging, Joined, Parted, Screened
from tests.unit.dialer.engine.scenes import Scene

Act = Callable[[Scene], object]


def _person(scene: Scene, number: int) -> str:
    live = list(scene.state.calls)
    return str(live[number % len(live)]) if live else ""


def _leg(scene: Scene, agent: int) -> str:
    return scene.state.agents[agent].leg_id if agent in scene.state.agents else ""


def _joined(scene: Scene, number: int, agent: int) -> None:
    scene.fact(Joined(_person(scene, number), "b"), Joined(_leg(scene, agent), "b"))


NUMBERS, AGENTS = st.integers(0, 3), st.integers(1, 2)
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.builds(lambda n: lambda s: s.dials(n), NUMBERS),
    st.builds(lambda a: lambda s: s.works(a) if a not in s.state.agents else None, AGENTS),
    st.builds(lambda n: lambda s: s.fact(ChannelRinging(_person(s, n))), NUMBERS),
    st.builds(lambda n: lambda s: s.fact(ChannelAnswered(_person(s, n))), NUMBERS),
    st.builds(lambda n: lambda s: s.fact(Screened(_person(s, n), "HUMAN")), NUMBERS),
    st.builds(lambda n, a: lambda s: _joined(s, n, a), NUMBERS, AGENTS),
    st.builds(lambda n: lambda s: s.fact(Parted(_person(s, n), "b")), NUMBERS),
    st.builds(lambda n: lambda s: s.fact(ChannelHungUp(_person(s, n), 16)), NUMBERS),
    st.builds(lambda a: lambda s: s.fact(ChannelHungUp(_leg(s, a), 16)), AGENTS),
    st.builds(lambda a: lambda s: s.command("agent.detach", a, page="page0001"), AGENTS),
    st.builds(lambda seconds: lambda s: s.later(seconds), st.sampled_from((0.1, 0.9, 1.1, 5.0, 40.0))),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_nothing_falls_due_unseen(acts: list[Act]) -> None:
    scene = Scene()
    for act in acts:
        act(scene)
        _nothing_overlooked(scene)


def _nothing_overlooked(scene: Scene) -> None:
    state = scene.state
    dues: list[datetime] = [
        due for due in (calls.next_deadline(state), desk.next_deadline(state)) if due is not None
    ]
    assert state.due is None or all(state.due <= due for due in dues)
    waiting = {key for key, live in state.calls.items() if live.call.state is CallState.WAITING}
    assert set(state.waiting) == waiting
