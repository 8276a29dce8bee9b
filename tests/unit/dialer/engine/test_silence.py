"""Of whom nothing comes: the agent is told, the books too, and sound is proved before a join."""

from collections import Counter
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from dialer.engine import effects, silence
from dialer.engine.rooms.calls import live_of
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.facts import ChannelAnswered, ChannelHungUp, HoldChanged, PacketsCounted, Parted, Screened
from dialer.model.outcomes import Outcome
from dialer.ports import OpenCall
from tests.unit.dialer.engine.scenes import Scene, a_channel

USUAL = 50
"""Packets a second."""


class Line(Scene):
    """A conversation whose packets the test counts."""

    def __init__(self, before: float = 2.0) -> None:
        """`before`: seconds from the answer to the join, in which the line sends without a gap."""
        super().__init__()
        self.works()
        self.sent: dict[str, int] = {}
        self.call_id = self.dials()
        self.fact(ChannelAnswered(str(self.call_id)))
        self.later(before)
        self.fact(Screened(str(self.call_id), "HUMAN"))
        self.sent[str(self.call_id)] = round(before * USUAL)
        self.join(self.call_id, self.agent().leg_id)

    def second(self, person: int = USUAL, agent: int = USUAL) -> None:
        """A second of the conversation, and the counts of its end."""
        self.now = self.now.replace(microsecond=0)
        self.pace(1.0)
        alarms = list(self.turn.alarms)
        for name, more in ((str(self.call_id), person), (self.agent().leg_id, agent)):
            self.sent[name] = self.sent.get(name, 0) + more
            self.fact(PacketsCounted(name, self.sent[name]))
            alarms += self.turn.alarms
        self.told = [alarm for alarm in alarms if alarm[0] == "one_way_audio"]

    def seconds(self, count: int, person: int = USUAL, agent: int = USUAL) -> list[tuple[str, str, str]]:
        """Some of them; the alarms."""
        alarms = []
        for _ in range(count):
            self.second(person, agent)
            alarms += self.told
        return alarms

    @property
    def silent(self) -> str:
        """What the agent's screen says."""
        return self.state.calls[self.call_id].silent

    def ends(self) -> Outcome | None:
        """The person hangs up; the PBX first tells that they left the bridge."""
        self.fact(Parted(str(self.call_id), "b1"), ChannelHungUp(str(self.call_id), 16))
        return self.turn.transitions[-1].call.outcome


def test_a_conversation_is_counted_once_a_second_on_both_sides() -> None:
    line = Line()
    line.pace(1.0)
    leg = line.agent().leg_id
    assert [one.channel for one in line.did(effects.CountPackets)] == [str(line.call_id), leg]
    line.pace(0.5)
    assert line.did(effects.CountPackets) == []


def test_a_port_that_moves_is_told_after_three_seconds_with_one_alarm() -> None:
    line = Line()
    line.seconds(2)
    assert line.seconds(2, person=0) == []
    assert line.silent == ""
    assert [alarm[2] for alarm in line.seconds(3, person=0)] == ["nothing comes from: person"]
    assert line.silent == "person"


def test_what_comes_again_takes_the_warning_back() -> None:
    line = Line()
    line.seconds(2)
    line.seconds(5, person=0)
    line.seconds(1)
    assert line.silent == ""


def test_the_agents_own_silence_is_called_so_and_is_nobodys_line() -> None:
    line = Line()
    line.seconds(2)
    assert [alarm[2] for alarm in line.seconds(5, agent=0)] == ["nothing comes from: agent"]
    assert line.silent == "agent"
    assert line.ends() is Outcome.CONVERSATION


def test_who_was_never_heard_was_not_spoken_to() -> None:
    line = Line(3.9)
    line.seconds(6, person=0)
    assert line.ends() is Outcome.ONE_WAY_AUDIO


def test_an_agent_of_whom_hardly_anything_comes_makes_no_verdict_on_the_line() -> None:
    line = Line(3.9)
    line.seconds(6, person=0, agent=10)
    assert line.ends() is Outcome.CONVERSATION


