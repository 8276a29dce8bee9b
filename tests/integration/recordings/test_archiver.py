"""From spool files to recordings: what arrives, what is lost and said so, and kill -9 after every step."""

import asyncio
import hashlib
import signal
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import orjson
import pytest
import soundfile

from recordings.archiver import ArchiveConfig
from recordings.finisher import Step
from tests.eventually import eventually
from tests.integration.recordings.calls import Books
from tests.integration.recordings.conftest import QUICK, Archive
from tests.integration.recordings.sounds import RATE, level, record, spool_files, tone, wav

CUSTOMER, AGENT = tone(440, 3.0), tone(1000, 3.0, level=0.1, silence=1.0)


def _left(folder: Path) -> list[str]:
    """Files anywhere below a folder."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def _good(books: Books, config: ArchiveConfig, attempt: UUID) -> None:
    """Exactly one good recording of this call is in the archive, and the spool is empty."""
    row = await books.recording(attempt)
    path = f"{await books.answered_on(attempt)}/{attempt}.opus"
    assert (row["status"], row["path"], row["detail"]) == ("archived", path, "")
    assert _left(config.archive) == [path]
    assert _left(config.spool) == []
    stored = (config.archive / path).read_bytes()
    assert (hashlib.sha256(stored).digest(), len(stored)) == (row["sha256"], row["bytes"])
    sound, rate = soundfile.read(config.archive / path)
    assert abs(len(sound) / rate - len(CUSTOMER) / RATE) < 0.06
    assert abs(row["duration_ms"] - 3000) < 60
    assert abs(level(sound[:, 0]) - level(CUSTOMER / 32768)) < 1.0


async def test_a_call_becomes_one_stereo_recording(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended()
    record(config.spool, attempt, CUSTOMER, AGENT, mix=True)
    async with archiving() as metrics:
        await eventually(lambda: books.recording(attempt))
        await eventually(lambda: asyncio.sleep(0, not _left(config.spool)))
    await _good(books, config, attempt)
    assert (metrics.archived, metrics.failed, round(metrics.seconds)) == (1, 0, 3)
    peaks = orjson.loads((await books.recording(attempt))["peaks"])
    assert peaks["rate"] == 20
    assert len(peaks["left"]) == len(peaks["right"]) == 60
    assert max(peaks["right"][:19]) == 0.0
    assert abs(max(peaks["left"]) - 0.3) < 0.01


async def test_nothing_is_recorded_of_calls_that_need_none(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    await books.ended(record=False)
    await books.ended(seconds=0.4)
    await books.ended(seconds=None)
    await books.ended(open_call=True)
    wanted = await books.ended()
    async with archiving():
        await eventually(lambda: books.recording(wanted))
    assert await books.recordings() == 1
    assert await books.alarms("recording_missing") == [str(wanted)]


async def test_files_of_an_open_call_are_left_alone(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    talking, over = await books.ended(open_call=True), await books.ended()
    for attempt in (talking, over):
        record(config.spool, attempt, CUSTOMER, AGENT)
    async with archiving():
        await eventually(lambda: books.recording(over))
    assert all(path.exists() for path in spool_files(config.spool, talking))


async def test_files_still_growing_are_waited_for(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended(ago=0.0)
    record(config.spool, attempt, CUSTOMER, AGENT)
    paths = spool_files(config.spool, attempt)
    for path in paths:
        path.write_bytes(wav(CUSTOMER, declared=0)[:10_000])
    other = await books.ended()
    async with archiving(own=replace(config, patience=replace(QUICK, quiet=60.0))):
        await eventually(lambda: books.recording(other))
        assert await books.recording(attempt) is None
        record(config.spool, attempt, CUSTOMER, AGENT)
        await eventually(lambda: books.recording(attempt))
        await eventually(lambda: asyncio.sleep(0, not _left(config.spool)))
    await _good(books, config, attempt)


@pytest.mark.parametrize("short", [0, 1])
async def test_the_shorter_side_is_padded(
    books: Books, config: ArchiveConfig, archiving: Archive, short: int
) -> None:
    attempt = await books.ended()
    sides = [tone(440, 3.0), tone(440, 3.0)]
    sides[short] = sides[short][: 2 * RATE]
    record(config.spool, attempt, sides[0], sides[1])
    async with archiving():
        row = await eventually(lambda: books.recording(attempt))
    sound, rate = soundfile.read(config.archive / row["path"])
    assert abs(len(sound) / rate - 3.0) < 0.06
    assert level(sound[int(2.2 * rate) :, short]) < -50
    assert level(sound[int(2.2 * rate) :, 1 - short]) > -20


async def test_a_killed_pbx_leaves_a_header_that_is_repaired(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended(seconds=60.0, event="vanished")
    config.spool.mkdir(exist_ok=True)
    for path, samples in zip(spool_files(config.spool, attempt), (CUSTOMER, AGENT), strict=True):
        path.write_bytes(wav(samples, declared=0))
    async with archiving():
        row = await eventually(lambda: books.recording(attempt))
    assert (row["status"], row["detail"]) == (
        "archived",
        "customer: header not finalised; agent: header not finalised",
    )
    assert abs(row["duration_ms"] - 3000) < 60
    assert await books.alarms("recording_missing") == []


async def test_a_call_without_files_is_missing_and_said_so_once(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended(ago=0.0)
    async with archiving() as metrics:
        row = await eventually(lambda: books.recording(attempt))
    async with archiving() as again:
        await eventually(lambda: asyncio.sleep(0, again.pending == 0))
    assert (row["status"], row["path"], row["detail"]) == ("missing", "", "both files missing")
    assert await books.alarms("recording_missing") == [str(attempt)]
    assert (metrics.missing, again.missing) == (1, 0)


async def test_files_that_come_late_replace_the_loss(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended()

    async def archived() -> bool:
        row = await books.recording(attempt)
        return row is not None and row["status"] == "archived" and not _left(config.spool)

    async with archiving():
        await eventually(lambda: books.recording(attempt))
        record(config.spool, attempt, CUSTOMER, AGENT)
        await eventually(archived)
    await _good(books, config, attempt)


HALF = wav(AGENT)[: 44 + len(AGENT)]


@pytest.mark.parametrize(
    ("agent", "detail", "seconds"),
    [
        (None, "agent: missing", 3000),
        (b"", "agent: empty", 3000),
        (wav(AGENT[:0]), "agent: empty", 3000),
        (b"not a sound at all", "agent: unreadable", 3000),
        (HALF, "agent: truncated", 3000),
    ],
)
async def test_what_is_left_of_a_damaged_call_is_kept(
    books: Books, config: ArchiveConfig, archiving: Archive, agent: bytes | None, detail: str, seconds: int
) -> None:
    attempt = await books.ended()
    record(config.spool, attempt, CUSTOMER, AGENT)
    side = spool_files(config.spool, attempt)[1]
    side.unlink()
    if agent is not None:
        side.write_bytes(agent)
    sources = [f"damaged/{name}" for name in _left(config.spool)]
    async with archiving() as metrics:
        row = await eventually(lambda: books.recording(attempt))
        await eventually(lambda: asyncio.sleep(0, _left(config.spool) == sources))
    assert (row["status"], row["detail"], row["duration_ms"]) == ("damaged", detail, seconds)
    sound, _ = soundfile.read(config.archive / row["path"])
    assert abs(level(sound[:, 0]) - level(CUSTOMER / 32768)) < 1.0
    assert await books.alarms("recording_missing") == [str(attempt)]
    assert metrics.damaged == 1


async def test_two_useless_files_are_damage_without_a_recording(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended()
    for path in spool_files(config.spool, attempt):
        path.write_bytes(b"RIFF")
    async with archiving():
        row = await eventually(lambda: books.recording(attempt))
    assert (row["status"], row["path"], row["peaks"]) == ("damaged", "", None)
    assert _left(config.archive) == []


async def test_a_recording_that_misses_half_the_call_is_damaged(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended(seconds=20.0)
    record(config.spool, attempt, CUSTOMER, AGENT)
    async with archiving():
        row = await eventually(lambda: books.recording(attempt))
    assert (row["status"], row["detail"]) == ("damaged", "3.0 s recorded of 20.0 s")
    assert row["path"]


async def test_files_of_no_call_are_reported_when_old(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    orphan, stranger = uuid4(), config.spool / "notes.txt"
    record(config.spool, orphan, CUSTOMER, AGENT)
    stranger.write_text("?")
    names = [path.name for path in spool_files(config.spool, orphan)]

    async def told() -> bool:
        return len(await books.alarms("recording_orphan")) == 3

    over = await books.ended()
    async with archiving() as patient:
        await eventually(lambda: books.recording(over))
        assert patient.orphans == 0
    async with archiving(own=replace(config, orphan_age=-1.0)):
        await eventually(told)
    assert sorted(await books.alarms("recording_orphan")) == sorted([*names, "notes.txt"])
    assert len(_left(config.spool)) == 3


async def test_two_archive_processes_share_the_work(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempts = [await books.ended() for _ in range(12)]
    for attempt in attempts:
        record(config.spool, attempt, CUSTOMER, AGENT)

    async def all_done() -> bool:
        return await books.recordings() == len(attempts) and not _left(config.spool)

    async with archiving() as one, archiving() as two:
        await eventually(all_done)
    assert one.archived + two.archived == len(attempts)
    assert (one.failed, two.failed) == (0, 0)
    assert len(_left(config.archive)) == len(attempts)
    assert await books.alarms("recording_missing") == []


async def test_a_full_disk_loses_nothing(books: Books, config: ArchiveConfig, archiving: Archive) -> None:
    attempt = await books.ended()
    record(config.spool, attempt, CUSTOMER, AGENT)
    blocker = config.archive / (await books.answered_on(attempt)).split("/")[0]
    blocker.write_text("a file where a folder should be: the archive cannot write")
    async with archiving() as metrics:
        await eventually(lambda: asyncio.sleep(0, metrics.failed))
        assert await books.recording(attempt) is None
        blocker.unlink()
        await eventually(lambda: books.recording(attempt))
        await eventually(lambda: asyncio.sleep(0, not _left(config.spool)))
    await _good(books, config, attempt)


@pytest.mark.parametrize("step", list(Step))
async def test_kill_9_after_any_step_leads_to_one_good_recording(
    books: Books, config: ArchiveConfig, archiving: Archive, dsn: str, step: Step
) -> None:
    attempt = await books.ended()
    record(config.spool, attempt, CUSTOMER, AGENT, mix=True)
    script = Path(__file__).with_name("stop_after.py")
    killed = await asyncio.create_subprocess_exec(
        sys.executable, str(script), dsn, str(config.spool), str(config.archive), step
    )
    async with asyncio.timeout(60):
        assert await killed.wait() == -signal.SIGKILL
    sources = [path.exists() for path in spool_files(config.spool, attempt)]
    before_commit = step not in (Step.COMMITTED, Step.CLEARED)
    assert all(sources) == (step is not Step.CLEARED)
    assert (await books.recording(attempt) is None) == before_commit
    over = await books.ended()
    async with archiving():
        await eventually(lambda: books.recording(over))
        await eventually(lambda: books.recording(attempt))
        await eventually(lambda: asyncio.sleep(0, not _left(config.spool)))
    await _good(books, config, attempt)
    assert await books.recordings() == 2
    assert await books.alarms("recording_missing") == [str(over)]


async def test_a_lost_archive_file_is_made_again_while_the_spool_has_it(
    books: Books, config: ArchiveConfig, archiving: Archive
) -> None:
    attempt = await books.ended()
    record(config.spool, attempt, CUSTOMER, AGENT)
    async with archiving():
        row = await eventually(lambda: books.recording(attempt))
        await eventually(lambda: asyncio.sleep(0, not _left(config.spool)))
    (config.archive / row["path"]).write_bytes(b"rot")
    record(config.spool, attempt, CUSTOMER, AGENT)
    async with archiving():
        await eventually(lambda: asyncio.sleep(0, not _left(config.spool)))
    await _good(books, config, attempt)


async def test_a_lost_database_connection_is_no_end(
    books: Books, config: ArchiveConfig, archiving: Archive, dsn: str
) -> None:
    first = await books.ended()
    async with archiving():
        await eventually(lambda: books.recording(first))
        admin = await asyncpg.connect(dsn)
        await admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        other = Books(await asyncpg.create_pool(dsn, min_size=1, max_size=2))
        later = await other.ended(ago=0.0)
        record(config.spool, later, CUSTOMER, AGENT)
        row = await eventually(lambda: other.recording(later))
        await admin.close()
        await other.pool.close()
    assert row["status"] == "archived"


async def test_the_archive_is_ready_while_the_database_answers(
    pool: asyncpg.Pool, archiving: Archive
) -> None:
    async with archiving() as metrics:
        assert not metrics.last_turn_ok, "nothing was looked at yet"
        await eventually(lambda: asyncio.sleep(0, metrics.last_turn_ok))
        await pool.execute("ALTER TABLE attempts RENAME TO elsewhere")
        await eventually(lambda: asyncio.sleep(0, not metrics.last_turn_ok))
        await pool.execute("ALTER TABLE elsewhere RENAME TO attempts")
        await eventually(lambda: asyncio.sleep(0, metrics.last_turn_ok))


async def test_a_wake_up_is_only_speed(books: Books, config: ArchiveConfig, archiving: Archive) -> None:
    """Without any wake-up a call that ends while we wait is found by the next look."""
    first = await books.ended()
    async with archiving():
        await eventually(lambda: books.recording(first))
        later = await books.ended(ago=0.0)
        record(config.spool, later, np.concatenate((CUSTOMER, CUSTOMER)), AGENT)
        row = await eventually(lambda: books.recording(later))
    assert row["status"] == "archived"
