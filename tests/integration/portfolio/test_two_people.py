"""Two people are never made one by a file, and no row takes the others with it."""

from typing import Any, TypeAlias

import asyncpg
import pytest

from portfolio.importer import ImportRefused
from portfolio.importer.report import Doubt
from portfolio.importer.run import import_file
from tests.integration.portfolio.conftest import import_text, pieces

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
HEAD = "id_cliente;nombre;telefono;referencia;saldo;acreedor\n"
BANK = (
    HEAD + "1001;Ana Prueba;612005001;A-77;100,00;Banco A\n1002;Luis Prueba;612005002;A-78;200,00;Banco A\n"
)
TELCO = HEAD + "1001;Marta Otra;612005101;B-10;900,00;Telco B\n1002;Jordi Otro;612005102;B-11;50,00;Telco B\n"


async def everybody(pool: Pool) -> list[tuple[Any, ...]]:
    """(name, creditor of the number, numbers, debts) of each, by name."""
    rows = await pool.fetch(
        "SELECT p.name, p.creditor,"
        " ARRAY(SELECT number FROM phones WHERE person_id = p.id ORDER BY number),"
        " ARRAY(SELECT creditor || ' ' || reference || ' ' || balance_minor AS one FROM debts"
        " WHERE person_id = p.id ORDER BY one)"
        " FROM persons p ORDER BY p.name, p.id"
    )
    return [tuple(row) for row in rows]


async def test_two_creditors_that_number_alike_have_four_customers(pool: Pool, campaign_id: int) -> None:
    await import_text(pool, campaign_id, BANK)
    report = await import_text(pool, campaign_id, TELCO, list_name="telco")
    assert (report.imported, report.updated) == (2, 0)
    assert await everybody(pool) == [
        ("Ana Prueba", "banco a", ["+34612005001"], ["Banco A A-77 10000"]),
        ("Jordi Otro", "telco b", ["+34612005102"], ["Telco B B-11 5000"]),
        ("Luis Prueba", "banco a", ["+34612005002"], ["Banco A A-78 20000"]),
        ("Marta Otra", "telco b", ["+34612005101"], ["Telco B B-10 90000"]),
    ]
    before = await everybody(pool)
    again = await import_text(pool, campaign_id, TELCO.replace("Telco B", " TELCO  B"), list_name="telco")
    assert (again.imported, again.updated) == (0, 2)
    assert [row[:3] for row in await everybody(pool)] == [row[:3] for row in before]


async def test_a_known_number_with_another_name_and_telephone_is_decided_by_somebody(
    pool: Pool, campaign_id: int
) -> None:
    await import_text(pool, campaign_id, BANK)
    other = (
        HEAD + "1001;Rosa Nueva;612005009;A-99;70,00;Banco A\n1002;Luis Prueba Gil;612005010;A-78;1;Banco A\n"
    )
    dry = await import_text(pool, campaign_id, other, dry_run=True)
    report = await import_text(pool, campaign_id, other)
    assert report.doubts == (Doubt(2, "Rosa Nueva", "Ana Prueba"),)
    assert b"person_differs" in report.reject_bytes
    assert (report.rows, report.updated, report.rejected, report.undecided) == (2, 1, 1, 1)
    assert (dry.rows, dry.updated, dry.rejected, dry.doubts) == (2, 1, 1, report.doubts)
    assert (await everybody(pool))[0] == ("Ana Prueba", "banco a", ["+34612005001"], ["Banco A A-77 10000"])
    decided = await import_text(pool, campaign_id, other, same_rows=frozenset({2}))
    assert (decided.updated, decided.rejected) == (2, 0)
    names = [row[0] for row in await everybody(pool)]
    assert names == ["Luis Prueba Gil", "Rosa Nueva"]


async def test_what_was_decided_holds_for_the_row_that_was_asked_about(pool: Pool, campaign_id: int) -> None:
    """Read from another row of titles, or under another creditor, the same line is about somebody else."""
    await import_text(pool, campaign_id, BANK + "9001;Pía Gil;612005301;C-1;5;Telco B\n")
    asked = HEAD + "1001;Rosa Nueva;612005009;A-99;70,00;Banco A\n"
    (doubt,) = (await import_text(pool, campaign_id, asked, dry_run=True)).doubts
    decided = frozenset({doubt.mark})
    others = (
        "1002;Rosa Nueva;612005009;A-99;70,00;Banco A\n", "1001;Eva Sanz;612005009;A-99;70,00;Banco A\n",
        "9001;Rosa Nueva;612005009;A-99;70,00;Telco B\n",
    )  # fmt: skip
    for other in others:
        report = await import_text(pool, campaign_id, HEAD + other, decided=decided)
        assert (report.updated, report.undecided) == (0, 1), other
    assert (await import_text(pool, campaign_id, asked, decided=decided)).updated == 1


