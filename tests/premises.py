"""Premises of properties: what holds in too few draws proves nothing, and fails the suite."""

import sys
from dataclasses import dataclass, field

from hypothesis.control import current_build_context

LEAST = 1 / 3
"""Share of the draws in which a premise must hold."""


@dataclass(slots=True)
class Met:
    """How often the premise of one place held; several questions in one draw count as one."""

    draws: int = 0
    held: int = 0
    draw: object = None
    this_draw: bool = False

    def ask(self, draw: object, holds: bool) -> None:
        """One question in the course of a draw."""
        if draw is not self.draw:
            self.draw, self.this_draw = draw, False
            self.draws += 1
        if holds and not self.this_draw:
            self.this_draw = True
            self.held += 1

    @property
    def rare(self) -> bool:
        """Whether it held too seldom to prove anything."""
        return self.held < self.draws * LEAST


@dataclass(slots=True)
class Watch:
    """The premises of the test that runs."""

    places: dict[tuple[str, int], Met] = field(default_factory=dict)

    def begin(self) -> None:
        """Another test begins."""
        self.places.clear()

    def rare(self) -> list[str]:
        """What was met too seldom, in words."""
        return [
            f"{file}:{line}: the premise held in {met.held} of {met.draws} draws"
            for (file, line), met in self.places.items()
            if met.rare
        ]


watch = Watch()


def premise(holds: object) -> bool:
    """Whether the premise of what follows holds in this draw; it must in a third of them (conftest.py)."""
    caller = sys._getframe(1)
    place = (caller.f_code.co_filename, caller.f_lineno)
    watch.places.setdefault(place, Met()).ask(current_build_context().data, bool(holds))
    return bool(holds)
