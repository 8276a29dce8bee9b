"""The one-line reasons of the pacing (pacing.policies, pacing.guard), read in their parts."""

import re

_HELD = re.compile(r"; held to \d+ by abandonment cap")
_CANCELS = re.compile(r"; cancels (\d+)")
_MODE = re.compile(r"(manual|preview|progressive|predictive): ")
_POWER = re.compile(r"[\d.]+ per agent: ")


def mode_of(reason: str) -> str:
    """The dial mode that decided; '' when the line is of another wording."""
    found = _MODE.match(reason)
    if found:
        return found[1]
    return "power" if _POWER.match(reason) else ""


def was_capped(reason: str) -> bool:
    """Whether the hard abandonment cap held the policy back."""
    return _HELD.search(reason) is not None


def cancelled_in(reason: str) -> int:
    """Ringing calls that were given up."""
    found = _CANCELS.search(reason)
    return int(found[1]) if found else 0
