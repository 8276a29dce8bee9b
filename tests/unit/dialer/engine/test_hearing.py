"""What the detector hears, and what becomes of the call and of the agents."""

from datetime import timedelta
from uuid import UUID

import pytest

from dialer.call_progress.decision import Policy
from dialer.engine import effects
from dialer.engine.floors import clock_start
from dialer.engine.hearing import UNDECIDED, in_audit
from dialer.model.agent import AgentState
from dialer.model.audit import Audits
from dialer.model.call import CallState
from dialer.model.campaign import UNTIL_HEARD, OnVoicemail, Screening
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    EarlyMedia,
    EarsDown,
    EarsUp,
    GreetingOver,
    Heard,
    Hearing,
    MessagePlayed,
    Screened,
)
from dialer.model.outcomes import Outcome
from dialer.ports import MinuteCount
from portfolio.contact_rules import AbandonmentWindow
from tests.unit.dialer.engine.scenes import Scene


def a_scene(**more: object) -> Scene:
    """A campaign whose calls the detector hears."""
    scene = Scene(**{"screening": Screening.PROGRESS, **more})
    scene.fact(EarsUp())
    return scene


def answered(scene: Scene, person_id: int = 1) -> UUID:
    call_id = scene.dials(person_id)
    scene.fact(ChannelRinging(str(call_id)), ChannelAnswered(str(call_id)))
    return call_id


def hears(scene: Scene, call_id: UUID, what: Hearing, cause: str = "greeting", **more: object) -> None:
    scene.fact(Heard(str(call_id), what, cause, **more))  # type: ignore[arg-type]


def ended(scene: Scene, call_id: UUID) -> Outcome | None:
    assert call_id not in scene.state.calls
    steps = [step.call for step in scene.turn.transitions if step.call.state is CallState.ENDED]
    (end,) = [call for call in steps if call.id == call_id]
    return end.outcome


def test_an_answered_call_is_listened_to_and_a_person_goes_to_the_agent() -> None:
    scene = a_scene()
    scene.works()
    call_id = answered(scene)
    (listen,) = scene.did(effects.Listen)
    assert (listen.order.channel_id, listen.order.answered) == (str(call_id), True)
    assert scene.call(call_id).state is CallState.SCREENING
    hears(scene, call_id, Hearing.HUMAN, p=0.03, after=1.4)
    assert scene.did(effects.StopListening) == [effects.StopListening(str(call_id))]
    assert len(scene.did(effects.Bridge)) == 1
    assert (scene.turn.verdicts[0].verdict, scene.turn.verdicts[0].p) == ("human", 0.03)


def test_the_wait_began_when_the_person_fell_silent() -> None:
    """Nobody is free: the message comes 2 s after the greeting, though the verdict took its time."""
    scene = a_scene()
    call_id = answered(scene)
    scene.later(2.0)
    hears(scene, call_id, Hearing.HUMAN, silence=0.7)
    call = scene.call(call_id)
    assert call.deadline_at == scene.now + timedelta(seconds=1.3 - UNTIL_HEARD)
    assert clock_start(call) == scene.now - timedelta(seconds=0.7)


def test_a_machine_is_hung_up_and_its_evidence_kept() -> None:
    scene = a_scene()
    call_id = answered(scene)
    hears(scene, call_id, Hearing.MACHINE, p=0.99, features={"speech": 3.2}, audio="2026/a.flac", model="1")
    assert ended(scene, call_id) is Outcome.MACHINE
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    (record,) = scene.turn.verdicts
    assert (record.stage, record.features, record.audio) == ("answer", {"speech": 3.2}, "2026/a.flac")


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("busy", Outcome.BUSY),
        ("congestion", Outcome.CONGESTION),
        ("unallocated", Outcome.UNALLOCATED),
        ("unreachable", Outcome.UNREACHABLE),
        ("something new", Outcome.INTERCEPT),
    ],
)
def test_a_tone_before_the_answer_ends_the_call_before_it_costs(word: str, outcome: Outcome) -> None:
    scene = a_scene()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    scene.fact(EarlyMedia(str(call_id)))
    (listen,) = scene.did(effects.Listen)
    assert not listen.order.answered
    hears(scene, call_id, Hearing.TONE, "tone", outcome=word)
    assert ended(scene, call_id) is outcome
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    assert scene.turn.verdicts[0].stage == "early"


