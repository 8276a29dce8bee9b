"""Whatever anybody sends to any route: an answer below 500, and everything can still be read afterwards."""

import itertools
import json
import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from agent_ws.messages import AGENT_REQUEST
from tests.eventually import eventually
from tests.integration.consoles.desk import Desk, message

DEEP: Any = "x"
for _ in range(200):
    DEEP = [DEEP]
HOSTILE: list[Any] = [
    "a\x00b",
    "a\ud800b",
    "\x1b[2J\u202e",
    10**30,
    -(10**30),
    -1,
    0,
    1e308,
    "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31",
    "",
    "x" * 20_000,
    "9" * 400,
    DEEP,
    {"a\ud800": {"b\x00": 1}},
    None,
    True,
]
"""What each part of each request is replaced by, one at a time."""
PLACES = itertools.count()
SHARE = 1 if os.environ.get("CADENCIA_SIEGE") == "all" else 9
"""Each place takes every ninth of them, in turn; with CADENCIA_SIEGE=all every place takes all (minutes)."""


def some() -> list[Any]:
    """What the next place is given."""
    return HOSTILE[next(PLACES) % SHARE :: SHARE]


CALLBACK = """
    INSERT INTO callbacks (lead_id, campaign_id, person_id, at, open_at, made_at)
    SELECT id, campaign_id, person_id, now() + interval '1 hour', now() + interval '1 hour', now() FROM leads
    RETURNING id"""
LEFT_OUT = ("/api/v1/session", "/api/v1/ws-ticket", "/api/v1/campaigns/{campaign_id}/forecast")
"""They count failures, end the session of who asks, or simulate for seconds."""


class Contract:
    """The OpenAPI document of the running server, and plausible requests by it."""

    def __init__(self, document: dict[str, Any], ids: dict[str, object]) -> None:
        self._document, self._ids = document, ids

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        for path, operations in self._document["paths"].items():
            for method, operation in operations.items():
                if path.startswith("/api/") and not path.startswith(LEFT_OUT):
                    yield method, path, operation

    def plausible(self, schema: dict[str, Any], name: str = "") -> Any:
        schema = self._resolved(schema)
        if "const" in schema or "enum" in schema:
            return schema.get("const", schema.get("enum", [None])[0])
        if isinstance(default := schema.get("default"), bool | int | float | str):
            return default
        match schema.get("type"):
            case "object":
                parts = schema.get("properties", {})
                return {key: self.plausible(part, key) for key, part in parts.items()}
            case "array":
                return [self.plausible(schema.get("items", {}), name)]
            case "integer":
                return self._ids.get(name, schema.get("minimum", 1))
            case "number":
                return 0.5
            case "boolean":
                return True
        return self._word(schema, name)

    def body(self, operation: dict[str, Any]) -> Any:
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        return self.plausible(content["schema"]) if content else None

    def address(self, operation: dict[str, Any], place: str) -> dict[str, str]:
        """What a request cannot do without, in its path or its query."""
        parts = [part for part in operation.get("parameters", []) if part["in"] == place]
        needed = [part for part in parts if place == "path" or part.get("required")]
        return {p["name"]: in_address(self.plausible(p["schema"], p["name"])) for p in needed}

    def _word(self, schema: dict[str, Any], name: str) -> Any:
        words = {"date": "2026-12-01", "date-time": "2027-01-02T10:00:00Z", "uuid": self._ids["attempt_id"]}
        return words.get(
            schema.get("format", ""), self._ids.get(name, "a" * max(3, schema.get("minLength", 0)))
        )

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while True:
            if "$ref" in schema:
                schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            elif alternatives := schema.get("anyOf", schema.get("oneOf", schema.get("allOf"))):
                schema = alternatives[0]
            else:
                return schema


def spoilt(body: Any) -> Iterator[Any]:
    """The body with each of its parts replaced by each hostile value; and with a name that nobody knows."""
    for hostile in some():
        yield hostile
        if isinstance(body, dict):
            yield {**body, "a\ud800\x00": hostile}
            for key, part in body.items():
                yield from ({**body, key: inner} for inner in _inside(part, hostile))


def _inside(part: Any, hostile: Any) -> Iterator[Any]:
    yield hostile
    if isinstance(part, dict):
        for key in part:
            yield {**part, key: hostile}
    if isinstance(part, list) and part:
        yield [hostile]
        yield part * 5000


