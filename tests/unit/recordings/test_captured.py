"""Names in the spool and in the archive."""

from datetime import datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest

from recordings.captured import attempt_of
from recordings.encode import relative_path, temporary_of

CALL = UUID("6f0a1c9e-5a54-4c0e-9a8e-0f5a3f0c1d2e")


@pytest.mark.parametrize("ending", ["-customer.wav", "-agent.wav", "-mix.wav", ".wav"])
def test_spool_files_name_their_call(ending: str) -> None:
    assert attempt_of(f"{CALL}{ending}") == CALL


@pytest.mark.parametrize(
    "name",
    [f"{CALL}", f"{CALL}-other.wav", f"{CALL}.opus", "notes.wav", ".wav", f"{CALL.hex}.wav",
     f"{CALL}.wav.tmp", f"{str(CALL).upper()}-agent.wav", f"x{CALL}-agent.wav"],
)  # fmt: skip
def test_anything_else_belongs_to_nobody(name: str) -> None:
    assert attempt_of(name) is None


def test_a_recording_lies_under_the_utc_date_of_its_answer() -> None:
    late_in_bogota = datetime(2026, 11, 23, 21, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert relative_path(CALL, late_in_bogota) == f"2026/11/24/{CALL}.opus"


def test_a_recording_in_the_making_is_hidden_and_has_one_name() -> None:
    target = Path("2026/11/24") / f"{CALL}.opus"
    assert temporary_of(target) == Path("2026/11/24") / f".{CALL}.part"
