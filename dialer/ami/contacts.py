"""Which phones are registered. One that registers anew has two contacts for a moment, and stays reachable."""

from collections.abc import Iterable

from dialer.ami.translate import Event, text
from dialer.model.facts import EndpointReachable

_GONE = frozenset({"Removed", "Unreachable"})
_ABSENT = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
_PREFIX = "PJSIP/"
_LISTED = ""
"""Stands for the contact of an endpoint that a list showed as registered, without its address."""


class Contacts:
    """Contacts by endpoint, from ContactStatus events and from lists of device states. Pure."""

    def __init__(self) -> None:
        self._contacts: dict[str, set[str]] = {}
        self._said: dict[str, bool] = {}

    def changed(self, event: Event) -> EndpointReachable | None:
        """Take in a ContactStatus event; a fact when reachability is not what was said last."""
        endpoint = text(event, "EndpointName") or text(event, "AOR")
        if not endpoint:
            return None
        reachable = self._apply(endpoint, text(event, "URI"), text(event, "ContactStatus"))
        if self._said.get(endpoint) is reachable:
            return None
        self._said[endpoint] = reachable
        return EndpointReachable(endpoint, reachable)

    def listed(self, devices: Iterable[Event]) -> frozenset[str]:
        """Take in the whole list of device states; the endpoints that are reachable now."""
        present = frozenset(
            text(device, "Device").removeprefix(_PREFIX)
            for device in devices
            if text(device, "Device").startswith(_PREFIX) and text(device, "State") not in _ABSENT
        )
        self._contacts = {endpoint: {_LISTED} for endpoint in present}
        self._said = dict.fromkeys(present, True)
        return present

    def _apply(self, endpoint: str, uri: str, status: str) -> bool:
        contacts = self._contacts.setdefault(endpoint, set())
        if status in _GONE:
            contacts.discard(uri if uri in contacts else _LISTED)
        else:
            contacts.discard(_LISTED)  # the one the list meant, or the one that takes its place
            contacts.add(uri)
        return bool(contacts)
