"""Orders and facts over a live connection."""

import pytest

from dialer.ami.arrivals import id_of
from dialer.ami.link import Limits
from dialer.ami.telephony import COUNTS_PENDING, NO_LINK, AmiTelephony
from dialer.exceptions import ActionFailed, LinkUnavailable
from dialer.model.facts import (
    ChannelHungUp,
    ChannelRinging,
    EndpointReachable,
    Intruded,
    Joined,
    LinkDown,
    LinkUp,
    OrderRefused,
    OriginateFailed,
    RecordingPaused,
    Strayed,
)
from tests.unit.dialer.ami.manager_server import (
    DEADLINE,
    Connection,
    Headers,
    ManagerServer,
    Reaction,
    error,
    silence,
    success,
)
from tests.unit.dialer.ami.talk import (
    ATTEMPT,
    LEG,
    QUICK,
    SECOND,
    Ear,
    account,
    call_order,
    leg_order,
    linked,
)


async def test_orders_go_out_in_their_order(server: ManagerServer) -> None:
    async with linked(server) as (telephony, _):
        telephony.originate(call_order())
        telephony.originate_leg(leg_order())
        telephony.bridge(ATTEMPT, LEG)
        telephony.park(ATTEMPT)
        telephony.play_message(ATTEMPT)
        telephony.hang_up(LEG)
        await server.got("Hangup")
        names = [action["Action"] for action in server.last.received]
        assert [name for name in names if name not in ("Login", "CoreStatus", "Ping")] == [
            "Originate", "Originate", "Bridge", "Redirect", "Redirect", "Hangup",
        ]  # fmt: skip
        assert telephony.stats.orders == 6


async def test_an_event_that_waited_tells_how_old_it_is(server: ManagerServer) -> None:
    """The PBX's clock is years behind ours; the login tells by how much, and every ping."""
    shown = 1_000_000_000.0

    def booted(connection: Connection, action: Headers) -> None:
        connection.answer(action, "Success")
        connection.event("FullyBooted", Timestamp=f"{shown:.6f}")

    server.reactions["Login"] = booted
    async with linked(server) as (_, ear):
        server.last.event("Newstate", Uniqueid=ATTEMPT, ChannelState="5", Timestamp=f"{shown - 40:.6f}")
        told = await ear.next()
        assert told == ChannelRinging(ATTEMPT)
        assert 40.0 - DEADLINE < told.age < 40.0 + DEADLINE


async def test_a_pause_is_told_when_the_pbx_has_done_it_and_is_noted_on_the_channel(
    server: ManagerServer,
) -> None:
    async with linked(server) as (telephony, ear):
        telephony.pause_recording(ATTEMPT, True)
        assert await ear.next() == RecordingPaused(ATTEMPT, True)
        (noted,) = await server.got("Setvar")
        assert (noted["Channel"], noted["Variable"], noted["Value"]) == (ATTEMPT, "CADENCIA_PAUSED", "1")
        order = [action["Action"] for action in server.last.received]
        assert order.index("MixMonitorMute") < order.index("Setvar")


async def test_a_pause_that_the_pbx_refuses_is_told_as_refused_and_not_noted(server: ManagerServer) -> None:
    server.reactions["MixMonitorMute"] = error("Cannot set mute flag")
    async with linked(server) as (telephony, ear):
        telephony.pause_recording(ATTEMPT, True)
        assert await ear.next() == OrderRefused(ATTEMPT, "pause_recording", "Cannot set mute flag")
        assert "Setvar" not in [action["Action"] for action in server.last.received]


async def test_a_channel_tells_whether_its_recording_is_paused(server: ManagerServer) -> None:
    def value(connection: Connection, action: Headers) -> None:
        here = action["Channel"] == ATTEMPT
        said = success(f"Variable: {action['Variable']}", "Value: 1") if here else error("No such channel")
        said(connection, action)

    server.reactions["Getvar"] = value
    async with linked(server) as (telephony, _):
        assert await telephony.paused([ATTEMPT, SECOND]) == {ATTEMPT: True}


