"""Learns a campaign online, from the end of every phase of every call; censoring-aware, forgetting."""

from typing import Any, Literal

from pacing.floor import Floor
from pacing.model import Model

RingEnd = Literal["human", "machine", "other"]


class Learner:
    """One campaign's estimates. Times are seconds; the caller gives durations, never clocks."""

    def __init__(self) -> None:
        self._model = Model()

    def ring_over(self, seconds: float, end: RingEnd, odds: float = 1.0) -> None:
        """A call left the ring, `seconds` after it was placed: answered by a person or machine, or ended.

        Told once the verdict is known; `odds` are those the call was placed with.
        """

    def screening_over(self, seconds: float, human: bool) -> None:
        """The screening of an answered call came to a verdict."""

    def talk_over(self, seconds: float, agent: int) -> None:
        """A conversation ended."""

    def wrap_over(self, seconds: float, agent: int) -> None:
        """An agent's wrap-up ended, by disposition or limit."""

    def answer(self, abandoned: bool, target: float) -> None:
        """A live answer was settled: moves the price so that the long-run share meets the target."""

    def watch(self, floor: Floor, now: float) -> None:
        """See the floor at `now` (seconds of any steady clock), once before each decision."""

    def model(self) -> Model:
        """The tables in force: the same object until enough was learned for a new version."""
        return self._model

    def trim(self) -> dict[str, float]:
        """Fast scalars that go into Floor.trim: the price and the answer scale."""
        return {}

    def speed(self, agent: int) -> tuple[float, float]:
        """Pace of an agent in talk and wrap-up; 1 = the campaign's mean."""
        return 1.0, 1.0

    def as_record(self) -> dict[str, Any]:
        """Everything learned, JSON-able, for a restart."""
        return {}

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> "Learner":
        """The learner that as_record() wrote down."""
        return cls()
