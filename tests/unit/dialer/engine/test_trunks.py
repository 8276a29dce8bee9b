"""A trunk that breaks calls rests; the next one takes over; people are not charged."""

from datetime import date
from uuid import UUID

import pytest

from dialer.engine.effects import Originate
from dialer.engine.rooms.calls import live_of
from dialer.engine.waiting import in_words
from dialer.model.breaker import TrunkState
from dialer.model.call import spared
from dialer.model.facts import AnsweredTooLate, ChannelAnswered, ChannelHungUp, ChannelRinging, TrunkBusy
from dialer.model.number import Unallocated
from dialer.model.outcomes import Outcome
from dialer.model.trunk import Launch, TrunkLimits
from dialer.ports import OpenCall
from tests.unit.dialer.engine.scenes import Scene


class Carrier(Scene):
    """A scene whose carrier answers each call at once."""

    def answers(self, status: int, cause: int = 38, count: int = 1) -> list[str]:
        """So many calls, one after the other; the trunks they went out on."""
        trunks = []
        for _ in range(count):
            call_id = self.dials(len(self.state.just_ended) + 1)
            trunks += [one.order.trunk for one in self.did(Originate)]
            self.fact(ChannelHungUp(str(call_id), cause, f"SIP {status}"))
            self.ends = [t for t in self.turn.transitions if t.call.id == call_id]
        return trunks

    def state_of(self, trunk: str = "carrier") -> TrunkState:
        return self.state.breakers[trunk].state

    def rests(self) -> str:
        """What the supervisor reads of the campaign."""
        self.pace()
        return in_words(self.state.tally(1).last)


def test_503_to_all_stops_after_five_calls_and_none_of_them_counts() -> None:
    scene = Carrier()
    assert scene.answers(503, count=5) == ["carrier"] * 5
    assert all(spared(t.call, t.event) for t in scene.ends)
    assert scene.state_of() is TrunkState.OPEN
    assert scene.turn.alarms == [
        ("trunk_open", "carrier", "SIP 503: 5 of 5; rests until 2026-11-23T10:00:10+00:00")
    ]


def test_while_the_only_trunk_rests_nothing_is_ordered_and_the_last_decision_says_so() -> None:
    scene = Carrier()
    for agent_id in range(1, 6):
        scene.works(agent_id)
    scene.pace()
    assert scene.ordered()
    scene.answers(503, count=5)
    assert scene.rests() == "trunk resting until 2026-11-23T10:00:10+00:00"
    assert not scene.ordered()


def test_a_call_that_was_committed_before_the_break_is_not_handed_over_and_not_charged() -> None:
    scene = Carrier()
    scene.answers(503, count=5)
    scene.dials(9)
    assert not scene.did(Originate)
    (end,) = scene.turn.transitions
    assert (end.call.outcome, end.call.reason) == (Outcome.CANCELLED, "every trunk rests")
    assert spared(end.call, end.event)


def test_after_the_rest_one_call_tries_it_and_when_it_rings_all_go_out_again() -> None:
    scene = Carrier()
    for agent_id in range(1, 6):
        scene.works(agent_id)
    scene.answers(503, count=5)
    scene.pace(10)
    assert scene.ordered() == {1: 1}
    scene.pace()
    assert not scene.ordered()
    scene.state.tally(1).placing = 0
    call_id = scene.dials(7)
    assert len(scene.did(Originate)) == 1
    scene.dials(8)
    assert not scene.did(Originate)
    scene.fact(ChannelRinging(str(call_id)))
    assert scene.state_of() is TrunkState.CLOSED
    scene.pace()
    assert sum(scene.ordered().values()) > 1


def test_a_try_in_vain_rests_it_for_longer_without_another_alarm() -> None:
    scene = Carrier()
    scene.answers(503, count=5)
    scene.pace(10)
    scene.answers(503)
    assert scene.state_of() is TrunkState.OPEN
    assert not scene.turn.alarms
    assert scene.rests() == "trunk resting until 2026-11-23T10:00:30+00:00"