@pytest.mark.parametrize("known", ["same piece", "earlier piece"])
async def test_a_number_that_a_file_gives_to_two_people(pool: Pool, campaign_id: int, known: str) -> None:
    """Dry or not, in whatever piece the first of them is."""
    between = "".join(f"X{n};Persona {n};7{n:08d};R{n};1;Banco A\n" for n in range(10_000_001, 10_009_001))
    text = BANK + (between if known == "earlier piece" else "") + "1001;Rosa Nueva;612005009;A-9;70;Banco A\n"
    dry = await import_text(pool, campaign_id, text, dry_run=True)
    wet = await import_text(pool, campaign_id, text)
    assert [(one.name, one.known) for one in wet.doubts] == [("Rosa Nueva", "Ana Prueba")]
    assert (dry.imported, dry.rejected, dry.doubts) == (wet.imported, wet.rejected, wet.doubts)


async def test_rows_to_decide_are_told_apart_from_what_is_wrong(pool: Pool, campaign_id: int) -> None:
    """However many there are of either, none hides the other; all can be decided at once."""
    ids = range(10_000_001, 10_000_301)
    known = HEAD + "".join(f"{n};Persona Uno {n};6{n:08d};R;1;Banco\n" for n in ids)
    other = HEAD + "".join(f"{n};Otra Gente {n};7{n:08d};R;1;Banco\n{n};Ana;12;R;1;Banco\n" for n in ids)
    await import_text(pool, campaign_id, known)
    report = await import_text(pool, campaign_id, other, dry_run=True)
    assert (report.rejected, report.undecided, len(report.doubts)) == (600, 300, 300)
    assert {problem.code for problem in report.problems} == {"phone_special"}
    assert len(report.problems) == 100
    same = frozenset(one.row for one in report.doubts)
    decided = await import_text(pool, campaign_id, other, same_rows=same)
    assert (decided.updated, decided.rejected, decided.undecided) == (300, 300, 0)


async def test_a_telephone_in_common_or_a_married_name_is_no_doubt(pool: Pool, campaign_id: int) -> None:
    await import_text(pool, campaign_id, BANK)
    text = (
        HEAD + "1001;Ana Casada;612005001;A-77;100,00;Banco A\n1002;PRUEBA, Lúis;699999998;A-78;9;Banco A\n"
    )
    report = await import_text(pool, campaign_id, text)
    assert (report.updated, report.rejected) == (2, 0)


async def test_without_a_creditor_it_is_asked(pool: Pool, campaign_id: int) -> None:
    """Neither the name of the list nor that of the file is a creditor."""
    for text in (
        "id_cliente;nombre;telefono;banco emisor\n1;Ana;612005001;Uno\n",
        "nombre;telefono;saldo;banco emisor\nAna;612005001;10;Uno\n",
    ):
        with pytest.raises(ImportRefused) as asked:
            await import_text(pool, campaign_id, text, creditor="")
        assert (asked.value.code, asked.value.detail) == ("creditor_needed", "banco emisor")
    assert await pool.fetchval("SELECT count(*) FROM lists") == 0
    report = await import_text(pool, campaign_id, "nombre;telefono\nAna;612005001\n", creditor="")
    assert report.imported == 1
    some = HEAD + "1;Eva;612005003;R;10;\n2;Pía;612005004;R;10;Banco\n"
    report = await import_text(pool, campaign_id, some, creditor="")
    assert [(p.row, p.column, p.code) for p in report.problems] == [(2, "acreedor", "required")]


async def test_two_debts_of_one_name_are_two_where_the_creditors_are(pool: Pool, campaign_id: int) -> None:
    """Rows without a customer number, and without a reference."""
    await import_text(pool, campaign_id, "nombre;telefono;saldo\nAna Gil;612005001;10\n", creditor="Uno")
    text = "nombre;telefono;saldo;acreedor\nAna Gil;612005001;70;Dos\nAna Gil;612005001;71;Tres\n"
    report = await import_text(pool, campaign_id, text)
    assert report.duplicates == 0
    (row,) = await everybody(pool)
    assert row[3] == ["Dos 1 7000", "Tres 1 7100", "Uno 1 1000"]


