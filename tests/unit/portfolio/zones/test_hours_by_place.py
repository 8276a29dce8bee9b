"""People are called by their own clock: what the library's zones permitted, and the law does not."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from portfolio.contact_rules import (
    AddressFacts,
    Approach,
    Channel,
    Permitted,
    PersonFacts,
    Refused,
    may_contact,
)
from portfolio.importer.phones import read_phone
from portfolio.rule_packs import load_pack
from portfolio.zones import zones_of_region

SHOWN = {"br": "+5530300000000"}


@dataclass(frozen=True)
class Case:
    """A call at an hour of the place where the person really is."""

    where: str
    number: str
    country: str
    wall: str
    """What the clock on their wall shows, ISO without zone."""
    clock: str
    region: str | None = None


TOO_EARLY_OR_LATE = [
    # The five of the issue.
    Case("Chihuahua", "6141234567", "MX", "2026-11-24 22:30", "America/Chihuahua"),
    Case("Recife, mobile", "81991234567", "BR", "2026-11-24 08:15", "America/Recife"),
    Case("Punta Arenas", "612212345", "CL", "2026-07-21 20:30", "America/Punta_Arenas"),
    Case("Matamoros", "8681234567", "MX", "2026-07-21 22:30", "America/Matamoros"),
    Case("Pensacola", "8502000000", "US", "2026-11-24 07:30", "America/Chicago"),
    # Their brothers.
    Case("Tallahassee, with the same code", "8502000000", "US", "2026-11-24 21:30", "America/New_York"),
    Case("Panama City, the new code", "4482000000", "US", "2026-11-24 07:30", "America/Chicago"),
    Case("Hermosillo", "6621234567", "MX", "2026-07-21 06:30", "America/Hermosillo"),
    Case("Tijuana, the new code", "6631234567", "MX", "2026-11-24 06:30", "America/Tijuana"),
    Case("Juárez, the new code", "6571234567", "MX", "2026-07-21 22:30", "America/Ciudad_Juarez"),
    Case("Piedras Negras", "8781234567", "MX", "2026-07-21 22:30", "America/Matamoros"),
    Case("Allende", "8621234567", "MX", "2026-07-21 22:30", "America/Matamoros"),
    Case("Mier", "8971234567", "MX", "2026-07-21 22:30", "America/Matamoros"),
    Case("Parral", "6271234567", "MX", "2026-11-24 22:30", "America/Chihuahua"),
    Case("José María Morelos", "9971234567", "MX", "2026-11-24 22:30", "America/Cancun"),
    Case("Xpujil, with Chetumal's code", "9831234567", "MX", "2026-11-24 06:30", "America/Merida"),
    Case("Belém, mobile", "91991234567", "BR", "2026-11-24 18:30", "America/Belem"),
    Case("São Luís, mobile", "98991234567", "BR", "2026-11-24 18:30", "America/Fortaleza"),
    Case("Macapá, mobile", "96991234567", "BR", "2026-11-24 18:30", "America/Belem"),
    Case("Eirunepé", "97991234567", "BR", "2026-11-24 08:15", "America/Eirunepe"),
    Case("Noronha", "81991234567", "BR", "2026-11-24 18:30", "America/Noronha"),
    Case("a mobile of Chile in Punta Arenas", "961234567", "CL", "2026-07-21 20:30", "America/Punta_Arenas"),
    Case("a mobile of Chile on Rapa Nui", "961234567", "CL", "2026-07-21 07:30", "Pacific/Easter"),
    Case("a fixed line of Rapa Nui", "322100000", "CL", "2026-07-21 07:30", "Pacific/Easter"),
    Case("Coyhaique", "672212345", "CL", "2026-07-21 20:30", "America/Coyhaique"),
    Case("Evansville", "9302000000", "US", "2026-11-24 07:30", "America/Chicago"),
    Case("Phenix City", "3342980000", "US", "2026-11-24 21:30", "America/New_York"),
    Case("Ontario in Oregon", "4582000000", "US", "2026-11-24 21:30", "America/Boise"),
    # By the region, whatever the number says.
    Case("Tenerife by a number of Madrid", "910000001", "ES", "2026-11-24 08:30", "Atlantic/Canary", "TF"),
    Case(
        "Cancún by a number of the capital", "5512345678",
        "MX", "2026-11-24 22:30", "America/Cancun", "Q. Roo",
    ),
    Case(
        "Tijuana by a number of the capital", "5512345678",
        "MX", "2026-11-24 06:30", "America/Tijuana", "B.C.",
    ),
    Case(
        "the capital by a number of Cancún", "9981234567",
        "MX", "2026-11-24 06:30", "America/Mexico_City", "CDMX",
    ),
    Case("Manaus by a number of São Paulo", "11991234567", "BR", "2026-11-24 08:30", "America/Manaus", "AM"),
    Case(
        "Los Angeles by a number of New York", "2122000000",
        "US", "2026-11-24 07:30", "America/Los_Angeles", "CA",
    ),
]  # fmt: skip


def ask(case: Case, at: datetime) -> Permitted | Refused:
    """The pack's own answer, as an imported row reaches it."""
    phone = read_phone(case.number, case.country)
    rules = load_pack(f"{case.country.lower()}-collections")
    consents = frozenset({"voice"})
    person = PersonFacts(
        1, None, case.country, case.region, granted=consents, zones=zones_of_region(case.country, case.region)
    )
    prefixes = rules.caller_id.prefixes if rules.caller_id is not None else ()
    shown = Approach(caller_id=f"{prefixes[0] if prefixes else '+34'}910000000", registered=True)
    address = AddressFacts(phone.number, zones=phone.zones)
    return may_contact(person, Channel.VOICE, address, rules, [], at, shown)


