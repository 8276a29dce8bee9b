"""Single values: phones, money, rows, and what is given back."""

import csv
import io

import pytest

from portfolio.importer import rejects, values
from portfolio.importer.phones import read_phone
from portfolio.importer.problems import MESSAGES, BadValue, RowProblem
from tests.unit.portfolio.importer.reading import codes, read


@pytest.mark.parametrize(
    ("raw", "region", "number", "kind"),
    [
        ("612345678", "ES", "+34612345678", "mobile"),
        ("912 345 678", "ES", "+34912345678", "fixed"),
        ("0034 612.345.678", "MX", "+34612345678", "mobile"),
        ("'612345678", "ES", "+34612345678", "mobile"),
        ("612345678.0", "ES", "+34612345678", "mobile"),
        ("34612345678,00", "ES", "+34612345678", "mobile"),
        ("34612345678", "ES", "+34612345678", "mobile"),
        # Mexico: no 1 after +52 since 2019, and no 044, 045 or 01; a mobile cannot be told from a fixed line.
        ("55 1234 5678", "MX", "+525512345678", "fixed_or_mobile"),
        ("+52 1 55 1234 5678", "ES", "+525512345678", "fixed_or_mobile"),
        ("044 55 1234 5678", "MX", "+525512345678", "fixed_or_mobile"),
        ("045 55 1234 5678", "MX", "+525512345678", "fixed_or_mobile"),
        ("01 55 1234 5678", "MX", "+525512345678", "fixed_or_mobile"),
        # Argentina: a mobile has a 9 after +54 and a 15 at home.
        ("011 15-2345-6789", "AR", "+5491123456789", "mobile"),
        ("+54 9 11 2345-6789", "ES", "+5491123456789", "mobile"),
        ("+54 11 2345-6789", "ES", "+541123456789", "fixed"),
        ("2 2123 4567", "CL", "+56221234567", "fixed_or_mobile"),
        ("07400 123456", "GB", "+447400123456", "mobile"),
    ],
)
def test_phones(raw: str, region: str, number: str, kind: str) -> None:
    """As people write them."""
    phone = read_phone(raw, region)
    assert (phone.number, phone.kind) == (number, kind)
    assert phone.zones
    assert "Etc/Unknown" not in phone.zones


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("3,4612E+10", "phone_scientific"),
        ("6.12345678E+08", "phone_scientific"),
        ("6E8", "phone_scientific"),
        ("612345678.5", "phone_decimal"),
        ("34612345678,01", "phone_decimal"),
        ("912345678 ext 12", "phone_extension"),
        ("912345678x12", "phone_extension"),
        ("912345678;12", "phone_extension"),
        ("112", "phone_special"),
        ("016", "phone_special"),
        ("806123456", "phone_special"),
        ("900123456", "phone_special"),
        ("902123456", "phone_special"),
        ("+979123456789", "phone_special"),
        ("123456789", "phone_invalid"),
        ("+999612345678", "phone_invalid"),
        ("61234567890123456789", "phone_invalid"),
        ("seis uno dos", "phone_invalid"),
        ("tel612345678", "phone_invalid"),
        ("=612345678", "formula"),
        ('="612345678"', "formula"),
        ("612345678 / 612345679", "phone_invalid"),
        ("٦١٢٣٤٥٦٧٨", "phone_invalid"),
    ],
)
def test_phones_that_are_none(raw: str, code: str) -> None:
    """Each with its reason."""
    with pytest.raises(BadValue) as bad:
        read_phone(raw, "ES")
    assert bad.value.code == code


def test_a_number_of_two_zones_keeps_both() -> None:
    """The gate intersects them."""
    assert set(read_phone("612345678", "ES").zones) == {"Europe/Madrid", "Atlantic/Canary"}


