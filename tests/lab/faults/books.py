"""Reads the three books of a floor into plain facts."""

import json
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sip_lab.behaviours import BY_NAME
from sip_lab.truth import CallTruth
from tests.lab.faults.facts import Booked, Books, Order, Rung, Taped
from tests.lab.faults.floor import Floor
from tests.lab.heard import heard

RATE, HEADER = 8_000, 44
WINDOW = 0.1
"""Seconds over which loudness is measured: a click is no voice."""
LOUD = 300.0
"""Root mean square, of 32 768, from which somebody is heard; our silence is 0, comfort noise below 50."""
ATTEMPTS = """
SELECT id::text, number, direction, state, outcome, placed_at, answered_at, verdict_at, connected_at,
    ended_at, reason,
    (SELECT string_agg(event || round(extract(epoch FROM e.at - placed_at), 1)::text, ' ' ORDER BY version)
     FROM attempt_events e WHERE e.attempt_id = a.id) AS story
FROM attempts a WHERE placed_at >= to_timestamp($1)
"""
TAPES = """
SELECT r.attempt_id::text, r.status, r.detail, r.duration_ms, r.peaks::text AS peaks
FROM recordings r JOIN attempts a ON a.id = r.attempt_id WHERE a.placed_at >= to_timestamp($1)
"""


def first_voice(path: Path, begin: float) -> float | None:
    """Seconds into a file at which something is heard, from `begin` on; None: nothing to its end.

    The header of a file whose writer was killed does not tell its length, so it is not asked.
    """
    data = path.read_bytes()[HEADER:]
    sound = np.frombuffer(data[: len(data) // 2 * 2], dtype=np.int16).astype(float)[int(begin * RATE) :]
    step = int(WINDOW * RATE)
    windows = sound[: len(sound) // step * step].reshape(-1, step)
    loud = np.flatnonzero(np.sqrt(np.mean(windows**2, axis=1)) > LOUD) if len(windows) else np.array([])
    return begin + float(loud[0]) * WINDOW if len(loud) else None


def rung(call: CallTruth, gone: Sequence[tuple[float, float]]) -> Rung:
    """The carrier's word on a call; one that was going on when the carrier died ended then."""
    ended, by = call.ended, call.hung_up_by
    death = next((begin for begin, _ in gone if call.invited < begin), None)
    if ended is None and death is not None:
        ended, by = death, "network"
    kept = bool(call.heard) and Path(call.heard).exists()
    greeted = _greeted(call) if kept else call.greeted
    return Rung(
        call.number,
        call.behaviour,
        call.invited,
        live=BY_NAME[call.behaviour].live,
        answered=call.answered,
        greeted=greeted,
        ended=ended,
        hung_up_by=by,
        voice=_voice(call, greeted) if kept else None,
        kept=kept,
    )


def _greeted(call: CallTruth) -> float | None:
    """When a person's greeting was over by what was said, or by the carrier's word where the file is open."""
    try:
        said = heard(call)
    except (wave.Error, EOFError):
        said = None
    if call.greeted is None or call.heard_from is None or said is None or said.greeting_over is None:
        return call.greeted
    return call.heard_from + said.greeting_over


def _voice(call: CallTruth, greeted: float | None) -> float | None:
    if greeted is None or call.heard_from is None:
        return None
    at = first_voice(Path(call.heard), max(0.0, greeted - call.heard_from))
    return None if at is None else call.heard_from + at


def _at(moment: Any) -> float | None:
    return None if moment is None else float(moment.timestamp())


def booked(row: Any) -> Booked:
    """A row of attempts."""
    return Booked(
        row["id"],
        row["number"],
        row["placed_at"].timestamp(),
        row["state"],
        row["outcome"],
        _at(row["answered_at"]),
        _at(row["verdict_at"]),
        _at(row["connected_at"]),
        _at(row["ended_at"]),
        row["direction"] == "inbound",
        f"{row['story']} {row['reason']}",
    )


def taped(row: Any) -> Taped:
    """A row of recordings."""
    peaks = json.loads(row["peaks"]) if row["peaks"] else {}
    loudest = max(peaks.get("left") or [0.0])
    return Taped(row["attempt_id"], row["status"], row["detail"], (row["duration_ms"] or 0) / 1000, loudest)


async def read(
    floor: Floor,
    since: float,
    *,
    orders: Sequence[Order] = (),
    voiceless: Sequence[tuple[float, float]] = (),
    deaths: Sequence[float] = (),
    carrier_gone: Sequence[tuple[float, float]] = (),
) -> Books:
    """All three books of what began after an instant."""
    return Books(
        [rung(call, carrier_gone) for call in floor.truth() if call.invited >= since],
        [booked(row) for row in await floor.rows(ATTEMPTS, since)],
        [taped(row) for row in await floor.rows(TAPES, since)],
        orders,
        voiceless,
        deaths,
    )
