"""Bits that many answers share."""

from typing import Annotated, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from starlette.datastructures import FormData, UploadFile

from consoles.problems import Problem
from portfolio.plain_text import MAX_NUMBER, is_text

T = TypeVar("T")

MOST_DEPTH = 12
"""How deep a body may be nested."""


def refuse_unbearable(data: Any, depth: int = 0) -> None:
    """Raise ValueError for control characters but line ends, numbers beyond 64 bits, endless nesting."""
    if depth > MOST_DEPTH:
        raise ValueError("nested too deeply")
    if isinstance(data, str) and not is_text(data):
        raise ValueError("control characters, or half of one")
    if isinstance(data, int) and abs(data) > MAX_NUMBER:
        raise ValueError("a number beyond 64 bits")
    if isinstance(data, dict):
        for name, inner in data.items():
            refuse_unbearable(name, depth)
            refuse_unbearable(inner, depth + 1)
    elif isinstance(data, list):
        for inner in data:
            refuse_unbearable(inner, depth + 1)


class Body(BaseModel):
    """A request's body: unknown fields are refused, and what nobody can store."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    judged_elsewhere: ClassVar[frozenset[str]] = frozenset()
    """Fields whose own reader says what is wrong in them."""

    @model_validator(mode="before")
    @classmethod
    def _bearable(cls, data: Any) -> Any:
        judged = data if isinstance(data, dict) else {"": data}
        refuse_unbearable({name: part for name, part in judged.items() if name not in cls.judged_elsewhere})
        return data


class Page(BaseModel, Generic[T]):
    """A list, and where it goes on."""

    items: list[T]
    next_cursor: str | None = None


class Named(BaseModel):
    """Somebody or something, by name."""

    id: int
    name: str


class NamedCampaign(Named):
    """A campaign, by name."""

    code: str


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


def sent_file(form: FormData) -> UploadFile:
    """The file of such a form; a Problem where it is missing."""
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Problem("invalid", "the part `file` is missing")
    return file
