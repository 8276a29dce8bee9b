"""Where a campaign stands when a simulated floor opens: who answered and was served by nobody before."""

from dataclasses import dataclass, replace

from pacing.floor import Window

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Standing:
    """What the cap knows at the start; counts in persons and calls."""

    windows: tuple[Window, ...]
    settled: int = 0
    """Calls that came to an end lately, for the bound on the share of live answers."""
    settled_live: int = 0
    """Live answers among those."""

    @classmethod
    def of_a_new_day(cls, limit: float, credit: float = 0.0) -> "Standing":
        """Nobody was called; one window of this limit, 0–1, with so many abandonments in advance."""
        return cls((Window("law", limit, credit=credit),))

    def bounded(self, limit: float, present: float | None = None) -> "Standing":
        """The same under another limit; a window held to the `present` one goes with it, also upwards."""

        def held(window: Window) -> Window:
            free = present is not None and abs(window.limit - present) < _SAME
            return replace(window, limit=limit if free else min(window.limit, limit))

        return replace(self, windows=tuple(map(held, self.windows)))


def since(
    window: Window, live: float, abandoned: float, screened_out: float = 0.0, unserved: float = 0.0
) -> Window:
    """The window with those who answered since; nobody leaves it meanwhile."""
    return replace(
        window,
        live=window.live + live,
        abandoned=window.abandoned + abandoned,
        screened_out=window.screened_out + screened_out,
        unserved=window.unserved + unserved,
    )
