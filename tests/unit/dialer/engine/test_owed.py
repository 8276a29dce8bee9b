"""Orders that the link swallowed, or the PBX refused: given again until their effect is seen."""

from collections.abc import Callable
from uuid import UUID

import pytest

from dialer.engine import effects
from dialer.engine.inputs import SnapshotIn
from dialer.engine.owed import UNDER_WAY, give_again, remember
from dialer.engine.state import Turn
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.facts import (
    ChannelHungUp,
    ChannelSnapshot,
    LinkDown,
    LinkUp,
    OrderRefused,
    PbxSnapshot,
)
from dialer.model.outcomes import Outcome
from tests.unit.dialer.engine.scenes import Scene, a_channel
from tests.unit.dialer.engine.test_inbound import OURS, Line

HOLD, WAITING, MESSAGE = "cadencia-hold", "cadencia-waiting", "cadencia-safe-harbour"


def cut(scene: Scene) -> None:
    scene.fact(LinkDown("cut"))


def back(scene: Scene, *channels: ChannelSnapshot) -> None:
    """The link is there again; what the PBX shows then."""
    scene.now = scene.now.replace(second=scene.now.second + 5)
    scene.fact(LinkUp())
    scene.take(SnapshotIn(PbxSnapshot(channels), scene.now))


def talking(call_id: UUID, leg: str) -> tuple[ChannelSnapshot, ChannelSnapshot]:
    person = a_channel(str(call_id), context=WAITING, bridge_id="b1")
    return person, a_channel(leg, context="cadencia-agent", bridge_id="b1")


def test_a_hang_up_pressed_in_a_cut_ends_the_call_afterwards() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    cut(scene)
    scene.command("agent.hang_up", call_id=str(call_id))
    back(scene, *talking(call_id, leg))
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    assert ("order_given_again", str(call_id), "HangUp") in scene.turn.alarms
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert scene.turn.transitions[-1].call.outcome is Outcome.CONVERSATION
    assert not scene.state.owed


def test_a_hang_up_is_given_at_every_look_until_the_channel_is_gone() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.command("agent.hang_up", call_id=str(call_id))
    for _ in range(3):
        scene.now = scene.now.replace(second=scene.now.second + 15)
        scene.snapshot(*talking(call_id, leg))
        assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    scene.now = scene.now.replace(minute=1)
    scene.snapshot(a_channel(leg, context="cadencia-agent"))
    assert not scene.state.owed


def test_an_order_that_may_be_under_way_is_not_given_twice() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    scene.command("agent.hang_up", call_id=str(call_id))
    scene.now = scene.now.replace(microsecond=900_000)
    scene.snapshot(*talking(call_id, leg))
    assert not scene.did(effects.HangUp)


def test_a_call_that_ended_in_the_books_while_the_link_died_is_ended_on_the_line() -> None:
    scene = Scene()
    call_id = scene.dials()
    scene.learns(person_id=1, reason="paid", flags=["stopped"])
    assert call_id not in scene.state.calls
    cut(scene)
    back(scene, a_channel(str(call_id), up=False, ringing=True))
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]


def test_a_machine_that_was_to_be_hung_up_does_not_hear_the_message_instead() -> None:
    scene = Scene()
    scene.state.disposition_codes["machine"] = ""
    scene.works()
    call_id = scene.talks()
    scene.command("agent.its_a_machine", call_id=str(call_id))
    cut(scene)
    scene.state.just_ended.clear()  # the cut is long: the call is not among the last ones any more
    back(scene, a_channel(str(call_id), context=HOLD))
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    assert not scene.did(effects.PlayMessage)


def lost_message(scene: Scene) -> UUID:
    call_id = scene.human()
    scene.later(2.1)
    assert scene.did(effects.PlayMessage)
    return call_id


def lost_park(scene: Scene) -> UUID:
    scene.works()
    call_id = scene.talks()
    scene.fact(ChannelHungUp(scene.agent().leg_id, 20))
    assert scene.did(effects.Park)
    return call_id


@pytest.mark.parametrize(
    ("story", "order", "elsewhere", "there"),
    [
        (lost_message, effects.PlayMessage, {"context": WAITING}, {"context": MESSAGE}),
        (lost_park, effects.Park, {"context": WAITING, "bridge_id": "b1"}, {"context": HOLD}),
    ],
)
def test_what_the_link_swallowed_is_given_again_only_while_its_effect_is_not_there(
    story: Callable[[Scene], UUID],
    order: type[effects.PlayMessage | effects.Park],
    elsewhere: dict[str, str],
    there: dict[str, str],
) -> None:
    for shown, again in ((elsewhere, True), (there, False)):
        scene = Scene()
        call_id = story(scene)
        cut(scene)
        back(scene, a_channel(str(call_id), **shown))
        assert [one.channel for one in scene.did(order)] == ([str(call_id)] if again else [])


