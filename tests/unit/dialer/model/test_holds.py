"""What holds a campaign is data; the sentence is made of it."""

from datetime import UTC, datetime

import orjson
import pytest

from dialer.model.holds import Hold, HoldCode

UNTIL = datetime(2026, 12, 1, 8, tzinfo=UTC)
AT = "2026-12-01T08:00:00+00:00"


@pytest.mark.parametrize("code", HoldCode)
def test_every_hold_has_a_sentence_and_is_json(code: HoldCode) -> None:
    for until in (None, UNTIL):
        hold = Hold(code, "retry", until, 3, 4)
        assert hold.in_words()
        assert orjson.loads(orjson.dumps(hold.as_record())) == {
            "code": code.value, "rule": "retry", "until": AT if until else None, "held": 3, "leads": 4,
        }  # fmt: skip


def test_sentences_say_the_rule_and_until_when() -> None:
    said = [
        Hold(HoldCode.CALLER_ID, "caller_id_prefix").in_words(),
        Hold(HoldCode.TRUNK_RESTS, until=UNTIL).in_words(),
        Hold(HoldCode.OUTSIDE_HOURS, "calling_hours", UNTIL, 4, 4).in_words(),
        Hold(HoldCode.QUOTA, "quota_full", UNTIL, 4, 4).in_words(),
        Hold(HoldCode.WAITS, "retry", UNTIL, 3, 4).in_words(),
        Hold(HoldCode.WAITS, "list_paused", None, 3, 4).in_words(),
    ]
    assert said == [
        "caller id not permitted: caller_id_prefix",
        f"trunk resting until {AT}",
        f"outside hours until {AT}",
        f"quota reached until {AT}: 4 wait",
        f"nobody to call until {AT}: 3 of 4 wait, retry",
        "nobody to call: 3 of 4 wait, list_paused",
    ]
