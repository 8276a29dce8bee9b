"""Every door of the server: who gets through, who does not, and what is written down of those who do."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from agent_ws.fakes import FakeBusClient
from agent_ws.hub import MAX_PER_USER
from consoles.app import create_app
from consoles.web_deps import WebDeps
from dialer.store.clock import SystemClock
from tests.integration.consoles.desk import Desk, Serve, message
from tests.integration.consoles.test_live import closed
from tests.integration.consoles.test_verdicts import heard

OPEN = {
    ("POST", "/api/v1/session"): "the login itself",
    ("POST", "/api/v1/events/payment"): "signed by whoever sends it",
    ("GET", "/healthz"): "says that it lives",
    ("GET", "/readyz"): "says whether others live",
    ("GET", "/"): "leads to the login",
    ("GET", "/{path:path}"): "pages without anybody's data, and that there is none such",
}
"""Doors that are open to strangers, and why."""
EVERYBODY = {
    "/api/v1/session",
    "/api/v1/session/locale",
    "/api/v1/session/password",
    "/api/v1/codes",
}
"""Doors that are open to all roles."""
AGENTS = {
    "/api/v1/agent/history",
    "/api/v1/callbacks",
    "/api/v1/callbacks/foreseen",
    "/api/v1/ws-ticket",
    "/api/v1/complaints",
    "/api/v1/persons/{person_id}/stop",
    "/api/v1/persons/{person_id}/flags/{flag}",
    "/api/v1/persons/{person_id}/consents",
    "/api/v1/persons/{person_id}/hours",
}
"""What agents may do, beside what everybody may."""
ADMINS = {("POST", "/api/v1/users"), ("PATCH", "/api/v1/users/{user_id}")}


def doors(desk: Desk) -> list[tuple[str, str]]:
    """Method and path of every route there is, those that no contract names included."""
    app = create_app(WebDeps(desk.settings, desk.pool, FakeBusClient(), SystemClock()))
    return sorted(
        (method, route.path or "")
        for route in iter_route_contexts(app.routes)
        for method in (route.methods or ())
        if method != "HEAD"
    )


def knocked(path: str) -> str:
    """The path with something in its blanks that fits."""
    fits = {
        "{attempt_id}": "00000000-0000-0000-0000-000000000001", "{stage}": "answer", "{flag}": "lawyer",
        "{verb}": "start", "{rule}": "hours", "{token}": "12345678", "{name}": "default-strict",
        "{number}": "+34910000000", "{path:path}": "agent", "{channel}": "voice",
    }  # fmt: skip
    for blank, value in fits.items():
        path = path.replace(blank, value)
    return "/".join("999" if part.startswith("{") else part for part in path.split("/"))


async def knock(client: httpx.AsyncClient, desk: Desk, method: str, path: str) -> int:
    body: dict[str, str] | None = {} if method in ("POST", "PUT", "PATCH") else None
    return (await client.request(method, f"http://{desk.host}{knocked(path)}", json=body)).status_code


async def test_no_stranger_gets_through_any_door_but_the_open_ones(desk: Desk) -> None:
    all_of_them = doors(desk)
    assert len(all_of_them) > 80
    async with desk.visitor() as stranger:
        through = [door for door in all_of_them if await knock(stranger, desk, *door) not in (401, 405)]
    assert set(through) <= set(OPEN), "open to strangers and not known to be"


async def test_agents_and_qa_get_through_their_own_doors_only(desk: Desk) -> None:
    closed_doors = [door for door in doors(desk) if door not in OPEN and door[1] not in EVERYBODY]
    async with desk.user("ana") as agent, desk.user("quim") as qa:
        through = {door for door in closed_doors if await knock(agent, desk, *door) != 403}
        assert {path for _, path in through} <= AGENTS
        for method, path in closed_doors:
            if method != "GET":
                code = await knock(qa, desk, method, path)
                quality = any(part in path for part in ("/recordings/", "/verdicts/"))
                assert code == 403 or quality, (method, path, code)


async def test_only_administrators_make_accounts(desk: Desk) -> None:
    async with desk.user("sol") as supervisor:
        for door in sorted(ADMINS):
            assert await knock(supervisor, desk, *door) == 403


async def test_no_door_that_changes_something_opens_without_the_token_of_the_page(desk: Desk) -> None:
    async with desk.user("root") as client:
        client.headers["X-CSRF-Token"] = "guessed"
        for method, path in doors(desk):
            if method in ("POST", "PUT", "PATCH", "DELETE") and (method, path) not in OPEN:
                assert await knock(client, desk, method, path) == 403, (method, path)


async def test_metrics_and_contract_are_not_for_strangers(serving: Serve) -> None:
    async with serving(metrics_token=SecretStr("scrape-me")) as desk, desk.visitor() as stranger:
        at, contract = f"http://{desk.host}/metrics", "/openapi.json"
        assert (await stranger.get(at)).status_code == 401
        assert (await stranger.get(contract)).status_code == 401
        for shown, code in (
            ("Bearer scrape-me", 200),
            ("Bearer x", 401),
            ("Basic scrape-me", 401),
        ):
            assert (await stranger.get(at, headers={"Authorization": shown})).status_code == code
        assert (
            await stranger.get(contract, headers={"Authorization": "Bearer scrape-me"})
        ).status_code == 401
        expected = {"ana": (403, 403), "quim": (403, 200), "sol": (200, 200), "root": (200, 200)}
        for login, codes in expected.items():
            async with desk.user(login) as client:
                assert ((await client.get(at)).status_code, (await client.get(contract)).status_code) == codes
        for path in ("/docs", "/redoc", "/openapi.json"):
            assert (await stranger.get(f"http://{desk.host}{path}")).status_code == 404


async def test_without_a_token_no_bearer_opens_the_metrics(desk: Desk) -> None:
    async with desk.visitor() as stranger:
        for shown in ("Bearer", "Basic x", ""):
            answer = await stranger.get(f"http://{desk.host}/metrics", headers={"Authorization": shown})
            assert answer.status_code == 401


async def test_one_user_opens_so_many_pages_and_keeps_nobody_out(desk: Desk) -> None:
    async with desk.user("sol") as client, desk.user("root") as admin, desk.user("ana") as agent:
        pages = [desk.live(client) for _ in range(MAX_PER_USER)]
        opened = [await page.__aenter__() for page in pages]
        for ws in opened:
            await message(ws, "link")
        for _ in range(20):
            async with desk.live(client) as beyond:
                assert await closed(beyond) == 4430
        async with desk.live(admin) as other, desk.live(agent) as desk_of_ana:
            await message(other, "link")
            await message(desk_of_ana, "link")
        told = (await admin.get(f"http://{desk.host}/metrics")).text
        assert 'dialer_ws_turned_away_total{limit="user"} 20.0' in told
        assert 'dialer_ws_closed_total{code="4430"} 20.0' in told
        await pages[0].__aexit__(None, None, None)
        async with desk.live(client) as again:
            await message(again, "link")
        for page in pages[1:]:
            await page.__aexit__(None, None, None)


async def test_who_listens_to_a_verdict_is_written_down_once_a_listening(desk: Desk) -> None:
    attempt = await heard(desk, audio="2026-11-30/a.flac")
    clip = Path(desk.settings.progress_audio) / "2026-11-30/a.flac"
    clip.parent.mkdir(parents=True)
    clip.write_bytes(b"fLaC" * 100)
    path = f"/verdicts/{attempt}/answer/audio"
    async with desk.user("quim") as client, desk.user("sol") as other:
        for headers in ({}, {"Range": "bytes=0-9"}, {"Range": "bytes=10-19"}):
            assert (await client.get(path, headers=headers)).status_code in (200, 206)
        assert (await other.get(path)).status_code == 200
    rows = await desk.pool.fetch(
        "SELECT actor_id, subject FROM audit WHERE action = 'verdict.listened' ORDER BY id"
    )
    users = desk.known.users
    assert [tuple(row) for row in rows] == [
        (users["quim"], f"verdict {attempt}/answer"),
        (users["sol"], f"verdict {attempt}/answer"),
    ]


async def test_nobody_listened_where_there_is_nothing_to_hear(desk: Desk) -> None:
    attempt = await heard(desk, audio="no/such.flac")
    async with desk.user("quim") as client:
        assert (await client.get(f"/verdicts/{attempt}/answer/audio")).status_code == 404
    assert await desk.pool.fetchval("SELECT count(*) FROM audit WHERE action = 'verdict.listened'") == 0


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        ("cobros/recado", True),
        ("/var/lib/asterisk/sounds/cobros/recado", True),
        ("", True),
        ("/srv/cadencia/spool/0b7c-customer", False),
        ("/var/lib/asterisk/sounds/../../../../etc/passwd", False),
        ("../spool/x", False),
        ("cobros/../../x", False),
        ("/var/lib/asterisk/sounds-of-others/x", False),
        (".hidden", False),
        ("a\nb", False),
        ("recado&/etc/x", False),
    ],
)
async def test_no_sound_outside_its_folder_can_be_named_as_a_message(
    desk: Desk, name: str, taken: bool
) -> None:
    async with desk.user("sol") as client:
        at = f"/campaigns/{desk.known.campaign}"
        tag = (await client.get(at)).headers.get("etag", '"1"')
        change: dict[str, Any] = {"settings": {"voicemail_message": name}, "reason": "x"}
        answer = await client.patch(at, json=change, headers={"If-Match": tag})
        assert answer.status_code == (200 if taken else 422), answer.text
        if not taken:
            assert answer.json()["errors"][0]["loc"] == ["body", "settings", "voicemail_message"]
