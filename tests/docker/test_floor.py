"""A whole floor on containers: a campaign from claim to recording, and kill -9 of containers in between."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
import pytest_asyncio

from recordings.measure import LEFT, RIGHT, active_seconds
from sip_lab.shares import shares
from tests.lab.faults.cases import Case, Kind, Phase
from tests.lab.faults.floor import Floor
from tests.lab.faults.run import run
from tests.lab.faults.tables import Told, report

pytestmark = pytest.mark.asyncio(loop_scope="module")

SEED = 1
GROUPS = Path("/sys/fs/cgroup/cpu")
CASES = (
    Case(("pbx",), Kind.KILL, Phase.CONNECTED),
    Case(("postgres",), Kind.KILL, Phase.GREETING),
    Case(("valkey",), Kind.KILL, Phase.GREETING),
)
TALKED = """
SELECT r.path FROM attempts a JOIN recordings r ON r.attempt_id = a.id
WHERE r.status = 'archived' AND a.outcome = 'conversation' AND a.ended_at - a.connected_at > interval '2.5 s'
"""


class Played(NamedTuple):
    """What a floor on containers came to."""

    told: Mapping[str, Told]
    before: Mapping[str, int]
    after: Mapping[str, int]
    in_containers: Mapping[str, bool]
    weights: Mapping[str, Sequence[int]]
    """Of each service, those of its control groups; none where the kernel has not the first kind of them."""
    spoken: list[tuple[float, float]]
    """Of each archived conversation, seconds of speech of customer and agent."""


def say(text: str) -> None:
    """How far it is."""
    sys.stdout.write(f"{text}\n")


def pids(floor: Floor) -> dict[str, int]:
    """The process of each service of the lab."""
    return {name: floor.lab[name]["pid"] for name in ("pbx", "carrier", "postgres", "valkey")}


def in_container(pid: int) -> bool:
    """Whether its root is another one than ours."""
    return Path(f"/proc/{pid}/root").stat().st_ino != Path("/").stat().st_ino or (
        "docker" in Path(f"/proc/{pid}/cgroup").read_text()
    )


def weights(pid: int) -> list[int]:
    """Of the groups among which the processor is divided, from a process's own to the one below the root.

    None where those groups are of the second kind: systemd divides then.
    """
    if not GROUPS.is_dir():
        return []
    lines = [line.split(":", 2) for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines()]
    group = next((Path(path) for _, kinds, path in lines if "cpu" in kinds.split(",")), Path("/"))
    above = [each for each in (group, *group.parents) if each != Path("/")]
    return [int((GROUPS / str(each)[1:] / "cpu.shares").read_text()) for each in above]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def played() -> Played:
    """The floor is opened, broken, mended, closed and read."""
    with Floor("--seed", str(SEED), "--debtors", "400") as floor:
        before = pids(floor)
        where = {name: in_container(pid) for name, pid in before.items()}
        weigh = {name: weights(pid) for name, pid in before.items()}
        cases = await run(floor, CASES, say)
        say(report(cases, SEED))
        paths = [floor.archive / row["path"] for row in await floor.rows(TALKED)]
        spoken = [(active_seconds(path, LEFT), active_seconds(path, RIGHT)) for path in paths]
        return Played({one.case: one for one in cases}, before, pids(floor), where, weigh, spoken)


async def test_every_service_of_the_lab_is_in_a_container(played: Played) -> None:
    assert played.in_containers == {"pbx": True, "carrier": True, "postgres": True, "valkey": True}


async def test_a_container_gets_as_much_of_a_busy_machine_as_its_service_in_place(played: Played) -> None:
    """All containers together weighed as one process: people were left in silence while others computed."""
    mine = shares(os.getpriority(os.PRIO_PROCESS, 0))
    light = {name: found for name, found in played.weights.items() if min(found, default=mine) < mine}
    assert light == {}


async def test_people_were_called_talked_to_and_recorded(played: Played) -> None:
    assert played.told["(no fault)"].recovered is not None
    assert len(played.spoken) >= 4
    assert all(customer > 0.3 or agent > 0.3 for customer, agent in played.spoken), played.spoken
    assert any(customer > 0.3 and agent > 0.3 for customer, agent in played.spoken), played.spoken


@pytest.mark.parametrize("name", ["(no fault)", *(case.name for case in CASES)])
async def test_nobody_is_harmed_by_a_killed_container(played: Played, name: str) -> None:
    assert [f"{finding.audit}: {finding.text}" for finding in played.told[name].findings] == []
    assert played.told[name].recovered is not None


async def test_a_killed_container_came_back_as_another(played: Played) -> None:
    same = {name for name, pid in played.before.items() if played.after[name] == pid}
    assert same == {"carrier"}
