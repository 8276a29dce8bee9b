"""The built front end: pages with a fresh nonce, hashed files for ever."""

import json
import re
import secrets
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from consoles.problems import Problem
from consoles.security import content_policy
from dialer.settings import Settings

STATIC = Path(__file__).parent / "static"
ADDRESSES = "addresses.json"
"""Beside the built page: the addresses that are pages, written by the front end's build."""
NONCE_MARK = "__CSP_NONCE__"
"""Stands in the built pages (Vite's html.cspNonce) where the nonce of this answer belongs."""


class HashedFiles(StaticFiles):
    """Files whose name changes with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, to be kept for ever."""
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return answer


def install(app: FastAPI, settings: Settings, static: Path = STATIC) -> None:
    """Serve the pages; works before the front end is built (then they are 404)."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    async def home() -> RedirectResponse:
        return RedirectResponse("/login")

    @router.get("/{path:path}")
    async def page(request: Request, path: str) -> HTMLResponse:
        known = _is_page(f"/{path}", static)
        if not known and not _for_eyes(request, path):
            raise Problem("not_found", "no such page")
        return _page(static, settings, request.headers.get("host", ""), 200 if known else 404)

    for folder in ("assets", "fonts"):
        app.mount(f"/{folder}", HashedFiles(directory=static / folder, check_dir=False), folder)
    app.mount("/icons", StaticFiles(directory=static / "icons", check_dir=False), "icons")
    app.include_router(router)


def _is_page(path: str, static: Path) -> bool:
    """Whether the front end has a page at this address; none before it is built."""
    file = static / ADDRESSES
    patterns: list[str] = json.loads(file.read_text("utf-8")) if file.is_file() else []
    return any(re.fullmatch(re.sub(r":\w+(\([^)]*\))", r"\1", pattern), path) for pattern in patterns)


def _for_eyes(request: Request, path: str) -> bool:
    """A person at a browser is told by the page that there is nothing here; a program by a problem."""
    return path.split("/")[0] != "api" and "text/html" in request.headers.get("accept", "")


def _page(static: Path, settings: Settings, host: str, status: int) -> HTMLResponse:
    file = static / "index.html"
    if not file.is_file():
        raise Problem("not_found", "the front end is not built: make web")
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Content-Security-Policy": content_policy(settings, host, nonce),
        "Cache-Control": "no-store",
    }
    return HTMLResponse(file.read_text("utf-8").replace(NONCE_MARK, nonce), status, headers)
