"""Who ended a call: somebody who asked for it, or the PBX by itself, as its dialplan came to an end. Pure."""

from collections import OrderedDict
from dataclasses import replace

from dialer.ami.translate import Event, text
from dialer.model.facts import ChannelHungUp, TelephonyFact

LIMIT = 20_000
"""Calls whose end was asked for and has not come; far more than a PBX takes."""
_ASKED = frozenset({"HangupRequest", "SoftHangupRequest"})


class Endings:
    """A hang-up is asked for by the far end, or by an order; one that nobody asked for is the PBX's own.

    An account that does not let these events through would make all of them its own: until one was seen,
    nothing is concluded.
    """

    def __init__(self) -> None:
        self._asked: OrderedDict[str, None] = OrderedDict()
        self._told = False

    def marked(self, event: Event, fact: TelephonyFact | None) -> TelephonyFact | None:
        """The fact in an event; of an end it tells whether the PBX brought it by itself."""
        by_pbx = self.take(event)
        return replace(fact, by_pbx=True) if by_pbx and isinstance(fact, ChannelHungUp) else fact

    def take(self, event: Event) -> bool:
        """Whether this is the end of a channel that the PBX ended by itself."""
        name, channel = text(event, "Event"), text(event, "Uniqueid")
        if name in _ASKED:
            self._told = True
            self._asked[channel] = None
            if len(self._asked) > LIMIT:
                self._asked.popitem(last=False)
        if name != "Hangup":
            return False
        asked = channel in self._asked
        self._asked.pop(channel, None)
        return self._told and not asked