async def test_what_the_pbx_refuses_is_told_with_the_name_of_the_order(server: ManagerServer) -> None:
    server.reactions["Redirect"] = error("No such channel")
    async with linked(server) as (telephony, ear):
        telephony.park(ATTEMPT)
        assert await ear.next() == OrderRefused(ATTEMPT, "park", "No such channel")


async def test_events_become_facts_in_their_order(server: ManagerServer) -> None:
    async with linked(server) as (_, ear):
        server.last.event("Newstate", Uniqueid=ATTEMPT, ChannelState="5")
        server.last.event("Newstate", Uniqueid="1700000000.1", ChannelState="5")
        server.last.event("Hangup", Uniqueid=ATTEMPT, Cause="17", TechCause="486")
        assert await ear.next() == ChannelRinging(ATTEMPT)
        assert await ear.next() == ChannelHungUp(ATTEMPT, 17, "SIP 486")


async def test_a_leg_sent_to_the_arrivals_is_told_as_strayed_and_keeps_its_name(
    server: ManagerServer,
) -> None:
    async with linked(server) as (_, ear):
        came = {"UserEvent": "CadenciaArrived", "Caller": "600001000", "Called": "910000000"}
        server.last.event("UserEvent", Uniqueid=LEG, **came)
        server.last.event("Hangup", Uniqueid=LEG, Cause="16")
        assert await ear.next() == Strayed(LEG)
        assert await ear.next() == ChannelHungUp(LEG, 16)


async def test_a_stranger_in_a_bridge_of_ours_is_ended_and_told(server: ManagerServer) -> None:
    async with linked(server) as (telephony, ear):
        await telephony.snapshot()
        server.last.event("BridgeEnter", Uniqueid=LEG, BridgeUniqueid="b1")
        server.last.event("BridgeEnter", Uniqueid="1764.9", BridgeUniqueid="b1")
        assert await ear.next() == Joined(LEG, "b1")
        assert await ear.next() == Intruded(LEG)
        await server.got("Hangup")
        assert server.last.received[-1]["Channel"] == "1764.9"


async def test_originate_refused_at_once(server: ManagerServer) -> None:
    server.reactions["Originate"] = error("Extension does not exist.")
    async with linked(server) as (telephony, ear):
        telephony.originate(call_order())
        assert await ear.next() == OriginateFailed(ATTEMPT, "Extension does not exist.")


async def test_refusal_keeps_its_place_among_events(server: ManagerServer) -> None:
    def refuse(connection: Connection, action: Headers) -> None:
        connection.event("Newstate", Uniqueid=SECOND, ChannelState="5")
        connection.answer(action, "Error", "Message: no")
        connection.event("Hangup", Uniqueid=SECOND, Cause="16")

    server.reactions["Originate"] = refuse
    async with linked(server) as (telephony, ear):
        telephony.originate(call_order())
        assert [await ear.next() for _ in range(3)] == [
            ChannelRinging(SECOND),
            OriginateFailed(ATTEMPT, "no"),
            ChannelHungUp(SECOND, 16),
        ]


async def test_originate_response_reaches_us_though_it_answers_an_action(server: ManagerServer) -> None:
    """Defect 9: the library gives OriginateResponse to the future of the action only."""

    def fail(connection: Connection, action: Headers) -> None:
        connection.answer(action, "Success", "Message: Originate successfully queued")
        connection.event(
            "OriginateResponse",
            ActionID=action["ActionID"],
            Response="Failure",
            Reason="0",
            Uniqueid="<null>",
        )

    server.reactions["Originate"] = fail
    async with linked(server) as (telephony, ear):
        telephony.originate_leg(leg_order())
        assert await ear.next() == OriginateFailed(LEG, "no such endpoint, or not registered")


async def test_originate_response_may_overtake_the_answer(server: ManagerServer) -> None:
    def hasty(connection: Connection, action: Headers) -> None:
        connection.event("OriginateResponse", ActionID=action["ActionID"], Response="Failure", Reason="0")
        connection.answer(action, "Success", "Message: Originate successfully queued")

    server.reactions["Originate"] = hasty
    async with linked(server) as (telephony, ear):
        telephony.originate_leg(leg_order())
        assert isinstance(await ear.next(), OriginateFailed)


