"""What the engine relies on: joining, losing and changing agents, recording, the message, its rights."""

import array
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from sip_lab.ami import AmiRefused
from sip_lab.behaviours import BY_NAME, number_for, talk_seconds
from tests.lab.eventually import eventually
from tests.lab.lab_process import Lab
from tests.lab.pbx import Pbx

QUIET = 200
LOUD = 2_000
RATE = 8_000  # samples per second, 16 bits each
HEADER = 44  # bytes


def samples(path: Path) -> "array.array[int]":
    """What a recording holds so far; while it is being written its header does not tell its length."""
    data = path.read_bytes()[HEADER:] if path.exists() else b""
    return array.array("h", data[: len(data) // 2 * 2])


def loudest(path: Path, begin: float = 0.0, end: float = 1e6) -> int:
    """The largest sample of a recording between two instants, in seconds."""
    return max(map(abs, samples(path)[int(begin * RATE) : int(end * RATE)]), default=0)


def seconds(path: Path) -> float:
    """Length of a recording so far."""
    return len(samples(path)) / RATE


def hears(path: Path, at: float) -> bool:
    """Is there sound within half a second after an instant?"""
    return loudest(path, at, at + 0.5) > LOUD


def talk(number: str) -> float:
    """How long a person talks before hanging up, in seconds at tempo 1."""
    return talk_seconds(number, BY_NAME["person"])


@pytest.fixture
def numbers() -> Iterator[str]:
    """Persons who wait to be hung up."""
    return (number_for("patient", index) for index in range(100, 200))


def test_the_agents_leg_returns_when_the_customer_hangs_up(pbx: Pbx) -> None:
    agent = pbx.agent("bot-0001")
    brief = min((number_for("person", index) for index in range(20, 60)), key=talk)
    customer = pbx.customer(brief)
    pbx.bridge(customer, agent)
    assert pbx.place(agent) == ("cadencia-agent", True)
    pbx.event(customer.id, "Hangup", 30)
    eventually(lambda: pbx.place(agent) == ("cadencia-agent", False))
    pbx.hang_up(agent)


def test_a_customer_hung_up_by_us_frees_the_agent(pbx: Pbx, numbers: Iterator[str]) -> None:
    agent = pbx.agent("bot-0002")
    customer = pbx.customer(next(numbers))
    pbx.bridge(customer, agent)
    pbx.hang_up(customer)
    eventually(lambda: pbx.place(agent) == ("cadencia-agent", False))
    pbx.hang_up(agent)


def test_a_customer_whose_agent_is_lost_hears_music_and_is_joined_again(
    pbx: Pbx, numbers: Iterator[str]
) -> None:
    first, second = pbx.agent("bot-0003"), pbx.agent("bot-0004")
    customer = pbx.customer(next(numbers))
    pbx.bridge(customer, first)
    pbx.hang_up(first)
    eventually(lambda: pbx.place(customer) == ("cadencia-hold", False))
    pbx.bridge(customer, second)
    eventually(lambda: pbx.place(customer)[1])
    pbx.hang_up(second)
    eventually(lambda: pbx.place(customer) == ("cadencia-hold", False))
    pbx.hang_up(customer)


def test_a_joined_customer_can_be_joined_to_another_leg(pbx: Pbx, numbers: Iterator[str]) -> None:
    old, new = pbx.agent("bot-0005"), pbx.agent("bot-0006")
    customer = pbx.customer(next(numbers))
    pbx.bridge(customer, old)
    pbx.bridge(customer, new)
    eventually(lambda: pbx.place(new)[1] and not pbx.place(old)[1])
    assert pbx.place(customer)[1]
    pbx.hang_up(customer, old, new)


def test_an_agent_hears_one_person_after_the_other(pbx: Pbx, lab: Lab) -> None:
    agent = pbx.agent("ear-0001")
    heard = max(
        Path(lab["carrier"]["heard_dir"]).glob("ear-0001-*.wav"), key=lambda path: path.stat().st_mtime
    )
    began = float(heard.stem.rpartition("-")[2])
    for index in range(4):
        customer = pbx.customer(number_for("tone", 10 + index))
        pbx.bridge(customer, agent)
        joined = (
            max(float(pbx.event(leg.id, "BridgeEnter")["Timestamp"]) for leg in (customer, agent)) - began
        )
        eventually(partial(hears, heard, joined), 5)
        pbx.hang_up(customer)
    pbx.hang_up(agent)


def test_nobody_free_means_the_message_and_the_end(pbx: Pbx, lab: Lab, numbers: Iterator[str]) -> None:
    base = Path(lab["pbx"]["recordings_dir"]) / "message"
    mine = pbx.dial(next(numbers), "CADENCIA_SCREEN=off", "CADENCIA_FALLBACK=1", f"CADENCIA_REC={base}")
    start = pbx.user_event(mine, "CadenciaMessage")
    assert start["Part"] == "start"
    end = pbx.user_event(mine, "CadenciaMessage")
    assert end["Part"] == "end"
    assert float(end["Timestamp"]) - float(start["Timestamp"]) > 4
    assert pbx.event(mine, "Hangup")["Cause"] == "16"
    assert loudest(Path(f"{base}-agent.wav"), begin=1.5) > LOUD


def test_both_sides_are_recorded_in_step_and_can_be_paused(
    pbx: Pbx, lab: Lab, numbers: Iterator[str]
) -> None:
    base = Path(lab["pbx"]["recordings_dir"]) / "two-sides"
    sides = [Path(f"{base}-{side}.wav") for side in ("customer", "agent")]
    agent = pbx.agent("bot-0007")
    customer = pbx.customer(next(numbers), "CADENCIA_SCREEN=off", f"CADENCIA_REC={base}")
    pbx.bridge(customer, agent)
    eventually(lambda: all(seconds(side) > 3 for side in sides))
    pbx.ami.action("MixMonitorMute", Channel=customer.channel, Direction="both", State=1)
    paused = seconds(sides[0])
    eventually(lambda: all(seconds(side) > paused + 2 for side in sides))
    pbx.ami.action("MixMonitorMute", Channel=customer.channel, Direction="both", State=0)
    resumed = seconds(sides[0])
    eventually(lambda: all(seconds(side) > resumed + 3 for side in sides))
    pbx.hang_up(customer, agent)
    eventually(lambda: abs(seconds(sides[0]) - seconds(sides[1])) < 0.1)
    for side in sides:
        assert loudest(side, 0, paused) > LOUD
        assert loudest(side, paused + 0.5, resumed - 0.5) < QUIET
        assert loudest(side, resumed + 0.5) > LOUD
        side.unlink()


@pytest.mark.parametrize(
    ("action", "headers"),
    [
        ("Command", {"Command": "core show uptime"}),
        ("GetConfig", {"Filename": "manager.conf"}),
        ("Reload", {}),
        ("ModuleLoad", {"LoadType": "reload"}),
        ("Filter", {"Operation": "Add", "Filter": "Event: Newexten"}),
        ("Originate", {"Channel": "Local/s@x", "Application": "System", "Data": "true", "Async": "true"}),
    ],
)
def test_the_account_may_not_touch_the_machine(pbx: Pbx, action: str, headers: dict[str, str]) -> None:
    with pytest.raises(AmiRefused):
        pbx.ami.action(action, **headers)


def test_only_the_events_of_the_list_leave_the_pbx(pbx: Pbx, numbers: Iterator[str]) -> None:
    agent = pbx.agent("bot-0008")
    customer = pbx.customer(next(numbers))
    pbx.bridge(customer, agent)
    pbx.hang_up(customer, agent)
    names = {event["Event"] for event in pbx.ami.collect(0.5) if "Event" in event}
    assert names <= {
        "FullyBooted",
        "Newchannel",
        "Newstate",
        "DialState",
        "Hangup",
        "HangupRequest",
        "SoftHangupRequest",
        "BridgeEnter",
        "BridgeLeave",
        "UserEvent",
        "OriginateResponse",
        "ContactStatus",
        "MixMonitorStart",
        "MixMonitorStop",
        "CoreShowChannel",
        "CoreShowChannelsComplete",
    }
