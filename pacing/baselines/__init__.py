"""Pacing as other dialers do it, to measure ours against; used by the simulator and benchmarks only."""

from pacing.baselines.adaptive import Issabel, Unicom, Webitel, over_dial
from pacing.baselines.erlang import ErlangOpen, erlang_b, load_for
from pacing.baselines.ratios import PerIdle, PerLogged, Progressive
from pacing.baselines.vicidial import Drops, Sample, Settings, Vicidial, calls_wanted, next_level
from pacing.baselines.view import Pacer, Recent, View

__all__ = [
    "Drops",
    "ErlangOpen",
    "Issabel",
    "Pacer",
    "PerIdle",
    "PerLogged",
    "Progressive",
    "Recent",
    "Sample",
    "Settings",
    "Unicom",
    "Vicidial",
    "View",
    "Webitel",
    "calls_wanted",
    "erlang_b",
    "load_for",
    "next_level",
    "over_dial",
]