def test_who_was_heard_before_the_music_was_spoken_to() -> None:
    line = Line(3.9)
    line.seconds(5)
    line.fact(HoldChanged(line.agent().leg_id, held=True))
    line.pace(1.0)
    line.sent[str(line.call_id)] += 2 * USUAL
    line.fact(HoldChanged(line.agent().leg_id, held=False))
    line.seconds(6, person=0)
    assert line.silent == "person"
    assert line.ends() is Outcome.CONVERSATION


def test_who_said_only_hello_may_be_listening_on_a_line_that_saves_silence() -> None:
    """Two seconds of greeting without a gap tell nothing of the line."""
    line = Line()
    assert line.seconds(8, person=0) == []
    assert line.silent == ""
    assert line.ends() is Outcome.CONVERSATION


def test_a_single_short_word_is_somebody_on_a_line_that_saves_silence() -> None:
    """«¿Sí?» is twenty packets; then they listen, and nothing comes."""
    line = Line(before=0.0)
    line.second(person=20)
    assert line.seconds(6, person=0) == []
    assert line.ends() is Outcome.CONVERSATION


def test_packets_that_keep_a_line_open_are_nobody() -> None:
    line = Line(before=0.0)
    line.second(person=2)
    line.seconds(6, person=0)
    assert line.ends() is Outcome.ONE_WAY_AUDIO


def test_who_was_heard_before_the_line_went_dead_was_spoken_to() -> None:
    line = Line()
    line.seconds(5)
    line.seconds(6, person=0)
    assert line.ends() is Outcome.CONVERSATION


def test_a_telephone_that_never_sent_anything_is_told_at_once_and_is_no_conversation() -> None:
    line = Line()
    line.sent[str(line.call_id)] = 0
    line.seconds(3, person=0)
    assert line.silent == "person"
    line.seconds(1, person=0)
    assert line.ends() is Outcome.ONE_WAY_AUDIO


def test_a_line_that_saves_silence_gets_more_patience_and_no_verdict() -> None:
    """A gateway with VAD: it sent half of the two seconds of greeting; then the person listens."""
    line = Line()
    line.sent[str(line.call_id)] = 40
    assert line.seconds(6, person=0) == []
    assert line.silent == ""
    assert line.seconds(6, person=0) == []
    assert line.silent == "person"
    assert line.ends() is Outcome.CONVERSATION


def test_a_line_that_paused_and_went_on_is_known_to_save_silence() -> None:
    line = Line()
    line.seconds(1)
    line.seconds(2, person=0)
    line.seconds(1)
    line.seconds(5, person=0)
    assert line.silent == ""


def test_nobody_is_silent_while_there_is_music_or_no_count() -> None:
    line = Line()
    line.seconds(2)
    line.fact(HoldChanged(line.agent().leg_id, held=True))
    line.pace(1.0)
    assert line.did(effects.CountPackets) == []
    line.pace(9.0)
    assert line.silent == ""


def thousand() -> Line:
    """A floor of a thousand conversations."""
    line = Line()
    first, agent = line.state.calls[line.call_id], line.agent()
    for number in range(2, 1001):
        call = replace(first.call, id=uuid4(), agent_id=number)
        leg = f"leg-{number:06d}-page0001-000001.000001"
        line.state.calls[call.id] = replace(first, call=call)
        line.state.agents[number] = replace(agent, id=number, leg_id=leg, call_id=call.id)
    return line


def test_a_large_floor_is_asked_piece_by_piece_and_nobody_is_left_out() -> None:
    line = thousand()
    asked: Counter[str] = Counter()
    for _ in range(16):  # four seconds
        line.pace(0.25)
        names = [one.channel for one in line.did(effects.CountPackets)]
        assert len(names) == silence.AT_ONCE
        asked.update(names)
    assert len(asked) == 2000
    assert set(asked.values()) == {2}


def test_a_channel_that_is_new_waits_for_nobodys_second() -> None:
    line = Line()
    line.pace(1.0)
    line.works(2, page="page0002")
    line.talks(2, person_id=2)
    line.pace(0.25)
    assert line.agent(2).leg_id in [one.channel for one in line.did(effects.CountPackets)]


