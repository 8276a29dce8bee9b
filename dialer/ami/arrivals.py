"""Channels of calls that come in. The PBX names them; each gets an id like those of our own calls. Pure."""

from uuid import UUID, uuid5

from dialer.ami.translate import Event, is_arrival, is_ours, text

LIMIT = 20_000
"""Calls under way that came in; far more than a PBX takes."""
MARK = "in-"
"""Begin of the account code that the dialplan gives such a channel; our number follows."""
_SPACE = UUID("8b0f2a52-6f0e-5d1c-9c4b-3f6a2f1e7d90")
"""Namespace of these ids: whoever asks, and however often the core was restarted, a channel has the same."""


def id_of(uniqueid: str) -> str:
    """The id of a channel by the name that the PBX gave it, unique among all its channels of all times."""
    return str(uuid5(_SPACE, uniqueid))


class Arrivals:
    """Both names of every call that came in."""

    def __init__(self) -> None:
        self._ours: dict[str, str] = {}
        self._theirs: dict[str, str] = {}

    def seen(self, uniqueid: str) -> str:
        """Our id of this channel, from now on its name."""
        ours = id_of(uniqueid)
        self._ours[uniqueid], self._theirs[ours] = ours, uniqueid
        if len(self._ours) > LIMIT:
            self._gone(next(iter(self._ours)))
        return ours

    def take(self, event: Event) -> str:
        """Our id of the channel that an event is about; empty when it is not one of these."""
        uniqueid = text(event, "Uniqueid")
        if is_arrival(event):
            # What we made ourselves never arrives: it keeps its name, and is told of as strayed.
            return "" if is_ours(uniqueid) else self.seen(uniqueid)
        ours = self._ours.get(uniqueid, "")
        if ours and text(event, "Event") == "Hangup":
            self._gone(uniqueid)
        return ours

    def called(self, channel: Event) -> str:
        """Our number, if this line of a list of channels is about a call that came in."""
        account = "" if is_ours(text(channel, "Uniqueid")) else text(channel, "AccountCode")
        return account.removeprefix(MARK) if account.startswith(MARK) else ""

    def theirs(self, channel_id: str) -> str:
        """What the PBX calls this channel."""
        return self._theirs.get(channel_id, channel_id)

    def _gone(self, uniqueid: str) -> None:
        self._theirs.pop(self._ours.pop(uniqueid), None)
