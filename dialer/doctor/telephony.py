"""The PBX: login, rights, version, modules, dialplan; telephones and calls to itself are told elsewhere."""

import re

from dialer.ami.actions import DIALPLAN as DIALPLAN_HINT
from dialer.ami.translate import version_of
from dialer.doctor import phones, starting
from dialer.doctor.findings import Finding, Speaker, describe
from dialer.doctor.floor import Floor
from dialer.doctor.manager import Manager, session
from dialer.doctor.selfcall import calls
from dialer.doctor.stores import Unasked, unasked
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
OLDEST = 22
"""Major version of Asterisk that everything here was tried with."""
MODULES = {
    "app_amd": "dialplan", "app_bridgeaddchan": "dialplan", "app_exec": "dialplan",
    "app_playback": "dialplan",
    "app_playtones": "dialplan", "app_stack": "dialplan", "app_userevent": "dialplan",
    "func_callerid": "dialplan", "func_channel": "dialplan", "func_env": "dialplan",
    "func_global": "dialplan",
    "func_logic": "dialplan", "func_strings": "dialplan", "res_musiconhold": "dialplan",
    "app_mixmonitor": "recording", "format_wav": "recording",
    "app_chanspy": "detector", "chan_audiosocket": "detector", "res_audiosocket": "detector",
    "func_devstate": "check", "func_pjsip_endpoint": "check", "func_sorcery": "check",
    "chan_pjsip": "sip", "res_pjsip": "sip", "res_pjsip_authenticator_digest": "sip",
    "res_pjsip_caller_id": "sip", "res_pjsip_registrar": "sip", "res_pjsip_sdp_rtp": "sip",
    "res_pjsip_session": "sip", "res_rtp_asterisk": "sip", "codec_alaw": "sip", "codec_ulaw": "sip",
    "res_http_websocket": "browsers", "res_pjsip_transport_websocket": "browsers", "res_srtp": "browsers",
    "bridge_simple": "bridges", "bridge_softmix": "bridges",
}  # fmt: skip
"""Modules without which calls fail, and what each is for."""
UNWANTED = "bridge_native_rtp"
"""With it an agent goes deaf when one leg is joined to one person after another (22.10.1)."""
_ASKED = (
    "asterisk", "ami_rights", "dialplan", "modules", "native_rtp", "trunks", "agents", "ami_events",
    "messages", "recording",
)  # fmt: skip


async def pbx(
    settings: Settings, floor: Floor | Unasked, speaker: Speaker, start: starting.Start
) -> list[Finding]:
    """Log in and ask for everything a campaign needs; then have it call itself."""
    try:
        return await _pbx(settings, floor, speaker, start)
    finally:
        start.known.set()


async def _pbx(
    settings: Settings, floor: Floor | Unasked, speaker: Speaker, start: starting.Start
) -> list[Finding]:
    address = f"{settings.ami_host}:{settings.ami_port}"
    try:
        async with session(settings, events=True) as manager:
            version = await _version(manager)
            answers = speaker.well("ami", "ami", version=version, address=address)
            start.late = not await starting.over(manager)
            start.known.set()
            if start.late:
                late = speaker.ill("asterisk", "asterisk_starting", "cure_asterisk_starting")
                return [answers, late, *(unasked(speaker, name, "asterisk") for name in _ASKED[1:])]
            return [
                answers,
                _new_enough(version, speaker),
                *await _answers(manager, settings, floor, speaker),
            ]
    except LinkUnavailable as error:
        values = {"address": address, "error": describe(error)}
        failed = speaker.ill("ami", "ami_down", "cure_ami_down", **values)
    except (ActionFailed, Unsendable) as error:
        values = {"user": settings.ami_user, "error": describe(error)}
        failed = speaker.ill("ami", "ami_refused", "cure_ami_refused", **values)
    return [failed, *(unasked(speaker, name, "ami") for name in _ASKED)]


async def _answers(
    manager: Manager, settings: Settings, floor: Floor | Unasked, speaker: Speaker
) -> list[Finding]:
    dialplan = await _dialplan(manager, speaker)
    found = [await _rights(manager, speaker), dialplan, *await modules(manager, speaker)]
    if isinstance(floor, Unasked):
        found += [unasked(speaker, name, floor.first) for name in ("trunks", "agents")]
    else:
        found += await phones.trunks(manager, floor.trunks, speaker)
        found += await phones.agents(manager, floor.endpoints, speaker)
    if not dialplan.ok:
        return found + [
            unasked(speaker, name, "dialplan") for name in ("ami_events", "messages", "recording")
        ]
    planned = Floor() if isinstance(floor, Unasked) else floor
    return found + await calls(manager, planned, settings, speaker)


def _new_enough(version: str, speaker: Speaker) -> Finding:
    major = re.match(r"(?:GIT-)?(\d+)", version)
    if major is None or int(major[1]) >= OLDEST:
        return speaker.well("asterisk", "asterisk", version=version, tried=OLDEST)
    return speaker.ill("asterisk", "asterisk_old", "cure_asterisk", version=version, oldest=OLDEST)


async def modules(manager: Manager, speaker: Speaker) -> list[Finding]:
    """Those that are needed are there, and the one that does harm is not."""
    if await manager.value("IFMODULE(pbx_config.so)") == "":
        return [speaker.ill(n, "modules_unasked", "cure_modules_unasked") for n in ("modules", "native_rtp")]
    missing = [f"{name} ({use})" for name, use in MODULES.items() if not await _loaded(manager, name)]
    if missing:
        first = speaker.ill("modules", "modules_missing", "cure_modules", modules=", ".join(missing))
    else:
        first = speaker.well("modules", "modules", count=len(MODULES))
    if await _loaded(manager, UNWANTED):
        return [first, speaker.ill("native_rtp", "native_rtp", "cure_native_rtp")]
    return [first, speaker.well("native_rtp", "native_rtp_absent")]


async def _loaded(manager: Manager, module: str) -> bool:
    return await manager.value(f"IFMODULE({module}.so)") == "1"


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
    found = version_of(await manager.value(DIALPLAN_HINT))
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
