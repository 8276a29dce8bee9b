"""`docker compose up`, as `python -m sip_lab docker` runs it: same files, same truth, and it mends itself."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sip_lab import composed, engine, truth
from sip_lab.ami import Ami, AmiClosed
from sip_lab.behaviours import number_for
from sip_lab.engine import Engine
from sip_lab.services import postgres_answers, valkey_answers
from tests.lab.eventually import eventually
from tests.lab.pbx import Pbx


def sip_lab(*words: str) -> str:
    """One command of the lab; what it said."""
    answer = subprocess.run(
        [sys.executable, "-m", "sip_lab", *words], capture_output=True, text=True, check=False, timeout=600
    )
    assert answer.returncode == 0, answer.stderr
    return answer.stderr


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    """A composed lab with two bots."""
    with tempfile.TemporaryDirectory(prefix="sip-lab-compose-") as folder:
        Path(folder).chmod(0o755)
        words = ("docker", "--state", folder)
        options = ("--options", "--bots 2 --web-agents 1 --tempo 0.3 --fast")
        said = sip_lab(*words, "--profile", "asterisk", "--profile", "stores", *options)
        assert "ended with 486" in said
        yield Path(folder)
        sip_lab(*words, "--down")


@pytest.fixture(scope="module")
def docker() -> Iterator[Engine]:
    """A client of the engine that the lab runs on."""
    with engine.running(lambda _: None) as found:
        yield found


def facts(state: Path) -> dict[str, Any]:
    """lab.json."""
    told: dict[str, Any] = json.loads((state / "lab.json").read_text())
    return told


def port(url: str) -> int:
    """Of an address of lab.json."""
    return int(url.rsplit(":", 1)[1].split("/")[0])


def test_the_stores_answer_where_the_lab_says(state: Path) -> None:
    postgres_answers(port(facts(state)["postgres"]["dsn"]), "cadencia", "cadencia")
    valkey_answers(port(facts(state)["valkey"]["url"]))


def test_a_bot_and_a_person_are_joined_and_the_truth_is_written(state: Path) -> None:
    pbx, number = Pbx(facts(state)), number_for("patient", 7)
    eventually(lambda: pbx.has_phone("bot-0001"), 60)
    customer, agent = pbx.customer(number), pbx.agent("bot-0001")
    pbx.bridge(customer, agent)
    pbx.hang_up(customer, agent)
    pbx.ami.close()

    def ended() -> bool:
        calls = truth.read(Path(facts(state)["truth_path"]))
        return any(call.number == number and call.ended is not None for call in calls)

    eventually(ended)


def test_the_mix_is_changed_as_without_containers(state: Path) -> None:
    sip_lab("mix", "--state", str(state), "busy")
    pbx = Pbx(facts(state))
    assert pbx.event(pbx.dial("+34655111222"), "Hangup").get("TechCause") == "486"
    pbx.ami.close()


def test_a_killed_container_comes_back(state: Path, docker: Engine) -> None:
    name = f"{composed.project(state.resolve())}-pbx-1"

    def pid() -> int:
        return int(docker.run("inspect", "--format", "{{.State.Pid}}", name).stdout)

    before = pid()
    os.kill(before, signal.SIGKILL)
    at = facts(state)["pbx"]

    def boots() -> bool:
        try:
            with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"], timeout=2) as ami:
                return ami.wait(lambda e: e.get("Event") == "FullyBooted")["Status"] == "Fully Booted"
        except (OSError, AmiClosed):
            return False

    eventually(lambda: pid() not in (0, before), 60)
    eventually(boots, 60)
