"""Which files of the front end are made, and from what."""

from collections.abc import Callable, Mapping

from consoles.web_types.api import document, schema_ts
from consoles.web_types.bounds import bounds_ts
from consoles.web_types.facts import facts_ts
from consoles.web_types.wire import messages_ts

MADE = "/** Made from {source} by `make types-web`: not to be changed by hand. */\n\n"


def _api() -> str:
    return MADE.format(source="the models of consoles/") + schema_ts()


def _wire() -> str:
    return MADE.format(source="agent_ws/messages.py") + messages_ts()


def _bounds() -> str:
    return MADE.format(source="the models of consoles/ and dialer/") + bounds_ts(
        document()["components"]["schemas"]
    )


def _facts() -> str:
    return MADE.format(source="what Python knows") + facts_ts()


FILES: Mapping[str, Callable[[], str]] = {
    "api/schema.ts": _api,
    "api/bounds.ts": _bounds,
    "api/facts.ts": _facts,
    "live/messages.ts": _wire,
}
"""By place in consoles/web/src."""
