"""A hostile CSV: good rows in, each bad row back with row, column, reason; nothing lost, nothing injected."""

import csv
import io
from pathlib import Path
from typing import TypeAlias

import asyncpg
import pytest

from portfolio.importer import ImportRefused, ImportReport, import_file
from tests.integration.portfolio.conftest import import_text, pieces

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"

HEADER = "external_id;nombre;apellidos;telefono;telefono_2;saldo;moneda;referencia;acreedor;comentarios"
TABLES = ("persons", "phones", "debts", "leads", "lists", "audit")

GOOD = {
    2: "A-1;Ana;Muñoz;612000001;912345678;1.234,56;EUR;R-1;Banco Uno;",
    3: 'A-2;"Eva; la de ""Soria""";Peña;\'612000002;;99,00;EUR;R-2;Banco Uno;=HYPERLINK("http://x")',
    9: 'A-3;"Robert\'); DROP TABLE persons; --";;612000003;;;;;;',
    19: "A-1;Ana;Muñoz;612000001;912345678;50,00;EUR;R-9;Banco Uno;",
    25: "A-4;Íñigo;Ñandú;+54 9 11 2345 6789;;1.000.000,00;ARS;R-4;Banco Tres;",
}
BAD = {
    4: ("B-1;=cmd|'/c calc'!A0;x;612000011;;;;;;", [("nombre", "formula")]),
    5: ("B-2;Luis;Gil;3,4612E+10;;;;;;", [("telefono", "phone_scientific")]),
    6: ("B-3;Luis;Gil;112;;;;;;", [("telefono", "phone_special")]),
    7: ("B-4;Luis;Gil;000000000;;;;;;", [("telefono", "phone_invalid")]),
    8: ("B-5;Luis;Gil;612000012", [("", "too_few_columns")]),
    10: ("B-6;Luis;Gil;612000013;;;;;;;otra;más", [("", "too_many_columns")]),
    11: ("B-7;" + "x" * 70_000 + ";Gil;612000014;;;;;;", [("", "row_too_long")]),
    12: ("B-8;" + "x" * 1_500 + ";Gil;612000015;;;;;;", [("nombre", "field_too_long")]),
    13: (";;;;;;;;;nota", [("nombre", "required"), ("telefono", "required")]),
    14: ("B-9;\"Luis;Gil;612000016;;;;;;", [("", "unclosed_quote")]),
    15: ("B-10;MuÃ±oz;Gil;612000017;;;;;;", [("nombre", "double_encoded")]),
    16: ("B-11;Luis;Gil;612000018;;1.234;EUR;R;Banco;", [("saldo", "ambiguous_amount")]),
    17: ("B-12;Luis\x00;Gil;612000019;;;;;;", [("nombre", "control_character")]),
    20: ("B-13;Luis;Gil;806000000;112;-5;euros;@R;Banco;", [
        ("telefono", "phone_special"), ("telefono_2", "phone_special"), ("saldo", "bad_amount"),
        ("moneda", "bad_currency"), ("referencia", "formula"),
    ]),
    23: ("B-15;\u202eLuis;Gil;612000021;;;;;;", [("nombre", "control_character")]),
    24: ("-1+1;Luis;Gil;612000022;;;;;;", [("external_id", "formula")]),
}  # fmt: skip
REPEATED = {18: GOOD[2]}
MULTI_LINE = 21, 'B-14;"Luis\r\nAction: Originate\r\n";Gil;612000020;;;;;;'
"""A CR/LF inside quotes, over lines 21 and 22 and the rest of it: the row begins at 21."""


def hostile() -> bytes:
    """All of it in one file, plus a row in another encoding at the end."""
    rows = {**GOOD, **{row: text for row, (text, _) in BAD.items()}, **REPEATED}
    number, broken = MULTI_LINE
    first, second, third = broken.split("\r\n")
    rows[number] = first
    rows[number + 1] = f"{second}\r\n{third}"
    lines = [HEADER, *(rows[row] for row in sorted(rows))]
    wrong = "B-16;Núñez;Gil;612000023;;;;;;".encode("cp1252")
    return "\r\n".join(lines).encode() + b"\r\n" + wrong + b"\r\n"


def expected_problems() -> list[tuple[int, str, str]]:
    """(line, column, code); lines after the broken one are one further down."""
    found = [(row, column, code) for row, (_, problems) in BAD.items() for column, code in problems]
    found += [(row, "", "duplicate_row") for row in REPEATED]
    found = [(row + (row > 22), column, code) for row, column, code in found]
    return sorted([*found, (21, "nombre", "control_character"), (27, "", "encoding")])