def in_address(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return quote(text.encode("utf-8", "surrogatepass")[:3000], safe="") or "%20"


async def contract_of(desk: Desk, client: httpx.AsyncClient) -> Contract:
    known = desk.known
    names = {"attempt_id": str(known.attempt), "campaign_id": known.campaign, "person_id": known.person}
    ids = {
        **names,
        "user_id": known.users["bea"],
        "agent_id": known.users["bea"],
        "recording_id": known.recording,
    }
    return Contract((await client.get("/openapi.json")).json(), {**ids, "list_id": 1, "rule": "hours"})


class Attack:
    """Requests of one user, and those that were answered with a defect of ours."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.sent = 0
        self.failed: list[str] = []

    async def send(self, method: str, path: str, body: Any = None, **query: str) -> int:
        asked = "&".join(f"{name}={value}" for name, value in query.items())
        address = f"{path.removeprefix('/api/v1')}?{asked}"
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json", "If-Match": '"1"'}
        answer = await self._client.request(method.upper(), address, content=content, headers=headers)
        self.sent += 1
        if answer.status_code >= 500:
            self.failed.append(f"{method} {address[:160]} {(content or '')[:160]}: {answer.status_code}")
        return answer.status_code


async def besiege(contract: Contract, attack: Attack) -> None:
    for method, path, operation in contract.operations():
        where, asked = contract.address(operation, "path"), contract.address(operation, "query")
        if await attack.send(method, path.format(**where), contract.body(operation), **asked) == 403:
            continue  # another role's, which has a run of its own
        for part in operation.get("parameters", []):
            for hostile in map(in_address, some()):
                if part["in"] == "path":
                    await attack.send(method, path.format(**{**where, part["name"]: hostile}), **asked)
                elif part["in"] == "query":
                    await attack.send(method, path.format(**where), **{**asked, part["name"]: hostile})
        if "requestBody" in operation:
            for body in spoilt(contract.body(operation)):
                await attack.send(method, path.format(**where), body, **asked)


async def read_all(contract: Contract, attack: Attack) -> None:
    for method, path, operation in contract.operations():
        if method == "get":
            where, asked = contract.address(operation, "path"), contract.address(operation, "query")
            await attack.send(method, path.format(**where), **asked)


async def test_the_contract_refers_to_nothing_that_it_lacks(desk: Desk) -> None:
    async with desk.user("sol") as client:
        document = (await client.get("/openapi.json")).text
    named = set(re.findall(r'"#/components/schemas/([^"]+)"', document))
    assert named <= set(json.loads(document)["components"]["schemas"])


@pytest.mark.parametrize("login", ["sol", "quim", "root"])
async def test_no_route_fails_whatever_is_sent_and_all_can_be_read_afterwards(desk: Desk, login: str) -> None:
    async with desk.user(login) as client:
        contract, attack = await contract_of(desk, client), Attack(client)
        await besiege(contract, attack)
        await read_all(contract, attack)
        assert attack.failed == []
        assert attack.sent > 100


async def test_no_message_of_the_wire_ends_the_server(desk: Desk) -> None:
    schema = AGENT_REQUEST.json_schema()
    contract = Contract({"components": {"schemas": schema["$defs"]}}, {"attempt_id": str(desk.known.attempt)})
    messages = [contract.plausible(one) for one in schema["oneOf"]]
    async with desk.user("ana") as client:
        for plain in messages:
            for body in spoilt(plain):
                text = json.dumps(body)
                async with desk.live(client) as ws:
                    await ws.send(json.dumps({"type": "attach", "page": "page-one-1"}))
                    if len(text) < 16_000:
                        await ws.send(text)
                    await ws.send('{"type": "hang_up", "call_id": "not a call"}')
                    refused = await message(ws, "refused")
                    if "rule" in refused:  # a whole callback, at an instant that is refused
                        refused = await message(ws, "refused")
                    assert refused["reason"] in ("malformed", "attach_first")
    assert all("\\u0000" not in repr(command) for command in desk.bus.sent)


async def test_a_callback_at_the_end_of_time_is_refused_and_hides_no_other(desk: Desk) -> None:
    callback = await desk.pool.fetchval(CALLBACK)
    async with desk.user("sol") as client:
        for late, code in (
            ("9999-12-31T23:59:59-12:00", "invalid"),
            ("9999-12-31T00:00:00Z", "invalid"),
            ("2199-01-01T00:00:00Z", "too_far"),
        ):
            answer = await client.patch(f"/callbacks/{callback}", json={"at": late, "agent_id": None})
            assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert len((await client.get("/callbacks")).json()["items"]) == 1


async def test_who_sends_a_name_that_is_no_text_is_told_without_it(desk: Desk) -> None:
    async with desk.user("sol") as client:
        body = '{"at": "2027-01-01T00:00:00Z", "a\\ud800\\u0000": 1}'
        headers = {"Content-Type": "application/json"}
        answer = await client.patch("/callbacks/1", content=body, headers=headers)
        assert answer.status_code == 422
    await eventually(lambda: desk.bus.readers == 1)
