"""`cadencia pacing simulate`, as it is typed."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dialer.__main__ import app

SMALL = "{agents: 3, hours: 0.2, talk: {mean: 30}, wrap: {mean: 5}}"


def simulate(tmp_path: Path, text: str, *words: str) -> tuple[int, str, str]:
    """Exit code and both outputs."""
    (tmp_path / "floor.yaml").write_text(text)
    done = CliRunner().invoke(app, ["pacing", "simulate", str(tmp_path / "floor.yaml"), *words])
    return done.exit_code, done.stdout, done.stderr


def test_days_of_a_small_floor_are_told_and_drawn(tmp_path: Path) -> None:
    plot = tmp_path / "day.png"
    words = ("--seeds", "2", "--compare", "progressive", "--json", "--plot", str(plot))
    code, out, err = simulate(tmp_path, SMALL, *words)
    assert code == 0
    found = json.loads(out)
    assert (found["agents"], found["hours"]) == (3, 0.2)
    assert set(found["policies"]) == {"predictive", "progressive"}
    assert found["policies"]["progressive"]["occupancy"]["half"] > 0
    assert "4 de 4 días simulados" in err
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("agents: none", (), "cadencia: floor.yaml: agents: Input should be a valid integer"),
        (SMALL, ("--policy", "magic"), "cadencia: no policy is called “magic”"),
        (SMALL, ("--compare", "power"), "cadencia: power needs a number above 0"),
        (SMALL, ("--plot", "day.bmp"), "cadencia: the plot's name must end in .png or .svg"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(
    tmp_path: Path, text: str, words: tuple[str, ...], said: str
) -> None:
    code, out, err = simulate(tmp_path, text, *words)
    assert (code, out) == (1, "")
    assert err.startswith(said)
    assert err.count("\n") == 1