async def test_a_hostile_file(pool: Pool, campaign_id: int) -> None:
    """Every row is accounted for."""
    report = await import_text(pool, campaign_id, hostile())
    rejects = list(csv.DictReader(io.StringIO(report.reject_bytes.decode("utf-8-sig"), newline="")))
    told = [(int(line["fila/row"]), line["columna/column"], line["codigo/code"]) for line in rejects]
    assert sorted(told) == expected_problems()
    assert all(line["motivo"] and line["reason"] for line in rejects)
    assert report.rows == report.imported + report.updated + report.rejected + report.duplicates
    assert (report.imported, report.updated, report.rejected, report.duplicates) == (4, 1, len(BAD) + 2, 1)
    assert report.ignored_columns == ("comentarios",)
    await _only_good_rows_are_in(pool)
    _nothing_runs(rejects)


async def _only_good_rows_are_in(pool: Pool) -> None:
    persons = await pool.fetch("SELECT external_id, name FROM persons ORDER BY external_id")
    assert [tuple(person) for person in persons] == [
        ("A-1", "Ana Muñoz"),
        ("A-2", 'Eva; la de "Soria" Peña'),
        ("A-3", "Robert'); DROP TABLE persons; --"),
        ("A-4", "Íñigo Ñandú"),
    ]
    phones = await pool.fetch("SELECT number FROM phones ORDER BY number")
    assert [phone["number"] for phone in phones] == [
        "+34612000001", "+34612000002", "+34612000003", "+34912345678", "+5491123456789",
    ]  # fmt: skip
    debts = await pool.fetch("SELECT reference, balance_minor, currency FROM debts ORDER BY reference")
    assert [tuple(debt) for debt in debts] == [
        ("R-1", 123_456, "EUR"), ("R-2", 9_900, "EUR"), ("R-4", 100_000_000, "ARS"), ("R-9", 5_000, "EUR"),
    ]  # fmt: skip
    assert await pool.fetchval("SELECT count(*) FROM leads WHERE status = 'open'") == 4


def _nothing_runs(rejects: list[dict[str, str]]) -> None:
    for line in rejects:
        assert all(cell.isprintable() for cell in line.values())
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line.values())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nombre;saldo\r\nAna;1\r\n",
        b"telefono;saldo\r\n612345678;1\r\n",
        b"nombre;telefono;saldo;saldo\r\nAna;1;2;3\r\n",
        b"PK\x03\x04" + b"\x00" * 500,
        b"x" * 200_000,
    ],
)
async def test_a_file_that_is_none_writes_nothing(pool: Pool, campaign_id: int, content: bytes) -> None:
    """The error comes before the first row, whatever follows."""
    with pytest.raises(ImportRefused):
        await import_text(pool, campaign_id, content)
    assert await _counts(pool) == dict.fromkeys(TABLES, 0)


async def test_an_unknown_campaign(pool: Pool) -> None:
    """A clear error."""
    with pytest.raises(ImportRefused) as refused:
        await import_text(pool, 999, hostile())
    assert refused.value.code == "unknown_campaign"


async def test_an_unknown_default_region(pool: Pool, campaign_id: int) -> None:
    """Better than a file full of numbers that do not exist."""
    with pytest.raises(ImportRefused) as refused:
        await import_file(pool, pieces(b""), campaign_id=campaign_id, list_name="x", default_region="Spain")
    assert refused.value.code == "unknown_region"


async def test_importing_again_changes_nothing(pool: Pool, campaign_id: int) -> None:
    """With and without outside ids; everybody is known the second time."""
    plain = "name,phone\nAna Ruiz,612345678\nEva,612345678\nPía,912345678\n"
    for content in (hostile(), plain.encode()):
        first = await import_text(pool, campaign_id, content)
        before = await _everything(pool)
        again = await import_text(pool, campaign_id, content)
        assert await _everything(pool) == before
        assert (again.imported, again.updated) == (0, first.imported + first.updated)
        assert again.reject_bytes == first.reject_bytes


async def test_a_dry_run_tells_the_same_and_writes_nothing(pool: Pool, campaign_id: int) -> None:
    """Not even the list."""
    dry = await import_text(pool, campaign_id, hostile(), dry_run=True)
    assert await _counts(pool) == dict.fromkeys(TABLES, 0)
    wet = await import_text(pool, campaign_id, hostile())
    assert dry.list_id is None
    assert (dry.rows, dry.imported, dry.updated, dry.rejected, dry.duplicates, dry.problems) == (
        wet.rows, wet.imported, wet.updated, wet.rejected, wet.duplicates, wet.problems,
    )  # fmt: skip


