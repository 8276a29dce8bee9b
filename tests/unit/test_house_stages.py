"""`make test` counts what its stages ran; a stage that fails is never lost among those that passed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PASSING_MAKE = """#!/bin/sh
case $2 in
  unit) echo "41 passed, 2 warnings in 0.31s" ;;
  web) echo "      Tests  7 passed (7)" ;;
  broken) echo "FAILED tests/x.py"; echo "=== 1 failed, 3 passed in 0.20s ==="; exit 2 ;;
esac
"""


def run_stages(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run stage.py over a `make` that only says what test runners say."""
    make = folder / "make"
    make.write_text(PASSING_MAKE)
    make.chmod(0o755)
    return subprocess.run(
        [sys.executable, ROOT / ".ci" / "stage.py", "all", *names],
        env={"MAKE": str(make), "PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_the_last_line_counts_the_tests_of_all_stages(tmp_path: Path) -> None:
    done = run_stages(tmp_path, "lint", "unit", "web")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("48 passed in ")


def test_a_failing_stage_stops_the_rest_and_is_named(tmp_path: Path) -> None:
    done = run_stages(tmp_path, "unit", "broken", "web")
    assert done.returncode == 1
    assert "stage broken failed" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 failed, 44 passed in ")
    assert "web          not run" in done.stdout


@pytest.mark.parametrize("kind", [["pytest", "tests/nowhere"], ["npm", "nowhere", "test"]])
def test_a_stage_without_tests_yet_passes(kind: list[str]) -> None:
    command: list[str | Path] = [sys.executable, ROOT / ".ci" / "stage.py", *kind]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0
    assert "yet" in done.stdout


def test_a_failing_program_ends_the_stage(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    command: list[str | Path] = [
        sys.executable,
        ROOT / ".ci" / "stage.py",
        "run",
        "false",
        "--",
        "touch",
        mark,
    ]
    assert subprocess.run(command, timeout=30, check=False).returncode == 1
    assert not mark.exists()


def test_the_stage_on_containers_is_left_out_in_one_line_where_there_is_no_engine(tmp_path: Path) -> None:
    """An ordinary user's machine without Docker: another user cannot be, so the programs are not found."""
    command: list[str | Path] = [sys.executable, ROOT / ".ci" / "stage.py", "docker", "tests/docker"]
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 1
    assert "left out: sip_lab: no Docker engine answers" in done.stdout


@pytest.mark.parametrize(
    ("docker", "code", "said"),
    [
        ("#!/bin/sh\n[ $1 = info ]\n", 0, "left out: sip_lab: the image debian:"),
        ("no program\x00", 1, "Exec format error"),
    ],
    ids=["no base image", "a fault of ours"],
)
def test_the_stage_on_containers_is_left_out_for_known_reasons_only(
    tmp_path: Path, docker: str, code: int, said: str
) -> None:
    (tmp_path / "docker").write_text(docker)
    (tmp_path / "docker").chmod(0o755)
    command: list[str | Path] = [sys.executable, ROOT / ".ci" / "stage.py", "docker", "tests/docker"]
    env = {"PATH": str(tmp_path), "HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == code, done.stderr
    assert said in done.stdout + done.stderr
