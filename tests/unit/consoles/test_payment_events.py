"""A payment as it comes over the wire: whose word it is, what it says, what that is in minor units."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from consoles.payment_events import SIGNED, PaymentIn, event_of, parsed, verified
from consoles.problems import Problem
from portfolio.payments import PaymentEvent

SECRETS = ("whsec_" + "bmV3" * 8, "whsec_" + "b2xk" * 8)
STRANGER = "whsec_" + "YWxp" * 8
PAID: dict[str, Any] = {"type": "payment.received", "reference": "D-1", "amount": "120.50", "currency": "EUR"}
RAW = json.dumps(PAID).encode()
FORGED = "the signature does not fit, or is not of now"


def signed(secret: str = SECRETS[0], *, raw: bytes = RAW, minutes: int = 0) -> dict[str, str]:
    """Headers as a creditor's system sends them."""
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    return {
        "webhook-id": "evt-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign("evt-1", at, raw.decode()),
        "content-type": "application/json",
    }


def problem_of(raised: pytest.ExceptionInfo[Problem]) -> tuple[str, str]:
    """Its code and its words."""
    return raised.value.code, raised.value.detail


@pytest.mark.parametrize("secret", SECRETS)
def test_any_of_our_secrets_signs_while_they_change(secret: str) -> None:
    assert verified(SECRETS, signed(secret), RAW) == "evt-1"


def test_what_is_signed_need_not_be_readable() -> None:
    """Who it is from is asked before what it says."""
    assert verified(SECRETS, signed(raw=b"{"), b"{") == "evt-1"


@pytest.mark.parametrize(
    "headers",
    [
        signed(STRANGER),
        signed(minutes=-10),
        signed(minutes=600),  # signed when the tests are collected: a slow run comes nearer
        signed(raw=b"{}"),
        {**signed(), "webhook-id": "evt-2"},
        {**signed(), "webhook-timestamp": "1e400"},
        *[{name: value for name, value in signed().items() if name != missing} for missing in SIGNED],
        {},
    ],
)
def test_a_forged_an_old_and_an_unsigned_body(headers: dict[str, str]) -> None:
    with pytest.raises(Problem) as raised:
        verified(SECRETS, headers, RAW)
    assert problem_of(raised) == ("bad_signature", FORGED)


def test_without_a_secret_nobody_has_signed() -> None:
    with pytest.raises(Problem) as raised:
        verified((), signed(), RAW)
    assert problem_of(raised) == ("bad_signature", FORGED)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (
            {**PAID, "amount": 12, "surprise": 1},
            "amount: Input should be a valid string; surprise: Extra inputs are not permitted",
        ),
        ({**PAID, "x" * 3000: 1}, "x" * 500),
        (
            {"type": "payment.received", **{f"odd{number}": 1 for number in range(9)}},
            "reference: Field required; amount: Field required; currency: Field required;"
            " odd0: Extra inputs are not permitted; odd1: Extra inputs are not permitted",
        ),
    ],
)
def test_what_is_wrong_is_said_by_place_five_at_most(body: dict[str, Any], words: str) -> None:
    with pytest.raises(Problem) as raised:
        parsed(json.dumps(body).encode())
    assert problem_of(raised) == ("invalid", words)


def test_all_that_was_told_is_in_the_event() -> None:
    told = {**PAID, "creditor": "Banco Uno", "external_id": "C-1", "settles": True}
    assert event_of("evt-1", parsed(json.dumps(told).encode())) == PaymentEvent(
        "evt-1", "payment.received", "D-1", "Banco Uno", "C-1", 12050, "EUR", True
    )
    back = parsed(json.dumps({**PAID, "type": "payment.reversed"}).encode())
    assert event_of("e" * 200, back) == PaymentEvent(
        "e" * 200, "payment.reversed", "D-1", None, None, 12050, "EUR", False
    )


def told(amount: str, currency: str = "EUR") -> PaymentIn:
    """A payment of so much."""
    return PaymentIn.model_validate({**PAID, "amount": amount, "currency": currency})


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("0.01", "EUR", 1),
        ("1.250", "EUR", 125),
        ("1.2000", "EUR", 120),
        ("10", "EUR", 1000),
        ("100.5", "EUR", 10050),
        ("1000", "EUR", 100_000),
        ("1.250", "KWD", 1250),
        ("1.255", "KWD", 1255),
        ("1", "KWD", 1000),
        ("100", "JPY", 100),
        ("100.00", "JPY", 100),
        ("1.0005", "CLF", 10005),
    ],
)
def test_an_amount_in_the_smallest_unit_of_its_currency(amount: str, currency: str, minor: int) -> None:
    assert event_of("evt-1", told(amount, currency)).amount_minor == minor


@pytest.mark.parametrize(
    ("amount", "currency"),
    [("100.5", "JPY"), ("1.001", "EUR"), ("1.0001", "KWD"), ("999999999999999", "EUR")],
)
def test_an_amount_finer_than_its_currency_or_larger_than_any_debt(amount: str, currency: str) -> None:
    with pytest.raises(Problem) as raised:
        event_of("evt-1", told(amount, currency))
    assert problem_of(raised) == (
        "invalid",
        "the amount has more decimals than its currency, or is too large",
    )


@pytest.mark.parametrize(("event_id", "amount"), [("e" * 201, "1"), ("evt-1", "0"), ("evt-1", "0.00")])
def test_an_id_that_is_too_long_and_a_payment_of_nothing(event_id: str, amount: str) -> None:
    with pytest.raises(Problem) as raised:
        event_of(event_id, told(amount))
    assert problem_of(raised) == (
        "invalid",
        "an event needs an id of at most 200 characters and a positive amount",
    )
