"""The most dangerous faults on one floor, one after the other; the rest with `make faults`."""

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
import pytest_asyncio

from tests.lab.faults.cases import SHORT
from tests.lab.faults.floor import Floor
from tests.lab.faults.run import run
from tests.lab.faults.tables import Told, report

pytestmark = [pytest.mark.alone, pytest.mark.asyncio(loop_scope="module")]

SEED = 1
NO_FAULT = "(no fault)"


def say(text: str) -> None:
    """How far it is."""
    sys.stdout.write(f"{text}\n")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def told(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Told]:
    """What became of each case."""
    with Floor("--seed", str(SEED), "--debtors", "600") as floor:
        cases = await run(floor, SHORT, say)
    text = report(cases, SEED)
    Path(tmp_path_factory.mktemp("faults") / "table.txt").write_text(text)
    sys.stdout.write(f"\n{text}\n")
    return {one.case: one for one in cases}


@pytest.mark.parametrize("name", [NO_FAULT, *(case.name for case in SHORT)])
async def test_nobody_is_harmed_and_the_dialling_goes_on(told: Mapping[str, Told], name: str) -> None:
    assert [f"{finding.audit}: {finding.text}" for finding in told[name].findings] == []
    assert told[name].recovered is not None
