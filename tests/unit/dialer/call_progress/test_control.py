"""What engine and detector say to each other, and what is not understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.call_progress import control
from dialer.model.facts import GreetingOver, Heard, Hearing
from dialer.ports import ListenOrder

ORDERS: list[control.Order] = [
    control.Hello(1, "secret", 7, "an engine"),
    ListenOrder("a", 1, False, None, 0.02, 6.0, 6.0, True, False),
    ListenOrder("a", 1, True, 3.5, 0.02, 6.0, 6.0, True, False),
    control.Answered("a", 4.0),
    control.HandedOver("a"),
    control.Forget("a"),
    control.Ping(7),
]
ANSWERS: list[control.Answer] = [
    Heard("a", Hearing.MACHINE, "talking", "", 0.97, 3.2, "m1", {"speech": 2.5}, "day/a.flac"),
    Heard("a", Hearing.TONE, "busy ES", "busy"),
    GreetingOver("a", beep=True),
    control.Pong(7, 3, 0.001),
]


@pytest.mark.parametrize("said", ORDERS)
def test_orders_come_as_they_were_given(said: control.Order) -> None:
    assert control.order(control.line(said)) == said


@pytest.mark.parametrize("said", ANSWERS)
def test_answers_come_as_they_were_given(said: control.Answer) -> None:
    assert control.answer(control.line(said)) == said


@pytest.mark.parametrize(
    "text",
    [
        b"", b"\n", b"GET / HTTP/1.1\r\n", b"{}", b"[]", b"null", b'{"say":"nothing"}', b'{"say":["ping"]}',
        b'{"say":"ping"}', b'{"say":"ping","number":"7"}', b'{"say":"ping","number":7,"more":1}',
        b'{"say":"forget","channel_id":7}', b'{"say":"listen","channel_id":"a"}', b"\xff\xfe",
    ],
)  # fmt: skip
def test_what_is_not_understood(text: bytes) -> None:
    with pytest.raises(control.BadLine):
        control.order(text)
    with pytest.raises(control.BadLine):
        control.answer(text)


@given(st.binary(max_size=200))
def test_no_bytes_do_harm(text: bytes) -> None:
    with pytest.raises(control.BadLine):
        control.order(text)
