"""Trunks and agents' telephones at the PBX: there, able to speak, with a way out."""

import asyncio
import re
import secrets
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from dialer.doctor.findings import Finding, Speaker, describe
from dialer.doctor.manager import Manager, session
from dialer.exceptions import ActionFailed, Unsendable
from dialer.settings import Settings
from dialer.time_limit import time_limit

NAME = re.compile(r"[A-Za-z0-9_.-]{1,80}")
"""What may stand in a question to the PBX."""
OUT_OF_SERVICE = frozenset({"INVALID", "UNAVAILABLE", ""})
SPOKEN = frozenset({"alaw", "ulaw", "g722", "gsm", "slin", "slin16"})
"""Codecs that every Asterisk can turn into each other."""
OPUS = ("codec_opus.so", "codec_opus_open_source.so")
RING = 1.5
"""Seconds an INVITE may take from the PBX to us."""


async def trunks(manager: Manager, wanted: Sequence[str], speaker: Speaker) -> list[Finding]:
    """There and in service, with a codec and a way out, and refusing REFER."""
    if not wanted:
        return [speaker.well("trunks", "trunks_none")]
    states = {trunk: await _state(manager, trunk) for trunk in wanted}
    known = [trunk for trunk, state in states.items() if state not in ("INVALID", "")]
    found = [_in_service(states, speaker)]
    if found[0].ok and (loose := [trunk for trunk in wanted if await _accepts_transfers(manager, trunk)]):
        found = [speaker.ill("trunks", "trunks_loose", "cure_trunks_loose", trunks=", ".join(loose))]
    if not known:
        return found
    return [
        *found,
        await _codecs(manager, "trunk_codecs", known, speaker),
        await _transports(manager, known, speaker),
    ]


def _in_service(states: dict[str, str], speaker: Speaker) -> Finding:
    ill = [f"{trunk} ({state})" for trunk, state in states.items() if state in OUT_OF_SERVICE]
    if ill:
        return speaker.ill("trunks", "trunks_ill", "cure_trunks", trunks=", ".join(ill))
    return speaker.well("trunks", "trunks", trunks=", ".join(states))


async def agents(manager: Manager, wanted: Sequence[str], speaker: Speaker) -> list[Finding]:
    """Every agent's endpoint is there, and speaks a codec that can be joined with a trunk's."""
    if not wanted:
        return [speaker.well("agents", "agents_none")]
    states = {name: await _state(manager, name) for name in wanted}
    absent = [name for name, state in states.items() if state in ("INVALID", "")]
    if absent:
        first = speaker.ill("agents", "agents_absent", "cure_agents", endpoints=", ".join(absent))
    else:
        first = speaker.well("agents", "agents", count=len(wanted))
    known = [name for name in wanted if name not in absent]
    return [first, *([await _codecs(manager, "agent_codecs", known, speaker)] if known else [])]


async def _codecs(manager: Manager, name: str, endpoints: Iterable[str], speaker: Speaker) -> Finding:
    able = SPOKEN | (
        {"opus"} if "1" in [await manager.value(f"IFMODULE({each})") for each in OPUS] else set()
    )
    dumb = []
    for endpoint in endpoints:
        allowed = await manager.value(f"PJSIP_ENDPOINT({endpoint},allow)")
        if not able & set(re.findall(r"[a-z0-9]+", allowed)):
            dumb.append(f"{endpoint} {allowed or '()'}")
    if dumb:
        return speaker.ill(name, "codecs_none", "cure_codecs", endpoints=", ".join(dumb))
    return speaker.well(name, "codecs")


async def _accepts_transfers(manager: Manager, trunk: str) -> bool:
    """Whether the public network may send our channels elsewhere (REFER)."""
    return await manager.value(f"PJSIP_ENDPOINT({trunk},allow_transfer)") in ("true", "yes")


async def _state(manager: Manager, name: str) -> str:
    """Device state of a PJSIP endpoint, as Asterisk words it; INVALID when there is none (any more)."""
    if not NAME.fullmatch(name) or not await manager.value(f"PJSIP_ENDPOINT({name},context)"):
        return "INVALID"
    return await manager.value(f"DEVICE_STATE(PJSIP/{name})")


async def state_of(settings: Settings, names: Sequence[str]) -> dict[str, str]:
    """The device state of endpoints; raises LinkUnavailable, ActionFailed."""
    async with session(settings) as manager:
        return {name: await _state(manager, name) for name in names}