@pytest.mark.parametrize("vacant", [True, False])
def test_the_tone_for_a_number_that_does_not_exist_goes_on_with_the_step(vacant: bool) -> None:
    scene = a_scene()
    call_id = scene.dials()
    scene.fact(ChannelRinging(str(call_id)))
    scene.fact(EarlyMedia(str(call_id)))
    hears(scene, call_id, Hearing.TONE, "sit_vc", outcome="unallocated", vacant=vacant)
    assert [step.event.vacant for step in scene.turn.transitions] == [vacant]


def test_who_answers_after_early_media_is_heard_on_the_same_stream() -> None:
    scene = a_scene()
    call_id = scene.dials()
    scene.fact(EarlyMedia(str(call_id)))
    scene.later(3)
    scene.fact(ChannelAnswered(str(call_id)))
    assert scene.did(effects.HeardAnswer) == [effects.HeardAnswer(str(call_id), 3.0)]
    assert scene.did(effects.Listen) == []


def test_early_media_may_be_left_alone() -> None:
    scene = a_scene(early_media=False)
    call_id = scene.dials()
    scene.fact(EarlyMedia(str(call_id)))
    assert scene.did(effects.Listen) == []


def test_a_fax_and_a_tone_after_the_answer_reach_nobody() -> None:
    scene = a_scene()
    scene.works()
    fax, tone = answered(scene, 1), answered(scene, 2)
    hears(scene, fax, Hearing.FAX, "ced")
    assert ended(scene, fax) is Outcome.FAX
    hears(scene, tone, Hearing.TONE, "busy tone", outcome="busy")
    assert ended(scene, tone) is Outcome.BUSY
    assert scene.agent().state is AgentState.READY


def test_an_unclear_call_waits_for_evidence_while_all_are_busy_and_goes_to_who_is_idle() -> None:
    scene = a_scene()
    scene.works()
    busy = answered(scene)
    hears(scene, busy, Hearing.HUMAN)
    unclear = answered(scene, 2)
    hears(scene, unclear, Hearing.UNSURE)
    assert scene.call(unclear).state is CallState.SCREENING
    scene.works(2, "page0002")
    assert scene.call(unclear).verdict == "unsure"
    assert scene.agent(2).call_id == unclear
    assert scene.did(effects.HandOver) == [effects.HandOver(str(unclear))]


def test_two_unclear_calls_and_one_idle_agent() -> None:
    scene = a_scene()
    first, second = answered(scene, 1), answered(scene, 2)
    hears(scene, first, Hearing.UNSURE)
    hears(scene, second, Hearing.UNSURE)
    scene.works()
    states = sorted(scene.call(call_id).state.value for call_id in (first, second))
    assert states == ["screening", "waiting"]


def test_what_time_alone_decides_is_unsure_and_heard_on() -> None:
    scene = a_scene()
    scene.works()
    call_id = answered(scene)
    hears(scene, call_id, Hearing.HUMAN, "deadline", p=0.6)
    assert scene.call(call_id).verdict == "unsure"
    assert scene.did(effects.HandOver) == [effects.HandOver(str(call_id))]
    assert scene.turn.verdicts[0].verdict == "unsure"


def test_a_clear_person_is_never_hung_up_on_by_what_is_heard_later() -> None:
    scene = a_scene()
    scene.works()
    call_id = answered(scene)
    hears(scene, call_id, Hearing.HUMAN, p=0.01)
    scene.join(call_id, scene.agent().leg_id)
    hears(scene, call_id, Hearing.MACHINE, "late")
    assert scene.call(call_id).state is CallState.CONNECTED


