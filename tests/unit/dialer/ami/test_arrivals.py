"""Channels of calls that come in, under both of their names."""

from uuid import UUID

from dialer.ami.arrivals import LIMIT, Arrivals, id_of

CAME = {"Event": "UserEvent", "UserEvent": "CadenciaArrived", "Uniqueid": "1764.5"}
ENTERED = {"Event": "BridgeEnter", "Uniqueid": "1764.5"}
GONE = {"Event": "Hangup", "Uniqueid": "1764.5"}


def test_a_channel_has_the_same_id_for_whoever_asks() -> None:
    """So that an engine that starts anew knows the call in its books again."""
    ours = Arrivals().take(CAME)
    assert str(UUID(ours)) == ours
    assert Arrivals().seen("1764.5") == ours == id_of("1764.5")
    assert id_of("1764.6") != ours


def test_events_and_orders_name_the_same_channel() -> None:
    arrivals = Arrivals()
    ours = arrivals.take(CAME)
    assert arrivals.take(ENTERED) == ours
    assert arrivals.theirs(ours) == "1764.5"


def test_channels_of_others_keep_their_names() -> None:
    arrivals = Arrivals()
    assert arrivals.take(ENTERED) == ""
    assert arrivals.theirs("leg-1") == "leg-1"


def test_a_channel_that_is_gone_is_told_of_once_more_and_forgotten() -> None:
    arrivals = Arrivals()
    ours = arrivals.take(CAME)
    assert arrivals.take(GONE) == ours
    assert arrivals.take(ENTERED) == ""
    assert arrivals.theirs(ours) == ours


def test_a_list_of_channels_tells_which_came_in_and_on_which_number() -> None:
    arrivals = Arrivals()
    assert arrivals.called({"AccountCode": "in-34910000000"}) == "34910000000"
    assert arrivals.called({"AccountCode": "sales"}) == ""


def test_what_we_made_ourselves_never_arrives() -> None:
    """The called sent an agent's leg, or the person, to our arrivals: nobody's call would be booked."""
    for ours in ("leg-1-2-page", "6b0b7c1e-7d9b-4d0b-8c55-0d3a3c0d9d11"):
        arrivals = Arrivals()
        assert arrivals.take({**CAME, "Uniqueid": ours}) == ""
        assert arrivals.theirs(ours) == ours
        assert arrivals.called({"AccountCode": "in-34910000000", "Uniqueid": ours}) == ""


def test_a_flood_takes_no_more_room_than_there_is() -> None:
    arrivals = Arrivals()
    first = arrivals.seen("0.0")
    for number in range(LIMIT):
        arrivals.seen(f"1.{number}")
    assert arrivals.theirs(first) == first
