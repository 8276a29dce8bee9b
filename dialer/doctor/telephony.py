"""The PBX: login, rights, dialplan, trunks."""

import re

from dialer.ami.actions import DIALPLAN as DIALPLAN_HINT
from dialer.ami.translate import version_of
from dialer.doctor.findings import Finding, Speaker, describe
from dialer.doctor.manager import Manager, session
from dialer.doctor.stores import Unasked, trunks, unasked
from dialer.exceptions import ActionFailed, LinkUnavailable, Unsendable
from dialer.model.orders import DIALPLAN
from dialer.settings import Settings

NEEDED = frozenset(
    {"Bridge", "CoreShowChannels", "CoreStatus", "DeviceStateList", "Getvar", "Hangup", "MixMonitorMute",
     "Originate", "Ping", "Redirect", "Setvar"}
)  # fmt: skip
"""Every manager action Cadencia uses; dialer/ami/actions.py."""

PERILOUS = frozenset({"Command", "UpdateConfig", "GetConfig", "ModuleLoad", "FilterList", "DBPut"})
"""Actions that no dialer needs and that hand over the PBX."""

CONTEXTS = (
    "cadencia-version",
    "cadencia-customer",
    "cadencia-screening",
    "cadencia-voicemail",
    "cadencia-inbound",
    "cadencia-admitted",
    "cadencia-queue",
    "cadencia-announce",
    "cadencia-confirm",
    "cadencia-waiting",
    "cadencia-clock",
    "cadencia-hold",
    "cadencia-safe-harbour",
    "cadencia-join",
    "cadencia-agent",
)
"""All of extensions_cadencia.conf."""
_TRUNK = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_OUT_OF_SERVICE = frozenset({"INVALID", "UNAVAILABLE", ""})
_ASKED = ("ami_rights", "dialplan", "trunks")


async def pbx(settings: Settings, speaker: Speaker) -> list[Finding]:
    """Log in and ask for everything a campaign needs."""
    address = f"{settings.ami_host}:{settings.ami_port}"
    try:
        async with session(settings) as manager:
            login = speaker.well("ami", "ami", version=await _version(manager), address=address)
            return [
                login,
                await _rights(manager, speaker),
                await _dialplan(manager, speaker),
                await _trunks(manager, await trunks(settings), speaker),
            ]
    except LinkUnavailable as error:
        values = {"address": address, "error": describe(error)}
        failed = speaker.ill("ami", "ami_down", "cure_ami_down", **values)
    except (ActionFailed, Unsendable) as error:
        values = {"user": settings.ami_user, "error": describe(error)}
        failed = speaker.ill("ami", "ami_refused", "cure_ami_refused", **values)
    return [failed, *(unasked(speaker, name, "ami") for name in _ASKED)]


async def _version(manager: Manager) -> str:
    """Asterisk's version, when we may ask."""
    try:
        return (await manager.ask("CoreSettings"))[0].get("AsteriskVersion", "?")
    except ActionFailed:
        return "?"


async def _rights(manager: Manager, speaker: Speaker) -> Finding:
    """Asterisk lists exactly the actions that this account may use."""
    allowed = frozenset((await manager.ask("ListCommands"))[0])
    if missing := sorted(NEEDED - allowed):
        return speaker.ill("ami_rights", "rights_missing", "cure_rights", missing=", ".join(missing))
    if extra := sorted(PERILOUS & allowed):
        return speaker.well("ami_rights", "rights_plenty", extra=", ".join(extra))
    return speaker.well("ami_rights", "rights")


async def _dialplan(manager: Manager, speaker: Speaker) -> Finding:
    """The version, without which the engine does not dial, and the contexts that keep a call safe."""
    found = version_of(await _value(manager, DIALPLAN_HINT))
    if found != DIALPLAN:
        values = {"found": found or "-", "wanted": DIALPLAN}
        return speaker.ill("dialplan", "dialplan_version", "cure_dialplan", **values)
    missing = [context for context in CONTEXTS if not await _has_context(manager, context)]
    if missing:
        return speaker.ill("dialplan", "dialplan_missing", "cure_dialplan", missing=", ".join(missing))
    return speaker.well("dialplan", "dialplan", version=found, count=len(CONTEXTS))


async def _has_context(manager: Manager, context: str) -> bool:
    try:
        return bool(await manager.ask("ShowDialPlan", Context=context))
    except ActionFailed:
        return False


async def _trunks(manager: Manager, wanted: list[str] | Unasked, speaker: Speaker) -> Finding:
    """The state of every trunk that a campaign uses."""
    if isinstance(wanted, Unasked):
        return unasked(speaker, "trunks", wanted.first)
    if not wanted:
        return speaker.well("trunks", "trunks_none")
    states = {trunk: await _state(manager, trunk) for trunk in wanted}
    ill = [f"{trunk} ({state})" for trunk, state in states.items() if state in _OUT_OF_SERVICE]
    if ill:
        return speaker.ill("trunks", "trunks_ill", "cure_trunks", trunks=", ".join(ill))
    if loose := [trunk for trunk in wanted if await _accepts_transfers(manager, trunk)]:
        return speaker.ill("trunks", "trunks_loose", "cure_trunks_loose", trunks=", ".join(loose))
    return speaker.well("trunks", "trunks", trunks=", ".join(wanted))


async def _accepts_transfers(manager: Manager, trunk: str) -> bool:
    """Whether the public network may send our channels elsewhere (REFER)."""
    try:
        asked = await manager.ask("Getvar", Variable=f"PJSIP_ENDPOINT({trunk},allow_transfer)")
    except ActionFailed:
        return False
    return asked[0].get("Value", "") in ("true", "yes")


async def _state(manager: Manager, trunk: str) -> str:
    """Device state of a PJSIP endpoint, as Asterisk words it."""
    if not _TRUNK.fullmatch(trunk):
        return "INVALID"
    return await _value(manager, f"DEVICE_STATE(PJSIP/{trunk})")


async def _value(manager: Manager, name: str) -> str:
    try:
        return (await manager.ask("Getvar", Variable=name))[0].get("Value", "")
    except ActionFailed:
        return ""
