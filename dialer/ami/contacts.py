"""Which phones are registered. One that registers anew has two contacts for a moment, and stays reachable."""

from collections.abc import Iterable

from dialer.ami.translate import Event, text
from dialer.model.facts import EndpointReachable

_GONE = frozenset({"Removed", "Unreachable"})


class Contacts:
    """Contacts by endpoint, from ContactStatus events and whole lists; pure."""

    def __init__(self) -> None:
        self._contacts: dict[str, set[str]] = {}
        self._said: dict[str, bool] = {}

    def changed(self, event: Event) -> EndpointReachable | None:
        """Take in a ContactStatus event; a fact when reachability is not what was said last."""
        endpoint = text(event, "EndpointName") or text(event, "AOR")
        if not endpoint:
            return None
        contacts = self._contacts.setdefault(endpoint, set())
        if text(event, "ContactStatus") in _GONE:
            contacts.discard(text(event, "URI"))
        else:
            contacts.add(text(event, "URI"))
        reachable = bool(contacts)
        if self._said.get(endpoint) is reachable:
            return None
        self._said[endpoint] = reachable
        return EndpointReachable(endpoint, reachable)

    def listed(self, contacts: Iterable[Event]) -> frozenset[str]:
        """Take in the whole list of contacts; the endpoints that are reachable now."""
        self._contacts.clear()
        for contact in contacts:
            if text(contact, "Status") not in _GONE:
                endpoint = text(contact, "Endpoint") or text(contact, "Aor")
                self._contacts.setdefault(endpoint, set()).add(text(contact, "Uri"))
        self._said = dict.fromkeys(self._contacts, True)
        return frozenset(self._contacts)
