"""Metrics of one web process, in a registry of its own."""

from prometheus_client import CollectorRegistry, Counter, Histogram

from agent_ws.metrics import LiveMetrics

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class WebMetrics:
    """What the consoles' server counts."""

    def __init__(self) -> None:
        """Register everything."""
        self.registry = CollectorRegistry()
        self.live = LiveMetrics(self.registry)
        self.requests = Histogram(
            "dialer_http_request_duration_seconds",
            "Time to answer, by route",
            ["method", "route", "status"],
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self.logins = Counter("dialer_logins", "Logins, by result", ["result"], registry=self.registry)
