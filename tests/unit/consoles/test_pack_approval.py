"""By whose law a campaign is measured."""

from datetime import UTC, datetime

import pytest

from consoles.pack_approval import laws_of, looser_points
from dialer.model.campaign import CampaignSettings
from portfolio.contact_rules import RulePack
from portfolio.rule_packs import built_in, load_pack

NOW = datetime(2026, 11, 30, 10, tzinfo=UTC)
SPAIN = load_pack("es-collections")


def own(*codes: str) -> RulePack:
    """A pack of one's own that calls these countries, or every one."""
    assert SPAIN.countries is not None
    countries = SPAIN.countries.model_copy(update={"codes": frozenset(codes)}) if codes else None
    return SPAIN.model_copy(update={"name": "casa", "countries": countries})


def laws(pack: RulePack, region: str = "") -> list[str]:
    return [law.name.removesuffix("-collections") for law in laws_of(CampaignSettings(region=region), pack)]


@pytest.mark.parametrize(
    ("codes", "region", "names"),
    [
        (["ES"], "", ["es"]),
        (["ES"], "MX", ["es", "mx"]),  # the region adds a law, and takes none away
        (["ES", "GB"], "ES", ["es", "uk"]),
        (["ES", "PT"], "", ["es", "default-strict"]),  # Portugal has no pack
        (["PE"], "GB", ["uk", "default-strict"]),
        (["PR"], "", ["us"]),
        ([], "GB", ["uk", "default-strict"]),  # it calls every country
        ([], "", ["default-strict"]),
    ],
)
def test_every_country_that_is_called_and_the_campaign_s_own(
    codes: list[str], region: str, names: list[str]
) -> None:
    assert laws(own(*codes), region) == names


def test_the_strict_pack_is_written_for_no_country() -> None:
    strict = load_pack("default-strict")
    assert laws(strict) == ["default-strict"]
    assert laws(strict, "MX") == ["mx", "default-strict"]


@pytest.mark.parametrize("name", built_in())
def test_no_pack_of_the_product_is_looser_where_it_belongs(name: str) -> None:
    pack = load_pack(name)
    regions = sorted(pack.countries.codes) if name.endswith("-collections") and pack.countries else []
    for region in ("", *regions):
        assert looser_points(CampaignSettings(rule_pack=name, region=region), NOW) == ()


@pytest.mark.parametrize("region", ["AR", "BR", "CL", "CO", "ES", "GB", "MX", "US", "PE"])
def test_whichever_country_is_chosen_the_strict_pack_needs_nobodys_leave(region: str) -> None:
    assert looser_points(CampaignSettings(rule_pack="default-strict", region=region), NOW) == ()
