"""Trunks as the portfolio page shows and an administrator sets them."""

from typing import Any

import pytest

from tests.integration.consoles.desk import Desk

ALL = {"max_lines": None, "max_cps": None, "plus": True, "strip": "", "prefix": ""}


async def _all(desk: Desk) -> dict[str, dict[str, Any]]:
    async with desk.user("sol") as client:
        return {row.pop("name"): row for row in (await client.get("/trunks")).json()["items"]}


async def test_every_trunk_that_a_campaign_names_is_there_also_one_that_only_takes_over(desk: Desk) -> None:
    await desk.pool.execute(
        "UPDATE campaigns SET settings = settings || '{\"spare_trunks\": [\"backup\"]}', trunk = 'carrier'"
    )
    async with desk.user("root") as client:
        assert (await client.put("/trunks/third", json={"max_lines": 30})).status_code == 204
    found = await _all(desk)
    name = await desk.pool.fetchval("SELECT name FROM campaigns WHERE id = $1", desk.known.campaign)
    assert found == {
        "backup": {**ALL, "campaigns": [name], "dialled": "+34910000000"},
        "carrier": {**ALL, "campaigns": [name], "dialled": "+34910000000"},
        "third": {**ALL, "max_lines": 30, "campaigns": [], "dialled": "+34910000000"},
    }


async def test_a_trunk_is_set_whole_and_the_audit_tells_what_it_was(desk: Desk) -> None:
    async with desk.user("root") as client:
        first = {"max_lines": 30, "max_cps": 2.5, "prefix": "00"}
        assert (await client.put("/trunks/backup", json=first)).status_code == 204
        assert (await client.put("/trunks/backup", json={"strip": "34"})).status_code == 204
    now = (await _all(desk))["backup"]
    assert now == {**ALL, "strip": "34", "campaigns": [], "dialled": "910000000"}
    rows = await desk.pool.fetch(
        "SELECT subject, before ->> 'prefix' AS before, after ->> 'strip' AS after FROM audit"
        " WHERE action = 'trunk.set' ORDER BY id"
    )
    assert [tuple(row) for row in rows] == [("trunk:backup", None, ""), ("trunk:backup", "00", "34")]


async def test_what_no_trunk_can_be_is_refused_and_only_an_administrator_sets_one(desk: Desk) -> None:
    async with desk.user("root") as client:
        for wrong in ({"max_cps": 0}, {"max_lines": -1}, {"strip": "3a"}, {"prefix": "123456"}, {"more": 1}):
            assert (await client.put("/trunks/backup", json=wrong)).status_code == 422, wrong
        assert (await client.put("/trunks/no trunk", json={})).status_code == 422
    async with desk.user("sol") as client:
        assert (await client.put("/trunks/backup", json={})).status_code == 403
    async with desk.user("ana") as client:
        assert (await client.get("/trunks")).status_code == 403
    assert "backup" not in await _all(desk)


@pytest.mark.parametrize(
    ("spare", "code"),
    [
        (["bakcup"], "unknown_trunk"),
        (["backup", "thrid"], "unknown_trunk"),
        (["carrier"], "own_spare"),
        (["backup", "backup"], "own_spare"),
        (["backup"], ""),
        ([], ""),
    ],
)
async def test_spare_trunks_that_cannot_take_over_are_refused(
    desk: Desk, spare: list[str], code: str
) -> None:
    await desk.pool.execute("UPDATE campaigns SET trunk = 'carrier'")
    async with desk.user("root") as client:
        assert (await client.put("/trunks/backup", json={})).status_code == 204
    async with desk.user("sol") as client:
        version = (await client.get("/campaigns/1")).headers["etag"]
        body = {"settings": {"spare_trunks": spare}}
        answer = await client.patch("/campaigns/1", json=body, headers={"If-Match": version})
        assert ("" if answer.is_success else answer.json()["code"]) == code, answer.text
        if code:
            assert answer.status_code == 422
