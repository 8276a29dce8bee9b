"""The zones' own data: sound, sourced, and never behind the library without a reason."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import pytest
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE
from phonenumbers.tzdata import TIMEZONE_DATA

from portfolio.rule_packs import available_packs, load_pack
from portfolio.zones import (
    corrections,
    region_of_postal,
    regions,
    zones_of_number,
    zones_of_region,
)

YEAR = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=7 * week) for week in range(53)]
COVERED = ("AR", "BR", "CL", "CO", "EC", "ES", "GB", "MX", "US")
BY_STATE = ("BR", "CL", "EC", "ES", "MX", "PT", "US")
TERRITORIES = {("US", "PR"), ("US", "VI")}
"""On the list of the states in a file, countries of their own by ISO 3166-1."""
UNUSED = frozenset({"Etc/Unknown"})


def clock(name: str) -> tuple[timedelta | None, ...]:
    """What distinguishes two zones for whoever is called: their offsets through the year."""
    return tuple(at.astimezone(ZoneInfo(name)).utcoffset() for at in YEAR)


def zones_of_countries() -> dict[str, set[str]]:
    """Country → zones, by tzdata's own list."""
    found: dict[str, set[str]] = defaultdict(set)
    text = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in text.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country].add(zone)
    return found


def test_every_correction_is_sound() -> None:
    """Known zones, one place for a prefix, and either instead of the library or besides it."""
    prefixes = [prefix for one in corrections() for prefix in one.prefixes]
    assert len(set(prefixes)) == len(prefixes)
    assert all(prefix.isdigit() and len(prefix) <= 8 for prefix in prefixes)
    for one in corrections():
        assert bool(one.zones) != bool(one.also), one.where
        assert all(ZoneInfo(zone) for zone in (*one.zones, *one.also))
        assert len(one.source) > 20


def test_a_country_s_zones_are_its_own() -> None:
    """No correction and no region names another country's clock."""
    allowed = {country: {clock(zone) for zone in zones} for country, zones in zones_of_countries().items()}
    for one in corrections():
        countries = _countries(one.prefixes[0])
        clocks = {found for country in countries for found in allowed[country]}
        assert {clock(zone) for zone in (*one.zones, *one.also)} <= clocks, one.where
    for country, found in regions().items():
        for code, region in found.items():
            within = allowed[country] | (allowed[code] if (country, code) in TERRITORIES else set())
            assert {clock(zone) for zone in region.zones} <= within, (country, code)


@pytest.mark.parametrize("country", BY_STATE)
def test_the_regions_of_a_country_know_all_its_clocks(country: str) -> None:
    """Somebody who lives there is somewhere on the list."""
    ours = {clock(zone) for region in regions()[country].values() for zone in region.zones}
    assert {clock(zone) for zone in zones_of_countries()[country]} <= ours


@pytest.mark.parametrize("country", COVERED)
def test_numbers_of_no_place_wait_for_every_clock_of_their_country(country: str) -> None:
    """A mobile of Chile may be on Rapa Nui, one of Ecuador on the Galápagos."""
    code = next(str(c) for c, found in COUNTRY_CODE_TO_REGION_CODE.items() if found[0] == country)
    if code in ("1", "52", "55"):
        return  # their numbers name an area
    ours = {clock(zone) for zone in zones_of_number(f"+{code}", TIMEZONE_DATA[code])}
    assert {clock(zone) for zone in zones_of_countries()[country]} <= ours


def test_every_country_of_the_world_has_its_own_clock() -> None:
    """The packs that are bound to no country may call any: none by a neighbour's summer time."""
    own = zones_of_countries()
    wrong = {}
    for code, countries in COUNTRY_CODE_TO_REGION_CODE.items():
        # A mobile number: what begins with the code and nothing that is known of places.
        told = tuple(zone for zone in TIMEZONE_DATA.get(str(code), ()) if zone not in UNUSED)
        if code in (1, 7, 52, 55, 61, 247, 383) or "001" in countries:
            continue
        ours = {clock(zone) for zone in zones_of_number(f"+{code}", told)}
        missing = {z for country in countries for z in own.get(country, set()) if clock(z) not in ours}
        if missing:
            wrong[code] = missing
    assert wrong == {}


