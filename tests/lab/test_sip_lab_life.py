"""A lab starts beside others, mends itself, and leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sip_lab import truth
from sip_lab.ami import Ami, AmiClosed
from sip_lab.behaviours import behaviour_of, number_for
from tests.lab.eventually import eventually
from tests.lab.lab_process import Lab, processes_naming
from tests.lab.pbx import Pbx
from tests.lab.sip_over_websocket import register


@pytest.fixture(scope="module")
def own() -> Iterator[Lab]:
    """A small lab that a test may mistreat, beside the one all tests share."""
    lab = Lab("--bots", "2", "--web-agents", "1", "--tempo", "0.3", "--seed", "7")
    yield lab
    lab.remove()


def valkey_says(lab: Lab, command: str) -> bytes:
    """One inline command to Valkey."""
    port = int(lab["valkey"]["url"].rsplit(":", 1)[1].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
        link.sendall(f"{command}\r\n".encode())
        return link.recv(100)


def kill(lab: Lab, service: str) -> None:
    """kill -9 of a service; waits until another process took its place in lab.json."""
    old = lab[service]["pid"]
    os.kill(old, signal.SIGKILL)
    eventually(lambda: lab[service]["pid"] not in (None, old))


def answers(lab: Lab) -> bool:
    """Can the pbx be logged in to, and has it booted?"""
    at = lab["pbx"]
    try:
        with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"], timeout=2) as ami:
            return ami.wait(lambda e: e.get("Event") == "FullyBooted")["Status"] == "Fully Booted"
    except (OSError, AmiClosed):
        return False


def test_valkey_comes_back_with_its_data(own: Lab) -> None:
    assert valkey_says(own, "SET kept yes").startswith(b"+OK")
    url = own["valkey"]["url"]
    kill(own, "valkey")

    def kept() -> bool:
        try:
            return b"yes" in valkey_says(own, "GET kept")
        except OSError:
            return False

    eventually(kept)
    assert own["valkey"]["url"] == url


def test_the_pbx_comes_back_with_its_phones(own: Lab) -> None:
    at = own["pbx"]["ami_port"], own["pbx"]["sip_port"], own["pbx"]["ws_url"], own["pbx"]["ami_secret"]
    kill(own, "pbx")
    eventually(lambda: answers(own))
    assert at == (
        own["pbx"]["ami_port"],
        own["pbx"]["sip_port"],
        own["pbx"]["ws_url"],
        own["pbx"]["ami_secret"],
    )
    pbx = Pbx(own.facts)
    eventually(lambda: pbx.has_phone("bot-0001"), 90)
    # Listed is not yet reachable: a machine that starts all of this at once may refuse the first call.
    agent = eventually(lambda: pbx.try_agent("bot-0001")[0], 90)
    assert agent
    customer = pbx.customer(number_for("patient", 300))
    pbx.bridge(customer, agent)
    pbx.hang_up(customer, agent)
    pbx.ami.close()


def test_the_carrier_comes_back_and_keeps_its_truth(own: Lab) -> None:
    pbx = Pbx(own.facts)
    before = number_for("busy", 301)
    pbx.event(pbx.dial(before), "Hangup")
    kill(own, "carrier")
    after = number_for("busy", 302)

    def busy() -> bool:
        return pbx.event(pbx.dial(after), "Hangup").get("TechCause") == "486"

    eventually(busy)
    numbers = [call.number for call in truth.read(Path(own["truth_path"]))]
    assert before in numbers
    assert after in numbers
    pbx.ami.close()


CAUSES = {"17": "busy", "1": "unallocated", "34": "congestion"}


def drawn(own: Lab, pbx: Pbx, numbers: list[str]) -> dict[str, str]:
    """How numbers without a code are treated now, as the pbx sees it; the carrier's truth must agree."""
    calls = {number: pbx.dial(number) for number in numbers}
    seen = {number: CAUSES[pbx.event(mine, "Hangup")["Cause"]] for number, mine in calls.items()}
    told = {call.number: call.behaviour for call in truth.read(Path(own["truth_path"]))}
    assert seen == {number: told[number] for number in numbers}
    return seen


