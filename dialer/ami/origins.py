"""Our originates until their channel is made: who tells of a failure, and what to end on sight."""

from dialer.ami.translate import Event, is_ours, originate_id, text

LIMIT = 50_000
"""Originates under way; far more than a PBX takes."""


class Origins:
    """Two memories about channels that come to be some time after their order. Pure.

    A busy number is told of twice, by Hangup with the cause and by OriginateResponse without, in any order:
    where there was a channel, its hang-up tells. And an order to end can come before its channel: it is kept.
    """

    def __init__(self) -> None:
        self._made: dict[str, None] = {}
        self._unwanted: dict[str, None] = {}

    def forget(self) -> None:
        """Events were missed, and a reconciliation follows: know nothing."""
        self._made.clear()
        self._unwanted.clear()

    def told_by_hangup(self, event: Event) -> bool:
        """Take in an event; whether it is the failure of an originate of which a Hangup tells."""
        match text(event, "Event"):
            case "Newchannel":
                channel_id = text(event, "Uniqueid")
                if is_ours(channel_id):
                    _remember(self._made, channel_id)
            case "OriginateResponse":
                return _recall(self._made, originate_id(event))
        return False

    def made_after_all(self, channel_id: str) -> bool:
        """Whether the channel came after the failure of its originate: a hang-up tells. Says so once."""
        return _recall(self._made, channel_id)

    def end_on_sight(self, channel_id: str) -> None:
        """The PBX knows no such channel to end: it is over, or not made yet."""
        _remember(self._unwanted, channel_id)

    def unwanted(self, event: Event) -> str:
        """The channel of this event if it must end as soon as it is made; else empty. Says so once."""
        channel_id = text(event, "Uniqueid")
        made = text(event, "Event") == "Newchannel"
        return channel_id if made and _recall(self._unwanted, channel_id) else ""


def made_late(failure: Event) -> bool:
    """Whether a failed OriginateResponse names a channel; "<null>" is there when none was made."""
    return is_ours(text(failure, "Uniqueid"))


def _remember(memory: dict[str, None], channel_id: str) -> None:
    memory[channel_id] = None
    if len(memory) > LIMIT:
        memory.pop(next(iter(memory)))


def _recall(memory: dict[str, None], channel_id: str) -> bool:
    """Whether it was there; it is not any more."""
    known = channel_id in memory
    memory.pop(channel_id, None)
    return known