async def test_what_we_learnt_survives_a_new_file(pool: Pool, campaign_id: int) -> None:
    """Balances follow the file; wrong numbers, stops and finished leads stay."""
    text = "external_id,name,phone,balance,debt_reference\nC-1,Ana,612345678,100,R\nC-2,Eva,612345679,100,R\n"
    await import_text(pool, campaign_id, text)
    await pool.execute("UPDATE phones SET status = 'wrong_party' WHERE number = '+34612345678'")
    await pool.execute(
        "UPDATE leads SET status = 'done' FROM persons p WHERE p.id = person_id AND p.name = 'Ana'"
    )
    await pool.execute("UPDATE persons SET stopped_at = now() WHERE name = 'Eva'")
    await import_text(pool, campaign_id, text.replace("100", "40").replace("Ana", "Ana Ruiz"))
    await import_text(pool, campaign_id, text, list_name="december")
    rows = await pool.fetch(
        "SELECT l.name AS list, p.name, l2.status, h.status AS phone FROM leads l2"
        " JOIN lists l ON l.id = l2.list_id JOIN persons p ON p.id = l2.person_id"
        " JOIN phones h ON h.person_id = p.id ORDER BY 1, 2"
    )
    assert [tuple(row) for row in rows] == [
        ("december", "Ana", "open", "wrong_party"),
        ("december", "Eva", "withdrawn", "unknown"),
        ("november", "Ana", "done", "wrong_party"),
        ("november", "Eva", "open", "unknown"),
    ]
    assert await pool.fetchval("SELECT count(*) FROM persons") == 2


async def test_persons_who_share_a_number_stay_two(pool: Pool, campaign_id: int) -> None:
    """One number, two names, two persons; one name in two spellings of its case, one person."""
    report = await import_text(
        pool, campaign_id, "name,phone\nAna,612345678\nLuis,612345678\nANA,+34612345678\n"
    )
    assert (report.imported, report.duplicates) == (2, 1)


async def test_many_batches(pool: Pool, campaign_id: int, tmp_path: Path) -> None:
    """Rows, repeats and rejects are right across batches, and progress is told."""
    rows = [f"E-{n},Persona {n},61{n % 9000:07d},R{n}" for n in range(9000)]
    bad = [f"X-{n},Persona,12,R" for n in range(9000)]
    mixed = [row for pair in zip(rows, bad, strict=True) for row in pair]
    content = "\n".join(["external_id,name,phone,ignored", *mixed, *rows[:500]]).encode()
    seen: list[ImportReport] = []
    report = await import_file(
        pool,
        pieces(content, 999),
        campaign_id=campaign_id,
        list_name="big",
        default_region="ES",
        creditor="Acreedor",
        progress=seen.append,
        reject_path=tmp_path / "rejects.csv",
    )
    assert (report.rows, report.imported, report.rejected, report.duplicates) == (18_500, 9_000, 9_000, 500)
    assert [step.rows for step in seen] == sorted({step.rows for step in seen})
    assert len((tmp_path / "rejects.csv").read_text("utf-8-sig").splitlines()) == 1 + 9_500
    assert report.reject_bytes == b""
    assert len(report.problems) == 100
    assert await pool.fetchval("SELECT count(*) FROM leads") == 9_000


async def test_the_import_is_in_the_audit(pool: Pool, campaign_id: int) -> None:
    """Who, what list, how many."""
    actor = await pool.fetchval(
        "INSERT INTO users (login, name, role, password_hash) VALUES ('sup', 'S', 'admin', 'x') RETURNING id"
    )
    report = await import_text(pool, campaign_id, hostile(), actor_id=actor)
    row = await pool.fetchrow("SELECT actor_id, action, subject, after ->> 'rejected' AS rejected FROM audit")
    assert row is not None
    assert tuple(row) == (actor, "list.import", f"list:{report.list_id}", str(report.rejected))
    assert await pool.fetchval("SELECT source_hash FROM lists") == report.sha256


async def _counts(pool: Pool) -> dict[str, int]:
    # The names are ours.
    return {table: await pool.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES}  # noqa: S608


async def _everything(pool: Pool) -> list[list[tuple[object, ...]]]:
    tables = [table for table in TABLES if table != "audit"]
    return [
        [tuple(row) for row in await pool.fetch(f"SELECT * FROM {table} ORDER BY id")]  # noqa: S608
        for table in tables
    ]
