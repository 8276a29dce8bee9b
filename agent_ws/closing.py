"""Why a live connection is closed. The codes are part of the protocol: docs/reference/http.md lists them."""

from enum import IntEnum


class CloseCode(IntEnum):
    """Websocket close codes of sub-protocol cadencia.v1."""

    GOING_AWAY = 1001
    PROTOCOL = 4400
    UNAUTHENTICATED = 4401
    FORBIDDEN = 4403
    SILENT = 4408
    TAKEN_OVER = 4409
    TOO_LARGE = 4413
    FLOOD = 4429
    USER_FULL = 4430
    ADDRESS_FULL = 4431
    OVERLOADED = 4503


REASONS: dict[CloseCode, str] = {
    CloseCode.GOING_AWAY: "server stops",
    CloseCode.PROTOCOL: "not cadencia.v1",
    CloseCode.UNAUTHENTICATED: "log in again",
    CloseCode.FORBIDDEN: "not allowed",
    CloseCode.SILENT: "no answer to pings",
    CloseCode.TAKEN_OVER: "open elsewhere",
    CloseCode.TOO_LARGE: "message too large",
    CloseCode.FLOOD: "too many messages",
    CloseCode.USER_FULL: "too many pages of this user",
    CloseCode.ADDRESS_FULL: "too many pages at this address",
    CloseCode.OVERLOADED: "too slow or full",
}
"""Words sent with each code."""
