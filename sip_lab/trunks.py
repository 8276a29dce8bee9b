"""Breaks a running carrier's trunk, and mends it: all numbers on it behave alike for a while."""

from pathlib import Path

from sip_lab import running
from sip_lab.behaviours import Behaviour

WORKS = "works"


def treat(state: Path, trunk: str, alike: Behaviour | None) -> None:
    """On return every new call on the trunk behaves so, whatever its number; None mends it."""
    values = {"ALL_ON_TRUNK": alike.name if alike is not None else ""}
    running.rewrite(state, f"trunk_{trunk}.conf", values)
