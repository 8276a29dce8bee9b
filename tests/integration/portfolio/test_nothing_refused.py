"""Nothing that a reader of files accepts is refused by a table, and what breaks an import can be resumed."""

import csv
import io
from collections.abc import Sequence
from typing import TypeAlias

import asyncpg
import phonenumbers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.importer import ImportRefused
from portfolio.importer.pieces import MOST_ROWS
from portfolio.suppression import Action, HowNumbers, Suppressed, Suppressing, suppress
from tests.integration.portfolio.conftest import import_text, pieces
from tests.premises import premise

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
HEADER = (
    "id_cliente", "nombre", "apellidos", "telefono", "telefono_2", "saldo", "moneda", "referencia",
    "acreedor", "pais", "provincia", "zona", "idioma", "dias_mora", "prioridad", "etapa", "avisos",
    "consentimiento",
)  # fmt: skip
CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
"""One database for all draws: what an earlier one left there is part of the trial."""

SIGNS = st.characters(exclude_categories=["Cs"])
GROWING = st.sampled_from("ΐ\u0958\ufb2cßİﬀ😀é\u0301\u200d").flatmap(
    lambda sign: st.integers(1, 220).map(lambda n: sign * n)
)
WORDS = (
    st.text(SIGNS, max_size=40) | GROWING | st.sampled_from(["", "Ana Ruiz", "Luis Gil", "NULL", "O'Brien"])
)
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
GLOBAL = ["+881612345678", "+870773111632", "+883510001234567", "+491234567890123456", "+44 7012345678"]


@st.composite
def telephones(draw: st.DrawFn) -> str:
    """Mostly numbers of somewhere, written somehow."""
    region = draw(st.just("ES") | st.sampled_from(REGIONS))
    kind = draw(st.integers(0, 10))
    example = phonenumbers.example_number_for_type(region, kind)
    if example is None or draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from([*GLOBAL, "0", "N/A", "4,53912E+15", "612345678.0"]) | WORDS)
    written = phonenumbers.format_number(example, draw(st.integers(0, 2)))
    return written[:-2] + draw(st.from_regex("[0-9]{2}", fullmatch=True))


def columns() -> dict[str, st.SearchStrategy[str]]:
    """What may stand in each; empty is the commonest."""
    amounts = st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str) | st.integers().map(str)
    return {
        "id_cliente": st.integers(1, 9).map(str) | WORDS,
        "nombre": st.sampled_from(["Ana Ruiz", "Luis Gil"]) | WORDS,
        "apellidos": st.just("") | WORDS,
        "telefono": telephones(),
        "telefono_2": st.just("") | telephones(),
        "saldo": st.integers(0, 10**6).map(str) | amounts | WORDS,
        "moneda": st.sampled_from(["EUR", "", "CLF", "JPY"]) | WORDS,
        "referencia": st.just("R") | WORDS,
        "acreedor": st.sampled_from(["", "Banco A", "BANCO  A", "Telco"]) | WORDS,
        "pais": st.sampled_from(["", "ES", "MX", "ESP"]) | WORDS,
        "provincia": st.just("") | WORDS,
        "zona": st.sampled_from(["", "Europe/Madrid", "America/Lima"]) | WORDS,
        "idioma": st.sampled_from(["", "es", "en-GB"]) | WORDS,
        "dias_mora": st.just("") | st.integers(-5, 40_000).map(str) | WORDS,
        "prioridad": st.just("") | st.integers(-20_000, 20_000).map(str),
        "etapa": st.sampled_from(["", "remind", "insistencia"]) | WORDS,
        "avisos": st.sampled_from(["", "vulnerable", "disputa, menor"]) | WORDS,
        "consentimiento": st.sampled_from(["", "si", "no"]) | WORDS,
    }


@st.composite
def rows(draw: st.DrawFn) -> list[list[str]]:
    """Rows of which two or three columns are wild and the others plain."""
    every = columns()
    plain = dict.fromkeys(HEADER, "") | {"nombre": "Ana Ruiz", "telefono": "612345678"}
    found = []
    for _ in range(draw(st.integers(1, 8))):
        wild = draw(st.sets(st.sampled_from(HEADER), min_size=1, max_size=4))
        found.append([draw(every[name]) if name in wild else plain[name] for name in HEADER])
    return found


