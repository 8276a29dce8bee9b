"""Whether a cap or a silence forbids all that another one forbids. Pure.

Days and weeks of the calendar are taken as 24 and 168 hours: clock changes apart.
"""

from math import ceil

from portfolio.contact_rules.pack import Cap, Silence, Spanned

_HOURS = {"calendar_day": 24.0, "calendar_week": 168.0}
_COVERED = {"person": frozenset({"person", "number", "debt"}), "number": frozenset({"number"}),
            "debt": frozenset({"debt"})}  # fmt: skip
"""Unit → those whose entries are all among its own. Who counts per person counts the line as well."""


def covers(own: Spanned, law: Spanned) -> bool:
    """Whether `own` refuses whatever `law` refuses; False as well for what cannot be compared."""
    if law.unit not in _COVERED[own.unit] or (own.unless_invited and not law.unless_invited):
        return False
    if isinstance(own, Cap) and isinstance(law, Cap):
        counted = own.counts >= law.counts and own.channels >= law.channels
        return counted and own.most * _spans_within(own, law) <= law.most
    if isinstance(own, Silence) and isinstance(law, Silence):
        return own.after == law.after and _as_quiet(own, law)
    return False


def _spans_within(own: Cap, law: Cap) -> int:
    """How many spans of `own` one of `law` may touch: each of them may be filled."""
    many = ceil(_hours(law) / _hours(own))
    if own.per == "hours":
        return many
    # Days lie within weeks, and both within themselves; a rolling window begins anywhere.
    return many if law.per != "hours" else many + 1


def _as_quiet(own: Silence, law: Silence) -> bool:
    waived = own.unless_agent_reserved and not law.unless_agent_reserved
    elsewhere = own.other_channels and not law.other_channels
    if waived or elsewhere or _hours(own) < _hours(law):
        return False
    # The rest of a day may be short: it stands for no number of hours.
    return own.per == "hours" or law.per != "hours"


def _hours(rule: Spanned) -> float:
    return _HOURS[rule.per] if rule.hours is None else rule.hours
