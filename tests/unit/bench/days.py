"""Days that came out as a test says."""

from dataclasses import dataclass, field


@dataclass
class FakeDay:
    """A day that came out as the test says."""

    occupancy: float = 0.75
    talk: float = 0.64
    idle_per_call: float = 45.0
    abandonment: float = 0.02
    worst_window: float = 0.06
    live: int = 800
    abandoned: int = 16
    dials: int = 4400
    cancels: int = 40
    connected: int = 784
    decision_ms_mean: float = 0.2
    decision_ms_p99: float = 0.9
    hourly: list[tuple[int, int]] = field(default_factory=lambda: [(100, 2)])
