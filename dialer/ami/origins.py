"""Which of our originates got a channel: only those that did not end by OriginateFailed."""

from dialer.ami.translate import Event, is_ours, originate_id, text

LIMIT = 50_000
"""Originates under way; far more than a PBX takes."""


class Origins:
    """Tells whether a failed originate had a channel, whose hang-up then tells the cause. Pure.

    A busy number is told of twice, by Hangup with the cause and by OriginateResponse without, in any order.
    """

    def __init__(self) -> None:
        self._made: dict[str, None] = {}

    def forget(self) -> None:
        """Events were missed: know nothing."""
        self._made.clear()

    def told_by_hangup(self, event: Event) -> bool:
        """Take in an event; whether it is the failure of an originate of which a Hangup tells."""
        match text(event, "Event"):
            case "Newchannel":
                self._note(text(event, "Uniqueid"))
            case "OriginateResponse":
                return self._take(originate_id(event))
        return False

    def _take(self, channel_id: str) -> bool:
        made = channel_id in self._made
        self._made.pop(channel_id, None)
        return made

    def _note(self, channel_id: str) -> None:
        if is_ours(channel_id):
            self._made[channel_id] = None
            if len(self._made) > LIMIT:
                self._made.pop(next(iter(self._made)))
