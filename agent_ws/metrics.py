"""What the live wire counts; in the registry of its application, never the global one."""

from prometheus_client import CollectorRegistry, Counter, Gauge


class LiveMetrics:
    """Counters of one hub."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Register them."""
        self.clients = Gauge("dialer_ws_clients", "Live connections of consoles", ["role"], registry=registry)
        self.dropped = Counter(
            "dialer_ws_dropped_messages", "Messages replaced by a newer one unsent", registry=registry
        )
        self.closed = Counter(
            "dialer_ws_closed", "Connections that we closed, by close code", ["code"], registry=registry
        )
        self.turned_away = Counter(
            "dialer_ws_turned_away", "Connections beyond a limit, by limit", ["limit"], registry=registry
        )
        self.refused = Counter(
            "dialer_ws_refused_messages", "Messages of consoles not taken", ["reason"], registry=registry
        )
        self.frames = Counter(
            "dialer_ws_frames", "Frames of the engine, by kind", ["kind"], registry=registry
        )
        self.bad_frames = Counter("dialer_ws_bad_frames", "Frames not understood", registry=registry)
        self.engine_up = Gauge(
            "dialer_ws_engine_up", "Whether the engine is heard (0 or 1)", registry=registry
        )
