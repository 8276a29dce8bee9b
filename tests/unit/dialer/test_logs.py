"""No telephone number leaves in a log."""

import json
import logging
from collections.abc import Callable, Iterator
from io import StringIO

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from dialer.logs import configure, mask_numbers
from dialer.settings import Settings


def masked(value: object) -> object:
    return mask_numbers(None, "info", {"event": "x", "value": value})["value"]


@given(st.from_regex(r"\+[1-9][0-9]{8,14}", fullmatch=True), st.text(max_size=20))
def test_a_number_is_masked_wherever_it_stands(number: str, around: str) -> None:
    text = f"{around} {number} {around}"
    assert number not in str(masked(text))
    assert number not in str(masked({"deep": [{"er": (text,)}]}))
    assert number not in str(masked({number: 1}))


@pytest.mark.parametrize(
    "text", ["34600111222", "dial 600111222 now", "PJSIP/34600111222@trunk", "sip:+34600111222@x"]
)
def test_numbers_without_plus_are_masked_too(text: str) -> None:
    assert "600111222" not in str(masked(text))


@pytest.mark.parametrize(
    "value",
    [
        "2f1c4f0e-0000-4000-8000-123456789012",
        "2026-11-23T03:00:42.149514Z",
        "0.1234567891234",
        "call 12345678",
        1763866842149514,
        None,
        3.5,
    ],
)
def test_what_is_no_number_stays(value: object) -> None:
    assert masked(value) == value


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """Logging as in production, put back afterwards; gives what was written."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = StringIO()
    configure(Settings(_env_file=None), stream)
    yield stream.getvalue
    structlog.reset_defaults()
    root.handlers[:], root.level = handlers, level


def test_lines_are_json_with_a_stable_order(logged: Callable[[], str]) -> None:
    structlog.get_logger("a").info("call_ended", zeta=1, number="+34600111222", alpha=2)
    logging.getLogger("library").warning("dialled %s", "+34600111222")
    ours, theirs = (json.loads(line) for line in logged().splitlines())
    assert list(ours) == ["timestamp", "level", "event", "logger", "alpha", "number", "zeta"]
    assert ours["number"] == "+346•••••222"
    assert theirs["event"] == "dialled +346•••••222"


def test_a_traceback_is_masked_as_well(logged: Callable[[], str]) -> None:
    try:
        raise ValueError("+34600111222")
    except ValueError:
        structlog.get_logger("a").warning("failed", exc_info=True)
    line = logged()
    assert "ValueError" in line
    assert "600111222" not in line
