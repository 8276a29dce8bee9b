"""What every answer carries and every request must satisfy, as one plain ASGI layer."""

import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from consoles.metrics import WebMetrics
from consoles.problems import respond
from dialer.settings import Settings

_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), speaker-selection=(self), camera=(), geolocation=()",
}


def same_origin(headers: Mapping[str, str], public: str) -> bool:
    """Whether a request comes from our own pages. Without Origin it is no cross-site request of a browser."""
    origin = headers.get("origin")
    if origin is None:
        return True
    if public:
        return origin == public.rstrip("/")
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()


def content_policy(settings: Settings, host: str, nonce: str = "") -> str:
    """Only our own scripts and styles, nothing inline; connections to us and to the PBX's websocket."""
    pbx = urlsplit(settings.sip_ws_url)
    styles = f"'self' 'nonce-{nonce}'" if nonce else "'self'"
    # Older Safari does not take 'self' for websockets.
    own = f"ws://{host} wss://{host}" if _plain_host(host) else ""
    parts = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": styles,
        "img-src": "'self' data: blob:",
        "font-src": "'self'",
        "media-src": "'self' blob: data: mediastream:",
        "worker-src": "'self' blob:",
        "manifest-src": "'self'",
        "connect-src": f"'self' {own} {pbx.scheme}://{pbx.netloc}",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    return "; ".join(f"{name} {' '.join(value.split())}" for name, value in parts.items())


def _plain_host(host: str) -> bool:
    return bool(host) and all(c.isascii() and (c.isalnum() or c in ".-:[]") for c in host)


def _plain_413(start: Message) -> bool:
    """The body limit of the framework speaks plain text."""
    return start["status"] == 413 and "problem" not in Headers(raw=start["headers"]).get("content-type", "")


class Guard:
    """Refuses foreign origins, adds the security headers, measures the time."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: WebMetrics) -> None:
        """Wraps the application."""
        self._app, self._settings, self._metrics = app, settings, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; websockets pass, their route looks at the origin itself."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        start, status, replaced = time.perf_counter(), 500, False

        async def guarded(message: Message) -> None:
            nonlocal status, replaced
            if message["type"] == "http.response.start":
                status = message["status"]
                self._add_headers(message, scope["path"], headers.get("host", ""))
                if _plain_413(message):
                    await respond("too_large", "the body is too large")(scope, receive, guarded)
                    replaced = True
            if not replaced:
                await send(message)

        try:
            if same_origin(headers, self._settings.web_origin):
                await self._app(scope, receive, guarded)
            else:
                await respond("origin", "not from our own pages")(scope, receive, guarded)
        finally:
            self._observe(scope, status, time.perf_counter() - start)

    def _add_headers(self, message: Message, path: str, host: str) -> None:
        headers = MutableHeaders(scope=message)
        for name, value in _FIXED.items():
            headers[name] = value
        if "Content-Security-Policy" not in headers:
            headers["Content-Security-Policy"] = content_policy(self._settings, host)
        if path.startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if self._settings.cookie_secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"

    def _observe(self, scope: Scope, status: int, seconds: float) -> None:
        # The route's template, never the path: ids would make endless series.
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.requests.labels(method, route, str(status)).observe(seconds)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