async def test_failure_is_told_when_its_hangup_was_missed(server: ManagerServer) -> None:
    failed = {"Response": "Failure", "Reason": "5", "Uniqueid": ATTEMPT}
    async with linked(server) as (_, ear):
        server.last.event("Newchannel", Uniqueid=ATTEMPT, ChannelState="0")
        server.last.hang_up()
        await ear.hear(LinkUp)
        server.last.event("OriginateResponse", **failed)
        assert await ear.next() == OriginateFailed(ATTEMPT, "busy")


async def test_failure_that_overtakes_the_news_of_its_channel_is_told_by_the_hangup(
    server: ManagerServer,
) -> None:
    async with linked(server) as (_, ear):
        server.last.event("OriginateResponse", Response="Failure", Reason="0", Uniqueid=ATTEMPT)
        server.last.event("Newchannel", Uniqueid=ATTEMPT, ChannelState="0")
        server.last.event("Hangup", Uniqueid=ATTEMPT, Cause="34", TechCause="503")
        server.last.event("OriginateResponse", Response="Failure", Reason="5", Uniqueid=SECOND)
        assert await ear.next() == ChannelHungUp(ATTEMPT, 34, "SIP 503")
        # The second one's channel never comes: it is told in the end, after the first one would have been.
        assert await ear.next() == OriginateFailed(SECOND, "busy")


async def test_call_given_up_before_its_channel_was_made(server: ManagerServer) -> None:
    server.reactions["Hangup"] = error("No such channel")
    async with linked(server) as (telephony, ear):
        telephony.originate(call_order())
        telephony.hang_up(ATTEMPT)
        await server.got("Hangup")
        server.reactions["Hangup"] = success("Message: Channel Hungup")
        server.last.event("Newchannel", Uniqueid=ATTEMPT, ChannelState="0")
        server.last.event("Newstate", Uniqueid=ATTEMPT, ChannelState="5")
        assert await ear.next() == ChannelRinging(ATTEMPT)
        assert [action["Channel"] for action in await server.got("Hangup", 2)] == [ATTEMPT, ATTEMPT]
        assert len(server.received("Originate")) == 1


async def test_originate_without_link_fails_as_a_fact(server: ManagerServer) -> None:
    telephony = AmiTelephony(account(server))
    telephony.originate(call_order())
    telephony.hang_up(ATTEMPT)
    assert await Ear(telephony).next() == OriginateFailed(ATTEMPT, NO_LINK)
    assert telephony.stats.unsent_orders == 2


@pytest.mark.parametrize("name", ["Ana\r\nAction: Command", "Ana\nx", "Ana\0", "Ana\x85", "Ana\ud800"])
async def test_smuggled_command_is_never_sent(server: ManagerServer, name: str) -> None:
    """Defect 3: the library sends CR and LF inside values."""
    async with linked(server) as (telephony, ear):
        telephony.originate(call_order(caller_id=name))
        failed = await ear.hear(OriginateFailed)
        assert failed.channel_id == ATTEMPT
        telephony.hang_up(name)
        telephony.hang_up(ATTEMPT)
        assert [order["Channel"] for order in await server.got("Hangup")] == [ATTEMPT]
        assert server.received("Command") == server.received("Originate") == []


async def test_snapshot_lists_channels_and_phones(server: ManagerServer) -> None:
    def channels(connection: Connection, action: Headers) -> None:
        same = {"ActionID": action["ActionID"]}
        connection.answer(action, "Success", "EventList: start")
        connection.event(
            "CoreShowChannel", **same, Channel="PJSIP/bot1-01", ChannelState="6", Context="cadencia-agent",
            Application="Wait", Duration="01:00:02", BridgeId="", Uniqueid=LEG,
        )  # fmt: skip
        connection.event("CoreShowChannelsComplete", **same, EventList="Complete", ListItems="1")

    def devices(connection: Connection, action: Headers) -> None:
        same = {"ActionID": action["ActionID"]}
        connection.answer(action, "Success", "EventList: start", "Message: Device State Changes will follow")
        connection.event("DeviceStateChange", **same, Device="PJSIP/bot1", State="NOT_INUSE")
        connection.event("DeviceStateChange", **same, Device="PJSIP/bot2", State="UNAVAILABLE")
        connection.event("DeviceStateListComplete", **same, EventList="Complete", ListItems="2")

    server.reactions |= {"CoreShowChannels": channels, "DeviceStateList": devices}
    async with linked(server) as (telephony, _):
        snapshot = await telephony.snapshot()
        assert snapshot.endpoints == {"bot1"}
        (channel,) = snapshot.channels
        assert (channel.channel_id, channel.up, channel.duration) == (LEG, True, 3602.0)


