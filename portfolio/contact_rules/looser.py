"""In which points a pack measures the harm to people more loosely than another one. Pure.

What is measured alone is compared: the share of abandoned calls with its windows, and how long a person may
ring and wait. Hours, caps and silences of two packs seldom compare, and are asked call by call.
"""

from portfolio.contact_rules.pack import AbandonmentWindow, Conduct, RulePack

POINTS = ("conduct", "abandonment")
"""What is compared, in this order."""


def looser(pack: RulePack, law: RulePack) -> tuple[str, ...]:
    """The points in which `pack` permits what `law` forbids; empty = at least as strict in both."""
    strict = (_conduct(pack.conduct, law.conduct), _abandonment(pack.conduct, law.conduct))
    return tuple(point for point, kept in zip(POINTS, strict, strict=True) if not kept)


def _conduct(own: Conduct, law: Conduct) -> bool:
    clock = own.clock_start == "answered" or law.clock_start == "greeting_end"
    waits = own.connect_limit_seconds <= law.connect_limit_seconds
    return clock and waits and own.minimum_ring_seconds >= law.minimum_ring_seconds


def _abandonment(own: Conduct, law: Conduct) -> bool:
    counted = own.unserved_counts or not law.unserved_counts
    windows = all(
        any(_window(mine, own, one, law) for mine in own.abandonment_windows)
        for one in law.abandonment_windows
    )
    return counted and own.unserved_after_seconds <= law.unserved_after_seconds and windows


def _window(own: AbandonmentWindow, conduct: Conduct, law: AbandonmentWindow, asked: Conduct) -> bool:
    """Whether a window is as long as the law's, with no higher limit and no more given in advance."""
    limit = conduct.max_abandonment if own.limit is None else min(own.limit, conduct.max_abandonment)
    highest = asked.max_abandonment if law.limit is None else min(law.limit, asked.max_abandonment)
    return own.name == law.name and limit <= highest and own.advance <= law.advance
