"""The built front end: pages with a fresh nonce, hashed files for ever."""

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
PAGES = ("agent", "supervisor", "portfolio", "qa", "login", "help")
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

    @router.get("/{page}")
    @router.get("/{page}/{rest:path}")
    async def page(request: Request, page: str, rest: str = "") -> HTMLResponse:
        if page not in PAGES:
            raise Problem("not_found", "no such page")
        return _page(static, page, settings, request.headers.get("host", ""))

    for folder in ("assets", "fonts"):
        app.mount(f"/{folder}", HashedFiles(directory=static / folder, check_dir=False), folder)
    app.mount("/icons", StaticFiles(directory=static / "icons", check_dir=False), "icons")
    app.include_router(router)


def _page(static: Path, page: str, settings: Settings, host: str) -> HTMLResponse:
    found = next((path for path in (static / f"{page}.html", static / "index.html") if path.is_file()), None)
    if found is None:
        raise Problem("not_found", "the front end is not built: make web")
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Content-Security-Policy": content_policy(settings, host, nonce),
        "Cache-Control": "no-store",
    }
    return HTMLResponse(found.read_text("utf-8").replace(NONCE_MARK, nonce), headers=headers)
