"""The strict pack permits nothing that a national pack forbids: by the comparison, and by the gate itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    LedgerEntry,
    Permitted,
    PersonFacts,
    RulePack,
    may_contact,
)
from portfolio.contact_rules.looser import looser
from portfolio.rule_packs import built_in, load_pack
from tests.premises import premise

STRICT = load_pack("default-strict")
NATIONAL = [name for name in built_in() if name.endswith("-collections")]
NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
ZONES = {
    "AR": ("America/Argentina/Buenos_Aires",),
    "BR": ("America/Sao_Paulo", "America/Manaus"),
    "CL": ("America/Santiago", "Pacific/Easter"),
    "CO": ("America/Bogota",),
    "ES": ("Europe/Madrid", "Atlantic/Canary"),
    "GB": ("Europe/London",),
    "MX": ("America/Mexico_City", "America/Tijuana"),
    "US": ("America/New_York", "Pacific/Honolulu"),
}
"""Country of a national pack → where its people live."""


def test_every_national_pack_is_asked() -> None:
    """Premise: each pack has a country here, and people of it."""
    assert len(NATIONAL) == 8
    assert all(load_pack(name).countries and _country(name) in ZONES for name in NATIONAL)


def _country(name: str) -> str:
    found = load_pack(name).countries
    return next(code for code in ZONES if found and code in found.codes)


@pytest.mark.parametrize("days", [0, 27, 28, 29, 60, 400])
@pytest.mark.parametrize("name", NATIONAL)
def test_no_point_of_the_comparison_is_looser_on_any_day(name: str, days: int) -> None:
    """Of countries the strict pack itself stands for those that have no pack of their own."""
    laws = (load_pack(name), STRICT)
    assert looser(STRICT, laws, NOW + timedelta(days=days)) == ()


hours = st.integers(0, 26 * 7 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
open_hours = st.builds(
    lambda day, minute: (NOW + timedelta(days=day)).replace(hour=0) + timedelta(minutes=minute),
    st.integers(0, 180),
    st.integers(9 * 60, 18 * 60),
)


@st.composite
def contacts(draw: st.DrawFn) -> tuple[str, PersonFacts, AddressFacts, list[LedgerEntry], datetime, Approach]:
    """A country's pack, and somebody of it whom we might call: mostly at an hour at which many are called."""
    name = draw(st.sampled_from(NATIONAL))
    country = _country(name)
    pack = load_pack(name)
    zone = draw(st.sampled_from(ZONES[country]))
    local = draw(open_hours | open_hours | hours)
    offset = local.replace(tzinfo=None) - NOW.replace(tzinfo=None)
    now = _at(zone, NOW.replace(tzinfo=None) + offset)
    usual = pack.countries.such_as if pack.countries else ""
    special = [start.ljust(12, "5") for start in (*pack.forbidden_prefixes, *STRICT.forbidden_prefixes)]
    number = draw(st.sampled_from([usual] * 9 + [draw(st.sampled_from(special))]))
    mostly = st.sampled_from([True, True, True, True, False])
    person = PersonFacts(
        1,
        zone=zone,
        country=country,
        flags=draw(
            st.sampled_from([frozenset[str]()] * 6 + [frozenset({"vulnerable"}), frozenset({"dispute"})])
        ),
        granted=frozenset({"voice"}) if draw(mostly) else frozenset(),
    )
    approach = Approach(
        agent_reserved=draw(st.booleans()),
        trained=draw(st.booleans()),
        invited=draw(st.booleans()),
        caller_id=draw(st.sampled_from(["+34910000000"] * 6 + ["+34612345678", ""])),
        registered=draw(mostly),
    )
    return name, person, AddressFacts(number), draw(_ledgers(now, number)), now, approach


def _at(zone: str, local: datetime) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def _ledgers(now: datetime, number: str) -> st.SearchStrategy[list[LedgerEntry]]:
    """Mostly old or empty, so that many are permitted."""
    entry = st.builds(
        LedgerEntry,
        kind=st.sampled_from(["attempt", "reserved", "conversation", "abandoned", "machine"]),
        at=st.integers(1, 24 * 14).map(lambda ago: now - timedelta(hours=ago)),
        channel=st.sampled_from([Channel.VOICE, Channel.VOICE, Channel.SMS]),
        number=st.sampled_from([number, number, "+34600999999", None]),
        same_person=st.booleans(),
    )
    return st.just([]) | st.lists(entry, min_size=1, max_size=2) | st.lists(entry, max_size=6)


@settings(max_examples=600, deadline=None)
@given(contacts())
def test_whom_the_strict_pack_permits_every_country_permits(
    drawn: tuple[str, PersonFacts, AddressFacts, list[LedgerEntry], datetime, Approach],
) -> None:
    """Asked of the gate and not of the comparison; where nobody else refuses, each wish is tried singly."""
    name, person, address, ledger, now, approach = drawn
    law = load_pack(name)
    # As drawn, and with all that no rule of a pack can refuse, so that one rule alone decides.
    eased = replace(person, flags=frozenset(), granted=frozenset({"voice"}))
    tame = replace(approach, caller_id="+34910000000", registered=True)
    asked = [
        (person, ledger, approach), (eased, ledger, tame), (person, [], tame),
        (eased, [], approach), (eased, [], tame),
    ]  # fmt: skip

    def permits(pack: RulePack, who: PersonFacts, past: list[LedgerEntry], how: Approach) -> bool:
        return isinstance(may_contact(who, Channel.VOICE, address, pack, past, now, how), Permitted)

    strictly = [one for one in asked if permits(STRICT, *one)]
    premise(bool(strictly))
    assert [one for one in strictly if not permits(law, *one)] == [], name
