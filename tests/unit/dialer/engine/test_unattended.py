"""Who answered and got no agent, whatever failed: booked as the law counts it, in memory as in the books."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from dialer.engine import effects
from dialer.engine.inputs import FactIn, SnapshotIn
from dialer.engine.state import Turn
from dialer.model.call import CallState
from dialer.model.campaign import UNTIL_HEARD
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    ChannelSnapshot,
    LinkDown,
    LinkUp,
    MessagePlayed,
    PbxSnapshot,
    Screened,
    TelephonyFact,
)
from dialer.model.orders import DIALPLAN
from dialer.model.outcomes import Outcome
from dialer.ports import Tape
from tests.unit.dialer.engine.scenes import START, Scene, a_channel

SCREENING, CONNECT = 4.0, 2.0 - UNTIL_HEARD
"""Seconds as the scenes set them; the limit of a person whom nobody has judged is their sum."""


class Unattended(Scene):
    """Facts have instants of their own, in seconds since the start; lists come with recordings."""

    def told(self, *facts: tuple[float, TelephonyFact]) -> Turn:
        return self.take(*(FactIn(fact, self.at(second), self.now) for second, fact in facts))

    def at(self, second: float) -> datetime:
        return START + timedelta(seconds=second)

    def listed(self, *channels: ChannelSnapshot, **tapes: Tape) -> Turn:
        known = {UUID(hex=key.removeprefix("x")): tape for key, tape in tapes.items()}
        return self.take(SnapshotIn(PbxSnapshot(channels, dialplan=DIALPLAN), self.now, known))

    def goes_on_until(self, second: float) -> None:
        self.now = self.at(second)

    @property
    def outcomes(self) -> list[Outcome | None]:
        return [t.call.outcome for t in self.turn.transitions if t.call.outcome is not None]


def taped(call_id: UUID, seconds: float, age: float) -> dict[str, Tape]:
    return {f"x{call_id.hex}": Tape(seconds, age)}


@pytest.fixture
def scene() -> Unattended:
    return Unattended()


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (0.99, Outcome.HUNG_UP_EARLY),
        (1.0, Outcome.UNSERVED),
        (5.69, Outcome.UNSERVED),
        (5.7, Outcome.ABANDONED),
    ],
)
def test_who_hangs_up_unjudged_is_booked_by_how_long_they_waited(
    scene: Unattended, after: float, outcome: Outcome
) -> None:
    """The engine stood still: it reads the answer and the hang-up at once, each with its own instant."""
    call_id = str(scene.dials())
    scene.goes_on_until(20)
    scene.told((1, ChannelAnswered(call_id)), (1 + after, ChannelHungUp(call_id, 16)))
    assert scene.outcomes == [outcome]
    counted = {Outcome.ABANDONED: (1, 1, 0), Outcome.UNSERVED: (1, 0, 1)}
    assert (*scene.results(), scene.unserved()) == counted.get(outcome, (0, 0, 0))


def test_who_was_judged_and_hangs_up_after_the_limit_was_abandoned(scene: Unattended) -> None:
    call_id = str(scene.dials())
    scene.goes_on_until(9)
    facts = (1, ChannelAnswered(call_id)), (2, Screened(call_id, "HUMAN")), (4.1, ChannelHungUp(call_id, 16))
    scene.told(*facts)
    assert scene.outcomes == [Outcome.ABANDONED]
    assert scene.results() == (1, 1)


def test_a_machine_that_is_audited_is_no_person_however_long_it_waits() -> None:
    scene = Unattended(audit_share=1.0)
    call_id = str(scene.dials())
    scene.goes_on_until(30)
    scene.told(
        (1, ChannelAnswered(call_id)),
        (2, Screened(call_id, "MACHINE", "LONGGREETING-1500")),
        (20, ChannelHungUp(call_id, 16)),
    )
    assert scene.outcomes == [Outcome.HUNG_UP_EARLY]
    assert scene.results() == (0, 0)


def test_who_answered_and_has_no_channel_after_a_gap_was_abandoned(scene: Unattended) -> None:
    call_id = str(scene.dials())
    scene.told((1, ChannelAnswered(call_id)))
    scene.goes_on_until(12)
    scene.listed()
    assert scene.outcomes == [Outcome.ABANDONED]
    assert scene.results() == (1, 1)


@pytest.mark.parametrize(
    ("seconds", "outcome"), [(0.8, Outcome.LOST), (3.0, Outcome.UNSERVED), (6.5, Outcome.ABANDONED)]
)
def test_the_recording_tells_how_long_somebody_was_there_whom_we_knew(
    scene: Unattended, seconds: float, outcome: Outcome
) -> None:
    call_id = scene.dials()
    scene.told((1, ChannelAnswered(str(call_id))))
    scene.goes_on_until(30)
    scene.listed(**taped(call_id, seconds, age=30 - 1 - seconds))
    assert scene.outcomes == [outcome]
    assert scene.turn.transitions[-1].call.ended_at == scene.at(1 + seconds)


def test_a_recording_that_ended_with_its_pbx_is_no_witness_of_a_hang_up(scene: Unattended) -> None:
    """Who is on a dead line still waits for us: without another word of them they were abandoned."""
    call_id = scene.dials()
    scene.told((0, LinkUp("pbx of the morning")))
    scene.goes_on_until(2)
    scene.told((1, ChannelAnswered(str(call_id))))
    scene.told((2, LinkDown("killed")))
    scene.goes_on_until(20)
    scene.told((20, LinkUp("pbx of the afternoon")))
    scene.goes_on_until(21)
    scene.listed(**taped(call_id, seconds=1.5, age=18.5))
    assert scene.outcomes == [Outcome.ABANDONED]


def test_a_pbx_that_is_back_at_once_has_left_its_people_all_the_same(scene: Unattended) -> None:
    call_id = scene.dials()
    scene.told((0, LinkUp("pbx of the morning")))
    scene.goes_on_until(2)
    scene.told((1, ChannelAnswered(str(call_id))), (2, LinkDown("killed")))
    scene.told((2, LinkUp("pbx of the afternoon")))
    scene.listed(**taped(call_id, seconds=0.5, age=0.5))
    assert scene.outcomes == [Outcome.ABANDONED]


@pytest.mark.parametrize(("uptime", "outcome"), [(5.0, Outcome.ABANDONED), (600.0, Outcome.UNSERVED)])
def test_a_new_engine_knows_whether_the_pbx_is_new_too(
    scene: Unattended, uptime: float, outcome: Outcome
) -> None:
    """Both were killed: whoever was on the old PBX waits on a dead line. The engine alone: they hung up."""
    call_id = scene.dials()
    scene.goes_on_until(20)
    scene.told((1, ChannelAnswered(str(call_id))), (20, LinkUp("pbx of the afternoon", uptime)))
    scene.goes_on_until(21)
    scene.listed(**taped(call_id, seconds=1.5, age=18.5))
    assert scene.outcomes == [outcome]


def test_a_conversation_that_ended_with_its_pbx_has_lasted_until_we_looked(scene: Unattended) -> None:
    """Its file was made at the answer and never written: by its age the call had no length at all."""
    scene.told((0, LinkUp("pbx of the morning")))
    scene.listed()
    scene.works()
    call_id = scene.talks()
    scene.goes_on_until(2)
    scene.told((2, LinkDown("killed")))
    scene.goes_on_until(20)
    scene.told((20, LinkUp("pbx of the afternoon")))
    scene.goes_on_until(21)
    scene.listed(**taped(call_id, seconds=0.0, age=20.0))
    assert scene.outcomes == [Outcome.CONVERSATION]
    assert scene.turn.transitions[-1].call.ended_at == scene.at(21)


def test_a_lost_link_to_the_same_pbx_takes_the_recording_for_a_witness(scene: Unattended) -> None:
    call_id = scene.dials()
    scene.told((0, LinkUp("pbx of the morning")))
    scene.goes_on_until(2)
    scene.told((1, ChannelAnswered(str(call_id))))
    scene.told((2, LinkDown("cut")))
    scene.goes_on_until(20)
    scene.told((20, LinkUp("pbx of the morning")))
    scene.goes_on_until(21)
    scene.listed(**taped(call_id, seconds=1.5, age=18.5))
    assert scene.outcomes == [Outcome.UNSERVED]


def test_the_recording_tells_of_an_answer_that_nobody_saw(scene: Unattended) -> None:
    call_id = scene.dials()
    scene.told((1, ChannelRinging(str(call_id))))
    scene.goes_on_until(30)
    scene.listed(**taped(call_id, 8.0, age=12.0))
    assert scene.outcomes == [Outcome.ABANDONED]
    ended = scene.turn.transitions[-1].call
    assert (ended.answered_at, ended.ended_at) == (scene.at(10), scene.at(18))
    assert scene.results() == (1, 1)


def test_who_never_answered_and_is_gone_is_lost_and_counts_for_nothing(scene: Unattended) -> None:
    call_id = scene.dials()
    scene.told((1, ChannelRinging(str(call_id))))
    scene.goes_on_until(30)
    scene.listed()
    assert scene.outcomes == [Outcome.LOST]
    assert scene.results() == (0, 0)


def test_who_answered_in_a_gap_and_waits_on_has_waited_since_the_answer(scene: Unattended) -> None:
    call_id = scene.dials()
    scene.goes_on_until(9)
    scene.listed(a_channel(str(call_id)), **taped(call_id, 5.0, age=0.0))
    assert scene.call(call_id).answered_at == scene.at(4)
    scene.goes_on_until(10.5)
    scene.told((10.5, ChannelHungUp(str(call_id), 16)))
    assert scene.outcomes == [Outcome.ABANDONED]


def test_who_hears_the_dialplans_message_before_any_verdict_was_abandoned(scene: Unattended) -> None:
    call_id = str(scene.dials())
    scene.told((1, ChannelAnswered(call_id)), (3, MessagePlayed(call_id, "start")))
    assert scene.outcomes == [Outcome.ABANDONED]
    assert not scene.did(effects.PlayMessage)
    assert scene.results() == (1, 1)


def test_the_message_that_speaks_already_does_not_begin_anew(scene: Unattended) -> None:
    call_id = scene.human()
    scene.fact(MessagePlayed(str(call_id), "start"))
    assert scene.outcomes == [Outcome.ABANDONED]
    assert not scene.did(effects.PlayMessage)


def test_every_event_of_a_turn_keeps_its_instant(scene: Unattended) -> None:
    """The database was away for thirteen seconds: the facts waited."""
    call_id = scene.dials()
    key = str(call_id)
    scene.goes_on_until(13)
    scene.told((0.2, ChannelRinging(key)), (12, ChannelAnswered(key)), (12.8, Screened(key, "HUMAN")))
    call = scene.call(call_id)
    assert (call.ringing_at, call.answered_at) == (scene.at(0.2), scene.at(12))
    assert (call.verdict_at, call.waiting_at) == (scene.at(12.8), scene.at(12.8))
    assert call.deadline_at == scene.at(12.8 + CONNECT)


def test_an_answer_before_the_end_of_the_ring_wins_though_both_are_seen_at_once(scene: Unattended) -> None:
    ring = scene.campaign.settings.ring_limit
    call_id = scene.dials()
    scene.told((1, ChannelRinging(str(call_id))))
    scene.goes_on_until(ring + 1)
    scene.told((ring - 0.1, ChannelAnswered(str(call_id))))
    assert scene.call(call_id).state is CallState.SCREENING
    assert not scene.did(effects.HangUp)


def test_a_person_who_was_joined_unseen_is_not_given_to_another_agent_meanwhile(scene: Unattended) -> None:
    """All that was missed happens before anybody is matched."""
    scene.works(1)
    scene.works(2, "page0002")
    call_id = scene.dials()
    leg = scene.agent(1).leg_id
    scene.listed(
        a_channel(str(call_id), context="cadencia-waiting", bridge_id="b"),
        a_channel(leg, bridge_id="b"),
        a_channel(scene.agent(2).leg_id, context="cadencia-agent"),
    )
    assert (scene.call(call_id).state, scene.call(call_id).agent_id) == (CallState.CONNECTED, 1)
    assert not scene.did(effects.Bridge)
