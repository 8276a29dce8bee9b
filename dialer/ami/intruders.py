"""Channels of strangers in bridges of ours. Pure.

Whoever is called may call anew and ask that the new call take the place of the old one (Replaces, RFC 3891):
the agent then speaks to a channel that is in no books. No option of an endpoint refuses it.
"""

from collections.abc import Iterable

from dialer.ami.translate import Event, is_ours, text
from dialer.model.facts import ChannelSnapshot

LIMIT = 20_000
"""Bridges of ours at once."""


class Intruders:
    """Which of our channels is in which bridge.

    Nobody is judged before the channels were listed: only the list tells that a call is ours which came in
    before the link.
    """

    def __init__(self) -> None:
        self._ours: dict[str, set[str]] = {}
        self._listed = False

    def forget(self) -> None:
        """Events were missed: know nothing."""
        self._ours.clear()
        self._listed = False

    def listed(self, channels: Iterable[ChannelSnapshot]) -> None:
        """Take in a list of all channels; events that are older than it may still follow."""
        for channel in channels:
            if channel.bridge_id and is_ours(channel.channel_id):
                self._enters(channel.bridge_id, channel.channel_id)
        self._listed = True

    def seen(self, event: Event) -> str:
        """One of our channels into whose bridge a stranger has just come; else empty."""
        name, bridge, channel = text(event, "Event"), text(event, "BridgeUniqueid"), text(event, "Uniqueid")
        ours = is_ours(channel)
        if name == "BridgeEnter" and ours:
            self._enters(bridge, channel)
        elif name == "BridgeEnter":
            return min(self._ours.get(bridge, ()), default="") if self._listed else ""
        elif name == "BridgeLeave" and ours:
            self._leaves(bridge, channel)
        return ""

    def _enters(self, bridge: str, channel: str) -> None:
        self._ours.setdefault(bridge, set()).add(channel)
        if len(self._ours) > LIMIT:
            del self._ours[next(iter(self._ours))]

    def _leaves(self, bridge: str, channel: str) -> None:
        here = self._ours.get(bridge, set())
        here.discard(channel)
        if not here:
            self._ours.pop(bridge, None)
