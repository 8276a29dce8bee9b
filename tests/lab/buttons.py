"""An agent's buttons, pressed without a page; and what became of it, by the PBX."""

from typing import Any

import orjson

from dialer.ami.arrivals import id_of
from dialer.model.commands import read
from dialer.ports import Command
from dialer.store.bus import RedisBusClient
from sip_lab.ami import Ami
from tests.lab.whole import Whole


async def presses(whole: Whole, call: Any, button: str, **more: Any) -> None:
    """What a web process sends when the agent on the call presses a button."""
    request = read(f"agent.{button}", orjson.dumps({"call_id": str(call["id"]), **more}).decode())
    bus = RedisBusClient(whole.env["CADENCIA_REDIS_URL"])
    try:
        await bus.send(Command(request, call["agent_id"]))
    finally:
        await bus.close()


async def bridges(whole: Whole, *channels: str) -> dict[str, str]:
    """In which bridge each channel is, by the PBX itself; legs by their beginning, callers by our id."""
    pbx = whole.lab["pbx"]
    with Ami(pbx["ami_host"], pbx["ami_port"], pbx["ami_user"], pbx["ami_secret"]) as ami:
        rows = ami.listing("CoreShowChannels")
    return {
        name: next((row.get("BridgeId", "") for row in rows if _is(row["Uniqueid"], name)), "")
        for name in channels
    }


def _is(unique_id: str, name: str) -> bool:
    return unique_id.startswith(name) or id_of(unique_id) == name
