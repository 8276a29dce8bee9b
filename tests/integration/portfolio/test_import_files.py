"""Workbooks, long files, mappings, consents and people who are on another list."""

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import asyncpg
import openpyxl
import pytest

from portfolio.importer import ImportRefused, ImportReport, import_file
from portfolio.importer.source import HERE
from tests.integration.portfolio.conftest import CAMPAIGN, import_text, pieces

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
ROW = "C-{0};Persona {0};6{0:08d};{0},50;EUR;D-{0};Banco\n"
HEADER = "external_id;nombre;telefono;saldo;moneda;referencia;acreedor\n"


async def take(pool: Pool, campaign_id: int, content: bytes, **more: object) -> ImportReport:
    """Import bytes."""
    how = {"list_name": "november", "default_region": "ES", "creditor": "Acreedor", **more}
    return await import_file(pool, pieces(content), campaign_id=campaign_id, **how)  # type: ignore[arg-type]


def workbook(rows: list[list[object]]) -> bytes:
    """An XLSX with these rows."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def test_a_workbook_as_excel_keeps_it(pool: Pool, campaign_id: int) -> None:
    """Numbers that became fractions, dates, empty cells, a comma and a quote in a cell."""
    content = workbook(
        [
            ["Nombre", "Telefono", "Saldo", "Moneda", "Referencia", "Alta", "external_id"],
            ['Lucía "la de Soria", Muñoz', 612345678.0, 1234.5, "EUR", "0012", date(2026, 1, 2), "0007"],
            ["Luis", "612 345 679", None, None, None, None, 8],
            [None, None, None, None, None, None, None],
            ["=1+1", 612345670, 5, "EUR", 1, None, 9],
        ]
    )
    report = await take(pool, campaign_id, content, file_name="cartera.xlsx")
    assert (report.rows, report.imported, report.rejected) == (3, 2, 1)
    row = await pool.fetchrow(
        "SELECT p.name, p.external_id, h.number, d.balance_minor, d.reference FROM persons p"
        " JOIN phones h ON h.person_id = p.id JOIN debts d ON d.person_id = p.id"
    )
    assert tuple(row) == ('Lucía "la de Soria", Muñoz', "0007", "+34612345678", 123450, "0012")  # type: ignore[arg-type]
    log = await pool.fetchrow("SELECT file_name, sha256, summary::text AS summary FROM imports")
    assert log is not None
    assert (log["file_name"], json.loads(log["summary"])["imported"]) == ("cartera.xlsx", 2)
    again = await take(pool, campaign_id, content)
    assert (again.imported, again.updated, await pool.fetchval("SELECT count(*) FROM persons")) == (0, 2, 2)


@pytest.mark.parametrize("kind", ["no zip", "empty zip", "truncated", "other zip"])
async def test_what_looks_like_a_workbook_and_is_none(pool: Pool, campaign_id: int, kind: str) -> None:
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    content = {
        "no zip": b"PK\x03\x04" + b"\xff" * 5000,
        "empty zip": b"PK\x03\x04",
        "truncated": workbook([["Nombre", "Telefono"], ["Luis", 612345678]])[:-500],
        "other zip": other.getvalue(),
    }[kind]
    with pytest.raises(ImportRefused) as refused:
        await take(pool, campaign_id, content)
    assert refused.value.code == "bad_sheet"
    assert await pool.fetchval("SELECT count(*) FROM lists") == 0


def with_parts(**parts: Iterable[bytes]) -> bytes:
    """A workbook of two rows, some of whose parts are these instead."""
    content, made = io.BytesIO(workbook([["Nombre", "Telefono"], ["Luis", "612345678"]])), io.BytesIO()
    names = {"sheet": "xl/worksheets/sheet1.xml", "strings": "xl/sharedStrings.xml"}
    instead = {names[key]: pieces for key, pieces in parts.items()}
    with zipfile.ZipFile(content) as good, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as bad:
        for name in {*good.namelist(), *instead}:
            with bad.open(name, "w", force_zip64=True) as part:
                for piece in instead[name] if name in instead else [good.read(name)]:
                    part.write(piece)
    return made.getvalue()


SHEET = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
STRINGS = b'<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def endless() -> bytes:
    """Four gigabytes of one cell in four megabytes."""
    start = SHEET + b'<row r="1"><c r="A1" t="str"><v>'
    return with_parts(sheet=chain([start], (b"x" * (1 << 20) for _ in range(4096))))


def far_apart() -> bytes:
    """Two cells, and a rectangle of eighty million between them."""
    rows = b'<row r="1"><c r="A1"><v>1</v></c></row><row r="5000"><c r="XFD5000"><v>1</v></c></row>'
    return with_parts(sheet=[SHEET, rows, b"</sheetData></worksheet>"])


def one_word() -> bytes:
    """A long word that seventy thousand cells have in common: 2.2 GB for a reader that copies it."""
    rows = (b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (row, row) for row in range(1, 70_001))
    word = b"<si><t>" + b"x" * 32_000 + b"</t></si></sst>"
    return with_parts(sheet=chain([SHEET], rows, [b"</sheetData></worksheet>"]), strings=[STRINGS, word])


_READS = """
import asyncio, resource, sys
from functools import partial
from pathlib import Path
from portfolio.importer.problems import ImportRefused
from portfolio.importer.rows import Defaults
from portfolio.importer.source import open_source
from portfolio.importer.worker import Reading

