"""The link to the PBX: what is known of its channels."""

from collections.abc import Collection, ItemsView, Iterator, MutableMapping
from dataclasses import dataclass, field

from dialer.engine.rooms.index import INDEX

_NOBODY: dict[str, None] = {}


@dataclass(slots=True, eq=False)
class Bridges(MutableMapping[str, str]):
    """Channel → bridge it is in; and who is in a bridge together."""

    _all: dict[str, str] = field(default_factory=dict)
    _mates: dict[str, dict[str, None]] = field(default_factory=dict, metadata=INDEX)

    def __getitem__(self, channel: str) -> str:
        return self._all[channel]

    def __setitem__(self, channel: str, bridge: str) -> None:
        known = self._all.get(channel)
        if known is not None:
            self._leave(channel, known)
        self._all[channel] = bridge
        self._enter(channel, bridge)

    def __delitem__(self, channel: str) -> None:
        self._leave(channel, self._all.pop(channel))

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)

    def items(self) -> ItemsView[str, str]:
        """As of a dict."""
        return self._all.items()

    def mates(self, bridge: str) -> Collection[str]:
        """Who is in a bridge, in the order in which they came."""
        return self._mates.get(bridge, _NOBODY).keys()

    def become(self, found: dict[str, str]) -> None:
        """What a look at the PBX has shown takes the place of all that was known."""
        self._all = found
        self.reindex()

    def reindex(self) -> None:
        """Derive everything anew."""
        self._mates.clear()
        for channel, bridge in self._all.items():
            self._enter(channel, bridge)

    def _enter(self, channel: str, bridge: str) -> None:
        there = self._mates.get(bridge)
        if there is None:
            there = self._mates[bridge] = {}
        there[channel] = None

    def _leave(self, channel: str, bridge: str) -> None:
        there = self._mates[bridge]
        del there[channel]
        if not there:
            del self._mates[bridge]
