"""Logging in, staying in, getting out."""

import httpx
from pydantic import SecretStr

from consoles.ice import credential
from tests.integration.consoles.desk import PASSWORD, Desk, Serve


async def test_login_sets_an_opaque_cookie_and_tells_the_agent_the_softphone_account(desk: Desk) -> None:
    async with desk.visitor() as client:
        answer = await client.post("/session", json={"login": " ANA ", "password": PASSWORD})
        assert answer.status_code == 200
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        body = answer.json()
        assert body["user"]["role"] == "agent"
        assert body["sip"]["uri"] == "sip:ana@127.0.0.1"
        assert body["sip"]["password"] == "secret"
        assert (await client.get("/session")).json()["user"]["login"] == "ana"
        assert (await client.get("/session")).headers["cache-control"] == "no-store"


async def test_wrong_password_unknown_user_and_no_session_are_401_problems(desk: Desk) -> None:
    async with desk.visitor() as client:
        wrong = await client.post("/session", json={"login": "ana", "password": "x"})
        unknown = await client.post("/session", json={"login": "nobody", "password": "x"})
        for answer in (wrong, unknown):
            assert answer.status_code == 401
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["code"] == "bad_credentials"
        assert wrong.json() == unknown.json()
        assert (await client.get("/session")).json()["code"] == "unauthenticated"


async def test_an_unsafe_call_needs_the_csrf_token_and_our_own_origin(desk: Desk) -> None:
    async with desk.user("sol") as client:
        bare = {"X-CSRF-Token": ""}
        assert (await client.post("/ws-ticket", headers=bare)).json()["code"] == "csrf"
        foreign = {"Origin": "https://evil.example"}
        assert (await client.get("/session", headers=foreign)).json()["code"] == "origin"
        assert (await client.post("/ws-ticket")).status_code == 200


async def test_log_out_ends_the_session(desk: Desk) -> None:
    async with desk.user("sol") as client:
        assert (await client.delete("/session")).status_code == 204
        assert (await client.get("/session")).status_code == 401


async def test_failed_logins_are_limited_per_login(desk: Desk) -> None:
    async with desk.visitor() as client:
        codes = [await _try(client, "ana") for _ in range(6)]
        assert codes == [401] * 5 + [429]
        assert await _try(client, "bea") == 401


async def test_the_language_is_kept(desk: Desk) -> None:
    async with desk.user("sol") as client:
        assert (await client.put("/session/locale", json={"locale": "en"})).json()["user"]["locale"] == "en"
        assert (await client.get("/session")).json()["user"]["locale"] == "en"
        assert (await client.put("/session/locale", json={"locale": "fr"})).status_code == 422


async def _try(client: httpx.AsyncClient, login: str) -> int:
    return (await client.post("/session", json={"login": login, "password": "x"})).status_code


async def test_an_agents_softphone_is_told_of_stun_and_turn_and_nobody_else_is(serving: Serve) -> None:
    url, secret = "turn:turn.example.com?transport=udp", SecretStr("shared-with-coturn")
    async with serving(stun_urls="stun:stun.example.com", turn_urls=url, turn_secret=secret) as desk:
        async with desk.user("ana") as agent:
            answer = await agent.get("/session")
        assert "shared-with-coturn" not in answer.text
        [stun, relay] = answer.json()["sip"]["ice_servers"]
        assert stun["urls"] == ["stun:stun.example.com"]
        assert relay["urls"] == [url]
        assert relay["username"].endswith(":" + answer.json()["sip"]["endpoint"])
        assert relay["credential"] == credential("shared-with-coturn", relay["username"])
        async with desk.user("sol") as supervisor:
            assert (await supervisor.get("/session")).json()["sip"] is None
        async with desk.visitor() as stranger:
            refused = await stranger.get("/session")
            assert (refused.status_code, "turn" in refused.text) == (401, False)


async def test_without_them_a_softphone_asks_no_server(desk: Desk) -> None:
    async with desk.user("ana") as agent:
        assert (await agent.get("/session")).json()["sip"]["ice_servers"] == []
