"""A fingerprint of all that the contact gate judges a campaign's leads by, besides the people themselves."""

from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.metadata import version

from dialer.model.campaign import BESIDE_THE_GATE, Campaign
from portfolio.rule_packs import RulePack


def rules_digest(campaign: Campaign, pack: RulePack | None, now: datetime) -> str:
    """The same for the same rules in every process; None = the pack cannot be used.

    A pack has another on the day from which a change in it holds; so has the campaign when an agent with a
    new skill joins, and when its caller id comes into the registry.
    """
    settings = campaign.settings.model_dump_json(exclude=set(BESIDE_THE_GATE))
    said = (
        settings,
        campaign.caller_id,
        campaign.caller_registered,
        sorted(campaign.staffed),
        pack.at(now).digest if pack is not None else "",
        places() if pack is not None else "",
    )
    return sha256(repr(said).encode()).hexdigest()


@cache
def places() -> str:
    """Of the holidays and zones that come with this version of the program."""
    zones = resources.files("portfolio.zones")
    files = [zones.joinpath(name).read_bytes() for name in ("numbers.yaml", "regions.yaml")]
    versions = " ".join(version(name) for name in ("holidays", "phonenumbers")).encode()
    return sha256(b"\0".join([versions, *files])).hexdigest()
