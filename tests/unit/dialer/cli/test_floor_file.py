"""The file that describes a floor: what it says, and what is said of a wrong one."""

import math
from pathlib import Path

import numpy as np
import pytest

from dialer.cli.floor_file import BadFloor, parse_floor, read_floor

EXAMPLES = sorted((Path(__file__).resolve().parents[4] / "docs" / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_examples_describe_floors(path: Path) -> None:
    floor = read_floor(path)
    world = floor.world(floor.agents)
    assert sum(shift.share for shift in world.shifts) == pytest.approx(1.0)
    assert sum(share * odds for share, odds in world.odds) == pytest.approx(1.0)


def test_a_floor_of_one_line_is_a_usual_one() -> None:
    world = parse_floor("agents: 15").world(15)
    assert world.human.at(0.0) == 0.18
    assert world.machine == pytest.approx(0.12)
    assert world.busy == pytest.approx(0.05)
    assert (world.limit, world.cps, world.lines_per_agent) == (0.03, math.inf, math.inf)


def test_times_of_the_day_count_from_the_opening() -> None:
    floor = parse_floor(
        """
        agents: 10
        opens: "08:30"
        shifts: [{from: 09:00, to: 17:00, breaks: [{from: 11:20, to: 11:40}]}]
        shares: {person: {steps: {"08:30": 0.1, 12:30: 0.2}}}
        """
    )
    world = floor.world(10)
    (shift,) = world.shifts
    assert (shift.start, shift.end) == (1800.0, 8.5 * 3600)
    assert shift.breaks == ((10200.0, 11400.0),)
    assert [world.human.at(hour * 3600.0) for hour in (0, 3.9, 4, 8)] == [0.1, 0.1, 0.2, 0.2]


def test_a_share_may_move_on_a_line() -> None:
    floor = parse_floor('{agents: 5, opens: "09:00", shares: {person: {line: {"09:00": 0.1, 11:00: 0.3}}}}')
    assert floor.person.at(3600.0) == pytest.approx(0.2)


def test_the_other_shares_are_those_of_the_opening() -> None:
    world = parse_floor("{agents: 5, shares: {person: 0.4, machine: 0.3, busy: 0.0}}").world(5)
    # Of the 0.6 who are no persons, half are machines; the world knows them where persons are 0.18.
    assert world.machine == pytest.approx(0.41)


@pytest.mark.parametrize("law", ["lognormal", "gamma", "exponential", "constant"])
def test_laws_have_their_mean_and_their_limit(law: str) -> None:
    floor = parse_floor(f"{{agents: 5, talk: {{law: {law}, mean: 60, cv: 0.8, most: 400}}}}")
    times = floor.world(5).talk(np.random.default_rng(1), 20_000)
    assert times.mean() == pytest.approx(60.0, rel=0.05)
    assert times.max() <= 400.0


def test_a_law_that_lies_beyond_its_limit_is_cut_there() -> None:
    floor = parse_floor("{agents: 5, talk: {law: constant, mean: 60, most: 20}}")
    assert set(floor.world(5).talk(np.random.default_rng(1), 10)) == {20.0}


def test_lines_are_those_of_the_trunk_or_of_the_supervisor() -> None:
    floor = parse_floor("{agents: 10, trunk: {lines: 40, cps: 2}, pace: {max_calls_per_agent: 3}}")
    assert floor.world(10).lines_per_agent == 3.0
    assert floor.world(20).lines_per_agent == 2.0
    assert floor.world(10).cps == 2.0


def test_without_screening_every_machine_reaches_an_agent() -> None:
    world = parse_floor("{agents: 5, screening: 'off'}").world(5)
    assert (world.screening, world.false_negatives) == (None, 1.0)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("agents: 0", "agents: Input should be greater than or equal to 1"),
        ("{agents: 5, colour: red}", "colour: Extra inputs are not permitted"),
        ("{agents: 5, talk: {meen: 3}}", "talk.mean: Field required (and 1 more)"),
        ("{agents: 5, opens: 9}", "opens: write a time as 09:30, up to 48:00"),
        ("{agents: 5, opens: 9 o'clock}", "opens: write a time as 09:30"),
        ("{agents: 5, shifts: [{share: 0.4}]}", "the shares of the shifts must add up to 1"),
        ("{agents: 5, shares: {person: 0.9, machine: 0.2}}", "shares: person, machine, busy and unobtain"),
        ("{agents: 5, shares: {person: {steps: {}}}}", "shares.person.steps: Dictionary should have"),
        ('{agents: 5, shares: {person: {line: {"9": 0.1}}}}', "shares.person.line.9"),
        ("{agents: 5, shares: {person: 1.5}}", "shares.person: Input should be less than or equal to 1"),
        ("{agents: 5, pace: {mode: magic}}", "pace: no policy is called “magic”"),
        ("[1, 2]", "describes no floor"),
        ("agents: [", "is no YAML"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(text: str, said: str) -> None:
    with pytest.raises(BadFloor) as caught:
        parse_floor(text)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadFloor, match="cannot be read"):
        read_floor(tmp_path / "binary.yaml")
