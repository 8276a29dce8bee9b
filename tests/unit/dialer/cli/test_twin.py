"""A recorded day made into a twin, decided again, and tried under a shadow."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from dialer.cli.twin import CREW, FEWEST_CALLS, Came, Recording, Shadow, Twin, TwinDay, rostered
from dialer.cli.verify import Beside, Stored, Verification
from dialer.model.campaign import CampaignSettings
from pacing import Floor, Learner, Limits, Model, Pace, Window, decide
from pacing.simulator import Simulation
from pacing.simulator.day import OFF
from pacing.simulator.pacers import Cadencia
from pacing.simulator.policies import Named

NINE = datetime(2026, 11, 25, 9, tzinfo=UTC)
PACE = Pace(target=0.02)


def floor(ready: int, talking: int = 0, **trim: float) -> Floor:
    """Agents and nothing in the air, under one window with much to spare."""
    none = np.zeros(0)
    return Floor(
        ready=np.full(ready, 5.0),
        on_call=np.full(talking, 30.0),
        wrap_up=none,
        dialing=none,
        ringing=none,
        screening=none,
        waiting=none,
        limits=Limits(lines=100, tokens=50, calls_per_agent=4.0, connect_limit=2.0),
        windows=(Window("rolling_24h", 0.03, live=1000, abandoned=10),),
        dialed=3000,
        live_answers=600,
        trim=trim,
    )


def attempt(seconds: float, end: str, **more: Any) -> dict[str, Any]:
    """A row of `recorded_attempts`."""
    human = end == "human"
    usual: dict[str, Any] = {
        "placed_at": NINE + timedelta(seconds=seconds),
        "ring": 10.0 if human else 20.0,
        "end": end,
        "screening": 1.5 if end in ("human", "machine") else None,
        "talk": 60.0 if human else None,
        "agent_id": 1 if human else None,
        "wrap": 10.0 if human else None,
        "waited": None,
        "stood": 0.0 if human else None,
        "live": human,
        "connected": human,
        "abandoned": False,
        "unserved": False,
    }
    return usual | more


def an_hour() -> Recording:
    """Four agents, two from half past on; every fourth call answered at first, every second later."""
    recording, model = Recording(NINE), Learner().model()
    for second in range(0, 3600, 10):
        crew = floor(2, 2) if second < 1800 else floor(1, 1)
        recording.floor(NINE + timedelta(seconds=second), crew, PACE, model)
    for number in range(720):
        seconds = number * 5.0
        answered = number % (4 if seconds < 1800 else 2) == 0
        recording.attempt(attempt(seconds, "human" if answered else "other"))
    return recording


def twin_of(recording: Recording, **settings: Any) -> Twin:
    """Its twin."""
    found = recording.twin(CampaignSettings(**settings))
    assert found is not None
    return found


def test_a_twin_has_the_staff_and_the_answers_of_the_day() -> None:
    twin = twin_of(an_hour(), max_lines=12, max_cps=3.0)
    assert twin.crew == (4,) * 6 + (2,) * 6
    shares = [share for _, share in twin.human]
    assert shares[0] == pytest.approx(0.25, abs=0.03)
    assert shares[3] == pytest.approx(0.5, abs=0.04)
    assert (twin.lines, twin.cps, twin.patience, twin.limit) == (12.0, 3.0, 2.0, 0.03)


def test_what_came_is_counted_from_floors_and_attempts() -> None:
    came = an_hour().came
    assert came.occupancy == pytest.approx(0.5)
    assert (came.dials, came.live, came.connected) == (720, 270, 270)
    assert came.abandonment(0.0) == 0.0


def test_persons_taken_for_machines_are_abandoned_in_law() -> None:
    came = Came(live=90, abandoned=2, machines=100)
    assert came.abandonment(0.1) == pytest.approx(12 / 100)
    twin = twin_of(an_hour(), screening_errors=0.1)
    assert twin.world().false_positives == pytest.approx(0.0, abs=0.02)


def test_the_wait_of_the_abandoned_tells_how_long_persons_may_wait() -> None:
    recording = an_hour()
    for number in range(6):
        recording.attempt(attempt(number, "human", waited=1.4, connected=False, abandoned=True, talk=None))
    assert twin_of(recording).patience == pytest.approx(1.4)


def test_who_hung_up_in_silence_is_in_the_twin_too() -> None:
    """Of those who stood for 400 s in all, 40 hung up: one in ten seconds."""
    recording = an_hour()
    for number in range(40):
        silent = attempt(number, "human", stood=10.0, connected=False, unserved=True, talk=None)
        recording.attempt(silent)
    assert recording.came.abandonment(0.0) == pytest.approx(40 / 310)
    assert recording.came.unserved_share == pytest.approx(40 / 310)
    twin = twin_of(recording)
    assert twin.leaves == pytest.approx(0.1)
    assert twin.world().leaves == pytest.approx(0.1)


def test_too_few_calls_make_no_twin() -> None:
    recording = Recording(NINE)
    recording.floor(NINE, floor(2), PACE, Learner().model())
    for number in range(FEWEST_CALLS - 1):
        recording.attempt(attempt(number, "other"))
    assert recording.twin(CampaignSettings()) is None


def test_a_gap_in_the_recording_counts_for_nobody_at_work() -> None:
    recording, model = an_hour(), Learner().model()
    recording.floor(NINE + timedelta(hours=2), floor(4), PACE, model)
    recording.floor(NINE + timedelta(hours=2, seconds=10), floor(4), PACE, model)
    crew = twin_of(recording).crew
    assert set(crew[13:24]) == {0}
    assert crew[24] == 4


def test_shifts_put_as_many_to_work_as_were_there() -> None:
    crew = (2, 3, 0, 1, 3)
    world = twin_of(an_hour()).world()
    day = Simulation(
        type(world)("roster", shifts=rostered(crew)), 3, Cadencia(Pace("manual")), seed=1, tick=1.0
    )
    seen = []
    for _ in crew:
        day.advance(CREW / 2)
        seen.append(int((day.agent_phase == 1).sum()))
        day.advance(CREW / 2)
    assert tuple(seen) == crew
    assert OFF == 0


def test_a_twins_day_is_lived_under_a_shadow() -> None:
    twin = replace(twin_of(an_hour()), seconds=600.0)
    ours = TwinDay(twin, Shadow()).lived(1).day
    other = TwinDay(twin, Shadow(Named.parse("per-idle:1.5"))).lived(1).day
    assert ours == TwinDay(twin, Shadow()).lived(1).day
    assert min(ours.dials, other.dials) > 15


# --- shadows and verification ------------------------------------------------------------------------


def test_a_shadow_changes_what_it_names_only() -> None:
    assert Shadow().pace(PACE) == PACE
    assert not Shadow().differs
    assert Shadow(Named.parse("power:3"), boost=2.0).pace(PACE) == Pace("power", 0.02, 3.0, 2.0)
    assert Shadow(target=0.01).text("as recorded") == "as recorded target 0.01"


def test_another_target_moves_the_learned_level_of_the_price_with_it() -> None:
    seen = floor(2, log_price=-4.0)
    assert Shadow(target=0.01).floor(seen, PACE).trim["log_price"] == pytest.approx(-4.0 - np.log(2))
    assert Shadow(boost=2.0).floor(seen, PACE) is seen


def row(seen: Floor, model: Model, **more: Any) -> dict[str, Any]:
    """A stored decision."""
    made = decide(PACE, model, seen)
    forecast = made.forecast
    assert forecast is not None
    usual = {
        "id": 1,
        "at": NINE,
        "inputs": {"floor": seen.as_record(), "pace": PACE.as_record(), "settings_version": 3},
        "calls": made.calls,
        "why": made.why.as_record(),
        "cancel": list(made.cancel),
        "forecast": {
            "abandon_chance": forecast.abandon_chance,
            "price": forecast.price,
            "live_soon": forecast.live_soon,
            "free_soon": forecast.free_soon,
        },
        "epoch": 4,
        "model": model.version,
    }
    return usual | more


def test_a_decision_is_equal_or_it_is_shown() -> None:
    model, found = Learner().model(), Verification()
    why = row(floor(3, 2), model)["why"] | {"held_by": "moon"}
    for more in ({}, {"calls": 77}, {"why": why}):
        stored = Stored.of(row(floor(3, 2), model, **more))
        assert stored is not None
        assert (stored.key, stored.settings_version) == ((4, 1), 3)
        found.again(stored, model)
    assert (found.equal, found.different) == (1, 2)
    assert "77 calls" in found.examples[0]
    assert "moon" in found.examples[1]


def test_of_a_row_that_has_only_its_sentence_the_numbers_are_compared() -> None:
    model, found = Learner().model(), Verification()
    for more in ({}, {"calls": 77}):
        stored = Stored.of(row(floor(3, 2), model, why=None, **more))
        assert stored is not None
        found.again(stored, model)
    assert (found.equal, found.different) == (1, 1)


def test_a_row_of_an_older_form_cannot_be_decided_again() -> None:
    assert Stored.of(row(floor(1), Learner().model(), inputs={"ready": 3})) is None


def test_a_shadow_on_recorded_floors_is_compared_by_the_calls_in_flight() -> None:
    model, beside = Learner().model(), Beside()
    stored = Stored.of(row(floor(2, 6), model))
    assert stored is not None
    for text in ("progressive", "power:4"):
        beside.see(stored, model, Shadow(Named.parse(text)))
    recorded = stored.said[0]
    assert beside.floors == 2
    assert beside.levels[0] == recorded
    assert beside.levels[1] == pytest.approx((2 + 8) / 2)
    assert beside.more + beside.fewer >= 1