# --- the way out


async def _transports(manager: Manager, names: Sequence[str], speaker: Speaker) -> Finding:
    """By the transport that the endpoint names, or else by an INVITE through it that comes to us."""
    stuck = [name for name in names if not await _leaves(manager, name)]
    if stuck:
        return speaker.ill("transport", "transport_none", "cure_transport", endpoints=", ".join(stuck))
    return speaker.well("transport", "transport")


async def _leaves(manager: Manager, name: str) -> bool:
    transport = await manager.value(f"PJSIP_ENDPOINT({name},transport)")
    if transport:
        return bool(await manager.value(f"AST_SORCERY(res_pjsip,transport,{transport},protocol)"))
    here = ip_address(manager.address)
    proxied = await manager.value(f"PJSIP_ENDPOINT({name},outbound_proxy)")
    if proxied or here.version != 4 or not here.is_loopback:
        return True  # it would not come to us: nothing is known against it
    return await _rings_us(manager, name, str(here))


class _Callee(asyncio.DatagramProtocol):
    """Declines whatever calls."""

    def __init__(self) -> None:
        self.called = asyncio.Event()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        """There is a port."""
        self._transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        """An INVITE; all else needs no answer."""
        lines = data.decode("utf-8", "replace").split("\r\n")
        if not lines[0].startswith("INVITE ") or self._transport is None:
            return
        kept = [one for one in lines if one.lower().startswith(("via:", "from:", "call-id:", "cseq:"))]
        to = next((one for one in lines if one.lower().startswith("to:")), "To: <sip:check>") + ";tag=check"
        answer = ["SIP/2.0 603 Decline", *kept, to, "Content-Length: 0", "", ""]
        self._transport.sendto("\r\n".join(answer).encode(), address)
        self.called.set()


async def _rings_us(manager: Manager, endpoint: str, here: str) -> bool:
    """Whether an INVITE leaves through an endpoint whose calls we send to a port of ours."""
    loop = asyncio.get_running_loop()
    transport, callee = await loop.create_datagram_endpoint(_Callee, local_addr=(here, 0))
    port = transport.get_extra_info("sockname")[1]
    try:
        await manager.ask(
            "Originate", Channel=f"PJSIP/{endpoint}/sip:cadencia-check@{here}:{port}",
            ChannelId=f"cadencia-check-{secrets.token_hex(6)}-out", Context="cadencia-agent", Exten="s",
            Priority="1", Timeout=str(int(RING * 1000)), Async="true",
        )  # fmt: skip
        async with time_limit(RING):
            await callee.called.wait()
    except TimeoutError:
        return False
    except (ActionFailed, Unsendable):
        return True  # another finding's business
    finally:
        transport.close()
    return True


# --- the browsers' way in


async def websocket(settings: Settings, speaker: Speaker) -> list[Finding]:
    """What an agent's browser opens: SIP over the websocket that it is told of."""
    url = settings.sip_ws_url
    try:
        async with (
            time_limit(4.0),
            connect(url, subprotocols=["sip"], open_timeout=4, proxy=None) as link,  # type: ignore[list-item]
        ):
            spoken = link.subprotocol
    except TimeoutError:
        return [speaker.ill("websocket", "websocket_ill", "cure_websocket", url=url, error="4 s")]
    except (OSError, WebSocketException, ValueError) as error:
        return [speaker.ill("websocket", "websocket_ill", "cure_websocket", url=url, error=describe(error))]
    if spoken != "sip":
        return [speaker.ill("websocket", "websocket_ill", "cure_websocket", url=url, error="no SIP")]
    return [speaker.well("websocket", "websocket", url=url)]


async def relay(settings: Settings, speaker: Speaker) -> list[Finding]:
    """How a browser behind a NAT reaches Asterisk; a TURN server without a secret is told to nobody."""
    stun, turn = settings.stun_urls.split(), settings.turn_urls.split()
    if turn and not settings.turn_secret.get_secret_value():
        return [speaker.ill("relay", "relay_no_secret", "cure_relay_no_secret", urls=" ".join(turn))]
    if not stun and not turn:
        return [speaker.well("relay", "relay_none")]
    return [speaker.well("relay", "relay", urls=" ".join([*stun, *turn]))]
