"""What comes from outside is bounded."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from dialer.model.values import Amount, Code, Day, Id, Instant, Line, Words


@pytest.mark.parametrize(
    ("kind", "json"),
    [
        (Id, "0"),
        (Id, "9223372036854775808"),
        (Id, "true"),
        (Amount, "0"),
        (Amount, f"{10**30}"),
        (Code, '""'),
        (Code, '"a\\u0000"'),
        (Code, '"a\\nb"'),
        (Line, '"a\\u001b[2J"'),
        (Line, '"' + "x" * 501 + '"'),
        (Words, '"a\\ud800"'),
        (Words, '"' + "x" * 4001 + '"'),
        (Day, '"9999-12-31"'),
        (Day, '"0001-01-01"'),
        (Instant, '"9999-12-31T23:59:59-12:00"'),
        (Instant, '"0001-01-01T00:00:00+14:00"'),
        (Instant, '"2027-01-01T10:00:00"'),
        (Instant, "1800000000"),
    ],
)
def test_what_nobody_could_bear_is_refused(kind: Any, json: str) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_json(json, strict=True)


def test_an_instant_is_in_utc() -> None:
    read = TypeAdapter[datetime](Instant).validate_json('"2027-01-01T10:00:00+02:00"', strict=True)
    assert read == datetime(2027, 1, 1, 8, tzinfo=UTC)
    assert read.tzinfo is UTC