def test_the_second_trunk_takes_over_and_the_first_is_tried_beside_it() -> None:
    scene = Carrier(spare_trunks=("backup",))
    scene.answers(503, count=5)
    assert scene.answers(486, 17, count=2) == ["backup"] * 2
    scene.pace(10)
    assert scene.answers(486, 17, count=2) == ["carrier"] * 2
    assert scene.state_of() is TrunkState.CLOSED


def test_when_all_rest_the_decision_names_the_first_to_come_back() -> None:
    scene = Carrier(spare_trunks=("backup",))
    scene.answers(503, count=5)
    scene.now = scene.now.replace(second=3)
    scene.answers(503, count=5)
    assert scene.rests() == "trunk resting until 2026-11-23T10:00:10+00:00"


def test_a_trunk_that_refuses_every_number_rests_too() -> None:
    scene = Carrier()
    assert len(scene.answers(404, 1, count=30)) == 20
    assert scene.state.breakers["carrier"].why == "SIP 404: 20 of 20"


@pytest.mark.parametrize(("status", "cause"), [(486, 17), (480, 19), (603, 21), (607, 21)])
def test_what_the_other_side_says_rests_no_trunk(status: int, cause: int) -> None:
    assert len(Carrier().answers(status, cause, count=30)) == 30


def test_calls_that_ring_and_then_fail_tell_of_both() -> None:
    scene = Carrier()
    for person in range(1, 7):
        call_id = scene.dials(person)
        scene.fact(ChannelRinging(str(call_id)))
        scene.fact(ChannelHungUp(str(call_id), 34, "SIP 503"))
    assert scene.state_of() is TrunkState.OPEN


def test_a_refusal_through_a_trunk_that_gets_calls_through_is_believed_with_its_day_and_trunk() -> None:
    scene = Carrier()
    scene.answers(486, 17, count=9)
    scene.answers(404, 1)
    assert [t.unallocated for t in scene.ends] == [Unallocated(date(2026, 11, 23), "carrier")]
    scene.now = scene.now.replace(hour=23, minute=30)
    scene.answers(486, 17, count=10)
    scene.answers(410, 22)
    assert [t.unallocated for t in scene.ends] == [Unallocated(date(2026, 11, 24), "carrier")]


def test_of_a_trunk_that_answers_404_for_a_minute_two_are_believed_at_most() -> None:
    scene = Carrier()
    scene.answers(486, 17, count=30)
    said = []
    for _ in range(40):
        if scene.answers(404, 1):
            said.append(scene.ends[0].unallocated)
    assert sum(one is not None for one in said) == 2


def test_what_only_rings_and_is_refused_is_believed_no_more_than_what_is_refused() -> None:
    """A carrier that says 180 to everything, and then 404."""
    scene = Carrier()
    said = []
    for person in range(1, 31):
        call_id = scene.dials(person)
        scene.fact(ChannelRinging(str(call_id)))
        scene.fact(ChannelHungUp(str(call_id), 1, "SIP 404"))
        said += [t.unallocated for t in scene.turn.transitions]
    assert not any(said)


def test_the_trunk_is_written_before_the_call_goes_out_and_known_after_a_restart() -> None:
    scene = Carrier()
    call_id = scene.dials()
    assert scene.turn.commit().launches == (Launch(call_id, "carrier"),)
    live = scene.state.calls[call_id]
    assert live_of(OpenCall(live.call, live.card, trunk="carrier")).trunk == "carrier"


def test_a_call_that_is_not_handed_over_has_no_trunk() -> None:
    scene = Carrier()
    scene.answers(503, count=5)
    scene.dials(9)
    assert not scene.turn.commit().launches


def test_a_trunk_whose_answers_have_no_codec_in_common_rests() -> None:
    scene = Carrier()
    for person in range(1, 6):
        call_id = scene.dials(person)
        scene.fact(ChannelRinging(str(call_id)))
        scene.fact(ChannelAnswered(str(call_id)))
        scene.fact(ChannelHungUp(str(call_id), 58, "SIP 488"))
        (end,) = scene.turn.transitions
        assert end.call.outcome is Outcome.NO_MEDIA
        assert not spared(end.call, end.event)  # it rang: their caps count it
    assert scene.state_of() is TrunkState.OPEN
    assert scene.state.tally(1).counts.share(scene.now) == (0, 0)


