"""The operations port of a process without pages, asked as a scraper and a service manager ask it."""

from dataclasses import dataclass

import httpx
from prometheus_client import CollectorRegistry, Counter
from pydantic import SecretStr

from dialer.settings import Settings
from dialer.wiring.operations import health_app

ELSEWHERE = "192.0.2.7"


@dataclass
class Role:
    """A role that says whether it is ready."""

    ready: bool = False
    token: str = ""

    def asked_from(self, peer: str) -> httpx.AsyncClient:
        """Its operations port, for somebody at that address."""
        registry = CollectorRegistry()
        Counter("calls", "calls", registry=registry)
        settings = Settings(_env_file=None, metrics_token=SecretStr(self.token))
        app = health_app(registry, lambda: self.ready, settings)
        to_it = httpx.ASGITransport(app=app, client=(peer, 40000))
        return httpx.AsyncClient(transport=to_it, base_url="http://role")


async def test_a_role_says_that_it_lives_and_whether_it_is_ready() -> None:
    role = Role()
    async with role.asked_from(ELSEWHERE) as client:
        assert (await client.get("/healthz")).json() == {"alive": True}
        early = await client.get("/readyz")
        role.ready = True
        later = await client.get("/readyz")
    assert (early.status_code, early.json()) == (503, {"ready": False})
    assert (later.status_code, later.json()) == (200, {"ready": True})


async def test_metrics_are_for_this_machine_or_for_the_token() -> None:
    async with Role().asked_from("127.0.0.1") as near, Role().asked_from(ELSEWHERE) as far:
        shown = await near.get("/metrics")
        assert (shown.status_code, (await far.get("/metrics")).status_code) == (200, 401)
    assert shown.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "calls_total 0.0" in shown.text
    async with Role(token="a-long-token").asked_from(ELSEWHERE) as scraper:
        bearer = await scraper.get("/metrics", headers={"Authorization": "Bearer a-long-token"})
        assert bearer.status_code == 200


async def test_nothing_else_is_there() -> None:
    async with Role().asked_from("127.0.0.1") as client:
        answers = [
            await client.get("/docs"),
            await client.get("/openapi.json"),
            await client.post("/healthz"),
        ]
    assert [one.status_code for one in answers] == [404, 404, 405]
