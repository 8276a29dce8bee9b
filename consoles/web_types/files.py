"""Which files of the front end are made, and from what."""

from collections.abc import Callable, Mapping

from consoles.web_types.api import schema_ts
from consoles.web_types.wire import messages_ts

MADE = "/** Made from {source} by `make types-web`: not to be changed by hand. */\n\n"


def _api() -> str:
    return MADE.format(source="the models of consoles/") + schema_ts()


def _wire() -> str:
    return MADE.format(source="agent_ws/messages.py") + messages_ts()


FILES: Mapping[str, Callable[[], str]] = {"api/schema.ts": _api, "live/messages.ts": _wire}
"""By place in consoles/web/src."""
