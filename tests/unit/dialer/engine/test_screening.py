"""Screening that takes too many people for machines is stopped, and goes on when audits show less."""

from uuid import UUID

import pytest

from dialer.engine.screening import STOPPED
from dialer.model.audit import Audits
from dialer.model.call import DOUBTED, CallState
from dialer.model.campaign import Screening
from dialer.model.facts import (
    ChannelAnswered,
    ChannelHungUp,
    ChannelRinging,
    EarsUp,
    Heard,
    Hearing,
    Screened,
)
from dialer.ports import MinuteCount
from tests.unit.dialer.engine.scenes import Scene


def a_scene(screening: Screening = Screening.PROGRESS) -> Scene:
    scene = Scene(screening=screening, screening_errors=None)
    scene.fact(EarsUp())
    scene.works()
    return scene


def mistakes(scene: Scene, *, wrong: float, machines: int, live: int) -> None:
    """So many of the machines were people, by what their screening was known for."""
    suspected = round(1_000_000 * wrong)
    count = MinuteCount(scene.now, live + machines, live, machines=machines, suspected=suspected)
    scene.state.tally(1).counts.put(count)
    scene.pace(1.0)


def stopped(scene: Scene) -> bool:
    return scene.state.tally(1).screening_stopped


def answered(scene: Scene) -> UUID:
    call_id = scene.dials(1)
    scene.fact(ChannelRinging(str(call_id)), ChannelAnswered(str(call_id)))
    return call_id


def test_more_mistakes_than_the_law_allows_stop_it_with_one_alarm() -> None:
    """Of 106.2 people 3 % are 3.19, and three more are left for the estimate's own mistake."""
    scene = a_scene()
    mistakes(scene, wrong=6.1, machines=100, live=100)
    assert not stopped(scene)
    mistakes(scene, wrong=0.2, machines=1, live=0)
    assert stopped(scene)
    told = "5.9% of people taken for machines, 3.0% allowed (rolling_24h)"
    assert scene.turn.alarms == [("screening_stopped", "one", told)]
    scene.pace(1.0)
    assert scene.turn.alarms == []


def test_the_mistakes_of_a_screening_that_was_switched_off_stop_nothing() -> None:
    scene = a_scene()
    mistakes(scene, wrong=30.0, machines=100, live=100)
    assert stopped(scene)
    scene.changes(screening=Screening.OFF)
    scene.pace(1.0)
    assert not stopped(scene)
    assert scene.turn.alarms == []


def test_nobody_is_hung_up_on_as_a_machine_then_and_what_agents_find_are_audits() -> None:
    scene = a_scene()
    mistakes(scene, wrong=30.0, machines=100, live=100)
    call_id = answered(scene)
    scene.fact(Heard(str(call_id), Hearing.MACHINE, "greeting", p=0.97))
    assert scene.agent().call_id == call_id
    assert (scene.call(call_id).verdict, scene.call(call_id).reason) == (DOUBTED, STOPPED)
    (record,) = scene.turn.verdicts
    assert (record.verdict, record.audited) == ("machine", True)


def test_nor_by_amd() -> None:
    scene = a_scene(Screening.AMD)
    mistakes(scene, wrong=30.0, machines=100, live=100)
    call_id = answered(scene)
    scene.fact(Screened(str(call_id), "MACHINE", "LONGGREETING-1500"))
    assert scene.agent().call_id == call_id
    (record,) = scene.turn.verdicts
    assert (record.source, record.audited) == ("amd", True)


def doubted(scene: Scene, person: int = 1) -> UUID:
    """A machine that is recognised while screening is stopped."""
    call_id = scene.dials(person)
    scene.fact(ChannelRinging(str(call_id)), ChannelAnswered(str(call_id)))
    if scene.state.campaigns[1].settings.screening is Screening.AMD:
        scene.fact(Screened(str(call_id), "MACHINE", "LONGGREETING-1500"))
    else:
        scene.fact(Heard(str(call_id), Hearing.MACHINE, "greeting", p=0.97))
    return call_id


@pytest.mark.parametrize("screening", [Screening.PROGRESS, Screening.AMD])
def test_a_recognised_machine_that_an_agent_gets_is_no_live_answer_but_takes_an_agent(
    screening: Screening,
) -> None:
    """As live answers, all of an evening's machines would dilute what is abandoned."""
    scene = a_scene(screening)
    mistakes(scene, wrong=30.0, machines=100, live=100)
    before, load = scene.results(), scene.state.tally(1).counts.share(scene.now)
    call_id = doubted(scene)
    scene.join(call_id, scene.agent().leg_id)
    assert (scene.call(call_id).state, scene.call(call_id).verdict) == (CallState.CONNECTED, DOUBTED)
    assert scene.results() == before
    assert scene.state.tally(1).counts.share(scene.now) == (load[0] + 1, load[1] + 1)
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert scene.results() == before


@pytest.mark.parametrize("screening", [Screening.PROGRESS, Screening.AMD])
def test_whom_nobody_takes_is_abandoned_all_the_same(screening: Screening) -> None:
    scene = a_scene(screening)
    mistakes(scene, wrong=30.0, machines=100, live=100)
    first, _ = doubted(scene), doubted(scene, 2)
    scene.join(first, scene.agent().leg_id)
    live, abandoned = scene.results()
    scene.later(10)
    assert scene.results() == (live + 1, abandoned + 1)


def test_before_that_a_machine_is_hung_up_on() -> None:
    scene = a_scene()
    call_id = answered(scene)
    scene.fact(Heard(str(call_id), Hearing.MACHINE, "greeting", p=0.97))
    assert call_id not in scene.state.calls or scene.call(call_id).agent_id is None
    assert scene.agent().call_id is None


@pytest.mark.parametrize(("audits", "goes_on"), [(Audits(60, 3), False), (Audits(960, 4), True)])
def test_it_goes_on_when_audits_show_two_thirds_of_what_is_allowed(audits: Audits, goes_on: bool) -> None:
    """(k + 40 · 10 %) / (n + 40) of 100 machines: 7 of them, or 0.8; 2 % of a hundred people are allowed."""
    scene = a_scene()
    mistakes(scene, wrong=10.0, machines=100, live=100)
    assert stopped(scene)
    scene.state.tally(1).audits = audits
    turn = scene.pace(1.0)
    assert stopped(scene) is not goes_on
    assert turn.alarms_over == ([("screening_stopped", "one")] if goes_on else [])


def test_the_next_engine_knows_at_once_that_it_was_stopped_and_that_it_goes_on() -> None:
    """The learned part is saved once a minute; this is not left to chance."""
    scene = a_scene()
    mistakes(scene, wrong=10.0, machines=100, live=100)
    (saved,) = scene.turn.learners
    assert (saved.campaign_id, saved.content["screening_stopped"]) == (1, True)
    assert scene.pace(1.0).learners == []
    scene.state.tally(1).audits = Audits(960, 4)
    (saved,) = scene.pace(1.0).learners
    assert saved.content["screening_stopped"] is False


def test_a_new_engine_ends_the_alarm_of_the_one_before_once_nothing_is_stopped() -> None:
    scene = a_scene()
    scene.state.open_alarms = 1
    assert ("screening_stopped", "one") in scene.pace(1.0).alarms_over
    assert scene.pace(1.0).alarms_over == []
