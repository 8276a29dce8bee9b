"""Changing a campaign: each change is a new version, audited, and told to the engine."""

import re
from dataclasses import dataclass
from typing import Any

import orjson
from asyncpg import Record
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from consoles import pack_approval, trunks
from consoles.problems import Problem
from consoles.sessions import Principal
from consoles.sql import SQL
from consoles.web_deps import Connection, Web, from_json, to_json
from dialer.model.campaign import CampaignSettings
from dialer.model.sounds import sound_in
from portfolio.rule_packs import BrokenPack, LabOnly, UnknownPack
from portfolio.rule_packs.shelf import SHELF

_ETAG = re.compile(r'^(?:W/)?"?(\d{1,9})"?$')
_SETTINGS_ACTIONS = ["campaign.settings", "campaign.undo"]


@dataclass(frozen=True, slots=True)
class Present:
    """A campaign's present version; from lock() it is held by the transaction."""

    id: int
    status: str
    settings: dict[str, Any]
    version: int


async def look(database: Connection, campaign_id: int, if_match: str) -> Present:
    """A campaign's present version, held by nobody; refuses like lock()."""
    return _checked(await database.fetchrow(SQL["campaign_settings"], campaign_id), if_match)


async def lock(database: Connection, campaign_id: int, if_match: str) -> Present:
    """Hold a campaign for a change; refuses when it is not at a version of `if_match` (empty = any)."""
    await SHELF.refresh(database)
    return _checked(await database.fetchrow(SQL["lock_campaign"], campaign_id), if_match)


def _checked(row: Record | None, if_match: str) -> Present:
    if row is None:
        raise Problem("not_found", "no such campaign")
    if if_match and row["settings_version"] not in versions_of(if_match):
        raise Problem("version_mismatch", f"version {row['settings_version']} is in force")
    return Present(row["id"], row["status"], from_json(row["settings"]), row["settings_version"])


def versions_of(if_match: str) -> list[int]:
    """Versions named by an If-Match header; anything else names none."""
    return [int(found[1]) for part in if_match.split(",") if (found := _ETAG.match(part.strip()))]


def merged(settings: dict[str, Any], changes: dict[str, Any]) -> CampaignSettings:
    """Settings with some changed, checked as a whole."""
    try:
        checked = CampaignSettings.model_validate({**settings, **changes})
        if "rule_pack" in changes:
            SHELF.get(checked.rule_pack)
        return checked
    except LabOnly as error:
        raise _lab_only() from error
    except UnknownPack as error:
        place = {"loc": ("body", "settings", "rule_pack"), "msg": "no such rule pack", "type": "unknown"}
        raise RequestValidationError([place]) from error
    except ValidationError as error:
        errors = [{**part, "loc": ("body", "settings", *part["loc"])} for part in error.errors()]
        raise RequestValidationError(errors) from error


def may_start(settings: dict[str, Any]) -> None:
    """Refuse to start under a pack by which nobody would be called; raises Problem."""
    try:
        SHELF.get(merged(settings, {}).rule_pack)
    except LabOnly as error:
        raise _lab_only() from error
    except (UnknownPack, BrokenPack):
        return  # the engine says so, and looks again


def _lab_only() -> Problem:
    return Problem("lab_only", "this rule pack is for the laboratory only: choose one for real people")


async def undo_target(database: Connection, locked: Present, version: int | None) -> CampaignSettings:
    """The settings to go back to."""
    if version is not None:
        row = await database.fetchrow(SQL["version"], locked.id, version)
        if row is None:
            raise Problem("not_found", "no such version")
    else:
        row = await database.fetchrow(SQL["version_to_undo_to"], locked.id, to_json(locked.settings))
        if row is None:
            raise Problem("conflict", "there is nothing to undo")
    settings = from_json(row["settings"])
    may_start(settings)
    return merged(settings, {})


@dataclass(frozen=True, slots=True)
class Change:
    """What a supervisor does to a campaign."""

    action: str
    settings: CampaignSettings | None = None
    """None = as they are."""
    status: str | None = None
    """None = as it is."""
    reason: str = ""


async def apply(database: Connection, web: Web, who: Principal, locked: Present, change: Change) -> None:
    """Write a change as a new version with its audit row; the caller holds the transaction."""
    before = merged(locked.settings, {})
    after = change.settings or before
    await _trunks_exist(database, locked.id, before, after)
    now, version = web.now(), locked.version + 1
    _in_its_folder(web, before, after)
    await pack_approval.must_be_agreed(database, who, locked.id, before, after, now, change.reason)
    status = change.status or locked.status
    old = to_json(locked.settings)
    new = (status, after.model_dump_json() if change.settings else old)
    await database.execute(
        SQL["insert_version"], locked.id, locked.version, locked.status, old, None, "", now
    )
    await database.execute(SQL["update_campaign"], locked.id, *new, version)
    await database.execute(SQL["insert_version"], locked.id, version, *new, who.id, change.reason, now)
    subject = f"campaign:{locked.id}"
    undone = None
    if change.action == "campaign.undo":
        undone = await database.fetchval(SQL["last_audit_of"], subject, _SETTINGS_ACTIONS)
    shown = [
        orjson.dumps({"status": s, "version": v, "settings": c.model_dump(mode="json")}).decode()
        for s, v, c in ((locked.status, locked.version, before), (status, version, after))
    ]
    await database.execute(
        SQL["insert_audit"], now, who.id, change.action, subject, *shown, change.reason, undone
    )


async def _trunks_exist(
    database: Connection, campaign_id: int, before: CampaignSettings, after: CampaignSettings
) -> None:
    """Refuse spare trunks that cannot take over, where they change; raises Problem."""
    if before.spare_trunks == after.spare_trunks:
        return
    try:
        own = await trunks.own_trunk(database, campaign_id)
        trunks.checked(own, after.spare_trunks, await trunks.known_trunks(database))
    except trunks.WrongTrunk as wrong:
        raise Problem(wrong.code, str(wrong)) from wrong


def _in_its_folder(web: Web, before: CampaignSettings, after: CampaignSettings) -> None:
    """Nobody plays a person's recording, or whatever else the PBX can read, to somebody else's machine."""
    name = after.voicemail_message
    if name != before.voicemail_message and sound_in(web.deps.settings.messages, name) is None:
        place = ("body", "settings", "voicemail_message")
        told = f"no message outside {web.deps.settings.messages}"
        raise RequestValidationError([{"loc": place, "msg": told, "type": "outside"}])
