"""Logs: JSON lines with a stable order of keys, and no telephone number that could be called."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from dialer.model.masking import masked
from dialer.settings import Settings

_FIRST = ("timestamp", "level", "event", "logger")
# With a plus: E.164. Without: 9 to 15 digits that stand alone (parts of a UUID or a decimal do not).
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}(?![0-9])|(?<![\w.:+-])[1-9][0-9]{8,14}(?![\w.:-])")
_DEPTH = 6
_TOO_DEEP = "…"


def configure(settings: Settings, stream: TextIO | None = None) -> None:
    """Send everything that is logged, by structlog or by libraries, to stderr (or a stream) in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        mask_numbers,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_formatter(settings, shared))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    # One line per request is the proxy's business.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def mask_numbers(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Structlog processor: hide telephone numbers in every text, however deep."""
    return {key: _masked(value, _DEPTH) for key, value in event.items() if not key.startswith("_")} | {
        key: value for key, value in event.items() if key.startswith("_")
    }


def order_keys(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Structlog processor: time, level, event and logger first, the rest by name."""
    head = {key: event[key] for key in _FIRST if key in event}
    return {**head, **{key: event[key] for key in sorted(event) if key not in head}}


def _formatter(settings: Settings, shared: list[Processor]) -> structlog.stdlib.ProcessorFormatter:
    drawn: Processor = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    if settings.log_json:
        drawn = structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, order_keys, drawn],
    )


def _masked(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return _NUMBER.sub(lambda found: masked(found[0]), value)
    if not isinstance(value, MutableMapping | list | tuple | set | frozenset):
        return value
    if depth == 0:
        return _TOO_DEEP
    if isinstance(value, MutableMapping):
        return {_masked(k, depth - 1): _masked(v, depth - 1) for k, v in value.items()}
    return [_masked(item, depth - 1) for item in value]
