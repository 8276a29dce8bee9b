"""A campaign whose caller id may not be shown says so instead of dialling."""

from dialer.engine.inputs import RefreshIn
from dialer.model.holds import Hold, HoldCode
from dialer.ports import LeadsLeft
from tests.unit.dialer.engine.scenes import Scene


def told(scene: Scene, rule: str) -> list[tuple[str, ...]]:
    """The alarms of a turn in which the campaign is read again."""
    campaign = scene.state.campaigns[1].model_copy(update={"caller_id_refused": rule})
    agents = tuple(scene.state.agents.values())
    turn = scene.take(RefreshIn((campaign,), agents, {1: LeadsLeft(100)}))
    return [alarm for alarm in turn.alarms if alarm[0] == "caller_id_not_permitted"]


def test_nobody_is_called_the_campaign_says_why_and_the_alarm_comes_once() -> None:
    scene = Scene()
    scene.works()
    found = [
        len(told(scene, rule))
        for rule in ("", "caller_id_prefix", "caller_id_prefix", "", "caller_id_prefix")
    ]
    assert found == [0, 1, 0, 0, 1]
    scene.pace()
    assert not scene.ordered()
    assert scene.state.tally(1).last == Hold(HoldCode.CALLER_ID, "caller_id_prefix")
    told(scene, "")
    scene.pace()
    assert scene.ordered()
