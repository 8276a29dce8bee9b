"""When a number is dead: believed trunks said on two days that there is none. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from dialer.model.outcomes import Outcome

FORGOTTEN = timedelta(days=90)
"""A refusal older than this says nothing any more: numbers are given out again."""
PROOFS = frozenset({Outcome.CONVERSATION, Outcome.BUSY, Outcome.DECLINED, Outcome.UNWANTED})
"""Ends that show that there is such a number: an earlier refusal was wrong. What rang, or was
taken for a machine, may have been the network's own announcement."""


@dataclass(frozen=True, slots=True)
class Unallocated:
    """Once the network said, through a trunk that is believed, that there is no such number."""

    on: date
    """The day, where the campaign calls from."""
    trunk: str


def kept(first: Unallocated | None, said: Unallocated) -> Unallocated:
    """Which of two refusals is remembered: the first, until it is forgotten."""
    return said if first is None or said.on - first.on > FORGOTTEN else first


def kills(first: Unallocated | None, said: Unallocated) -> bool:
    """Whether a number that was refused before is dead now."""
    return first is not None and first.on < said.on <= first.on + FORGOTTEN
