"""What every Telephony does, whether it is the fake, the link to a scripted PBX, or a real Asterisk."""

import asyncio
from dataclasses import dataclass, field, replace
from uuid import uuid4

from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    ChannelSnapshot,
    Joined,
    LinkUp,
    MessagePlayed,
    OrderRefused,
    OriginateFailed,
    PacketsCounted,
    Parted,
    RecordingPaused,
    Screened,
    TelephonyFact,
)
from dialer.model.orders import DIALPLAN
from dialer.ports import CallOrder, LegOrder, Telephony
from tests.eventually import eventually

DEADLINE = 20.0
"""Seconds until a test that waits in vain fails."""


@dataclass
class Rig:
    """A telephony, numbers that behave as told, and a phone that answers."""

    telephony: Telephony
    answers: str
    """Answers at once and waits to be hung up."""
    rings: str
    busy: str
    endpoint: str
    absent_endpoint: str
    trunk: str = "carrier"
    recording: str = "/spool/conformance"
    """Where a recorded call is recorded, on the PBX."""
    _heard: list[TelephonyFact] = field(default_factory=list)

    def call(self, number: str, **changes: object) -> str:
        """Originate to a person; the channel id."""
        plain = CallOrder(
            str(uuid4()), number, self.trunk, "Cobros <+34910000000>", 30.0, "off", "", "es", 30.0
        )
        order = replace(plain, **changes)  # type: ignore[arg-type]  # a test names the fields it changes
        self.telephony.originate(order)
        return order.channel_id

    def call_leg(self, endpoint: str | None = None) -> str:
        """Originate to an agent's phone; the channel id."""
        channel_id = f"leg-{uuid4()}"
        self.telephony.originate_leg(LegOrder(channel_id, endpoint or self.endpoint, "Cadencia"))
        return channel_id

    @property
    def heard_all(self) -> list[TelephonyFact]:
        """Everything heard so far."""
        return list(self._heard)

    async def more(self) -> None:
        """Wait for the next facts."""
        self._heard.extend(await self.telephony.next_facts())

    async def heard(self, fact: TelephonyFact) -> None:
        """Wait until this fact is told, or was."""
        async with asyncio.timeout(DEADLINE):
            while fact not in self._heard:
                await self.more()

    async def heard_of(self, channel_id: str, kind: type[TelephonyFact]) -> TelephonyFact:
        """Wait until a fact of a kind is told of a channel, or was; the last one."""
        async with asyncio.timeout(DEADLINE):
            while not (found := [fact for fact in self.of(channel_id) if isinstance(fact, kind)]):
                await self.more()
        return found[-1]

    def of(self, channel_id: str) -> list[TelephonyFact]:
        """All facts heard of a channel so far."""
        return [fact for fact in self._heard if getattr(fact, "channel_id", "") == channel_id]

    def counts(self, channel_id: str) -> list[int]:
        """Packets of sound, as they were counted so far."""
        return [fact.received for fact in self.of(channel_id) if isinstance(fact, PacketsCounted)]

    def forget(self) -> None:
        """Count from here."""
        self._heard.clear()

    async def first(self) -> TelephonyFact:
        """The first fact of all."""
        async with asyncio.timeout(DEADLINE):
            while not self._heard:
                await self.more()
        return self._heard[0]

    async def seen(self, channel_id: str) -> ChannelSnapshot | None:
        """The channel in a snapshot of now."""
        snapshot = await self.telephony.snapshot()
        return next((item for item in snapshot.channels if item.channel_id == channel_id), None)

    async def conversation(self) -> tuple[str, str]:
        """A person and an agent, joined."""
        customer, leg = self.call(self.answers), self.call_leg()
        await self.heard_of(customer, Screened)
        await self.heard_of(leg, ChannelAnswered)
        self.telephony.bridge(customer, leg)
        await self.heard_of(customer, Joined)
        await self.heard_of(leg, Joined)
        return customer, leg

    async def end(self, *channel_ids: str) -> None:
        """Hang up and wait for it."""
        for channel_id in channel_ids:
            self.telephony.hang_up(channel_id)
            await self.heard_of(channel_id, ChannelHungUp)


