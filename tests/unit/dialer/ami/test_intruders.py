"""Strangers in bridges of ours."""

from dialer.ami.intruders import LIMIT, Intruders
from tests.unit.dialer.ami.talk import ATTEMPT, LEG
from tests.unit.dialer.engine.scenes import a_channel

STRANGER = "1764.9"


def enters(channel: str, bridge: str = "b1") -> dict[str, str]:
    return {"Event": "BridgeEnter", "Uniqueid": channel, "BridgeUniqueid": bridge}


def leaves(channel: str, bridge: str = "b1") -> dict[str, str]:
    return {"Event": "BridgeLeave", "Uniqueid": channel, "BridgeUniqueid": bridge}


def talking() -> Intruders:
    """A person and an agent in a bridge."""
    intruders = Intruders()
    intruders.listed([])
    assert [intruders.seen(enters(one)) for one in (ATTEMPT, LEG)] == ["", ""]
    return intruders


def test_who_takes_the_persons_place_is_a_stranger() -> None:
    intruders = talking()
    assert intruders.seen(leaves(ATTEMPT)) == ""
    assert intruders.seen(enters(STRANGER)) == LEG


def test_other_peoples_bridges_are_their_own() -> None:
    intruders = talking()
    assert intruders.seen(enters(STRANGER, "b2")) == ""
    assert intruders.seen(leaves(STRANGER, "b2")) == ""


def test_a_bridge_that_we_have_left_is_not_ours_any_more() -> None:
    intruders = talking()
    for one in (ATTEMPT, LEG):
        intruders.seen(leaves(one))
    assert intruders.seen(enters(STRANGER)) == ""


def test_nothing_is_known_after_a_lost_link() -> None:
    intruders = talking()
    intruders.forget()
    assert intruders.seen(enters(STRANGER)) == ""


def test_nobody_is_judged_before_the_channels_were_listed() -> None:
    """Who called in before we came is ours by the list only; the queue's agent just joined them."""
    intruders = Intruders()
    intruders.seen(enters(LEG))
    assert intruders.seen(enters(STRANGER)) == ""
    intruders.listed([])
    assert intruders.seen(enters(STRANGER)) == LEG


def test_who_comes_into_a_conversation_from_before_a_lost_link_is_a_stranger() -> None:
    intruders = talking()
    intruders.forget()
    intruders.listed([a_channel(one, bridge_id="b1") for one in (ATTEMPT, LEG, STRANGER)])
    assert intruders.seen(enters("1764.10")) == min(ATTEMPT, LEG)


def test_a_flood_takes_no_more_room_than_there_is() -> None:
    intruders = talking()
    for number in range(LIMIT):
        intruders.seen(enters(LEG, f"x{number}"))
    assert intruders.seen(enters(STRANGER)) == ""
