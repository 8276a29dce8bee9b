"""What a pacer that has learned all of the Markov twin knows, and the rule it then follows."""

import math

import numpy as np

from pacing import Floor, Limits, Model, Predictive
from pacing.hazards import RING_BINS, RING_STEP
from pacing.simulator.optimum import Raise, Twin, rule_of


def twin_model(twin: Twin) -> Model:
    """The twin's laws as hazards."""
    gone = -math.expm1(-RING_STEP / twin.ring)
    every = np.ones(RING_BINS)
    return Model(
        version=1,
        human=every * gone * twin.human,
        machine=every * 0.0,
        other=every * gone * (1.0 - twin.human),
        screening=np.asarray([1.0]),
        edges=np.asarray([0.0, 1.0]),
        talk=np.asarray([1.0, 1.0]) / twin.service,
        wrap=np.asarray([1e3, 1e3]),
        seen=1e5,
    )


def twin_floor(idle: int, busy: int, flight: int, price: float) -> Floor:
    """A floor of the twin, where ages say nothing, at a price that does not move."""
    none = np.zeros(0)
    return Floor(
        ready=np.zeros(idle),
        on_call=np.zeros(busy),
        wrap_up=none,
        dialing=none,
        ringing=np.zeros(flight),
        screening=none,
        waiting=none,
        limits=Limits(lines=10_000, tokens=10_000, connect_limit=0.0),
        trim={"log_price": math.log(price)},
    )


def rule_at(twin: Twin, price: float) -> Raise:
    """How many calls our pacer raises to in every state, without giving any up."""
    policy = Predictive(twin_model(twin), target=0.03, cancel=False)
    return rule_of(
        twin,
        lambda idle, flight: policy.decide(twin_floor(idle, twin.agents - idle, flight, price)).calls,
    )