def test_the_mix_changes_while_calls_go_on(own: Lab) -> None:
    pbx = Pbx(own.facts)
    talking = pbx.customer(number_for("patient", 303))
    numbers = [f"+3465511{n:04d}" for n in range(100, 116)]
    for text, mix in (
        ("busy=3,congestion=1", {"busy": 3, "congestion": 1}),
        ("unallocated", {"unallocated": 1}),
    ):
        own.mix(text)
        assert drawn(own, pbx, numbers) == {number: behaviour_of(number, 7, mix).name for number in numbers}
    pbx.event(pbx.dial(number_for("busy", 304)), "Hangup")
    assert [c.behaviour for c in truth.read(Path(own["truth_path"]))][-1] == "busy"  # a code is a code
    pbx.hang_up(talking)
    pbx.ami.close()


def test_a_carrier_that_died_keeps_the_mix(own: Lab) -> None:
    pbx = Pbx(own.facts)
    own.mix("unallocated")
    kill(own, "carrier")
    eventually(lambda: pbx.event(pbx.dial(number_for("busy", 305)), "Hangup").get("TechCause") == "486")
    assert set(drawn(own, pbx, [f"+3465511{n:04d}" for n in range(120, 124)]).values()) == {"unallocated"}
    pbx.ami.close()


def test_no_mix_without_a_lab(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sip_lab", "mix", "--state", str(tmp_path), "busy"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert answer.returncode == 1
    assert "no lab is up" in answer.stderr


def test_a_killed_postgres_comes_back(own: Lab) -> None:
    kill(own, "postgres")
    port = int(own["postgres"]["dsn"].rsplit(":", 1)[1].split("/")[0])

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    eventually(listens)


def test_a_browser_phone_registers_over_the_websocket(own: Lab) -> None:
    eventually(lambda: answers(own))
    phone = own["web_agents"][0]
    assert register(own["pbx"]["ws_url"], phone["sip_user"], "wrong") == 401
    assert register(own["pbx"]["ws_url"], phone["sip_user"], phone["sip_password"]) == 200


def test_labs_side_by_side_do_not_meet(own: Lab, lab: Lab) -> None:
    one, two = Pbx(own.facts), Pbx(lab.facts)
    first, second = number_for("busy", 310), number_for("busy", 311)
    calls = [(one, one.dial(first)), (two, two.dial(second))]
    assert [pbx.event(mine, "Hangup")["TechCause"] for pbx, mine in calls] == ["486", "486"]
    here = [call.number for call in truth.read(Path(own["truth_path"]))]
    there = [call.number for call in truth.read(Path(lab["truth_path"]))]
    assert (first in here, second in here) == (True, False)
    assert (first in there, second in there) == (False, True)
    one.ami.close()
    two.ami.close()


def test_a_second_lab_on_one_folder_is_refused(own: Lab) -> None:
    command = [sys.executable, "-m", "sip_lab", "up", "--state", str(own.state)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert answer.returncode == 1
    assert "already runs" in answer.stderr
    assert (own.state / "lab.json").exists()


def test_a_stopped_lab_leaves_nothing_running() -> None:
    lab = Lab("--bots", "1", "--services", "pg,valkey,pbx,carrier")
    port = lab["pbx"]["ami_port"]
    assert len(lab.processes()) >= 4
    assert lab.stop() == 0
    assert lab.processes() == []
    assert not (lab.state / "lab.json").exists()
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    lab.remove()


def test_a_killed_supervisor_takes_its_services_along() -> None:
    lab = Lab("--bots", "1")
    os.kill(lab.pid, signal.SIGKILL)
    eventually(lambda: lab.processes() == [])
    lab.remove()


def test_a_lab_ends_with_whoever_started_it(tmp_path: Path) -> None:
    lab = Lab("--services", "valkey")
    lab.stop()
    script = f'"{sys.executable}" -m sip_lab up --services valkey --state "{lab.state}" 2>/dev/null & wait'
    shell = subprocess.Popen(["sh", "-c", script], cwd=Path(__file__).parents[2])
    eventually(lambda: (lab.state / "lab.json").exists())
    shell.kill()
    shell.wait()
    eventually(lambda: processes_naming(str(lab.state)) == [])
    lab.remove()
