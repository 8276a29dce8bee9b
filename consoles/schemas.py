"""Bits that many answers share."""

from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints

T = TypeVar("T")


class Body(BaseModel):
    """A request's body: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(BaseModel, Generic[T]):
    """A list, and where it goes on."""

    items: list[T]
    next_cursor: str | None = None


class Accepted(BaseModel):
    """A command was handed to the bus."""

    id: str


Reason = Annotated[str, StringConstraints(max_length=500, strip_whitespace=True)]


def upload_form(*required: str, **fields: dict[str, Any]) -> dict[str, Any]:
    """What the contract says of a form with a file and these fields, as OpenAPI."""
    schema = {
        "type": "object",
        "required": ["file", *required],
        "properties": {"file": {"type": "string", "format": "binary"}, **fields},
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
