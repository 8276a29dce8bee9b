"""Rule packs for tests, each as small as the test needs."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from portfolio.contact_rules import RulePack

SOURCE = {"source": "a test", "dated": date(2026, 11, 23)}
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ALWAYS = {day: [{"start": "00:00", "end": "24:00"}] for day in WEEK}


def every_day(start: str, end: str) -> dict[str, Any]:
    """The same window each day."""
    return {day: [{"start": start, "end": end}] for day in WEEK}


def cap(most: int, hours: float | None, **changes: Any) -> dict[str, Any]:
    """A cap on attempts per person."""
    return {
        "name": "some_cap", "label_es": "tope", "label_en": "cap", "unit": "person",
        "counts": ["attempt", "reserved"], "most": most, "hours": hours, **SOURCE, **changes,
    }  # fmt: skip


def silence(after: str, hours: float | None, **changes: Any) -> dict[str, Any]:
    """A silence per person."""
    return {
        "name": f"after_{after}", "label_es": "silencio", "label_en": "silence", "unit": "person",
        "after": after, "hours": hours, **SOURCE, **changes,
    }  # fmt: skip


def pack(
    *,
    windows: dict[str, Any] | None = None,
    caps: Iterable[dict[str, Any]] = (),
    silences: Iterable[dict[str, Any]] = (),
    public_holidays: bool = False,
    unknown_region: str = "every_region",
    also: Iterable[date] = (),
    **changes: Any,
) -> RulePack:
    """A pack that is open at any time and has no other rule, but for what is asked."""
    return RulePack.model_validate(
        {
            "name": "test-pack",
            "version": 3,
            "title_es": "Prueba",
            "title_en": "Test",
            "effective_from": date(2020, 1, 1),
            "channels": ["voice"],
            "hours": {"windows": windows or ALWAYS, **SOURCE},
            "excluded_days": {
                "public_holidays": public_holidays, "unknown_region": unknown_region, "also": list(also),
                **SOURCE,
            },
            "caps": list(caps),
            "silences": list(silences),
            "forbidden_prefixes": [],
            "conduct": {
                "minimum_ring_seconds": 15, "connect_limit_seconds": 2, "clock_start": "answered",
                "max_abandonment": 0.03, "abandonment_windows": [{"name": "rolling_24h"}], **SOURCE,
            },
            "tests": [{"name": "x", "at": "2026-11-24T12:00:00Z", "person": {}, "expect": "zone_unknown"}],
            **changes,
        }
    )  # fmt: skip