def test_an_area_code_of_america_that_the_library_splits_is_split_here_too() -> None:
    """Numbers move within an area code; the library's line between two exchanges does not hold them."""
    seen: dict[str, set[tuple[timedelta | None, ...]]] = defaultdict(set)
    for prefix, zones in TIMEZONE_DATA.items():
        if prefix.startswith("1") and len(prefix) >= 4 and set(zones) - UNUSED:
            seen[prefix[:4]] |= {clock(zone) for zone in zones if zone not in UNUSED}
    split = {area for area, clocks in seen.items() if len(clocks) > 1}
    assert len(split) > 15
    for area in split:
        ours = zones_of_number(f"+{area}2000000", ("UTC",))
        assert "UTC" not in ours, area
        assert len({clock(zone) for zone in ours}) > 1, area


@pytest.mark.parametrize("prefix", [p for one in corrections() if one.zones for p in one.prefixes])
def test_where_we_do_not_follow_the_library_the_clock_is_another(prefix: str) -> None:
    """A correction changes something, or repeats what its neighbours need; it never goes unread."""
    assert zones_of_number(f"+{prefix}000", ("UTC",)) != ("UTC",)


def test_the_region_is_known_by_what_people_write() -> None:
    """Codes, names without accents, abbreviations with points, the country before the code."""
    written = ["CHH", "Chihuahua", "CHIH.", "chihuahua ", "MX-CHH"]
    assert len({zones_of_region("MX", text) for text in written}) == 1
    assert zones_of_region("MX", "Q. Roo") == zones_of_region("MX", "QUINTANA ROO") == ("America/Cancun",)
    assert zones_of_region("BR", "são paulo") == ("America/Sao_Paulo",)
    assert zones_of_region("ES", "Las Palmas") == ("Atlantic/Canary",)


def test_a_word_of_two_regions_names_the_clocks_of_both() -> None:
    """SL is San Luis Potosí on an envelope, Sinaloa in a CURP."""
    assert set(zones_of_region("MX", "SL")) == {"America/Mazatlan", "America/Mexico_City"}


@pytest.mark.parametrize(
    ("country", "text"),
    [("MX", "nowhere"), ("MX", ""), ("MX", None), ("ZZ", "MD"), (None, "MD"), ("CO", "ANT")],
)
def test_a_region_that_is_not_known_tells_nothing(country: str | None, text: str | None) -> None:
    """The number's zones hold then."""
    assert zones_of_region(country, text) == ()


@pytest.mark.parametrize(
    ("country", "code", "region"),
    [
        ("ES", "35001", "CN"), ("ES", "38400", "CN"), ("ES", "28013", "MD"), ("ES", "8001", "CT"),
        ("MX", "77500", "ROO"), ("MX", "22000", "BCN"), ("MX", "1000", "CMX"), ("MX", "32000", "CHH"),
        ("BR", "50000-123", "PE"), ("BR", "69900-000", "AC"), ("BR", "69000-000", "AM"),
        ("BR", "1310100", "SP"),
        ("US", "32501", "FL"), ("US", "32501-1234", "FL"), ("US", "2134", "MA"), ("US", "79901", "TX"),
        ("EC", "200102", "W"), ("PT", "9500-150", "20"), ("PT", "9000-012", "30"),
        ("CO", "110111", None), ("ES", "", None), ("ES", "abc", None), ("ES", "99999", None),
    ],
)  # fmt: skip
def test_a_postal_code_names_its_region(country: str, code: str, region: str | None) -> None:
    """Also when a spreadsheet has eaten the zero before it."""
    assert region_of_postal(country, code) == region


def test_no_postal_code_lies_in_two_regions() -> None:
    """A longer beginning may lie within a shorter one, never the same twice."""
    for country, found in regions().items():
        parts = [part for region in found.values() for part in region.postal]
        assert len(parts) == len(set(parts)), country


def test_the_packs_cover_what_the_zones_were_looked_at_for() -> None:
    """A pack for a new country asks for a look at its zones."""
    markets = {load_pack(summary.name).name.partition("-")[0] for summary in available_packs()}
    assert markets - {"default", "lab"} <= {country.lower() for country in COVERED} | {"uk"}


def _countries(prefix: str) -> tuple[str, ...]:
    for length in (1, 2, 3):
        found = COUNTRY_CODE_TO_REGION_CODE.get(int(prefix[:length]))
        if found is not None:
            return found
    raise AssertionError(prefix)