async def test_whom_we_knew_before_creditors_were_asked_is_taken_by_their_creditor(
    pool: Pool, campaign_id: int
) -> None:
    await import_text(pool, campaign_id, BANK, list_name="november")
    await pool.execute("UPDATE persons SET creditor = ''; UPDATE debts SET creditor = 'november'")
    report = await import_text(pool, campaign_id, TELCO + BANK.partition("\n")[2])
    assert (report.imported, report.updated) == (2, 2)
    rows = await everybody(pool)
    assert rows[0] == ("Ana Prueba", "banco a", ["+34612005001"], ["Banco A A-77 10000"])
    assert rows[3] == ("Marta Otra", "telco b", ["+34612005101"], ["Telco B B-10 90000"])


GLOBAL = (
    "id;nombre;telefono;saldo;moneda\nG-1;Bruno Paz Gil;655 010 301;61,00;EUR\n"
    "G-2;Barco Aurora;{};940,00;EUR\nG-3;Inés Mora Sáez;+34 655 010 303;15,75;EUR\n"
)


@pytest.mark.parametrize(
    "number",
    [
        "+881612345678",
        "+870773111632",
        "+882161234567",
        "+883510001234567",
        "+491234567890123456",
        "+44 7012345678",
    ],
)
async def test_a_number_of_no_country_costs_its_row_and_no_other(
    pool: Pool, campaign_id: int, number: str
) -> None:
    """Dry run and import say the same."""
    text = GLOBAL.format(number)
    dry = await import_text(pool, campaign_id, text, dry_run=True)
    wet = await import_text(pool, campaign_id, text)
    assert (wet.imported, wet.rejected, wet.broken) == (2, 1, "")
    assert [problem.row for problem in wet.problems] == [3]
    assert (dry.imported, dry.rejected, dry.problems) == (2, 1, wet.problems)


async def test_what_breaks_half_way_says_what_is_in_and_goes_on(pool: Pool, campaign_id: int) -> None:
    """And keeps the person's data to itself."""
    rows = [f"C{n};Persona {n};6{n:08d}" for n in range(10_000_001, 10_020_001)]
    text = "id_cliente;nombre;telefono\n" + "\n".join(rows)
    await pool.execute("ALTER TABLE persons ADD CONSTRAINT sabotage CHECK (name <> 'Persona 10012345')")
    report = await import_text(pool, campaign_id, text)
    assert report.broken == "CheckViolationError 23514 sabotage"
    assert "Persona" not in report.broken
    assert 0 < report.imported < 12_345
    assert report.last_row == report.imported + 1
    assert await pool.fetchval("SELECT count(*) FROM leads") == report.imported
    noted = await pool.fetchval("SELECT (summary ->> 'broken_after')::int FROM imports")
    assert noted == report.last_row
    await pool.execute("ALTER TABLE persons DROP CONSTRAINT sabotage")
    again = await import_text(pool, campaign_id, text)
    assert (again.imported, again.updated, again.broken) == (20_000 - report.imported, report.imported, "")


@pytest.mark.parametrize("name", ["", "x" * 121, "a\nb", "a\x00b"])
async def test_a_list_that_no_table_would_take(pool: Pool, campaign_id: int, name: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        await import_text(pool, campaign_id, BANK, list_name=name)
    assert refused.value.code == "bad_list_name"


async def test_the_country_of_numbers_is_asked(pool: Pool, campaign_id: int) -> None:
    with pytest.raises(ImportRefused) as asked:
        await import_file(
            pool, pieces(BANK.encode()), campaign_id=campaign_id, list_name="x", default_region=""
        )
    assert asked.value.code == "region_needed"


async def test_long_signs_are_taken_or_come_back(pool: Pool, campaign_id: int) -> None:
    """Text that grows when it is composed, folded or written as bytes: no index and no check refuses it."""
    names = ["\u0958" * 150, "\ufb2c" * 70, "\u0390" * 200, "😀" * 200]
    text = "id_cliente;nombre;telefono;saldo;referencia;acreedor\n" + "".join(
        f"{'ΐ' * 90}{n};{name};61200510{n};1;{'ΐ' * 100};{'ΐ' * 120}\n" for n, name in enumerate(names)
    )
    dry = await import_text(pool, campaign_id, text, dry_run=True)
    wet = await import_text(pool, campaign_id, text)
    assert (dry.imported, dry.rejected, wet.broken) == (wet.imported, wet.rejected, "")
    assert (wet.imported, wet.rejected) == (2, 2)
    nameless = text.replace("id_cliente", "x")
    assert (await import_text(pool, campaign_id, nameless)).broken == ""
