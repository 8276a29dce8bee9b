"""What stands beside the API: pages, health, metrics, headers."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from fastapi import FastAPI

from consoles import pages, problems
from dialer.settings import Settings
from tests.integration.consoles.desk import Desk


async def test_health_readiness_and_metrics(desk: Desk) -> None:
    async with httpx.AsyncClient(base_url=f"http://{desk.host}") as client, desk.user("sol") as supervisor:
        assert (await client.get("/healthz")).json() == {"alive": True}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"database": True, "bus": True, "engine": False})
        desk.bus.up = False
        assert (await client.get("/readyz")).status_code == 503
        text = (await supervisor.get(f"http://{desk.host}/metrics")).text
        assert (
            'dialer_http_request_duration_seconds_count{method="GET",route="/readyz",status="200"} 1.0'
            in text
        )
        assert "dialer_ws_engine_up 0.0" in text


async def test_every_answer_carries_the_security_headers(desk: Desk) -> None:
    async with httpx.AsyncClient(base_url=f"http://{desk.host}") as client:
        for path in ("/healthz", "/api/v1/session", "/nothing"):
            headers = (await client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            policy = headers["content-security-policy"]
            assert "ws://127.0.0.1:8088" in policy
            assert "unsafe" not in policy
            assert "server" not in headers


async def test_unknown_paths_and_methods_are_problems(desk: Desk) -> None:
    async with desk.visitor() as client:
        assert (await client.get("/nothing")).json()["code"] == "not_found"
        assert (await client.put("/session")).status_code == 405
        assert (await client.post("/session", content=b"\xff{")).status_code in (400, 422)


async def test_pages_get_a_fresh_nonce_and_hashed_files_are_kept(tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets/a-1.js").write_text("1")
    async with built(tmp_path) as client:
        first, second = (await client.get("/agent"), await client.get("/qa/recordings/3"))
        nonces = [re.findall(r'nonce="([^"]+)"', page.text)[0] for page in (first, second)]
        assert nonces[0] != nonces[1]
        assert f"'nonce-{nonces[0]}'" in first.headers["content-security-policy"]
        assert "immutable" in (await client.get("/assets/a-1.js")).headers["cache-control"]
        assert (await client.get("/assets/../index.html")).status_code == 404
        assert (await client.get("/etc")).status_code == 404
        assert (await client.get("/")).headers["location"] == "/login"


async def test_an_unknown_address_is_a_page_for_eyes_and_a_problem_for_programs(tmp_path: Path) -> None:
    """And an unknown call of the API is never a page."""
    eyes = {"accept": "text/html,application/xhtml+xml"}
    async with built(tmp_path) as client:
        assert (await client.get("/qa/recordings/3", headers=eyes)).status_code == 200
        for path in ("/qa/recordings/x", "/qa/recordings/3/4", "/etc", "/agent/"):
            page, problem = (await client.get(path, headers=eyes), await client.get(path))
            assert (page.status_code, "nonce=" in page.text) == (404, True), path
            assert (problem.status_code, problem.json()["code"]) == (404, "not_found"), path
        for path in ("/api/v1/nothing", "/api"):
            assert (await client.get(path, headers=eyes)).json()["code"] == "not_found", path


async def test_before_the_front_end_is_built_there_is_no_page(tmp_path: Path) -> None:
    async with opened(tmp_path) as client:
        for headers in ({"accept": "text/html"}, {}):
            answer = await client.get("/agent", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@asynccontextmanager
async def built(static: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A front end of two addresses."""
    (static / "index.html").write_text('<meta property="csp-nonce" nonce="__CSP_NONCE__">')
    (static / "addresses.json").write_text(r'["/agent", "/qa/recordings/:id(\\d+)"]')
    async with opened(static) as client:
        yield client


@asynccontextmanager
async def opened(static: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at the pages alone."""
    app = FastAPI()
    problems.install(app)
    pages.install(app, Settings(_env_file=None), static)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        yield client
