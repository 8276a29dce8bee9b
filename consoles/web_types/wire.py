"""The shapes of the live wire, from agent_ws.messages."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from agent_ws import messages
from consoles.web_types.docstrings import model, words_of
from consoles.web_types.typescript import constant, declaration, union

ASKED = get_args(get_args(messages.AgentRequest)[0])
TOLD = get_args(messages.ServerMessage)
_FROM_ENGINE = (messages.AgentView, messages.FloorView)
"""These pass through the web process as they are; all others it makes itself, whole."""
_PARTS: tuple[type[BaseModel], ...] = (messages.Along, messages.PersonView)
"""What several messages have in common, and pages name."""


def messages_ts() -> str:
    """`live/messages.ts`: every message; what an engine of before may leave out has a question mark."""
    return "\n".join(_declarations())


def _declarations() -> Iterator[str]:
    yield constant("SUBPROTOCOL", messages.SUBPROTOCOL)
    yield union("AgentRequest", [one.__name__ for one in ASKED])
    yield union("ServerMessage", [one.__name__ for one in TOLD])
    for name, schema in sorted(_schemas().items()):
        cls = model(name)
        yield declaration(name, schema, {} if cls is None else words_of(cls))


@cache
def _schemas() -> dict[str, Any]:
    named = [(one, "validation") for one in (*ASKED, *TOLD, *_PARTS)]
    _, document = models_json_schema(named)  # type: ignore[arg-type]  # a list is invariant in the literal
    schemas: dict[str, Any] = document["$defs"]
    for cls in TOLD:
        schema = schemas[cls.__name__]
        kept = ["type"] if cls in _FROM_ENGINE else schema["properties"]
        schema["required"] = [*schema.get("required", ()), *kept]
    return schemas
