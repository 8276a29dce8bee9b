"""Which phones are registered."""

from dialer.ami.contacts import Contacts
from dialer.model.facts import EndpointReachable


def status(uri: str, word: str, endpoint: str = "web1") -> dict[str, str]:
    """A ContactStatus event."""
    return {"Event": "ContactStatus", "EndpointName": endpoint, "URI": uri, "ContactStatus": word}


def device(endpoint: str, state: str = "NOT_INUSE") -> dict[str, str]:
    """An item of a DeviceStateList."""
    return {"Event": "DeviceStateChange", "Device": f"PJSIP/{endpoint}", "State": state}


def told(contacts: Contacts, *events: dict[str, str]) -> list[bool]:
    """Reachability as it is told."""
    facts = [contacts.changed(event) for event in events]
    return [fact.reachable for fact in facts if fact is not None]


def test_register_and_leave() -> None:
    events = [status("a", "NonQualified"), status("a", "Reachable"), status("a", "Removed")]
    assert told(Contacts(), *events) == [True, False]


def test_phone_that_stops_answering_and_returns() -> None:
    events = [status("a", "Reachable"), status("a", "Unreachable"), status("a", "Reachable")]
    assert told(Contacts(), *events) == [True, False, True]


def test_reload_of_a_page_is_no_loss() -> None:
    assert told(
        Contacts(), status("a", "NonQualified"), status("b", "NonQualified"), status("a", "Removed")
    ) == [True]


def test_reload_after_a_list() -> None:
    contacts = Contacts()
    contacts.listed([device("web1")])
    assert told(contacts, status("b", "NonQualified"), status("b", "Reachable"), status("a", "Removed")) == []
    assert told(contacts, status("b", "Removed")) == [False]


def test_loss_after_a_list_and_a_sign_of_life() -> None:
    contacts = Contacts()
    contacts.listed([device("web1")])
    assert told(contacts, status("a", "Reachable"), status("a", "Removed")) == [False]


def test_loss_after_a_list() -> None:
    contacts = Contacts()
    contacts.listed([device("web1")])
    assert contacts.changed(status("a", "Removed")) == EndpointReachable("web1", False)


def test_list_names_who_is_there() -> None:
    states = {
        "a": "NOT_INUSE", "b": "INUSE", "c": "RINGING", "d": "UNAVAILABLE", "e": "INVALID", "f": "UNKNOWN",
    }  # fmt: skip
    listed = Contacts().listed(
        [
            *(device(name, state) for name, state in states.items()),
            {"Event": "DeviceStateChange", "Device": "Queue:x", "State": "INUSE"},
            {"Event": "DeviceStateListComplete"},
        ]
    )
    assert listed == {"a", "b", "c"}


def test_event_without_endpoint() -> None:
    assert Contacts().changed({"Event": "ContactStatus", "URI": "a", "ContactStatus": "NonQualified"}) is None