def test_an_audited_machine_goes_to_an_agent_who_cannot_know() -> None:
    scene = a_scene(audit_share=1.0)
    scene.works()
    call_id = answered(scene)
    hears(scene, call_id, Hearing.MACHINE, p=0.99)
    assert scene.turn.verdicts[0].audited
    assert scene.agent().call_id == call_id
    assert "audit" not in str(scene.pushed("agent"))
    scene.join(call_id, scene.agent().leg_id)
    assert scene.results() == (0, 0)
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert scene.agent().state is AgentState.WRAP_UP


def test_an_audit_waits_behind_persons_and_is_no_abandoned_person() -> None:
    scene = a_scene(audit_share=1.0)
    audit, person = answered(scene, 1), answered(scene, 2)
    hears(scene, audit, Hearing.MACHINE, p=0.99)
    hears(scene, person, Hearing.HUMAN)
    scene.works()
    assert scene.agent().call_id == person
    scene.join(person, scene.agent().leg_id)
    scene.later(2.1)
    assert ended(scene, audit) is Outcome.MACHINE
    assert scene.did(effects.PlayMessage) == []
    assert scene.results() == (1, 0)


def test_the_draw_of_audits_is_fair_and_always_the_same() -> None:
    ids = [UUID(int=number * 7919) for number in range(20_000)]
    drawn = [in_audit(call_id, 0.05) for call_id in ids]
    assert drawn == [in_audit(call_id, 0.05) for call_id in ids]
    assert sum(drawn) / len(drawn) == pytest.approx(0.05, abs=0.01)
    assert not any(in_audit(call_id, 0.0) for call_id in ids)
    assert all(in_audit(call_id, 1.0) for call_id in ids)


def test_a_message_is_left_after_the_beep() -> None:
    scene = a_scene(on_voicemail=OnVoicemail.LEAVE_MESSAGE)
    call_id = answered(scene)
    (listen,) = scene.did(effects.Listen)
    assert listen.order.greeting
    hears(scene, call_id, Hearing.MACHINE, p=0.99)
    assert scene.call(call_id).state is CallState.VOICEMAIL
    assert scene.did(effects.StopListening) == []
    scene.later(4)
    scene.fact(GreetingOver(str(call_id), beep=True))
    assert scene.did(effects.LeaveMessage) == [effects.LeaveMessage(str(call_id))]
    assert scene.call(call_id).state is CallState.LEAVING
    scene.fact(MessagePlayed(str(call_id), "leaving"))
    scene.fact(MessagePlayed(str(call_id), "left"))
    assert ended(scene, call_id) is Outcome.MESSAGE_LEFT


def test_a_greeting_without_end_is_given_up() -> None:
    scene = a_scene(on_voicemail=OnVoicemail.LEAVE_MESSAGE)
    call_id = answered(scene)
    hears(scene, call_id, Hearing.MACHINE)
    scene.later(61)
    assert ended(scene, call_id) is Outcome.MACHINE


def test_without_a_detector_everybody_goes_to_an_agent_and_nobody_is_dropped() -> None:
    scene = a_scene()
    scene.works()
    scene.works(2, "page0002")
    screened = answered(scene, 1)
    scene.fact(EarsDown("killed"))
    assert screened in {agent.call_id for agent in scene.state.agents.values()}
    assert scene.turn.alarms == [("detector_down", "progress", "killed")]
    later = answered(scene, 2)
    assert later in {agent.call_id for agent in scene.state.agents.values()}
    scene.fact(EarsDown("still"))
    assert scene.turn.alarms == []


