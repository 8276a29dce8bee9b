"""The register of complaints as a file, for an inspector: every line that was asked for, as it stands now."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import IO, Literal, cast

from portfolio.complaints import Complaint, spoken
from portfolio.importer.rejects import harmless

Language = Literal["es", "en"]
MOST = 50_000
"""Lines of one file."""
PAGE = 500
"""Lines that are in memory at once: each may hold thousands of letters."""
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024
TITLES: dict[Language, tuple[str, ...]] = {
    "es": (
        "Número de caso", "Estado", "Vía", "Quién reclama", "Persona", "Campaña", "Acreedor", "Deuda",
        "Qué dice", "Abierta", "Abierta por", "Contestar hasta", "Regla del plazo", "Fuera de plazo",
        "Respuesta", "Contestada", "Contestada por", "Cerrada", "Cerrada por", "Motivo del cierre",
    ),
    "en": (
        "Case number", "State", "Came by", "Who complains", "Person", "Campaign", "Creditor", "Debt",
        "What they say", "Opened", "Opened by", "Answer by", "Rule of the deadline", "Late",
        "Answer", "Answered", "Answered by", "Closed", "Closed by", "Why closed",
    ),
}  # fmt: skip
_WORDS: dict[Language, dict[str, str]] = {
    "es": {
        "open": "abierta", "answered": "contestada", "closed": "cerrada", "phone": "teléfono",
        "email": "correo", "letter": "carta", "web": "web", "in_person": "en persona", "other": "otra",
        "yes": "sí", "no": "no",
    },
    "en": {"in_person": "in person"},
}  # fmt: skip
_MARK = "\ufeff"
"""Without it a spreadsheet reads the file in the alphabet of its own country."""


def open_file(language: Language) -> IO[bytes]:
    """A file of no line yet, with its titles: UTF-8 with its mark. On the disk as soon as it is large."""
    held = cast("IO[bytes]", SpooledTemporaryFile(max_size=_IN_MEMORY))
    held.write((_MARK + _rows([TITLES[language]])).encode())
    return held


def add_lines(held: IO[bytes], found: Iterable[Complaint], language: Language) -> None:
    """Instants in ISO 8601. No cell is taken for a formula, none loses a digit."""
    held.write(_rows([harmless(cell) for cell in _cells(one, language)] for one in found).encode())


def read_out(held: IO[bytes]) -> Iterator[bytes]:
    """The whole file, piece by piece; then it is gone."""
    with held:
        held.seek(0)
        while piece := held.read(_PIECE):
            yield piece


def _rows(rows: Iterable[Iterable[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _cells(one: Complaint, language: Language) -> Iterator[str]:
    word = _WORDS[language]
    # Spaced, so that no spreadsheet makes a number of it and drops its leading zeros.
    yield from (spoken(one.case_number), word.get(one.state, one.state), word.get(one.via, one.via))
    yield from (one.complainant, one.person or "", one.campaign or "", one.creditor, one.debt or "", one.text)
    yield from (_at(one.opened_at), one.opened_by or "", one.due_on.isoformat() if one.due_on else "")
    late = "yes" if one.late else "no"
    yield from (
        one.rule_source,
        word.get(late, late),
        one.answer,
        _at(one.answered_at),
        one.answered_by or "",
    )
    yield from (_at(one.closed_at), one.closed_by or "", one.close_reason)


def _at(instant: datetime | None) -> str:
    return instant.isoformat(timespec="seconds") if instant else ""