def test_a_join_that_the_link_swallowed_is_ordered_anew_and_nobody_is_blamed() -> None:
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.human()
    assert scene.did(effects.Bridge)
    cut(scene)
    back(scene, a_channel(str(call_id), context=WAITING), a_channel(leg, context="cadencia-agent"))
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), leg)]
    scene.pace(0.1)
    assert not scene.did(effects.HangUp)
    assert scene.agent().state is AgentState.ON_CALL
    scene.join(call_id, leg)
    assert scene.call(call_id).state is CallState.CONNECTED


def test_a_caller_whose_answer_the_link_swallowed_is_answered_after_it() -> None:
    for context, again in (("cadencia-inbound", 1), ("cadencia-queue", 0)):
        scene = Line()
        call_id = scene.arrives()
        scene.taken(call_id)
        cut(scene)
        back(scene, a_channel(str(call_id), context=context, up=again == 0, called=OURS))
        assert len(scene.did(effects.Admit)) == again


def test_what_is_wanted_now_takes_the_place_of_what_was_wanted_before() -> None:
    """Joined, lost, joined to another: the first join is not wanted any more."""
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    scene.fact(ChannelHungUp(scene.agent().leg_id, 20))
    other = scene.works(2, "page0002").leg_id
    scene.later(9)
    assert scene.did(effects.Bridge) == [effects.Bridge(str(call_id), other)]
    assert {type(owed.order) for owed in scene.state.owed.values()} == {effects.Bridge}
    scene.join(call_id, other, "b2")
    assert not scene.state.owed


def test_two_who_are_parted_again_are_not_brought_together_by_an_old_order() -> None:
    """A colleague is called in and let go at once; the join of the two was never seen."""
    scene = Scene()
    leg = scene.works().leg_id
    call_id = scene.talks()
    other = scene.works(2, "page0002").leg_id
    scene.command("agent.consult", call_id=str(call_id), agent_id=2)
    assert scene.state.owed[other].order == effects.Bridge(leg, other)
    scene.command("agent.consult_end", call_id=str(call_id))
    wanted = [owed.order for owed in scene.state.owed.values()]
    assert effects.Bridge(str(call_id), leg) in wanted
    assert effects.Bridge(leg, other) not in wanted


def test_a_refusal_is_looked_into_once() -> None:
    scene = Scene()
    call_id = lost_message(scene)
    scene.fact(OrderRefused(str(call_id), "play_message", "busy"))
    assert scene.did(effects.TakeSnapshot)
    scene.snapshot(a_channel(str(call_id), context=WAITING))
    assert scene.did(effects.PlayMessage)
    scene.fact(OrderRefused(str(call_id), "play_message", "busy"))
    assert not scene.did(effects.TakeSnapshot)


CALL, LEG, MATE = "018f0000-0000-7000-8000-000000000001", "leg-1", "leg-2"
EVERYWHERE = {"context": WAITING, "bridge_id": "b1"}


@pytest.mark.parametrize(
    ("order", "done"),
    [
        (effects.PlayMessage(CALL), {"context": MESSAGE, "bridge_id": ""}),
        (effects.LeaveMessage(CALL), {"context": "cadencia-voicemail", "bridge_id": ""}),
        (effects.ConfirmCallback(CALL), {"context": "cadencia-confirm", "bridge_id": ""}),
        (effects.Park(CALL), {"context": HOLD, "bridge_id": ""}),
        (effects.Release(LEG), {"context": "cadencia-agent", "bridge_id": ""}),
        (effects.JoinIn(LEG, MATE), {"bridge_id": "b2"}),
        (effects.Bridge(LEG, MATE), {"bridge_id": "b2"}),
    ],
)
def test_every_order_knows_its_effect(order: effects.Moving, done: dict[str, str]) -> None:
    """Each is given again while its channel is elsewhere, and not once it is where it was to be."""
    for shown, again in ((EVERYWHERE, [order]), ({**EVERYWHERE, **done}, [])):
        scene = Scene()
        channels = {name: a_channel(name, **shown) for name in (CALL, LEG)}
        channels[MATE] = a_channel(MATE, context="cadencia-agent", bridge_id="b2")
        turn = Turn(scene.now)
        turn.effects.append(order)
        remember(scene.state, turn)
        looked = Turn(scene.now)
        give_again(scene.state, looked, channels, scene.now + UNDER_WAY)
        assert looked.effects == again


def test_an_order_about_nobody_is_owed_to_nobody() -> None:
    """Such as for a leg that has gone: the next look must find its way without it."""
    scene = Scene()
    remember(scene.state, turn := Turn(scene.now, effects=[effects.HangUp(""), effects.Bridge("", "leg")]))
    assert not scene.state.owed
    assert turn.effects
