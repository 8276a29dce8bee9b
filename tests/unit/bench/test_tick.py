"""The floor that the engine's turn is measured on: calls come and go there, and every run is the same one."""

from collections import Counter

from bench.figures import spread
from bench.tick import Found, Size, row_of
from bench.tick_world import TICK, World
from dialer.engine.turns import take_turn


def lived(world: World, turns: int) -> Counter[str]:
    """What became of the calls of so many turns, and what went wrong."""
    found: Counter[str] = Counter()
    for _ in range(turns):
        turn = take_turn(world.state, world.inputs(), now=world.now, pacing_every=TICK)
        found.update(step.call.outcome.value for step in turn.transitions if step.call.outcome is not None)
        found.update(f"alarm: {kind}" for kind, _, _ in turn.alarms)
        world.answer(turn)
    return found


def test_calls_come_and_go_and_people_are_spoken_to() -> None:
    world = World(2, 8, shared=False)
    ends = lived(world, 400)
    assert {"conversation", "no_answer", "busy"} <= set(ends)
    assert not [name for name in ends if name.startswith("alarm")]
    assert {live.call.campaign_id for live in world.state.calls.values()} == {1, 2}


def test_the_same_seed_lives_the_same_minute() -> None:
    assert lived(World(2, 8, shared=True), 120) == lived(World(2, 8, shared=True), 120)


def test_a_row_holds_the_99th_of_a_hundred_against_the_limit() -> None:
    found = Found(Size.read("40x500:shared"), 1000.4, spread([5.0] * 98 + [50.0, 60.0]))
    assert row_of(found) == (40, 500, 1000, "shared by all", 100, 5.0, 5.0, 50.0, 60.0, "2.00")
