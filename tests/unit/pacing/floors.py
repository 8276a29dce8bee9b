"""Floors drawn at random, and the policies that are tried on them."""

import numpy as np
from hypothesis import strategies as st

from pacing import FixedRatio, Floor, Limits, OnDemand, Progressive, Window

NAMES = ("calendar_day", "rolling_24h", "rolling_30d")
POLICIES = st.one_of(st.just(Progressive()), st.just(OnDemand("manual")), st.floats(1, 4).map(FixedRatio))


@st.composite
def windows(draw: st.DrawFn) -> tuple[Window, ...]:
    """One to three windows, some of them broken."""
    found = []
    for name in NAMES[: draw(st.integers(1, 3))]:
        live = draw(st.integers(0, 2000))
        abandoned = draw(st.integers(0, 60))
        errors = draw(st.floats(0, 20))
        limit = draw(st.floats(0, 0.1))
        found.append(Window(name, limit, live=live, abandoned=abandoned, screened_out=errors))
    return tuple(found)


@st.composite
def floors(draw: st.DrawFn) -> Floor:
    """A floor of up to 20 agents and calls in each state."""
    live = draw(st.integers(0, 2000))
    limits = Limits(
        lines=draw(st.integers(0, 100)), tokens=draw(st.integers(0, 50)), leads=draw(st.booleans())
    )
    ages = [np.asarray(draw(st.lists(st.floats(0, 60), max_size=20))) for _ in range(7)]
    ready, on_call, wrap_up, dialing, ringing, screening, waiting = ages
    return Floor(
        ready=ready,
        on_call=on_call,
        wrap_up=wrap_up,
        dialing=dialing,
        ringing=ringing,
        screening=screening,
        waiting=waiting,
        limits=limits,
        windows=draw(windows()),
        dialed=live * 3,
        live_answers=live,
    )
