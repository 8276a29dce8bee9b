"""Which packs say what the law asks of a campaign, also where its own cannot be read."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

import structlog
from asyncpg import Record
from pydantic import ValidationError

from consoles.web_deps import from_json
from dialer.model.campaign import CampaignSettings
from portfolio.contact_rules import RulePack
from portfolio.rule_packs import BrokenPack, UnknownPack, built_in, load_pack
from portfolio.rule_packs.shelf import SHELF

_STRICT = "default-strict"
_log = structlog.get_logger(__name__)


def understood(rows: Iterable[Mapping[str, Any] | Record]) -> dict[int, CampaignSettings]:
    """Campaign → its settings, of rows with `id` and `settings`.

    Settings that this version does not understand (another one wrote them) are left out and logged: the
    others' duties are watched all the same.
    """
    found = {}
    for row in rows:
        try:
            found[row["id"]] = CampaignSettings.model_validate(from_json(row["settings"]))
        except ValidationError as error:
            _log.warning("settings_not_understood", campaign=row["id"], error=error.errors()[0]["msg"])
    return found


def own_pack(settings: CampaignSettings) -> RulePack | None:
    """The campaign's pack; None = it cannot be read. The first look takes most of a second."""
    return _read(SHELF.look, settings.rule_pack)


def laws(settings: CampaignSettings) -> tuple[RulePack, ...]:
    """Packs of the product for the campaign's country, which is its region.

    Where that is not said, none; but if its pack cannot be read: of the countries that the version of ours
    called, else of every one. None for the laboratory.
    """
    own = own_pack(settings)
    if own is not None and (own.lab_only or not settings.region):
        return ()
    before = _read(load_pack, settings.rule_pack)
    called = before.countries.codes if before is not None and before.countries else frozenset()
    codes = frozenset({settings.region}) if settings.region else called
    ours = [_read(load_pack, name) for name in built_in() if name != _STRICT]
    return tuple(
        one
        for one in ours
        if one is not None
        and not one.lab_only
        and one.countries
        and (not codes or one.countries.codes & codes)
    )


def _read(look: Callable[[str], RulePack], name: str) -> RulePack | None:
    with suppress(UnknownPack, BrokenPack, ValidationError):
        return look(name)
    return None