async def test_snapshot_of_an_empty_pbx(server: ManagerServer) -> None:
    def none(connection: Connection, action: Headers) -> None:
        connection.answer(action, "Success", "EventList: start")
        connection.event(f"{action['Action']}Complete", ActionID=action["ActionID"], EventList="Complete")

    server.reactions |= {"CoreShowChannels": none, "DeviceStateList": none}
    async with linked(server) as (telephony, _):
        snapshot = await telephony.snapshot()
        assert (snapshot.channels, snapshot.endpoints) == ((), frozenset())


def no_list(connection: Connection, action: Headers) -> None:
    """There are none."""
    connection.answer(action, "Success", "EventList: start")
    connection.event(f"{action['Action']}Complete", ActionID=action["ActionID"], EventList="Complete")


async def test_what_merely_asks_leaves_room_for_orders(server: ManagerServer) -> None:
    """A PBX that is slow: the counts of a large floor would fill the link, and nobody could be hung up."""
    server.reactions["Getvar"] = silence
    async with linked(server) as (telephony, _):
        for number in range(2 * COUNTS_PENDING):
            telephony.count_packets(f"{ATTEMPT}{number}")
        assert telephony.pending_actions <= COUNTS_PENDING
        telephony.hang_up(ATTEMPT)
        await server.got("Hangup")


async def test_a_caller_from_before_the_link_is_no_stranger(server: ManagerServer) -> None:
    """The agent is just being joined to a caller as we come: which channels are callers' the list tells."""

    def listed(connection: Connection, action: Headers) -> None:
        connection.answer(action, "Success", "EventList: start")
        connection.event(
            "CoreShowChannel", ActionID=action["ActionID"], Uniqueid="1764.9", AccountCode="in-34910",
            Channel="PJSIP/carrier-1", ChannelState="6", BridgeId="b1",
        )  # fmt: skip
        connection.event("CoreShowChannelsComplete", ActionID=action["ActionID"], EventList="Complete")

    server.reactions |= {"CoreShowChannels": listed, "DeviceStateList": no_list}
    async with linked(server) as (telephony, ear):
        for channel in (LEG, "1764.9"):
            server.last.event("BridgeEnter", Uniqueid=channel, BridgeUniqueid="b1")
        assert await ear.next() == Joined(LEG, "b1")
        await telephony.snapshot()
        server.last.event("BridgeEnter", Uniqueid="1764.9", BridgeUniqueid="b1")
        assert await ear.next() == Joined(id_of("1764.9"), "b1")
        server.last.event("BridgeEnter", Uniqueid="1764.11", BridgeUniqueid="b1")
        assert isinstance(await ear.next(), Intruded)
        assert [action["Channel"] for action in await server.got("Hangup")] == ["1764.11"]


@pytest.mark.parametrize(
    ("said", "version"),
    [
        (success("Value: Custom:cadencia-7"), "7"),
        (success("Value: "), ""),
        (success("Value: SIP/somebody"), ""),
        (error("Permission denied"), None),
    ],
)
async def test_snapshot_tells_which_dialplan_there_is(
    server: ManagerServer, said: Reaction, version: str | None
) -> None:
    server.reactions |= {"CoreShowChannels": no_list, "DeviceStateList": no_list, "Getvar": said}
    async with linked(server) as (telephony, _):
        assert (await telephony.snapshot()).dialplan == version
        assert server.received("Getvar")[0]["Variable"] == "HINT(version@cadencia-version)"


async def test_snapshot_says_why_it_cannot(server: ManagerServer) -> None:
    with pytest.raises(LinkUnavailable):
        await AmiTelephony(account(server)).snapshot()
    server.reactions["CoreShowChannels"] = error("Permission denied")
    async with linked(server) as (telephony, _):
        with pytest.raises(ActionFailed, match="Permission denied"):
            await telephony.snapshot()


