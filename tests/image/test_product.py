"""The product from its own image, as `--profile all` starts it: a campaign, and the guides of that build."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from sip_lab import engine
from sip_lab.engine import Engine
from tests.integration.services import free_port
from tests.lab.eventually import eventually
from tests.lab.waiting import eventually_async

COMMIT, IMAGE = "0123456789ab", "cadencia:tried"
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
"""This machine's, as packages may come through a proxy that inspects; Debian's and Ubuntu's place."""
PROFILES = ("--profile", "all")
ARCHIVED = """
SELECT a.number FROM attempts a JOIN recordings r ON r.attempt_id = a.id
WHERE a.outcome = 'conversation' AND r.status = 'archived'
"""


@pytest.fixture(scope="module")
def docker() -> Iterator[Engine]:
    """A client of the engine that the product runs on."""
    with engine.running(lambda _: None) as found:
        yield found


@pytest.fixture(scope="module")
def page(docker: Engine) -> Iterator[tuple[Path, str]]:
    """The folder of a lab with the product in it, and where its pages are."""
    with tempfile.TemporaryDirectory(prefix="cadencia-product-") as folder:
        Path(folder).chmod(0o755)
        told = {"CADENCIA_PORT": str(free_port()), "CADENCIA_COMMIT": COMMIT, "CADENCIA_IMAGE": IMAGE}
        if Path(AUTHORITIES).is_file():
            told["CADENCIA_BUILD_CA"] = AUTHORITIES
        words = (sys.executable, "-m", "sip_lab", "docker", "--state", folder, *PROFILES)
        answer = subprocess.run(
            words, capture_output=True, text=True, check=False, timeout=1200, env={**os.environ, **told}
        )
        assert answer.returncode == 0, answer.stderr[-4000:]
        yield Path(folder), f"http://127.0.0.1:{told['CADENCIA_PORT']}"
        subprocess.run([*words[:6], "--down"], check=True, timeout=120)
        docker.run("image", "rm", IMAGE, check=False)


def answers(url: str) -> httpx.Response | None:
    """What is there; None = nothing yet."""
    try:
        return httpx.get(url, timeout=5)
    except httpx.TransportError:
        return None


def test_the_image_knows_of_which_commit_it_is(page: tuple[Path, str], docker: Engine) -> None:
    said = docker.run("run", "--rm", IMAGE, "cadencia", "--version").stdout
    assert COMMIT in said


def test_consoles_and_guides_are_in_it(page: tuple[Path, str]) -> None:
    _, url = page
    found = eventually(lambda: answers(f"{url}/help/supervisor"), 120)
    assert found is not None
    assert found.status_code == 200
    (script,) = {part.split('"')[0] for part in found.text.split('src="')[1:] if ".js" in part}
    assert httpx.get(f"{url}{script}").status_code == 200


async def test_its_campaign_ends_in_a_recording(page: tuple[Path, str]) -> None:
    folder, _ = page
    lab: dict[str, Any] = json.loads((folder / "lab.json").read_text())
    pool = await asyncpg.create_pool(lab["postgres"]["dsn"], min_size=1, max_size=1)

    async def archived() -> list[Any]:
        try:
            return list(await pool.fetch(ARCHIVED))
        except asyncpg.PostgresError:
            return []  # its tables are not made yet

    try:
        assert await eventually_async(archived, 180, lambda: f"no conversation was recorded: {lab}")
    finally:
        await pool.close()
