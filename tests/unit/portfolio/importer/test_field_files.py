"""Files as people really send them, each with its right result (tests/field_files/README.md)."""

from importlib import resources

import pytest

from portfolio.importer.problems import RowProblem
from portfolio.importer.rows import PersonRow
from tests.unit.portfolio.importer.reading import codes, read

FILES = resources.files("tests").joinpath("field_files")


def field(name: str, region: str = "ES") -> tuple[list[PersonRow], list[RowProblem]]:
    """Good rows and problems of one of the files."""
    return read(FILES.joinpath(name).read_bytes(), region=region)


def numbers(rows: list[PersonRow]) -> list[list[str]]:
    """Of each person."""
    return [[phone.number for phone in row.phones] for row in rows]


def test_ids_that_a_spreadsheet_rounded_come_back() -> None:
    good, problems = field("scientific_ids.csv")
    assert good == []
    assert codes(problems) == [
        (row, column, "id_scientific") for row in (2, 3, 4) for column in ("id_cliente", "referencia")
    ]
    assert problems[0].value == "4,53912E+15"


def test_a_region_makes_the_numbers_its_own() -> None:
    good, problems = field("pe_people.csv", "PE")
    assert numbers(good) == [["+51987654321"], ["+51912345678"]]
    assert codes(problems) == [(4, "celular", "phone_invalid")]


def test_one_bad_number_of_many() -> None:
    good, problems = field("one_bad_of_many.csv")
    assert problems == []
    assert [row.name for row in good] == ["Ana", "Luis", "Eva", "Pía", "Leo", "Zoe", "Gil"]
    assert numbers(good)[4] == ["+34612000905", "+34912000905"]
    warned = [codes(row.warnings)[0][1:] for row in good]
    assert warned == [
        ("telefono_2", "phone_special"), ("telefono_2", "phone_invalid"), ("telefono_2", "phone_special"),
        ("telefono_2", "phone_invalid"), ("telefono_3", "phone_invalid"), ("telefono_4", "phone_special"),
        ("telefono_2", "phone_extension"),
    ]  # fmt: skip


def test_a_dialers_own_header() -> None:
    good, problems = field("vici_header.csv", "MX")
    assert problems == []
    assert numbers(good) == [["+525512345678", "+525512345679"], ["+525512345680"]]
    assert [(row.external_id, row.region, row.country, row.name) for row in good] == [
        ("V-1", "CDMX", "MX", "Ana Prueba"),
        ("V-2", "CDMX", "MX", "Luis Prueba"),
    ]


def test_three_numbers_of_a_person() -> None:
    good, problems = field("salesforce.csv")
    assert problems == []
    assert numbers(good) == [["+34912001201", "+34612001201"], ["+34612001202"]]
    assert [row.debt.balance_minor for row in good if row.debt] == [120_050, 30_000]


def test_balances_that_a_formula_worked_out() -> None:
    good, problems = field("computed_balances.csv")
    assert problems == []
    assert [row.debt.balance_minor for row in good if row.debt] == [152_333, 152_333, 10_000, 152_330]


def test_numbers_that_became_fractions_of_nothing() -> None:
    good, problems = field("pandas_float.csv")
    assert problems == []
    assert numbers(good) == [["+34612000601"], ["+34612000602", "+34912000602"], ["+34912000603"]]


def test_twenty_ways_to_write_money() -> None:
    good, problems = field("amounts.csv", "MX")
    assert {row.external_id: row.debt.balance_minor for row in good if row.debt} == {
        "1": 123_456, "3": 50_000, "5": 0, "6": 123_450, "7": 123_456_700, "8": 123_450,
        "9": 1_234_567_890,
        "10": 123_457, "11": 120_050,
        "12": 123_450, "15": 123_456, "16": 1_234_567, "18": 1_500, "19": 1_500,
        "20": 125_000,
    }  # fmt: skip
    assert codes(problems) == [
        (3, "saldo", "ambiguous_amount"), (5, "saldo", "bad_amount"), (14, "saldo", "amount_scientific"),
        (15, "saldo", "bad_amount"), (18, "saldo", "ambiguous_amount"),
    ]  # fmt: skip


def test_names_are_taken_as_they_are() -> None:
    good, problems = field("names.csv")
    assert [row.name for row in good] == [
        "Ana 🙂 López", "مريم العلوي", "-Sociedad Anónima-", "@rrendamientos SL", "José Pérez", "Aná Ruiz",
        'O\'Brien; "Pat"', "👨‍👩‍👧 Familia", "Ana Ruiz", "+Seguros", "NULL",
    ]  # fmt: skip
    assert codes(problems) == [(13, "nombre", "required")]


def test_one_telephone_of_two_people_written_in_two_ways() -> None:
    good, problems = field("shared_line.csv")
    assert problems == []
    assert numbers(good) == [["+34655010201"], ["+34655010201"], ["+34655010203"]]


def test_a_satellite_among_others() -> None:
    good, problems = field("global_numbers.csv")
    assert [row.name for row in good] == ["Bruno Paz Gil", "Inés Mora Sáez"]
    assert codes(problems) == [(3, "telefono", "phone_global")]


@pytest.mark.parametrize("name", ["creditor_a.csv", "creditor_b.csv"])
def test_customer_numbers_of_two_creditors_are_two(name: str) -> None:
    good, _ = field(name)
    assert [row.external_id for row in good] == ["1001", "1002"]
    assert len({row.key for row in good} & {row.key for row in field("creditor_a.csv")[0]}) == (
        2 if name == "creditor_a.csv" else 0
    )
