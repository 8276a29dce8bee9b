"""Changes a running carrier's mix of behaviours: the share of people who answer, of busy lines and so on."""

from collections.abc import Mapping
from pathlib import Path

from sip_lab import dialplan, running


def change(state: Path, mix: Mapping[str, int]) -> None:
    """On return every new call to a number without a code draws from the new mix; running calls go on."""
    running.rewrite(state, "mix.conf", {"DRAW": dialplan.draw(mix)})