@pytest.mark.parametrize(
    ("answered_for", "silent", "left"), [(0.5, 0.0, 1.2), (3.0, 0.0, 0.45), (3.0, 1.2, 0.0)]
)
def test_who_was_being_heard_as_the_detector_died_may_have_waited_before(
    answered_for: float, silent: float, left: float
) -> None:
    """Nobody is free: the message is heard 2 s after the last greeting that it can have heard."""
    scene = a_scene()
    call_id = answered(scene)
    scene.later(answered_for)
    scene.fact(EarsDown("frozen", silent))
    assert scene.call(call_id).deadline_at == scene.now + timedelta(seconds=left)


def test_an_undecided_greeting_is_never_older_than_the_detector_takes() -> None:
    assert Policy(threshold=0.9).waited <= UNDECIDED < Policy(threshold=0.9).waited + 0.05


def test_a_detector_that_says_nothing_is_overruled_by_the_deadline() -> None:
    scene = a_scene()
    scene.works()
    call_id = answered(scene)
    scene.later(4.1)
    assert scene.agent().call_id == call_id
    assert scene.call(call_id).verdict == "unsure"


def test_amd_may_be_chosen_and_is_audited_too() -> None:
    scene = a_scene(screening=Screening.AMD, audit_share=1.0)
    scene.works()
    call_id = answered(scene)
    assert scene.did(effects.Listen) == []
    scene.fact(Screened(str(call_id), "MACHINE", "LONGGREETING-1500"))
    assert scene.agent().call_id == call_id
    (record,) = scene.turn.verdicts
    assert (record.source, record.verdict, record.audited) == ("amd", "machine", True)


def test_the_audits_tell_the_pacing_how_many_machines_were_persons() -> None:
    scene = a_scene(screening_errors=None, false_machines=0.02)
    tally = scene.state.tally(1)
    tally.counts.put(MinuteCount(scene.now, 300, 100, machines=100, suspected=2_300_000))

    def taken() -> float:
        (window,) = tally.counts.windows(
            [AbandonmentWindow(name="rolling_24h")], scene.now, most=0.03, audits=tally.audits
        )
        return window.screened_out

    assert taken() == pytest.approx(2.3)
    tally.audits = Audits(audited=400, wrong=40)
    assert 8.0 < taken() < 10.0


def test_the_detector_is_told_a_share_within_the_legal_budget() -> None:
    scene = a_scene(max_abandonment=0.015, false_machines=0.02)
    answered(scene)
    (listen,) = scene.did(effects.Listen)
    assert listen.order.false_machines == pytest.approx(0.01)


def test_news_of_ended_and_unknown_calls_are_nothing() -> None:
    scene = a_scene()
    call_id = answered(scene)
    scene.fact(ChannelHungUp(str(call_id), 16))
    hears(scene, call_id, Hearing.MACHINE)
    scene.fact(Heard("no uuid", Hearing.HUMAN, "x"), GreetingOver(str(call_id), beep=True))
    assert scene.turn.transitions == []


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_one_press_says_it_is_a_machine_and_the_agent_is_free(share: float) -> None:
    scene = a_scene(audit_share=share)
    scene.works()
    call_id = answered(scene)
    hears(scene, call_id, Hearing.MACHINE if share else Hearing.HUMAN, p=0.5)
    scene.join(call_id, scene.agent().leg_id)
    scene.state.disposition_codes["machine"] = ""
    scene.command("agent.its_a_machine", call_id=str(call_id))
    assert ended(scene, call_id) is Outcome.MACHINE
    assert [made.code for made in scene.turn.dispositions] == ["machine"]
    assert scene.agent().state is AgentState.READY
    assert scene.results() == (0, 0)


def test_the_floor_tells_when_a_campaign_needs_the_detector_and_it_is_away() -> None:
    scene = a_scene()
    for fact, heard in ((EarsDown("killed"), False), (EarsUp(), True)):
        scene.fact(fact)
        scene.command("floor.snapshot", 0)
        scene.later(2.0)
        floors = scene.pushed("floor")
        assert floors[-1]["ears_up"] is heard
    others = Scene()
    others.command("floor.snapshot", 0)
    others.later(2.0)
    assert others.pushed("floor")[-1]["ears_up"] is True