async def test_snapshot_ends_when_the_link_is_lost(server: ManagerServer) -> None:
    server.reactions["CoreShowChannels"] = lambda connection, action: connection.hang_up()
    async with linked(server) as (telephony, _):
        with pytest.raises(LinkUnavailable):
            await telephony.snapshot()


async def test_unanswered_question_ends_and_leaves_nothing(server: ManagerServer) -> None:
    """Defect 7: actions of the library have no timeout and stay in its table."""
    server.reactions["CoreShowChannels"] = silence
    async with linked(server, limits=Limits(action=0.05)) as (telephony, _):
        with pytest.raises(LinkUnavailable, match="no answer in time"):
            await telephony.snapshot()
        assert telephony.stats.action_timeouts == 1
        assert telephony.pending_actions == 0


async def test_unanswered_orders_leave_the_table(server: ManagerServer) -> None:
    """Defect 7, for orders that nobody waits for."""
    server.reactions["Originate"] = silence
    async with linked(server, limits=Limits(ping=0.05, action=0.01)) as (telephony, _):
        for count in range(50):
            telephony.originate(call_order(f"{count:08d}-8b86-4d01-b42d-00cf4fc964ff"))
        await server.got("Originate", 50)
        pings = len(server.received("Ping"))
        await server.got("Ping", pings + 3)
        assert telephony.pending_actions <= 1
        assert telephony.stats.action_timeouts == 50


async def test_too_many_unanswered_orders_are_refused(server: ManagerServer) -> None:
    server.reactions["Originate"] = silence
    async with linked(server, limits=Limits(pending=3)) as (telephony, ear):
        for count in range(4):
            telephony.originate(call_order(f"{count:08d}-8b86-4d01-b42d-00cf4fc964ff"))
        assert (await ear.hear(OriginateFailed)).channel_id == "00000003-8b86-4d01-b42d-00cf4fc964ff"


async def test_facts_that_nobody_fetches_end_in_reconciliation(server: ManagerServer) -> None:
    server.reactions["CoreShowChannels"] = error("its answer proves that all before it was read")
    async with linked(server, capacity=100) as (telephony, ear):
        for _ in range(150):
            server.last.event("Hangup", Uniqueid=ATTEMPT, Cause="16")
        with pytest.raises(ActionFailed):
            await telephony.snapshot()
        assert isinstance(await ear.next(), LinkDown)
        assert await ear.next() == LinkUp("2026-11-23 01:02:03")
        assert [await ear.next() for _ in range(49)] == [ChannelHungUp(ATTEMPT, 16)] * 49
        assert telephony.stats.overflows == 1


async def test_phones_that_come_and_go(server: ManagerServer) -> None:
    async with linked(server) as (_, ear):
        for uri, status in [
            ("sip:a", "Created"),
            ("sip:b", "Created"),
            ("sip:a", "Removed"),
            ("sip:b", "Removed"),
        ]:
            server.last.event("ContactStatus", EndpointName="web1", URI=uri, ContactStatus=status)
        assert [await ear.next(), await ear.next()] == [
            EndpointReachable("web1", True),
            EndpointReachable("web1", False),
        ]


async def test_a_hundred_originates_at_once_are_all_sent(server: ManagerServer) -> None:
    ids = [f"{count:08d}-8b86-4d01-b42d-00cf4fc964ff" for count in range(100)]
    async with linked(server, limits=QUICK) as (telephony, _):
        for channel_id in ids:
            telephony.originate(call_order(channel_id))
        assert [action["ChannelId"] for action in await server.got("Originate", 100)] == ids


@pytest.mark.parametrize("mate", ["", "a\r\nAction: Originate"])
async def test_what_cannot_be_sent_is_told_as_refused_and_ends_nothing(
    server: ManagerServer, mate: str
) -> None:
    async with linked(server) as (telephony, ear):
        telephony.join_in(LEG, mate)
        told = await ear.next()
        assert isinstance(told, OrderRefused)
        assert (told.channel_id, told.order) == (LEG, "join_in")
