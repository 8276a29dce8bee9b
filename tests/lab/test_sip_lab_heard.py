"""What a called person heard is kept, and its file lies where the clock put it."""

from datetime import UTC, datetime
from pathlib import Path

from sip_lab import truth
from sip_lab.behaviours import number_for
from sip_lab.truth import CallTruth
from tests.lab.eventually import eventually
from tests.lab.heard import heard as told_by
from tests.lab.lab_process import Lab
from tests.lab.pbx import Pbx
from tests.lab.test_sip_lab_joining import LOUD, QUIET, RATE, loudest, samples, seconds

NEAR = 0.3
"""Seconds: a busy machine tells of the message's beginning a little late."""


def ended(lab: Lab, number: str) -> CallTruth | None:
    """The carrier's record of a number that was called once, when that call is over."""
    calls = [call for call in truth.read(Path(lab["truth_path"])) if call.number == number]
    return calls[0] if calls and calls[0].ended else None


def test_the_message_is_heard_where_it_was_played(lab: Lab, pbx: Pbx) -> None:
    number = number_for("patient", 420)
    mine = pbx.dial(number, "CADENCIA_SCREEN=off", "CADENCIA_FALLBACK=4")
    pbx.user_event(mine, "CadenciaMessage")
    began = datetime.now(UTC).timestamp()
    pbx.event(mine, "Hangup")
    call = eventually(lambda: ended(lab, number))
    assert call
    assert call.answered
    assert call.greeted
    assert call.heard_from
    assert call.ended
    heard = Path(call.heard)
    eventually(lambda: abs(seconds(heard) - (call.ended - call.heard_from)) < NEAR)  # type: ignore[operator]
    first = next(n for n, sample in enumerate(samples(heard)) if abs(sample) > LOUD) / RATE
    assert abs(call.heard_from + first - began) < NEAR
    assert loudest(heard, 0, began - call.heard_from - NEAR) < QUIET
    assert call.answered < call.greeted < began
    told = told_by(call)
    assert told
    assert told.voice is not None
    assert told.greeting_over is not None
    assert abs(told.voice - first) < NEAR
    # The recorded voice ends with 0.3 s of silence, which is no part of the greeting.
    assert 0 < call.greeted - call.answered - told.greeting_over < NEAR + 0.3
    assert told.dead_air == told.voice - told.greeting_over