def test_long_talks_that_end_say_nothing_of_the_trunk_now() -> None:
    scene = Carrier()
    talks: list[UUID] = []
    for person in range(1, 7):
        talks.append(scene.dials(person))
        scene.fact(ChannelAnswered(str(talks[-1])))
    scene.now = scene.now.replace(minute=5)
    scene.answers(503, count=4)
    for call_id in talks:
        scene.fact(ChannelHungUp(str(call_id), 16))
    scene.answers(503)
    assert scene.state_of() is TrunkState.OPEN


def test_our_blocked_caller_id_raises_an_alarm_of_its_own() -> None:
    scene = Carrier()
    scene.answers(608, 21)
    assert scene.turn.alarms == [("caller_id_blocked", "+34910000000", "on trunk carrier: SIP 608")]


def test_retry_after_is_heeded_though_it_is_told_after_the_hang_up() -> None:
    scene = Carrier()
    scene.answers(503, count=5)
    scene.fact(TrunkBusy("+34600001000", 120.0))
    assert scene.rests() == "trunk resting until 2026-11-23T10:02:00+00:00"
    scene.fact(TrunkBusy("+34999999999", 999.0))
    assert scene.rests() == "trunk resting until 2026-11-23T10:02:00+00:00"


def test_each_trunk_gets_numbers_as_it_wants_them() -> None:
    scene = Carrier(spare_trunks=("backup",))
    scene.state.trunks = {"backup": TrunkLimits("backup", strip="34")}
    scene.answers(503, count=5)
    scene.dials(8)
    (sent,) = scene.did(Originate)
    assert (sent.order.trunk, sent.order.number) == ("backup", "600001000")
    scene.now = scene.now.replace(second=40)
    scene.later(0)
    scene.fact(AnsweredTooLate("600001000"))
    assert scene.results() == (1, 1)


def test_the_supervisor_sees_every_trunk_with_its_state_and_why() -> None:
    scene = Carrier(spare_trunks=("backup",))
    scene.answers(503, count=5)
    scene.command("floor.snapshot")
    assert scene.pushed("floor")[-1]["trunks"] == [
        {
            "name": "carrier",
            "state": "open",
            "why": "SIP 503: 5 of 5",
            "until": "2026-11-23T10:00:10+00:00",
        },
        {"name": "backup", "state": "closed", "why": "", "until": None},
    ]


def test_what_a_broken_trunk_did_is_in_no_share() -> None:
    scene = Carrier()
    scene.answers(503, count=5)
    scene.dials(9)
    assert scene.state.tally(1).counts.share(scene.now) == (0, 0)
    scene.now = scene.now.replace(second=10)
    scene.later(0)
    scene.pace()
    scene.answers(486, 17)
    assert scene.state.tally(1).counts.share(scene.now) == (1, 0)


def test_a_trunk_that_works_again_ends_its_alarm_and_one_that_flaps_raises_it_anew() -> None:
    scene = Carrier()
    ended = []
    for _ in range(2):
        scene.answers(503, count=5)
        assert [alarm[:2] for alarm in scene.turn.alarms] == [("trunk_open", "carrier")]
        assert not scene.turn.alarms_over
        scene.pace(10)
        scene.fact(ChannelRinging(str(scene.dials(7))))
        assert scene.state_of() is TrunkState.CLOSED
        ended += scene.turn.alarms_over
    assert ended == [("trunk_open", "carrier")] * 2


def test_a_new_engine_ends_the_alarm_of_the_one_before_with_the_first_call_that_gets_through() -> None:
    scene = Carrier()
    scene.state.open_alarms = 1
    scene.answers(503)
    assert not scene.turn.alarms_over
    scene.fact(ChannelRinging(str(scene.dials(7))))
    assert scene.turn.alarms_over == [("trunk_open", "carrier")]
    scene.fact(ChannelRinging(str(scene.dials(8))))
    assert not scene.turn.alarms_over
