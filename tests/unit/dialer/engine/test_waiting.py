"""A campaign that finds nobody to call: how long it leaves the store alone, and what it says meanwhile."""

from dialer.engine.inputs import PlacedIn, RefreshIn
from dialer.ports import PlaceResult
from tests.unit.dialer.engine.scenes import Scene


def dry(scene: Scene, result: PlaceResult | None = None) -> None:
    """The store has nobody to call."""
    scene.works()
    scene.pace()
    scene.take(PlacedIn(1, 1, result or PlaceResult(dry=True)))


def reads(scene: Scene, rules: int) -> None:
    """The engine reads the campaign again, whose rules have changed so often."""
    scene.campaign = scene.campaign.model_copy(update={"rules": rules})
    left = {1: scene.state.tally(1).leads_left}
    scene.take(RefreshIn((scene.campaign,), tuple(scene.state.agents.values()), left))


def test_when_the_rules_change_nobody_waits_for_the_end_of_the_rest() -> None:
    scene = Scene()
    dry(scene)
    scene.pace(1)
    assert not scene.ordered()
    reads(scene, 0)
    scene.pace(0.1)
    assert not scene.ordered()
    reads(scene, 1)
    scene.pace(0.1)
    assert scene.ordered()
