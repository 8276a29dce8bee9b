"""Lines, tokens and trials of trunks are counted by the trunk that each call really takes."""

from datetime import timedelta

from dialer.engine import lines, trunks
from dialer.engine.effects import Originate
from dialer.engine.inputs import PlacedIn
from dialer.engine.tokens import TokenBucket
from dialer.model.breaker import Breaker, TrunkState
from dialer.model.facts import ChannelAnswered, ChannelRinging
from dialer.ports import PlaceResult, TrunkLimits
from tests.unit.dialer.engine.scenes import Scene
from tests.unit.dialer.engine.test_pacer import second_campaign, works_in


def on_trial(scene: Scene, *names: str) -> None:
    """These trunks have rested, and one call may try each."""
    for name in names:
        scene.state.breakers[name] = Breaker(TrunkState.HALF_OPEN, since=scene.now)


def resting(scene: Scene, name: str = "carrier") -> None:
    until = scene.now + timedelta(minutes=1)
    scene.state.breakers[name] = Breaker(TrunkState.OPEN, since=scene.now, until=until)


def two_campaigns(**more: object) -> Scene:
    """Each with three agents of its own."""
    scene = Scene()
    second_campaign(scene, **more)
    for agent_id in (1, 2, 3):
        works_in(scene, agent_id, 1)
    for agent_id in (4, 5, 6):
        works_in(scene, agent_id, 2)
    return scene


def spare(scene: Scene, campaign_id: int = 1) -> None:
    scene.changes(campaign_id, spare_trunks=("backup",))


# --- one call tries a trunk


def test_one_call_tries_a_trunk_whatever_the_number_of_campaigns_on_it() -> None:
    scene = two_campaigns()
    on_trial(scene, "carrier")
    scene.pace()
    assert sum(scene.ordered().values()) == 1
    scene.pace(1)
    assert not scene.ordered()


def test_when_the_order_for_the_trial_came_to_nothing_the_next_one_may_try() -> None:
    scene = two_campaigns()
    on_trial(scene, "carrier")
    scene.pace()
    (first,) = scene.ordered()
    scene.take(PlacedIn(first, 1, PlaceResult(dry=True), frozenset()))
    scene.pace(1)
    assert sum(scene.ordered().values()) == 1
    assert first not in scene.ordered()


def test_two_trunks_on_trial_have_one_call_each() -> None:
    scene = two_campaigns()
    for campaign_id in (1, 2):
        spare(scene, campaign_id)
    on_trial(scene, "carrier", "backup")
    scene.pace()
    assert sum(scene.ordered().values()) == 2
    assert sorted(name for tally in scene.state.tallies.values() for name in tally.charged) == [
        "backup",
        "carrier",
    ]


def test_a_campaign_with_another_trunk_does_not_take_the_trial_that_is_ordered() -> None:
    scene = two_campaigns(trunk="backup")
    spare(scene)
    on_trial(scene, "backup")
    resting(scene)
    scene.state.tally(2).placing, scene.state.tally(2).placing_on = 1, ("backup",)
    scene.dials(7)
    assert not scene.did(Originate)
    assert scene.turn.transitions[-1].call.reason == "every trunk rests"


def test_no_agent_starts_a_second_trial_by_hand() -> None:
    scene = two_campaigns()
    on_trial(scene, "carrier")
    assert lines.one_is_free(scene.state, scene.campaign, scene.now)
    scene.pace()
    assert not lines.one_is_free(scene.state, scene.campaign, scene.now)


# --- lines


def test_calls_that_are_still_on_the_spare_trunk_take_its_lines_after_the_first_is_back() -> None:
    scene = two_campaigns(trunk="backup")
    spare(scene)
    scene.state.trunks = {"backup": TrunkLimits("backup", max_lines=2)}
    resting(scene)
    for person in (11, 12):
        call_id = scene.dials(person)
        assert [one.order.trunk for one in scene.did(Originate)] == ["backup"]
        scene.fact(ChannelRinging(str(call_id)), ChannelAnswered(str(call_id)))
    scene.state.breakers["carrier"] = Breaker()
    assert not lines.one_is_free(scene.state, scene.state.campaigns[2], scene.now)
    scene.pace()
    assert 2 not in scene.ordered()
    assert 1 in scene.ordered()


def test_calls_on_the_spare_trunk_leave_the_lines_of_the_first_alone() -> None:
    scene = two_campaigns()
    spare(scene)
    scene.state.trunks = {"carrier": TrunkLimits("carrier", max_lines=2)}
    resting(scene)
    for person in (11, 12):
        scene.dials(person)
    scene.state.breakers["carrier"] = Breaker()
    scene.pace()
    assert sum(scene.ordered().values()) == 2


def test_what_is_ordered_takes_the_lines_of_the_trunk_it_was_ordered_for() -> None:
    scene = two_campaigns(trunk="backup")
    spare(scene)
    scene.state.trunks = {"backup": TrunkLimits("backup", max_lines=3)}
    resting(scene)
    scene.pace()
    assert sum(scene.ordered().values()) == 3
    scene.state.breakers["carrier"] = Breaker()
    assert lines.on_trunk(scene.state, "backup") == 3
    assert lines.on_trunk(scene.state, "carrier") == 0


# --- calls per second


def test_the_trunk_that_carries_a_call_pays_its_token_though_another_was_charged() -> None:
    scene = Scene(spare_trunks=("backup",))
    scene.state.trunks = {name: TrunkLimits(name, max_cps=5.0) for name in ("carrier", "backup")}
    scene.state.trunk_buckets = {name: TokenBucket(4.0, scene.now) for name in ("carrier", "backup")}
    tally = scene.state.tally(1)
    tally.placing, tally.placing_on = 1, ("carrier",)
    lines.take(scene.state, "carrier")
    resting(scene)
    scene.dials(7)
    assert scene.did(Originate)[0].order.trunk == "backup"
    tokens = {name: bucket.tokens for name, bucket in scene.state.trunk_buckets.items()}
    assert tokens == {"carrier": 4.0, "backup": 3.0}


def test_while_the_first_is_on_trial_the_others_are_charged_to_the_one_that_works() -> None:
    scene = two_campaigns()
    for campaign_id in (1, 2):
        spare(scene, campaign_id)
    on_trial(scene, "carrier")
    assert trunks.usual(scene.state, scene.state.campaigns[1], scene.now) == "backup"
    scene.dials(7)
    assert scene.did(Originate)[0].order.trunk == "carrier"
    scene.dials(8)
    assert scene.did(Originate)[0].order.trunk == "backup"