async def content():
    yield Path(sys.argv[1]).read_bytes()

async def read():
    async with open_source(content(), partial(Reading, Defaults("ES", ""))) as source:
        while (await source.read())[1]:
            pass

if __name__ == "__main__":
    try:
        asyncio.run(read())
        print("read", end=" ")
    except ImportRefused as refused:
        print(refused.code, end=" ")
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)
"""


def read_alone(folder: Path, content: bytes) -> tuple[str, int]:
    """What comes of reading a file in processes of their own, and the most MB that one of them had."""
    program, file = folder / "reads.py", folder / "file.xlsx"
    program.write_text(_READS)
    file.write_bytes(content)
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, program, file], capture_output=True, text=True, check=True, env=env
    )
    word, peak = done.stdout.split()
    return word, int(peak)


@pytest.mark.parametrize("bomb", [endless, far_apart, one_word])
def test_a_bomb_takes_little_memory_and_gets_a_clear_reason(
    tmp_path: Path, bomb: Callable[[], bytes]
) -> None:
    word, peak = read_alone(tmp_path, bomb())
    assert word == "sheet_too_big"
    assert peak < 500


def test_a_long_workbook_of_real_people_is_read(tmp_path: Path) -> None:
    names = [f"column {number}" for number in range(10)]
    rows: list[list[object]] = [[f"value {row} {name}" for name in names] for row in range(20_000)]
    word, _ = read_alone(tmp_path, workbook([["Nombre", "Telefono", *names], *rows]))
    assert word == "read"


async def test_after_a_bomb_the_next_import_goes_on(pool: Pool, campaign_id: int) -> None:
    with pytest.raises(ImportRefused, match="divide it, or save it as CSV"):
        await take(pool, campaign_id, far_apart())
    good = workbook([["Nombre", "Telefono", "external_id"], ["Luis", "612345678", "7"]])
    assert (await take(pool, campaign_id, good)).imported == 1


async def test_a_long_file_is_read_beside_and_gives_the_same(pool: Pool, campaign_id: int) -> None:
    """With bad rows among the good ones, and a report that says what was read."""
    rows = [
        ROW.format(number) if number % 1000 else f"X-{number};sin teléfono;;;;;\n"
        for number in range(1, 26_000)
    ]
    content = (HEADER + "".join(rows)).encode()
    assert len(content) > HERE
    report = await take(pool, campaign_id, content)
    assert (report.rows, report.imported, report.rejected) == (25_999, 25_974, 25)
    assert report.bytes_read == len(content)
    assert report.columns[2] == ("telefono", "phone")
    assert [problem.row for problem in report.problems[:2]] == [1001, 2001]
    assert await pool.fetchval("SELECT count(*) FROM leads") == 25_974


async def test_a_header_that_nobody_would_understand_is_mapped(pool: Pool, campaign_id: int) -> None:
    text = "Titular;Linea A;Vencido;Comentario\nLuis;612345678;10,50;x\n"
    with pytest.raises(ImportRefused):
        await import_text(pool, campaign_id, text)
    mapping = {"Linea A": "phone", "vencido": "balance", "Comentario": ""}
    report = await take(pool, campaign_id, text.encode(), mapping=mapping)
    assert report.columns == (
        ("Titular", "name"),
        ("Linea A", "phone"),
        ("Vencido", "balance"),
        ("Comentario", ""),
    )
    assert await pool.fetchval("SELECT balance_minor FROM debts") == 1050
    with pytest.raises(ImportRefused) as refused:
        await take(pool, campaign_id, text.encode(), mapping={"Linea A": "telefonito"})
    assert refused.value.code == "unknown_columns"


@pytest.mark.parametrize(("dedupe", "left_out"), [("list", 0), ("campaign", 1), ("system", 2)])
async def test_who_is_on_another_list_already(
    pool: Pool, campaign_id: int, dedupe: str, left_out: int
) -> None:
    other = await pool.fetchval(CAMPAIGN, "second")
    people = [
        HEADER + ROW.format(1),
        HEADER + ROW.format(2),
        HEADER + "".join(ROW.format(n) for n in (1, 2, 3)),
    ]
    await import_text(pool, campaign_id, people[0], list_name="old")
    await import_text(pool, other, people[1], list_name="old")
    report = await take(pool, campaign_id, people[2].encode(), dedupe=dedupe)
    assert report.elsewhere == left_out
    placed = "SELECT count(*) FROM leads l JOIN lists i ON i.id = l.list_id WHERE i.name = 'november'"
    assert await pool.fetchval(placed) == 3 - left_out


async def test_one_person_in_two_rows_and_news_of_who_is_known(pool: Pool, campaign_id: int) -> None:
    """Whether all of a piece are new or not, persons, numbers, debts and leads come out the same."""
    twice = HEADER + ROW.format(1) + ROW.format(1).replace("D-1", "D-1b") + ROW.format(2)
    report = await take(pool, campaign_id, twice.encode())
    assert (report.imported, report.updated) == (2, 1)
    mixed = HEADER + ROW.format(1).replace("6000", "6100").replace(";1,50;", ";9,00;") + ROW.format(3) * 2
    report = await take(pool, campaign_id, mixed.encode())
    assert (report.imported, report.updated, report.duplicates) == (1, 1, 1)
    rows = await pool.fetch(
        "SELECT p.external_id AS who, (SELECT count(*) FROM phones f WHERE f.person_id = p.id) AS phones,"
        " (SELECT array_agg(reference || ' ' || balance_minor ORDER BY reference) FROM debts d"
        "  WHERE d.person_id = p.id) AS debts,"
        " (SELECT count(*) FROM leads l WHERE l.person_id = p.id) AS leads FROM persons p ORDER BY 1"
    )
    assert [tuple(row) for row in rows] == [
        ("C-1", 2, ["D-1 900", "D-1b 150"], 1),
        ("C-2", 1, ["D-2 250"], 1),
        ("C-3", 1, ["D-3 350"], 1),
    ]


async def test_consents_flags_and_stages_come_with_the_file(pool: Pool, campaign_id: int) -> None:
    head = "external_id;nombre;telefono;saldo;etapa;avisos;consentimiento;consentimiento_sms\n"
    first = head + "A;Ana;612345678;10;insistencia;vulnerable, disputa;sí;no\nB;Luis;612345679;10;;;quizá;\n"
    report = await import_text(pool, campaign_id, first)
    assert [(problem.row, problem.code) for problem in report.problems] == [(3, "bad_consent")]
    row = "SELECT p.granted, p.refused, p.flags, d.stage FROM persons p JOIN debts d ON d.person_id = p.id"
    assert tuple(await pool.fetchrow(row)) == (["voice"], ["sms"], ["dispute", "vulnerable"], "insist")  # type: ignore[arg-type]
    await import_text(pool, campaign_id, head + "A;Ana;612345678;10;;;no;\n")
    assert tuple(await pool.fetchrow(row))[:3] == ([], ["sms", "voice"], ["dispute", "vulnerable"])  # type: ignore[arg-type]
    said = await pool.fetch("SELECT channel, state FROM person_consents ORDER BY id")
    assert sorted(map(tuple, said)) == [("sms", "refused"), ("voice", "granted"), ("voice", "refused")]


async def test_who_needs_care_waits_for_a_trained_agent_from_the_first(pool: Pool, campaign_id: int) -> None:
    care = await pool.fetchval(CAMPAIGN, "care")
    await pool.execute(
        "UPDATE campaigns SET settings = $2::text::jsonb WHERE id = $1", care, '{"care": true}'
    )
    text = "external_id;nombre;telefono;avisos\nA;Ana;612345678;vulnerable\nB;Luis;612345679;\n"
    await import_text(pool, campaign_id, text)
    rows = await pool.fetch(
        "SELECT p.external_id, l.campaign_id, l.status, l.held_by"
        " FROM leads l JOIN persons p ON p.id = l.person_id ORDER BY p.external_id, l.id"
    )
    assert [tuple(row) for row in rows] == [
        ("A", campaign_id, "withdrawn", "care"),
        ("A", care, "open", ""),
        ("B", campaign_id, "open", ""),
    ]
