"""Events to facts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.ami.translate import channel_snapshot, is_ours, translate
from dialer.model.facts import (
    Arrived,
    CaseTold,
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    ChannelSnapshot,
    Chose,
    HoldChanged,
    Joined,
    MessagePlayed,
    OriginateFailed,
    Parted,
    Screened,
    TelephonyFact,
)
from tests.unit.dialer.ami.talk import ATTEMPT, LEG

NAMES = [
    "Newstate", "Hangup", "OriginateResponse", "BridgeEnter", "BridgeLeave", "UserEvent", "Hold", "Unhold",
    "Newchannel", "ContactStatus", "FullyBooted", "VarSet",
]  # fmt: skip


@pytest.mark.parametrize(
    ("event", "fact"),
    [
        ({"Event": "Newstate", "ChannelState": "5"}, ChannelRinging(ATTEMPT)),
        ({"Event": "Newstate", "ChannelState": "6"}, ChannelAnswered(ATTEMPT)),
        ({"Event": "Newstate", "ChannelState": "3"}, None),
        ({"Event": "Newchannel", "ChannelState": "0"}, None),
        ({"Event": "Hangup", "Cause": "17", "TechCause": "486"}, ChannelHungUp(ATTEMPT, 17, "SIP 486")),
        ({"Event": "Hangup", "Cause": "16"}, ChannelHungUp(ATTEMPT, 16)),
        ({"Event": "Hangup", "Cause": "?"}, ChannelHungUp(ATTEMPT, 0)),
        ({"Event": "Hangup", "Cause": "٣", "TechCause": "odd"}, ChannelHungUp(ATTEMPT, 0, "odd")),
        ({"Event": "OriginateResponse", "Response": "Success", "Reason": "4"}, None),
        (
            {"Event": "OriginateResponse", "Response": "Failure", "Reason": "5"},
            OriginateFailed(ATTEMPT, "busy"),
        ),
        (
            {"Event": "OriginateResponse", "Response": "Failure", "Reason": "77"},
            OriginateFailed(ATTEMPT, "reason 77"),
        ),
        ({"Event": "BridgeEnter", "BridgeUniqueid": "b"}, Joined(ATTEMPT, "b")),
        ({"Event": "BridgeLeave", "BridgeUniqueid": "b"}, Parted(ATTEMPT, "b")),
        (
            {
                "Event": "UserEvent",
                "UserEvent": "CadenciaScreened",
                "Status": "MACHINE",
                "Cause": "LONGGREETING-1",
            },
            Screened(ATTEMPT, "MACHINE", "LONGGREETING-1"),
        ),
        (
            {"Event": "UserEvent", "UserEvent": "CadenciaMessage", "Part": "end"},
            MessagePlayed(ATTEMPT, "end"),
        ),
        (
            {"Event": "UserEvent", "UserEvent": "CadenciaArrived", "Caller": "+34600", "Called": "910"},
            Arrived(ATTEMPT, "+34600", "910"),
        ),
        ({"Event": "UserEvent", "UserEvent": "CadenciaChoice", "Digit": "1"}, Chose(ATTEMPT, "1")),
        ({"Event": "UserEvent", "UserEvent": "CadenciaCase", "Told": "yes"}, CaseTold(ATTEMPT)),
        ({"Event": "UserEvent", "UserEvent": "Other"}, None),
        ({"Event": "Hold"}, None),
        ({"Event": "VarSet"}, None),
        ({}, None),
    ],
)
def test_event_of_an_attempt(event: dict[str, str], fact: TelephonyFact | None) -> None:
    assert translate({"Uniqueid": ATTEMPT} | event) == fact


def test_hold_by_an_agent() -> None:
    assert translate({"Event": "Hold", "Uniqueid": LEG}) == HoldChanged(LEG, held=True)
    assert translate({"Event": "Unhold", "Uniqueid": LEG}) == HoldChanged(LEG, held=False)


def test_failed_originate_without_channel_is_known_by_its_action() -> None:
    event = {"Event": "OriginateResponse", "Response": "Failure", "Uniqueid": "<null>", "ActionID": LEG}
    assert translate(event) == OriginateFailed(LEG, "reason ")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "channel",
    ["", "1700000000.17", "pbx-1700000000.17", "legend", ATTEMPT.upper(), ATTEMPT + "0", f"{ATTEMPT};1"],
)
def test_channels_of_others_are_passed_over(name: str, channel: str) -> None:
    assert not is_ours(channel)
    event = {"Event": name, "Uniqueid": channel, "ChannelState": "6", "UserEvent": "CadenciaScreened"}
    assert translate(event) is None


@given(
    name=st.sampled_from(NAMES) | st.text(),
    headers=st.dictionaries(
        st.sampled_from(["ChannelState", "Cause", "Reason", "Status", "Part", "UserEvent", "TechCause"])
        | st.text(),
        st.text(),
    ),
    channel=st.sampled_from([ATTEMPT, LEG]) | st.text(),
)
def test_no_event_raises(name: str, headers: dict[str, str], channel: str) -> None:
    """Defect 5: an event must never cost the link, nor the engine its turn."""
    event = headers | {"Event": name, "Uniqueid": channel}
    translate(event)
    channel_snapshot(event)


@given(
    event=st.sampled_from(
        [
            {"Event": "Newstate", "ChannelState": "6"},
            {"Event": "Hangup", "Cause": "16"},
            {"Event": "UserEvent", "UserEvent": "CadenciaScreened", "Status": "HUMAN"},
            {"Event": "OriginateResponse", "Response": "Failure", "Reason": "5"},
            {"Event": "BridgeEnter", "BridgeUniqueid": "b"},
        ]
    ),
    channel=st.sampled_from([ATTEMPT, LEG])
    | st.text()
    | st.from_regex(r"[0-9]{10}\.[0-9]{1,4}", fullmatch=True),
)
def test_only_channels_of_ours_tell_something(event: dict[str, str], channel: str) -> None:
    assert (translate(event | {"Uniqueid": channel}) is not None) == is_ours(channel)


@given(st.text())
def test_no_duration_raises(duration: str) -> None:
    assert channel_snapshot({"Duration": duration}).duration >= 0


def test_channel_of_a_list() -> None:
    event = {
        "Channel": "PJSIP/carrier-1", "ChannelState": "5", "Context": "cadencia-customer",
        "Application": "AppDial2", "Duration": "26:01:02", "BridgeId": "b", "Uniqueid": ATTEMPT,
    }  # fmt: skip
    assert channel_snapshot(event) == ChannelSnapshot(
        ATTEMPT, "PJSIP/carrier-1", False, True, "cadencia-customer", "AppDial2", "b", 93662.0
    )
