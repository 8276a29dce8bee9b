"""The OpenAPI document, made to tell the truth: an error is a problem document, an answer is whole."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from consoles.problems import MEDIA_TYPE, ProblemDocument

_PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
_UNUSED = ("HTTPValidationError", "ValidationError")


def install(app: FastAPI) -> None:
    """Make `app.openapi()` give the corrected document, once."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _corrected(
                get_openapi(title=app.title, version=app.version, routes=app.routes)
            )
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way the framework documents


def _corrected(document: dict[str, Any]) -> dict[str, Any]:
    schemas = document["components"]["schemas"]
    schemas["ProblemDocument"] = ProblemDocument.model_json_schema()
    for name in _UNUSED:
        schemas.pop(name, None)
    for operations in document["paths"].values():
        for operation in operations.values():
            answers = operation["responses"]
            answers.pop("422", None)
            answers["4XX"] = {"description": "Refused", "content": _PROBLEM}
            answers["5XX"] = {"description": "Failed", "content": _PROBLEM}
    _answers_are_whole(document)
    return document


def _answers_are_whole(document: dict[str, Any]) -> None:
    """Fields with a default may be left out of a request; in an answer they always stand."""
    operations = [one for path in document["paths"].values() for one in path.values()]
    schemas = document["components"]["schemas"]
    sent = _reached(schemas, [one.get("requestBody") for one in operations])
    told = _reached(
        schemas, [one["responses"][code] for one in operations for code in one["responses"] if code[0] == "2"]
    )
    for name in told - sent:
        if "properties" in schemas[name]:
            schemas[name]["required"] = list(schemas[name]["properties"])


def _reached(schemas: dict[str, Any], parts: Iterable[Any]) -> set[str]:
    """Names of all schemas that these parts of the document speak of, directly or not."""
    found: set[str] = set()
    waiting = [name for part in parts for name in _names(part)]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _names(schemas[name])
    return found


def _names(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if "$ref" in part:
            yield str(part["$ref"]).rpartition("/")[2]
        for inner in part.values():
            yield from _names(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _names(inner)