def test_a_calling_code_in_a_column_of_its_own() -> None:
    """VICIdial's way; a number with a plus knows better."""
    good, problems = read(
        b"phone_code,phone_number,first_name,last_name\n52,5512345678,Ana,Ruiz\n52,+34612345678,Eva,\n"
    )
    assert problems == []
    assert [(row.name, row.phones[0].number, row.country) for row in good] == [
        ("Ana Ruiz", "+525512345678", "MX"),
        ("Eva", "+34612345678", "ES"),
    ]


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1234", "EUR", 123_400),
        ("1234,5", "EUR", 123_450),
        ("1.234,56", "EUR", 123_456),
        ("1,234.56", "USD", 123_456),
        ("1 234,56", "EUR", 123_456),
        ("1'234.56", "EUR", 123_456),
        ("1.234.567", "EUR", 123_456_700),
        ("0,05", "EUR", 5),
        ("€ 12", "EUR", 1_200),
        ("12,00 €", "EUR", 1_200),
        ("MXN 12.50", "MXN", 1_250),
        ("1.234", "CLP", 1_234),
        ("1.234.567", "CLP", 1_234_567),
        ("12,500", "KWD", 12_500),
        ("12.3400", "EUR", 1_234),
        ("0", "EUR", 0),
        ("12,00", "CLP", 12),
        ("1.000.000,00", "COP", 100_000_000),
        ("0,005", "KWD", 5),
        ("S/ 1,234.50", "PEN", 123_450),
        ("R$ 1.234,56", "BRL", 123_456),
        ("UF 12,5", "CLF", 125_000),
        ("MX$ 500", "MXN", 50_000),
    ],
)
def test_money(text: str, currency: str, minor: int) -> None:
    """In minor units, whatever the country writes."""
    assert values.minor_units(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1.234", "ambiguous_amount"),
        ("1,234", "ambiguous_amount"),
        ("-5", "bad_amount"),
        ("1e5", "bad_amount"),
        ("12.345.67", "bad_amount"),
        ("1,234.567,89", "bad_amount"),
        ("12,345.678", "bad_amount"),
        ("1.23.45", "bad_amount"),
        ("abc", "bad_amount"),
        ("=1", "bad_amount"),
        ("12,5 USD", "bad_amount"),
        ("9" * 20, "bad_amount"),
        (",5", "bad_amount"),
        ("١٢", "bad_amount"),
        ("1,2345", "bad_amount"),
        ("1234.567", "bad_amount"),
        ("R$ 10", "bad_amount"),
        ("1.2E+06", "amount_scientific"),
        ("(1,200.00)", "bad_amount"),
        ("NaN", "bad_amount"),
        ("9" * 26 + ".995", "bad_amount"),
        ("9" * 5000, "bad_amount"),
    ],
)
def test_money_that_is_none(text: str, code: str) -> None:
    """Nothing is guessed that could be a thousand times more."""
    with pytest.raises(BadValue) as bad:
        values.minor_units(text, "EUR")
    assert bad.value.code == code


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1523,3333333333333", "EUR", 152_333),
        ("1,2345", "EUR", 123),
        ("1234.567", "MXN", 123_457),
        ("1234,567", "CLP", 1_235),
        ("100.5", "JPY", 101),
    ],
)
def test_a_balance_that_a_formula_worked_out_is_rounded_where_that_is_asked(
    text: str, currency: str, minor: int
) -> None:
    """A payment is never: what is finer than its currency is no amount."""
    assert values.minor_units(text, currency, rounded=True) == minor
    with pytest.raises(BadValue):
        values.minor_units(text, currency)


@pytest.mark.parametrize("text", ["9" * 26 + ".9950", "9" * 13 + ".995", "9" * 5000, "0" * 5000 + "9" * 14])
def test_a_sum_beyond_all_bounds_is_no_amount_however_it_is_rounded(text: str) -> None:
    with pytest.raises(BadValue) as bad:
        values.minor_units(text, "EUR", rounded=True)
    assert bad.value.code == "bad_amount"


@pytest.mark.parametrize(
    ("text", "minor"), [("0" * 5000 + "1.5", 150), ("0.004" + "9" * 40, 0), ("0.0050", 1)]
)
def test_half_of_the_smallest_unit_goes_up_however_long_it_is_written(text: str, minor: int) -> None:
    assert values.minor_units(text, "EUR", rounded=True) == minor


