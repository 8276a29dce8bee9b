"""The machine of one live connection, in its own words."""

import json
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_ws.closing import REASONS, CloseCode
from agent_ws.messages import MAX_MESSAGE_BYTES, Ping, Refused
from agent_ws.session import (
    BURST,
    MAX_REFUSED,
    REFILL,
    Close,
    LiveSession,
    Order,
    attach_order,
    detach_order,
    opened,
    receive,
    tick,
)
from dialer.model import commands

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
CALL = "2f1c4f0e-0000-4000-8000-000000000001"


def agent() -> LiveSession:
    return opened(7, agent=True, now=NOW)


def attached() -> LiveSession:
    session, order = receive(agent(), '{"type": "attach", "page": "page-one-1"}', now=NOW)
    assert order == Order(commands.Attach("page-one-1"))
    return session


ALONG = {"note": "espera su nómina", "code": "promise", "notes": "cobra el 10"}
"""What goes along with a person who is handed over."""
ORDERS = [
    ({"type": "ready"}, Order(commands.Ready())),
    ({"type": "pause", "code": "lunch"}, Order(commands.Pause("lunch"))),
    ({"type": "hang_up", "call_id": CALL}, Order(commands.HangUp(UUID(CALL)))),
    (
        {"type": "pause_recording", "call_id": CALL, "paused": True},
        Order(commands.PauseRecording(UUID(CALL), paused=True)),
    ),
    (
        {"type": "transfer", "call_id": CALL, "skill": "", "agent_id": 77, **ALONG},
        Order(commands.Transfer(UUID(CALL), "", 77, *ALONG.values())),
    ),
    (
        {"type": "consult", "call_id": CALL, "skill": "legal", "agent_id": None, **ALONG},
        Order(commands.Consult(UUID(CALL), "legal", None, *ALONG.values())),
    ),
    (
        {"type": "consult_complete", "call_id": CALL, **ALONG},
        Order(commands.ConsultComplete(UUID(CALL), *ALONG.values())),
    ),
    ({"type": "log_out"}, Order(commands.LogOut())),
]


@pytest.mark.parametrize(("request_", "order"), ORDERS)
def test_a_request_of_an_attached_page_becomes_a_command(request_: dict[str, object], order: Order) -> None:
    assert receive(attached(), json.dumps(request_), now=NOW)[1] == order


@pytest.mark.parametrize(("request_", "order"), ORDERS)
def test_nothing_but_attach_is_taken_from_a_page_that_is_not_attached(
    request_: dict[str, object], order: Order
) -> None:
    refused = receive(agent(), json.dumps(request_), now=NOW)[1]
    assert refused == Refused(request=str(request_["type"]), reason="attach_first")


def test_a_disposition_keeps_its_dates() -> None:
    said = {
        "type": "dispose",
        "call_id": CALL,
        "code": "promise",
        "promise_minor": 5000,
        "promise_on": "2026-12-01",
    }
    order = receive(attached(), json.dumps(said), now=NOW)[1]
    assert isinstance(order, Order)
    assert order.request == commands.Dispose(UUID(CALL), "promise", "", 5000, date(2026, 12, 1))


def test_a_supervisor_may_only_pong() -> None:
    session = opened(1, agent=False, now=NOW)
    assert receive(session, '{"type": "pong"}', now=NOW)[1] is None
    for request in ('{"type": "ready"}', '{"type": "attach", "page": "page-one-1"}'):
        refused = receive(session, request, now=NOW)[1]
        assert isinstance(refused, Refused)
        assert refused.reason == "wrong_role"


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_no_text_breaks_the_machine_or_becomes_a_command_by_chance(text: str) -> None:
    session, effect = receive(attached(), text, now=NOW)
    assert isinstance(effect, Refused)
    assert session.refused == 1


def test_too_much_rubbish_closes() -> None:
    session = attached()
    for _ in range(MAX_REFUSED):
        session, effect = receive(session, "{}", now=NOW)
        assert isinstance(effect, Refused)
    assert receive(session, "{}", now=NOW)[1] == Close(CloseCode.PROTOCOL)


@pytest.mark.parametrize("text", ["x" * (MAX_MESSAGE_BYTES + 1), "ñ" * (MAX_MESSAGE_BYTES // 2 + 1)])
def test_size_is_counted_in_bytes(text: str) -> None:
    assert receive(attached(), text, now=NOW)[1] == Close(CloseCode.TOO_LARGE)


def test_a_burst_is_taken_and_refills_with_time() -> None:
    session = agent()
    for _ in range(BURST):
        session, effect = receive(session, '{"type": "pong"}', now=NOW)
        assert effect is None
    assert receive(session, '{"type": "pong"}', now=NOW)[1] == Close(CloseCode.FLOOD)
    later = NOW + timedelta(seconds=1 / REFILL)
    assert receive(session, '{"type": "pong"}', now=later)[1] is None


def test_pings_come_every_20_seconds_and_silence_ends_it_after_45() -> None:
    session = agent()
    times = []
    for second in range(60):
        session, effect = tick(session, now=NOW + timedelta(seconds=second))
        if effect is not None:
            times.append((second, type(effect)))
        if isinstance(effect, Close):
            break
    assert times == [(20, Ping), (40, Ping), (45, Close)]


def test_any_message_is_a_sign_of_life() -> None:
    session, _ = receive(agent(), '{"type": "pong"}', now=NOW + timedelta(seconds=40))
    assert not isinstance(tick(session, now=NOW + timedelta(seconds=60))[1], Close)


def test_only_an_attached_page_is_attached_again_or_detached() -> None:
    assert attach_order(agent()) is None
    assert detach_order(agent()) is None
    assert attach_order(attached()) == Order(commands.Attach("page-one-1"))
    assert detach_order(attached()) == Order(commands.Detach("page-one-1"))


def test_every_close_code_has_its_words() -> None:
    assert set(REASONS) == set(CloseCode)
