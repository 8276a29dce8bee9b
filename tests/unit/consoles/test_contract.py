"""The contract tells what may be left out: of requests what has a default, of answers nothing."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from consoles import contract


class Part(BaseModel):
    """Told, never asked."""

    level: int = 1


class Row(BaseModel):
    """Told."""

    name: str
    parts: list[Part] = []


class RowIn(BaseModel):
    """Asked."""

    name: str = ""


def schemas() -> dict[str, Any]:
    """Of an application with one call."""
    app = FastAPI()
    contract.install(app)

    @app.post("/rows")
    def add(row: RowIn) -> Row:
        return Row(name=row.name)

    found: dict[str, Any] = app.openapi()["components"]["schemas"]
    return found


def test_an_answer_is_whole_to_its_last_part() -> None:
    assert schemas()["Row"]["required"] == ["name", "parts"]
    assert schemas()["Part"]["required"] == ["level"]


def test_a_request_may_leave_out_what_has_a_default() -> None:
    assert "required" not in schemas()["RowIn"]
