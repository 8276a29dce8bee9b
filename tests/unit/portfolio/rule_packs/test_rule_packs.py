"""The rule packs that come with the product."""

from datetime import date

import pytest
import yaml
from pydantic import ValidationError

from portfolio.contact_rules import failed_examples
from portfolio.rule_packs import BrokenPack, UnknownPack, available_packs, load_pack, read_pack
from portfolio.rule_packs.public_holidays import public_holidays

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
NAMES = [summary.name for summary in available_packs()]


def text_of(name: str, **changes: object) -> str:
    """A pack's YAML with something changed."""
    data = load_pack(name).model_dump(mode="json")
    return yaml.safe_dump({**data, **changes}, allow_unicode=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_fulfils_its_examples(name: str) -> None:
    """Also when its rules are judged by another hand than the loader."""
    assert failed_examples(load_pack(name)) == ()


def test_which_packs_there_are() -> None:
    """One to start with, one for each market, and those that say they are for the lab."""
    markets = ("ar", "br", "cl", "co", "es", "mx", "uk", "us")
    named = {(f"{market}-collections", False) for market in markets}
    assert {(summary.name, summary.lab_only) for summary in available_packs()} == named | {
        ("default-strict", False),
        ("lab-open", True),
        ("lab-demo", True),
    }


@pytest.mark.parametrize("name", ["nope", "../default-strict", "", "default-strict.yaml"])
def test_an_unknown_pack(name: str) -> None:
    """A name is a name, never a path."""
    with pytest.raises(UnknownPack):
        load_pack(name)


def test_the_strict_pack_is_the_table() -> None:
    """Hours, caps and silences as the strictest country has them."""
    strict = load_pack("default-strict")
    windows = {
        day: [(w.start // 60, w.end // 60) for w in found] for day, found in strict.hours.windows.items()
    }
    assert windows == {day: [(9, 18)] for day in WEEKDAYS}
    assert {(c.unit, c.most, c.hours) for c in strict.caps} == {("person", 1, 168)}
    assert {(s.after, s.unit, s.hours or s.per) for s in strict.silences} == {
        ("conversation", "person", "calendar_day"), ("conversation", "person", "calendar_week"),
        ("conversation", "person", 168), ("abandoned", "number", 72), ("machine", "number", 24),
    }  # fmt: skip
    assert strict.excluded_days.public_holidays


@pytest.mark.parametrize("rule", ["hours", "excluded_days", "caps", "silences", "forbidden_prefixes"])
def test_the_strict_pack_notices_that_a_rule_was_weakened(rule: str) -> None:
    """Its own examples guard every part of it."""
    weak: dict[str, object] = {
        "hours": load_pack("lab-open").model_dump(mode="json")["hours"],
        "excluded_days": load_pack("lab-open").model_dump(mode="json")["excluded_days"],
        "caps": [],
        "silences": [],
        "forbidden_prefixes": [],
    }
    with pytest.raises(BrokenPack):
        read_pack(text_of("default-strict", **{rule: weak[rule]}))


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("lab-")])
def test_a_pack_notices_that_any_rule_of_it_was_weakened(name: str) -> None:
    """Its own examples guard each cap, each silence, and everything else that can refuse."""
    data = load_pack(name).model_dump(mode="json")
    weaker: dict[str, object] = {"forbidden_prefixes": [], "caller_id": None, "consent_required": []}
    weaker = {key: value for key, value in weaker.items() if data[key]}
    for part in ("caps", "silences"):
        for place in range(len(data[part])):
            cut = [rule for number, rule in enumerate(data[part]) if number != place]
            with pytest.raises(BrokenPack):
                read_pack(text_of(name, **{part: cut}))
    for key, value in weaker.items():
        with pytest.raises(BrokenPack):
            read_pack(text_of(name, **{key: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 0},
        {"caps": [{"name": "x"}]},
        {"surprise": 1},
        {"tests": []},
        {
            "hours": {
                "windows": {"monday": [{"start": "9", "end": "19:00"}]},
                "source": "x",
                "dated": "2026-01-01",
            }
        },
        {
            "hours": {
                "windows": {"monday": [{"start": "09:00", "end": "24:01"}]},
                "source": "x",
                "dated": "2026-01-01",
            }
        },
        {"hours": {"windows": {"lunes": []}, "source": "x", "dated": "2026-01-01"}},
    ],
)
def test_a_misformed_pack(changes: dict[str, object]) -> None:
    """Nothing unknown, nothing missing, no time that is none."""
    with pytest.raises(ValidationError):
        read_pack(text_of("lab-open", **changes))


def test_a_pack_longer_than_any_pack() -> None:
    """Refused before it is parsed."""
    with pytest.raises(BrokenPack):
        read_pack("x" * 300_000)


def test_two_rules_of_one_name() -> None:
    """The name is what 'why?' shows."""
    caps = load_pack("lab-open").model_dump(mode="json")["caps"]
    with pytest.raises(ValidationError, match="same name"):
        read_pack(text_of("lab-open", caps=caps * 2))


def test_public_holidays_of_a_region_of_all_and_of_none() -> None:
    """2 May is a holiday of Madrid, 11 September of Catalonia, 12 October of Spain."""
    second_of_may, diada, spain = date(2025, 5, 2), date(2025, 9, 11), date(2026, 10, 12)
    madrid = public_holidays("ES", "MD", 2025) or frozenset()
    assert second_of_may in madrid
    assert diada not in madrid
    everywhere = public_holidays("ES", None, 2025) or frozenset()
    assert {second_of_may, diada} <= everywhere
    assert public_holidays("ES", "somewhere", 2025) == everywhere
    assert spain in (public_holidays("ES", "", 2026) or frozenset())
    assert not {second_of_may, diada} & (public_holidays("ES", "", 2025) or frozenset())


def test_public_holidays_of_a_country_that_is_none() -> None:
    """Not known is not the same as none."""
    assert public_holidays("ZZ", None, 2026) is None
    assert public_holidays("MX", "", 2026)


@pytest.mark.parametrize(
    ("window", "why"),
    [
        ({"name": "calendar_day"}, "zone of its midnight"),
        ({"name": "calendar_day", "zone": "Europe/Atlantis"}, "no time zone"),
        ({"name": "rolling_24h", "zone": "Europe/Madrid"}, "zone of its midnight"),
        ({"name": "rolling_32d"}, "longer than 31 days"),
        ({"name": "yesterday"}, "match pattern"),
    ],
)
def test_a_window_that_cannot_be_counted_is_refused(window: dict[str, str], why: str) -> None:
    """Rather than not heeded."""
    conduct = load_pack("lab-open").conduct.model_dump(mode="json")
    with pytest.raises(ValidationError, match=why):
        read_pack(text_of("lab-open", conduct={**conduct, "abandonment_windows": [window]}))


def test_a_window_stands_once() -> None:
    """Two limits of the same window are a mistake."""
    conduct = load_pack("lab-open").conduct.model_dump(mode="json")
    twice = [{"name": "rolling_24h"}, {"name": "rolling_24h", "limit": 0.01}]
    with pytest.raises(ValidationError, match="same name"):
        read_pack(text_of("lab-open", conduct={**conduct, "abandonment_windows": twice}))