def as_file(lines: Sequence[Sequence[str]]) -> bytes:
    """As a program writes it."""
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([HEADER, *lines])
    return out.getvalue().encode()


@settings(max_examples=60, deadline=None, suppress_health_check=CHECKS)
@given(lines=rows())
async def test_what_the_importer_accepts_no_table_refuses(
    pool: Pool, campaign_id: int, lines: list[list[str]]
) -> None:
    """And the dry run has said so before; the same file again changes nobody."""
    file = as_file(lines)
    dry = await import_text(pool, campaign_id, file, dry_run=True)
    wet = await import_text(pool, campaign_id, file)
    assert wet.broken == ""
    assert (dry.rows, dry.imported, dry.updated, dry.rejected, dry.duplicates, dry.undecided) == (
        wet.rows, wet.imported, wet.updated, wet.rejected, wet.duplicates, wet.undecided,
    )  # fmt: skip
    assert wet.rows == wet.imported + wet.updated + wet.rejected + wet.duplicates
    if premise(wet.imported + wet.updated):
        again = await import_text(pool, campaign_id, file)
        assert (again.broken, again.imported, again.rejected) == ("", 0, wet.rejected)


@settings(max_examples=40, deadline=None, suppress_health_check=CHECKS)
@given(
    lines=st.lists(telephones() | st.sampled_from(["612345678", "600 111 222"]), min_size=1, max_size=8),
    action=st.sampled_from(["add", "replace", "remove"]),
    region=st.just("ES") | st.sampled_from(["AR", "MX", "US", "DE"]),
)
async def test_what_a_list_of_numbers_takes_no_table_refuses(
    pool: Pool, lines: list[str], action: Action, region: str
) -> None:
    """What its check said is what happens."""
    file = "telefono\n" + "\n".join(" ".join(line.split()) for line in lines) + "\n"
    how = HowNumbers(region)
    async with pool.acquire() as connection:
        with_one = Suppressing("Robinson", HowNumbers("ES"))
        await suppress(connection, pieces(b"612345678\n"), with_one, None)

        async def put(dry: bool) -> Suppressed:
            wanted = Suppressing("Robinson", how, action, dry_run=dry, reason="bajas")
            try:
                return await suppress(connection, pieces(file.encode()), wanted, None)
            except ImportRefused as refused:
                return Suppressed(refused=refused)

        dry, wet = await put(True), await put(False)
    assert (dry.refused and dry.refused.code) == (wet.refused and wet.refused.code)
    if premise(wet.refused is None):
        assert (dry.rows, dry.taken, dry.rejected) == (wet.rows, wet.taken, wet.rejected)
        assert wet.changed == {"remove": dry.changed}.get(action, wet.changed)


@settings(max_examples=5, deadline=None, suppress_health_check=CHECKS)
@given(data=st.data())
async def test_what_fails_at_any_row_says_what_is_in_and_is_resumed(
    pool: Pool, campaign_id: int, data: st.DataObject
) -> None:
    """Whole pieces are in, nothing of the one that failed; the file again brings the rest, once."""
    some = MOST_ROWS + 900
    at = data.draw(st.sampled_from([1, MOST_ROWS, MOST_ROWS + 1, some]) | st.integers(1, some))
    mark = data.draw(st.uuids()).hex
    text = "id_cliente;nombre;telefono\n" + "".join(
        f"{mark}{n};{'Rota' if n == at else 'Persona'} {mark};6{10_000_000 + n:08d}\n"
        for n in range(1, some + 1)
    )
    await pool.execute("ALTER TABLE persons ADD CONSTRAINT sabotage CHECK (name NOT LIKE 'Rota%') NOT VALID")
    try:
        broken = await import_text(pool, campaign_id, text, list_name=mark)
    finally:
        await pool.execute("ALTER TABLE persons DROP CONSTRAINT sabotage")
    whole = (at - 1) // MOST_ROWS * MOST_ROWS
    assert broken.broken == "CheckViolationError 23514 sabotage"
    assert (broken.imported, broken.last_row) == (whole, whole + 1 if whole else 0)
    ours = "SELECT count(*) FROM leads l JOIN lists i ON i.id = l.list_id WHERE i.name = $1"
    assert await pool.fetchval(ours, mark) == whole
    again = await import_text(pool, campaign_id, text, list_name=mark)
    assert (again.broken, again.imported, again.updated) == ("", some - whole, whole)
    assert await pool.fetchval(ours, mark) == some