def restarted(line: Line) -> None:
    """The next engine takes the conversation up."""
    before = line.state.calls[line.call_id]
    line.state.calls[line.call_id] = live_of(OpenCall(before.call, before.card))
    line.state.sounds, line.state.sounds_asked = {}, {}


def test_who_talked_for_a_minute_before_a_restart_was_spoken_to() -> None:
    line = Line(3.9)
    line.seconds(60)
    restarted(line)
    line.seconds(6, person=0)
    assert line.silent == "person"
    assert line.ends() is Outcome.CONVERSATION


def test_who_listens_on_a_line_that_saves_silence_as_we_restart_is_not_taken_for_a_dead_line() -> None:
    line = Line()
    line.seconds(60, person=20)
    restarted(line)
    assert line.seconds(8, person=0) == []
    assert line.silent == ""


def test_of_whom_nothing_ever_came_no_restart_makes_a_person() -> None:
    line = Line()
    line.sent[str(line.call_id)] = 0
    line.seconds(5, person=0)
    restarted(line)
    line.seconds(6, person=0)
    assert line.ends() is Outcome.ONE_WAY_AUDIO


def test_a_warning_does_not_outlive_what_it_was_about() -> None:
    line = Line()
    line.seconds(2)
    line.seconds(5, person=0)
    line.fact(HoldChanged(line.agent().leg_id, held=True))
    line.pace(1.0)
    assert line.silent == ""


def comes_back(line: Line) -> str:
    """The leg of a telephone that fell silent has died, and the telephone has answered again."""
    leg = line.agent().leg_id
    line.fact(ChannelHungUp(leg, silence.FELL_SILENT))
    assert ("agent_silent", "1") in [alarm[:2] for alarm in line.turn.alarms]
    line.later(1.0)
    (order,) = line.did(effects.OriginateLeg)
    line.fact(ChannelAnswered(order.order.channel_id))
    return order.order.channel_id


def test_a_leg_that_died_of_silence_is_joined_again_only_after_it_proved_audio() -> None:
    line = Line()
    line.seconds(2)
    leg = comes_back(line)
    assert line.did(effects.Bridge) == []
    line.pace(1.0)
    assert leg in [one.channel for one in line.did(effects.CountPackets)]
    line.fact(PacketsCounted(leg, 3))
    assert line.did(effects.Bridge) == []
    line.fact(PacketsCounted(leg, silence.PROOF))
    assert [one.leg for one in line.did(effects.Bridge)] == [leg]


def test_nobody_else_is_put_through_to_it_either() -> None:
    line = Line()
    line.ends()
    line.command("agent.dispose", call_id=str(line.call_id), code="cannot_pay", notes="")
    assert line.agent().state is AgentState.READY
    comes_back(line)
    other: UUID = line.human(2)
    assert line.call(other).state is CallState.WAITING
    assert line.did(effects.Bridge) == []


def test_a_phone_that_was_put_down_has_nothing_to_prove() -> None:
    line = Line()
    line.fact(ChannelHungUp(line.agent().leg_id, 16))
    assert not line.agent().mute


@pytest.mark.parametrize(
    ("person", "agent", "word"),
    [(True, False, "person"), (False, True, "agent"), (True, True, "both"), (False, False, "")],
)
def test_the_sides_have_their_words(person: bool, agent: bool, word: str) -> None:
    assert silence.Sides(person, agent).word == word


def test_a_channel_that_vanished_proves_nothing_of_the_line() -> None:
    """Only who hangs up has shown that they were there to be heard."""
    for gone, outcome in (("hung up", Outcome.ONE_WAY_AUDIO), ("vanished", Outcome.CONVERSATION)):
        line = Line(3.9)
        line.seconds(6, person=0)
        if gone == "vanished":
            line.snapshot(a_channel(line.agent().leg_id))
            assert line.turn.transitions[-1].call.outcome is outcome
        else:
            assert line.ends() is outcome