class TelephonySuite:
    """Subclass with a fixture `rig`."""

    async def test_link_up_comes_first_and_names_the_process(self, rig: Rig) -> None:
        first = await rig.first()
        assert isinstance(first, LinkUp)
        assert first.pbx_started
        assert first.uptime is not None

    async def test_person_who_answers(self, rig: Rig) -> None:
        channel = rig.call(rig.answers)
        await rig.heard(Screened(channel, "OFF"))
        told = [fact for fact in rig.of(channel) if not isinstance(fact, ChannelRinging)]
        assert told == [ChannelAnswered(channel), Screened(channel, "OFF")]
        await rig.end(channel)

    async def test_busy_is_told_once_with_its_cause(self, rig: Rig) -> None:
        channel = rig.call(rig.busy)
        await rig.heard_of(channel, ChannelHungUp)
        leg = rig.call_leg()
        await rig.heard_of(leg, ChannelAnswered)
        assert rig.of(channel) == [ChannelHungUp(channel, 17, "SIP 486")]
        await rig.end(leg)

    async def test_phone_that_is_not_there(self, rig: Rig) -> None:
        leg = rig.call_leg(rig.absent_endpoint)
        await rig.heard_of(leg, OriginateFailed)
        assert len(rig.of(leg)) == 1

    async def test_what_cannot_be_sent_fails_as_a_fact(self, rig: Rig) -> None:
        for channel in (
            rig.call(rig.answers, caller_id="x\r\nAction: Command"),
            rig.call("+34600 OR 1"),
            rig.call(rig.answers, recording="/spool/a,b"),
        ):
            await rig.heard_of(channel, OriginateFailed)
            assert await rig.seen(channel) is None

    async def test_ringing_call_is_given_up(self, rig: Rig) -> None:
        channel = rig.call(rig.rings)
        await rig.heard_of(channel, ChannelRinging)
        shown = await rig.seen(channel)
        assert shown is not None
        assert (shown.ringing, shown.up) == (True, False)
        await rig.end(channel)
        assert [type(fact) for fact in rig.of(channel)] == [ChannelRinging, ChannelHungUp]
        assert await rig.seen(channel) is None

    async def test_calls_given_up_before_they_exist(self, rig: Rig) -> None:
        calls = []
        for _ in range(20):
            calls.append(rig.call(rig.rings))
            rig.telephony.hang_up(calls[-1])
        for channel in calls:
            await rig.heard_of(channel, ChannelHungUp)
        shown = {item.channel_id for item in (await rig.telephony.snapshot()).channels}
        assert not shown & set(calls)

    async def test_packets_of_sound_are_counted_on_both_sides_of_a_conversation(self, rig: Rig) -> None:
        pair = await rig.conversation()
        async with asyncio.timeout(DEADLINE):
            for channel in pair:
                while len(set(rig.counts(channel))) < 2:
                    rig.telephony.count_packets(channel)
                    await rig.more()
        assert all(rig.counts(channel) == sorted(rig.counts(channel)) for channel in pair)
        rig.telephony.count_packets(str(uuid4()))
        await rig.end(*pair)

    async def test_order_to_a_channel_that_is_gone_changes_nothing(self, rig: Rig) -> None:
        gone = str(uuid4())
        rig.telephony.hang_up(gone)
        rig.telephony.play_message(gone)
        rig.telephony.park(gone)
        rig.telephony.pause_recording(gone, True)
        rig.telephony.bridge(gone, f"leg-{gone}")
        leg = rig.call_leg()
        await rig.heard_of(leg, ChannelAnswered)
        refused = [fact for fact in rig.of(gone) if isinstance(fact, OrderRefused)]
        assert rig.of(gone) == refused
        assert [fact.order for fact in refused] == ["play_message", "park", "pause_recording", "bridge"]
        assert await rig.telephony.paused([gone]) == {}
        await rig.end(leg)

    async def test_a_pause_of_the_recording_is_confirmed_and_can_be_asked_for(self, rig: Rig) -> None:
        channel = rig.call(rig.answers, recording=rig.recording)
        await rig.heard_of(channel, Screened)
        assert await rig.telephony.paused([channel]) == {channel: False}
        for paused in (True, False):
            rig.telephony.pause_recording(channel, paused)
            await rig.heard(RecordingPaused(channel, paused))
            assert await rig.telephony.paused([channel]) == {channel: paused}
        await rig.end(channel)

    async def test_conversation_and_its_end_by_the_person(self, rig: Rig) -> None:
        customer, leg = await rig.conversation()
        shown = [await rig.seen(channel) for channel in (customer, leg)]
        assert all(item is not None and item.up for item in shown)
        bridges = {item.bridge_id for item in shown if item is not None}
        assert len(bridges) == 1
        (bridge,) = bridges
        await rig.heard(Joined(customer, bridge))
        await rig.heard(Joined(leg, bridge))
        await rig.end(customer)
        await rig.heard(Parted(leg, bridge))
        left = await rig.seen(leg)
        assert left is not None
        assert (left.up, left.bridge_id) == (True, "")
        await rig.end(leg)

    async def test_parked_person_is_joined_again(self, rig: Rig) -> None:
        customer, leg = await rig.conversation()
        rig.telephony.park(customer)
        await rig.heard_of(leg, Parted)
        await rig.heard_of(customer, Parted)
        rig.forget()

        async def hears_music() -> bool:  # the bridge is left a moment before the dialplan goes on
            shown = await rig.seen(customer)
            return shown is not None and shown.up and shown.context == "cadencia-hold"

        await eventually(hears_music)
        rig.telephony.bridge(customer, leg)
        await rig.heard_of(customer, Joined)
        await rig.heard_of(leg, Joined)
        await rig.end(customer, leg)

    async def test_bridge_takes_a_person_out_of_another_bridge(self, rig: Rig) -> None:
        customer, first = await rig.conversation()
        second = rig.call_leg()
        await rig.heard_of(second, ChannelAnswered)
        rig.forget()
        rig.telephony.bridge(customer, second)
        await rig.heard_of(second, Joined)
        await rig.heard_of(customer, Joined)
        await rig.heard_of(first, Parted)
        left = await rig.seen(first)
        assert left is not None
        assert left.up
        await rig.end(customer, first, second)

    async def test_two_agents_speak_aside_and_the_person_waits(self, rig: Rig) -> None:
        customer, first = await rig.conversation()
        second = rig.call_leg()
        await rig.heard_of(second, ChannelAnswered)
        rig.forget()
        rig.telephony.bridge(first, second)
        await rig.heard_of(second, Joined)
        await rig.heard_of(customer, Parted)
        waiting = await rig.seen(customer)
        assert waiting is not None
        assert (waiting.up, waiting.bridge_id) == (True, "")
        rig.forget()
        rig.telephony.bridge(customer, second)
        await rig.heard_of(customer, Joined)
        await rig.heard_of(first, Parted)
        await rig.end(customer, first, second)

    async def test_a_third_voice_joins_and_leaves(self, rig: Rig) -> None:
        customer, first = await rig.conversation()
        second = rig.call_leg()
        await rig.heard_of(second, ChannelAnswered)
        rig.telephony.join_in(second, first)
        joined = await rig.heard_of(second, Joined)
        mates = [await rig.seen(one) for one in (customer, first, second)]
        assert {mate.bridge_id for mate in mates if mate is not None} == {getattr(joined, "bridge_id", "")}
        rig.telephony.release(second)
        await rig.heard_of(second, Parted)
        left = [await rig.seen(one) for one in (customer, first, second)]
        assert [bool(one and one.bridge_id) for one in left] == [True, True, False]
        assert all(one is not None and one.up for one in left)
        await rig.end(customer, first, second)

    async def test_the_end_of_the_person_lets_both_agents_go(self, rig: Rig) -> None:
        """Their legs stay up, for the next call."""
        customer, first = await rig.conversation()
        second = rig.call_leg()
        await rig.heard_of(second, ChannelAnswered)
        rig.telephony.join_in(second, first)
        await rig.heard_of(second, Joined)
        await rig.end(customer)
        rig.telephony.release(second)
        await rig.heard_of(second, Parted)
        await rig.heard_of(first, Parted)
        left = [await rig.seen(one) for one in (first, second)]
        assert [(one.up, one.bridge_id) for one in left if one is not None] == [(True, ""), (True, "")]
        await rig.end(first, second)

    async def test_message_begins(self, rig: Rig) -> None:
        channel = rig.call(rig.answers)
        await rig.heard_of(channel, Screened)
        rig.telephony.play_message(channel)
        await rig.heard(MessagePlayed(channel, "start"))
        shown = await rig.seen(channel)
        assert shown is not None
        assert shown.context == "cadencia-safe-harbour"
        await rig.end(channel)

    async def test_the_pbx_knows_the_last_beat(self, rig: Rig) -> None:
        await rig.first()
        for beat in ("7.1", "7.2"):
            rig.telephony.beat(beat)
            async with asyncio.timeout(DEADLINE):
                while (await rig.telephony.snapshot()).beat != beat:
                    pass

    async def test_the_dialplan_tells_its_version(self, rig: Rig) -> None:
        await rig.first()
        assert (await rig.telephony.snapshot()).dialplan == DIALPLAN

    async def test_snapshot_shows_registered_phones(self, rig: Rig) -> None:
        await rig.first()
        endpoints = (await rig.telephony.snapshot()).endpoints
        assert rig.endpoint in endpoints
        assert rig.absent_endpoint not in endpoints
