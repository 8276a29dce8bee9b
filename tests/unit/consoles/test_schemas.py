"""What no body may hold, whatever its fields."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from consoles.payment_events import PaymentIn
from consoles.problems import respond_invalid
from consoles.routes.callbacks import CallbackChange
from consoles.routes.rule_packs import PackIn
from consoles.schemas import MOST_DEPTH, Body

DEEP: Any = []
for _ in range(MOST_DEPTH + 1):
    DEEP = [DEEP]
PAID = {"type": "payment.received", "reference": "D-1", "amount": "1.00", "currency": "EUR"}


class AnyBody(Body):
    """Takes anything that Body does."""

    a: Any = None


@pytest.mark.parametrize(
    "bad", ["a\x00", "\x1b[2J", "a\ud800", 10**30, -(2**64), DEEP, {"x\x00": 1}, ["\x7f"]]
)
def test_what_nobody_can_store_is_refused_wherever_it_stands(bad: Any) -> None:
    for body in ({"a": bad}, {"a": [bad]}, {"a": {"b": bad}}):
        with pytest.raises(ValidationError):
            AnyBody.model_validate(body)


@pytest.mark.parametrize("good", ["Muñoz\n\t🙂", 2**63 - 1, [], {"x": [1.5, None]}, True])
def test_the_rest_is_taken(good: Any) -> None:
    assert AnyBody.model_validate({"a": good}).a == good


def test_the_text_of_a_rule_pack_is_judged_by_its_own_reader_and_nothing_else_of_the_body_is() -> None:
    assert PackIn.model_validate({"body": "\x00"}).body == "\x00"
    with pytest.raises(ValidationError):
        PackIn.model_validate({"body": "x", "reason\x00": 1})


@pytest.mark.parametrize("reference", ["D\x00", "D\x1b"])
def test_a_creditor_is_refused_the_same(reference: str) -> None:
    with pytest.raises(ValidationError):
        PaymentIn.model_validate_json(json.dumps({**PAID, "reference": reference}))


@pytest.mark.parametrize(
    "at", ["9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+14:00", "2027-01-01T00:00:00", "x"]
)
def test_a_callback_is_at_a_time_that_everybody_can_bear(at: str) -> None:
    with pytest.raises(ValidationError):
        CallbackChange.model_validate({"at": at})
    taken = CallbackChange.model_validate({"at": "2027-01-01T02:00:00+02:00"})
    assert taken.at == datetime(2027, 1, 1, tzinfo=UTC)


@given(st.text(st.characters(codec=None)))
def test_a_refusal_can_always_be_sent(name: str) -> None:
    with pytest.raises(ValidationError) as refused:
        AnyBody.model_validate({"a": None, f"{name}x": 1})
    assert respond_invalid(refused.value.errors()).status_code == 422
