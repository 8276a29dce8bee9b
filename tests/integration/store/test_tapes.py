"""Recordings as evidence: what the files of the spool say."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from dialer.store.tapes import BYTES_PER_SECOND, HEADER, SpoolTapes


async def test_a_recording_tells_its_length_and_its_end(tmp_path: Path) -> None:
    call_id, ended = uuid4(), datetime.now(UTC).timestamp() - 30
    tape = tmp_path / f"{call_id}-customer.wav"
    tape.write_bytes(bytes(HEADER + 5 * BYTES_PER_SECOND))
    os.utime(tape, (ended, ended))
    found = await SpoolTapes(tmp_path).of([call_id, uuid4()])
    assert list(found) == [call_id]
    assert found[call_id].seconds == 5.0
    assert found[call_id].age == pytest.approx(30, abs=5)


async def test_a_spool_that_is_away_gives_no_evidence(tmp_path: Path) -> None:
    assert await SpoolTapes(tmp_path / "nowhere").of([uuid4()]) == {}
    assert await SpoolTapes(tmp_path).of([]) == {}


async def test_the_room_left_is_that_of_the_spools_disk_and_unknown_elsewhere(tmp_path: Path) -> None:
    room = await SpoolTapes(tmp_path).room()
    assert room is not None
    assert 0 < room <= shutil.disk_usage(tmp_path).total
    assert await SpoolTapes(tmp_path / "nowhere").room() is None