def test_a_full_row() -> None:
    """Every column of ours."""
    header = (
        "external_id;name;phone_1;phone_2;country;region;zone;language;"
        "creditor;debt_reference;balance;currency;days_past_due;priority"
    )
    row = "C-1;Ana;5512345678;5512345679;MEX;JAL;America/Mexico_City;es-MX;Banco;R 1;1,234.50;mxn;45;-3"
    (person,), problems = read(f"{header}\n{row}\n".encode())
    assert problems == []
    assert (person.external_id, person.country, person.region) == ("C-1", "MX", "JAL")
    assert (person.zone, person.language, person.priority) == ("America/Mexico_City", "es", -3)
    assert [phone.number for phone in person.phones] == ["+525512345678", "+525512345679"]
    debt = person.debt
    assert debt is not None
    assert (debt.reference, debt.creditor, debt.currency, debt.balance_minor, debt.days_past_due) == (
        "R 1", "Banco", "MXN", 123_450, 45,
    )  # fmt: skip


def test_what_a_row_leaves_out() -> None:
    """The country comes from the number, the currency from the country, the creditor from the list."""
    (person,), _ = read(b"name,phone,balance\nAna,+525512345678,10\n")
    assert person.debt is not None
    assert (person.country, person.debt.currency, person.debt.creditor, person.debt.reference) == (
        "MX", "MXN", "Acreedor", "1",
    )  # fmt: skip
    (person,), _ = read(b"name,phone\nAna,612345678\n")
    assert (person.debt, person.external_id, person.language) == (None, None, None)


def test_one_bad_number_does_not_lose_the_debtor() -> None:
    """What was left out is told; a row without any number comes back."""
    good, problems = read(
        b"name,phone,phone_2\nAna,612345678,112\nEva,612345678,+34612345678\nPia,0,612345670\nLeo,1,112\n"
    )
    assert [[phone.number for phone in row.phones] for row in good] == [
        ["+34612345678"], ["+34612345678"], ["+34612345670"],
    ]  # fmt: skip
    warned = [warning for row in good for warning in row.warnings]
    assert codes(warned) == [(2, "phone_2", "phone_special"), (4, "phone", "phone_special")]
    assert all(warning.taken for warning in warned)
    assert codes(problems) == [(5, "phone", "phone_special"), (5, "phone_2", "phone_special")]


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        (b"Ana,,10,,", "phone", "required"),
        (b",612345678,10,,", "name", "required"),
        (b"Ana,612345678,,R1,", "balance", "required"),
        (b"Ana,612345678,10,,12", "currency", "bad_currency"),
        (b"=Ana,612345678,,,", "name", "formula"),
        (b"@SUM(A1),612345678,,,", "name", "formula"),
        (b"-1+1,612345678,,,", "name", "formula"),
        (b"+34 612 345 678,612345678,,,", "name", "formula"),
        (b"Ana,612345678,10,-1,", "debt_reference", "formula"),
    ],
)
def test_values_that_are_missing_or_wrong(row: bytes, column: str, code: str) -> None:
    """One problem, in the file's own column."""
    good, problems = read(b"name,phone,balance,debt_reference,currency\n" + row + b"\n")
    assert good == []
    assert codes(problems) == [(2, column, code)]


@pytest.mark.parametrize(
    "text",
    [
        "=cmd|'/c calc'!A0",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =1",
        '=HYPERLINK("x")',
        "\n@x",
        "\u00a0=1",
    ],
)
def test_rejects_cannot_run_in_a_spreadsheet(text: str) -> None:
    """Whatever stood in the bad row, its cell is text on one line."""
    problem = RowProblem(7, text, "formula", text)
    content = (rejects.header() + rejects.lines([problem])).decode("utf-8-sig")
    (_, row) = list(csv.reader(io.StringIO(content, newline="")))
    assert row[0] == "7"
    assert len(row) == len(rejects.HEADER)
    assert content.count("\r\n") == 2
    for cell in (row[1], row[5]):
        assert cell.startswith("'")
        assert cell.isprintable()


def test_every_code_has_words_in_both_languages() -> None:
    """Spanish first."""
    for code, (spanish, english) in MESSAGES.items():
        assert RowProblem(1, "", code).message() == spanish
        assert RowProblem(1, "", code).message("en") == english
        assert spanish != english
