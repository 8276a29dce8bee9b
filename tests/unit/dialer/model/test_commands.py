"""Commands are typed where they enter."""

import json
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.model.commands import (
    KINDS,
    MAX_BODY,
    CallPreview,
    Dispose,
    MalformedCommand,
    Ready,
    Request,
    Transfer,
    body_of,
    kind_of,
    read,
    written,
)

CALL = UUID("2f1c4f0e-0000-4000-8000-000000000001")
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec=None))
    | st.sampled_from([10**30, -1, "\x00", "9999-12-31T23:59:59-12:00", str(CALL)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    "page code call_id notes promise_minor promise_on callback_at paused skill agent_id lead_id phone_id"
    " x".split()
)


@pytest.mark.parametrize(
    "request_",
    [
        Ready(),
        Transfer(CALL, agent_id=2),
        CallPreview(7),
        Dispose(CALL, "promise", "sí\n", 5000, date(2026, 12, 1), datetime(2026, 12, 2, 9, tzinfo=UTC), True),
    ],
)
def test_what_is_written_is_read(request_: Request) -> None:
    assert read(kind_of(request_), written(request_)) == request_


def test_every_command_has_one_name() -> None:
    assert len(set(KINDS.values())) == len(KINDS)


@pytest.mark.parametrize(
    ("kind", "body", "why"),
    [
        ("agent.dance", "{}", "unknown command"),
        ("agent.ready", "[]", "body: dataclass_type"),
        ("agent.ready", '{"a":', "body: json_invalid"),
        ("agent.ready", '{"600111222": 1}', "a field: unexpected_keyword_argument"),
        ("agent.hang_up", '{"call_id": "\\u0000"}', "call_id: uuid_parsing"),
        ("agent.call_preview", '{"lead_id": 9223372036854775808}', "lead_id: less_than_equal"),
        ("agent.call_preview", '{"lead_id": "7"}', "lead_id: int_type"),
        ("agent.ready", " " * (MAX_BODY + 1), "too long"),
        ("agent.ready", '{"a": "\ud800"}', "body: string_unicode"),
    ],
)
def test_what_is_no_command_says_which_part_and_not_what_stood_there(kind: str, body: str, why: str) -> None:
    with pytest.raises(MalformedCommand, match=f"^{why}$"):
        read(kind, body)


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(FIELDS, JSON, max_size=4))
def test_whatever_comes_is_a_command_or_malformed(kind: str, body: dict[str, object]) -> None:
    try:
        request = read(kind, json.dumps(body))
    except MalformedCommand:
        return
    assert read(kind, written(request)) == request
    assert "\\u0000" not in written(request)
    assert body_of(request).keys() >= body.keys()
