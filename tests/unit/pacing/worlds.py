"""Learned models and whole floors drawn at random."""

from dataclasses import replace

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from pacing import Floor, Learner, Limits, Model, Window
from tests.unit.pacing.floors import floors

AIM = 0.025
PROPERTY = settings(max_examples=60, deadline=None)
"""A floor of eight lists is slow to draw; tables of chances are built once for each model and scale."""


def taught(seed: int, calls: int, human: float, talk: float) -> Learner:
    """A learner that was told a day of calls, of which a share `human` was answered by persons."""
    draw, learner = np.random.default_rng(seed), Learner()
    for _ in range(calls):
        fate = draw.random()
        if fate < human:
            learner.ring_over(float(draw.gamma(4.0, 3.0)), "human")
            learner.screening_over(float(draw.uniform(0.8, 3.0)), True)
            agent = int(draw.integers(0, 5))
            learner.talk_over(float(draw.lognormal(np.log(talk), 0.8)), agent)
            learner.wrap_over(float(draw.lognormal(3.0, 0.5)), agent)
            learner.answer(bool(draw.random() < AIM), AIM)
        elif fate < human + 0.1:
            learner.ring_over(float(draw.normal(20.0, 2.0)), "machine")
        else:
            learner.ring_over(float(draw.uniform(1.0, 30.0)), "other")
    learner.settle_in()
    return learner


LEARNERS = tuple(
    taught(seed, calls, human, talk)
    for seed, (calls, human, talk) in enumerate(
        ((0, 0.2, 120.0), (25, 0.5, 40.0), (300, 0.03, 200.0), (1500, 0.18, 90.0), (1500, 0.6, 30.0))
    )
)
MODELS: st.SearchStrategy[Model] = st.sampled_from([learner.model() for learner in LEARNERS])


@st.composite
def trims(draw: st.DrawFn) -> dict[str, float]:
    """What a learner says beside its model: of one that knows, or of one that doubts."""
    said = {"scale": draw(st.floats(0.3, 3.0))}
    if draw(st.booleans()):
        said |= {"answer_cv": draw(st.floats(0.0, 0.7)), "free_cv": draw(st.floats(0.0, 0.4))}
    if draw(st.booleans()):
        said["log_price"] = draw(st.floats(-5.0, -1.5))
    return said


@st.composite
def watched_floors(draw: st.DrawFn) -> Floor:
    """A floor with everything a policy may look at: rings, speeds, odds, agents who are spoken for, a
    learner's word."""
    floor = draw(floors())
    seen = floor.ringing.size
    parts: dict[str, object] = {
        "trim": draw(trims()),
        "rung": floor.ringing * draw(st.sampled_from([1.0, 0.8])) if draw(st.booleans()) else np.zeros(0),
        "reserved": draw(st.sampled_from([0.0, 0.0, 0.5, 1.0, 3.0])),
        "limits": replace(
            floor.limits,
            calls_per_agent=draw(st.sampled_from([float("inf"), 1.0, 2.5])),
            joint=draw(st.sampled_from([float("inf"), 0.0, 3.0])),
            connect_limit=draw(st.sampled_from([0.0, 1.2, 2.0])),
        ),
    }
    if draw(st.booleans()):
        parts["ringing_odds"] = np.full(seen, draw(st.floats(0.2, 3.0)))
        parts["dialing_odds"] = np.full(floor.dialing.size, draw(st.floats(0.2, 3.0)))
        parts["next_odds"] = np.asarray(draw(st.lists(st.floats(0.2, 3.0), max_size=6)))
    if draw(st.booleans()):
        parts["on_call_speed"] = np.full(floor.on_call.size, draw(st.floats(0.5, 2.0)))
        parts["screening_after"] = np.full(floor.screening.size, draw(st.floats(0.0, 30.0)))
    return replace(floor, **parts)  # type: ignore[arg-type]


@st.composite
def roomy_floors(draw: st.DrawFn) -> Floor:
    """A watched floor that can take more calls than it has idle agents: few in the air, much to spare."""
    floor = draw(watched_floors())
    few = {
        name: getattr(floor, name)[:2] for name in ("dialing", "ringing", "screening", "waiting", "on_call")
    }
    live = draw(st.integers(400, 2000))
    return replace(
        floor,
        **few,
        ready=np.zeros(draw(st.integers(3, 20))),
        rung=floor.rung[:2],
        reserved=0.0,
        ringing_odds=floor.ringing_odds[:2],
        dialing_odds=floor.dialing_odds[:2],
        on_call_speed=floor.on_call_speed[:2],
        screening_after=floor.screening_after[:2],
        windows=(Window("day", 0.03, live=live, abandoned=draw(st.integers(0, live // 100))),),
        live_answers=live,
        dialed=live * 3,
        limits=replace(
            floor.limits, lines=300, tokens=100, leads=True, calls_per_agent=8.0, joint=float("inf")
        ),
    )


OPEN = Limits(lines=100_000, tokens=100_000)


def open_floor(
    ready: int = 0, on_call: int = 0, wrap_up: int = 0, ringing: int = 0, **parts: object
) -> Floor:
    """A floor without bounds, ages spread over what is usual."""
    none = np.zeros(0)
    made = Floor(
        ready=np.zeros(ready),
        on_call=np.linspace(0.0, 200.0, on_call),
        wrap_up=np.linspace(0.0, 25.0, wrap_up),
        dialing=none,
        ringing=np.linspace(0.0, 20.0, ringing),
        screening=none,
        waiting=none,
        limits=OPEN,
    )
    return replace(made, **parts)  # type: ignore[arg-type]
