"""The newest ids seen, so that a command that came twice is obeyed once."""

from collections import OrderedDict


class Recent:
    """A bounded set that forgets its oldest member."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._ids: OrderedDict[str, None] = OrderedDict()

    def first_time(self, key: str) -> bool:
        """Whether this key is new; an empty key always is."""
        if not key:
            return True
        if key in self._ids:
            return False
        self._ids[key] = None
        if len(self._ids) > self._limit:
            self._ids.popitem(last=False)
        return True