@pytest.mark.parametrize("case", TOO_EARLY_OR_LATE, ids=lambda case: case.where)
def test_nobody_is_called_outside_the_hours_of_where_they_are(case: Case) -> None:
    """And at noon there everybody is."""
    zone = ZoneInfo(case.clock)
    verdict = ask(case, datetime.fromisoformat(case.wall).replace(tzinfo=zone))
    assert isinstance(verdict, Refused)
    assert [refusal.rule for refusal in verdict.detail] == ["calling_hours"]
    noon = datetime.fromisoformat(case.wall).replace(hour=13, minute=30, tzinfo=zone)
    assert isinstance(ask(case, noon), Permitted)


@pytest.mark.parametrize(
    ("number", "country", "region", "wall", "clock"),
    [
        ("612345678", "ES", "Madrid", "2026-11-24 09:30", "Europe/Madrid"),
        ("612345678", "ES", "Santa Cruz de Tenerife", "2026-11-24 20:30", "Atlantic/Canary"),
        ("961234567", "CL", "RM", "2026-07-21 08:30", "America/Santiago"),
        ("961234567", "CL", "Magallanes", "2026-07-21 08:30", "America/Punta_Arenas"),
        ("8502000000", "US", "Texas", "2026-11-24 09:30", "America/Chicago"),
        ("9831234567", "MX", "QROO", "2026-11-24 07:30", "America/Cancun"),
        ("8112345678", "MX", "Nuevo León", "2026-07-21 21:30", "America/Monterrey"),
        ("8112345678", "MX", None, "2026-07-21 21:30", "America/Monterrey"),
        ("81991234567", "BR", None, "2026-11-24 09:15", "America/Recife"),
    ],
)
def test_a_region_that_is_known_spares_the_other_zones_of_the_number(
    number: str, country: str, region: str | None, wall: str, clock: str
) -> None:
    """Whoever is known to live in Madrid need not wait for the Canaries."""
    at = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(clock))
    assert isinstance(ask(Case("", number, country, wall, clock, region), at), Permitted)
