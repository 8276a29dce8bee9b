"""The right result of every file in tests/field_files, for the command line and for the console."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILES = Path(__file__).parent / "field_files"


@dataclass(frozen=True, slots=True)
class People:
    """A file of debtors."""

    file: str
    region: str
    accepted: int
    rejected: int = 0
    warnings: int = 0
    reason: str = ""
    """Code of what the rejected rows have, where it is one."""
    says: str = ""
    """The same, as the console says it."""
    header_row: int = 1
    unused: str = ""
    """Columns that are not used, as they are named."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A file of numbers that are not called."""

    file: str
    region: str
    numbers: tuple[str, ...]


PEOPLE = (
    People("creditor_a.csv", "ES", 2),
    People("creditor_b.csv", "ES", 2),
    People("scientific_ids.csv", "ES", 0, 3, reason="id_scientific", says="número dañado por Excel"),
    People("pe_people.csv", "PE", 2, 1, reason="phone_invalid", says="ese teléfono no existe"),
    People("ar_people.csv", "AR", 4),
    People("one_bad_of_many.csv", "ES", 7, warnings=7),
    People("vici_header.csv", "MX", 2, unused="source_id · list_id · title · middle_initial · address1"),
    People("salesforce.csv", "ES", 2, unused="Email"),
    People("computed_balances.csv", "ES", 4),
    People("pandas_float.csv", "ES", 3),
    People("amounts.csv", "MX", 15, 5, says="importe ambiguo"),
    People("names.csv", "ES", 11, 1, reason="required", says="falta un valor obligatorio"),
    People("xlsx_title_merged.xlsx", "ES", 2, header_row=3),
    People("xlsx_text_dates.xlsx", "ES", 2, 1, reason="id_scientific", says="número dañado por Excel"),
    People("shared_line.csv", "ES", 3),
    People("global_numbers.csv", "ES", 2, 1, reason="phone_global", says="número global o por satélite"),
)
NUMBERS = (
    Numbers("cl_robinson.csv", "CL", ("+56912345678", "+56987654321")),
    Numbers("mx_repep.txt", "MX", ("+525512345678", "+528112345678")),
    Numbers("ar_nollame.txt", "AR", ("+541123450001", "+541123450002", "+543415123456")),
    Numbers("dnc_id_first.csv", "ES", ("+34612006001", "+34612006002")),
    Numbers("dnc_ftc_full.txt", "US", ("+12025550101", "+12025550102", "+13055550103")),
)

Ask = Callable[[str], Awaitable[Any]]
"""One value of the database."""


_NUMBERS_OF = (
    "SELECT array_agg(h.number ORDER BY h.number) FROM persons p JOIN phones h ON h.person_id = p.id"
)
_LINES_OF = "SELECT count(DISTINCT line_of(h.number)) FROM persons p JOIN phones h ON h.person_id = p.id"
_OWED_BY = (
    "SELECT array_agg(balance_minor ORDER BY p.external_id, balance_minor)"
    " FROM persons p JOIN debts d ON d.person_id = p.id"
)
_MAY_BE_CALLED = (
    "SELECT count(*) FROM persons p JOIN phones h ON h.person_id = p.id"
    " WHERE NOT is_suppressed(h.number, now())"
)


async def books_are_right(ask: Ask) -> None:
    """What the database holds when all files have been read, each under a creditor of its name."""
    assert await ask("SELECT count(*) FROM persons WHERE external_id IN ('1001', '1002')") == 4
    for who, numbers in (
        ("p.external_id LIKE 'P-%'", ["+51912345678", "+51987654321"]),
        ("p.external_id = '003A'", ["+34612001201", "+34912001201"]),
        ("p.external_id = 'V-1'", ["+525512345678", "+525512345679"]),
        ("p.name = 'Luis' AND h.number LIKE '%00602'", ["+34612000602", "+34912000602"]),
        ("p.external_id LIKE 'G-%'", ["+34655010301", "+34655010303"]),
    ):
        assert await ask(f"{_NUMBERS_OF} WHERE {who}") == numbers, who
    assert await ask(f"{_LINES_OF} WHERE p.external_id LIKE 'AR-%'") == 3
    assert await ask(f"{_LINES_OF} WHERE p.external_id LIKE 'L-%'") == 2
    of_a_workbook = "p.id IN (SELECT person_id FROM phones WHERE number LIKE '+34612003%')"
    assert await ask(f"{_OWED_BY} WHERE p.external_id LIKE '110_'") == [152_333, 152_333, 10_000, 152_330]
    assert await ask(f"{_OWED_BY} WHERE {of_a_workbook}") == [30, 300, 1250, 1999]
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 Familia"
    assert await ask("SELECT name FROM persons WHERE name LIKE '%Familia'") == family
    assert await ask(f"{_MAY_BE_CALLED} AND p.external_id LIKE 'AR-%'") == 0
    assert await ask(f"{_MAY_BE_CALLED} AND p.external_id = 'P-1'") == 1
    assert await ask("SELECT count(*) FROM suppressed_numbers WHERE number LIKE '+346000%'") == 0
