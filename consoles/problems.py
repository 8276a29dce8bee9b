"""Errors as RFC 9457 problem documents with stable codes."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import asyncpg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from dialer.exceptions import BusUnavailable
from portfolio.callbacks import UnknownCallback
from portfolio.lists import UnknownList
from portfolio.persons import UnknownPerson
from portfolio.plain_text import cleaned

_LONGEST_PLACE = 200
MEDIA_TYPE = "application/problem+json"

STATUS: dict[str, int] = {
    "bad_request": 400,
    "unauthenticated": 401,
    "bad_credentials": 401,
    "bad_signature": 401,
    "forbidden": 403,
    "csrf": 403,
    "origin": 403,
    "not_found": 404,
    "method": 405,
    "conflict": 409,
    "lab_only": 409,
    "looser_pack": 403,
    "second_person": 409,
    "own_wish": 409,
    "version_mismatch": 412,
    "too_large": 413,
    "invalid": 422,
    "over_already": 422,
    "ends_first": 422,
    "nobody_named": 422,
    "other_debt": 422,
    "not_later": 422,
    "too_far": 422,
    "rules_refuse": 422,
    "unknown_trunk": 422,
    "own_spare": 422,
    "no_agent": 422,
    "reason_needed": 422,
    "password_short": 422,
    "password_long": 422,
    "password_personal": 422,
    "password_common": 422,
    "password_pattern": 422,
    "password_guessable": 422,
    "password_same": 422,
    "wrong_password": 403,
    "version_required": 428,
    "too_many": 429,
    "busy": 429,
    "importing": 429,
    "internal": 500,
    "unavailable": 503,
}
"""Code of a problem → HTTP status."""

_CODES = {400: "bad_request", 401: "unauthenticated", 403: "forbidden", 404: "not_found", 405: "method"}

_UNKNOWN: dict[type[Exception], str] = {
    UnknownPerson: "no such person",
    UnknownList: "no such list",
    UnknownCallback: "no such callback to be made",
}

_log = structlog.get_logger(__name__)


class ProblemDocument(BaseModel):
    """The body of every error."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[dict[str, Any]] | None = None
    """With code invalid: where and why."""


class Problem(Exception):
    """Ends a request with a problem document."""

    def __init__(self, code: str, detail: str = "", *, retry_after: int | None = None, **more: Any) -> None:
        """`code` is a key of STATUS; `more` are further members of the document."""
        super().__init__(code)
        self.code, self.detail, self.retry_after, self.more = code, detail, retry_after, more


def respond(code: str, detail: str = "", *, status: int | None = None, **more: Any) -> JSONResponse:
    """The answer for a problem; `more` are further members of the document."""
    status = status or STATUS[code]
    document = {
        "type": f"urn:cadencia:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        **more,
    }
    return JSONResponse(document, status, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error with a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    for unstorable in (asyncpg.DataError, asyncpg.CheckViolationError, asyncpg.ProgramLimitExceededError):
        app.add_exception_handler(unstorable, _on_data)
    for unknown in _UNKNOWN:
        app.add_exception_handler(unknown, _on_unknown)
    for unavailable in (BusUnavailable, TimeoutError, OSError, asyncpg.InterfaceError):
        app.add_exception_handler(unavailable, _on_unavailable)
    for refused in (asyncpg.PostgresConnectionError, asyncpg.OperatorInterventionError):
        app.add_exception_handler(refused, _on_unavailable)
    app.add_exception_handler(asyncpg.InsufficientResourcesError, _on_unavailable)
    app.add_exception_handler(Exception, _on_defect)


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    answer = respond(error.code, error.detail, **error.more)
    if error.retry_after is not None:
        answer.headers["Retry-After"] = str(error.retry_after)
    return answer


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = {**_CODES, 413: "too_large"}.get(error.status_code, "bad_request")
    answer = respond(code, str(error.detail), status=error.status_code)
    answer.headers.update(error.headers or {})
    return answer


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    return respond_invalid(error.errors())


def respond_invalid(found: Sequence[Any]) -> JSONResponse:
    """Where a request does not fit. The input itself is not repeated: it may be a password, or no text."""
    errors = [
        {"loc": [_shown(place) for place in part["loc"]], "msg": _shown(part["msg"]), "type": part["type"]}
        for part in found
    ]
    return respond("invalid", "the request does not fit the contract", errors=errors)


def _shown(part: str | int) -> str | int:
    """A name that somebody sent is told back only as far as it is text."""
    return part if isinstance(part, int) else cleaned(part)[:_LONGEST_PLACE]


async def _on_data(request: Request, error: Exception) -> JSONResponse:
    """A value that Postgres cannot hold, such as a NUL in a text."""
    return respond("invalid", "a value cannot be stored", errors=[])


async def _on_unknown(request: Request, error: Exception) -> JSONResponse:
    return respond("not_found", _UNKNOWN[type(error)])


async def _on_unavailable(request: Request, error: Exception) -> JSONResponse:
    _log.warning("request_unavailable", path=request.url.path, error=repr(error))
    answer = respond("unavailable", "a service behind this one does not answer")
    answer.headers["Retry-After"] = "2"
    return answer


async def _on_defect(request: Request, error: Exception) -> JSONResponse:
    """The one blanket of this package: a defect answers 500 with no detail, and is logged by the server."""
    return respond("internal", "this is our fault, not yours")
