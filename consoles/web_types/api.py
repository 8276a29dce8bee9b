"""The shapes of the HTTP API, from the contract that the server gives."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from fastapi import FastAPI

from consoles import contract
from consoles.app import api_router
from consoles.web_types.docstrings import model, words_of
from consoles.web_types.typescript import Schema, declaration, type_of

_PAGE = re.compile(r"Page_(\w+)_")


def schema_ts() -> str:
    """`api/schema.ts`: every schema of the contract."""
    schemas: dict[str, Schema] = document()["components"]["schemas"]
    return "\n".join(_declarations(schemas))


def answers() -> dict[tuple[str, str], str]:
    """The type of each call's answer by (method, path without the names of its parts); 'void' = nothing."""
    return {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path.removeprefix("/api/v1"))): _answer(operation)
        for path, operations in document()["paths"].items()
        for method, operation in operations.items()
    }


def _answer(operation: dict[str, Any]) -> str:
    told = [answer for code, answer in operation["responses"].items() if code.startswith("2")]
    bodies = [
        body["schema"] for answer in told for body in answer.get("content", {}).values() if "schema" in body
    ]
    written = type_of(bodies[0]) if bodies else "void"
    return _PAGE.sub(r"Page<\1>", written)


@cache
def document() -> dict[str, Any]:
    """The contract."""
    app = FastAPI(title="Cadencia", version="1")
    contract.install(app)
    app.include_router(api_router())
    return app.openapi()


def _declarations(schemas: dict[str, Schema]) -> Iterator[str]:
    for name, schema in sorted(schemas.items()):
        if "__" in name:
            raise ValueError(f"two models of one name: {name}")
        if not _PAGE.fullmatch(name):
            yield declaration(name, schema, _words(name))
    yield _page(schemas)


def _words(name: str) -> Mapping[str, str]:
    cls = model(name)
    return {} if cls is None else words_of(cls)


def _page(schemas: dict[str, Schema]) -> str:
    """All pages are one shape, of whatever they list."""
    made = {
        re.sub(rf"\b{found[1]}\b", "T", declaration("Page<T>", schema, {}))
        for name, schema in schemas.items()
        if (found := _PAGE.fullmatch(name))
    }
    (one,) = made
    return one
