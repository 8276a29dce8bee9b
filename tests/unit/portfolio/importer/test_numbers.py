"""Files of numbers that are not to be called, as people and regulators write them."""

from importlib import resources

import pytest

from portfolio.importer import ImportRefused
from portfolio.importer.numbers import SHOWN, HowNumbers, NumberPiece, NumberReader

FILES = resources.files("tests").joinpath("field_files")
TWO = b"600000123;612006001;2026-01-01\n600000124;612006002;2026-01-01\n"
"""A customer's id that could be a telephone, and a telephone."""


def read(file: bytes, region: str = "ES", **how: object) -> tuple[set[str], NumberPiece]:
    """The numbers of a file that comes in two pieces, and all that was said of it."""
    reader = NumberReader(HowNumbers(region, **how))  # type: ignore[arg-type]
    middle = len(file) // 2
    pieces = [*reader.feed(file[:middle]), *reader.feed(file[middle:]), *reader.close()]
    numbers = {number for piece in pieces for number in piece.numbers}
    whole = NumberPiece(
        frozenset(numbers),
        sum(piece.rows for piece in pieces),
        sum(piece.rejected for piece in pieces),
        tuple(problem for piece in pieces for problem in piece.problems),
        tuple(sample for piece in pieces for sample in piece.samples),
        pieces[-1].layout,
    )
    return numbers, whole


def field(name: str, region: str) -> tuple[set[str], NumberPiece]:
    return read(FILES.joinpath(name).read_bytes(), region)


def used(piece: NumberPiece) -> list[str]:
    """The columns the numbers came from."""
    return [one.header for one in piece.layout.columns if one.used]


def test_a_number_to_a_line_however_it_is_written() -> None:
    numbers, found = read(b"612345678\r\n+34 612 34 56 79\r\n0034612345670\r\n\r\n+525512345678\r\n")
    assert numbers == {"+34612345678", "+34612345679", "+34612345670", "+525512345678"}
    assert (found.rows, found.rejected) == (4, 0)
    assert [(one.row, one.text, one.number) for one in found.samples][1] == (
        2, "+34 612 34 56 79", "+34612345679",
    )  # fmt: skip


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_column_that_is_named_counts_and_the_header_does_not(separator: str) -> None:
    file = f'"Teléfono"{separator}Alta\n"612345678"{separator}2026-01-02\n'.encode()
    numbers, found = read(file)
    assert numbers == {"+34612345678"}
    assert (found.rows, found.rejected, used(found)) == (1, 0, ["Teléfono"])


@pytest.mark.parametrize(
    ("name", "region", "numbers"),
    [
        ("cl_robinson.csv", "CL", {"+56987654321", "+56912345678"}),
        ("mx_repep.txt", "MX", {"+525512345678", "+528112345678"}),
        ("ar_nollame.txt", "AR", {"+541123450001", "+541123450002", "+543415123456"}),
        ("dnc_id_first.csv", "ES", {"+34612006001", "+34612006002"}),
        ("dnc_ftc_full.txt", "US", {"+12025550101", "+12025550102", "+13055550103"}),
    ],
)
def test_lists_of_the_field(name: str, region: str, numbers: set[str]) -> None:
    taken, found = field(name, region)
    assert taken == numbers
    assert found.rejected == 0


def test_a_range_that_no_plan_has_is_taken_where_the_others_are_numbers() -> None:
    """A list forbids: 91 is no Chilean range we know, and still must not be called once it is."""
    assert read(b"987654321\n912345678\n", "CL")[0] == {"+56987654321", "+56912345678"}
    assert read(b"912345678\n912345679\n987654321\n", "CL")[0] == {"+56987654321"}
    assert read(b"987654321\n98765\n", "CL")[0] == {"+56987654321"}


def test_a_list_of_another_country_is_no_list() -> None:
    assert field("mx_repep.txt", "ES")[0] == set()


def test_without_titles_the_column_is_found_by_what_is_in_it() -> None:
    numbers, found = read(b"17;2026-01-01;612006001\n18;2026-01-02;612006002\n")
    assert (numbers, used(found)) == ({"+34612006001", "+34612006002"}, ["3"])


def test_an_id_is_never_taken_for_a_telephone() -> None:
    """What a title says is something else is not looked at; without titles it is asked."""
    numbers, _ = read(b"id_cliente;contacto\n" + TWO.replace(b";2026-01-01", b""))
    assert numbers == {"+34612006001", "+34612006002"}
    numbers, found = read(TWO)
    assert (numbers, found.rows) == (set(), 0)
    assert found.layout.refused is not None
    assert (found.layout.refused.code, found.layout.refused.detail) == ("column_needed", "1, 2")
    assert [one.examples for one in found.layout.columns][1] == ("612006001", "612006002")
    assert read(TWO, column="2")[0] == {"+34612006001", "+34612006002"}


@pytest.mark.parametrize("title", ["numero", "Número", "number", "num", "linea", "numbers"])
@pytest.mark.parametrize("telephone", ["telefono", "movil_2", "msisdn"])
def test_a_number_beside_a_telephone_is_of_something_else(title: str, telephone: str) -> None:
    """`numero;telefono`: the customer's number, and the telephone."""
    numbers, found = read(f"{title};{telephone}\n612345600;612006001\n612345601;612006002\n".encode())
    assert (numbers, used(found)) == ({"+34612006001", "+34612006002"}, [telephone])


def test_a_number_beside_what_alone_reads_as_a_telephone_is_of_something_else() -> None:
    numbers, found = read(b"numero;contactar en\n17;612006001\n18;612006002\n")
    assert (numbers, used(found)) == ({"+34612006001", "+34612006002"}, ["contactar en"])
    two = read(b"numero;num\n612345600;612006001\n612345601;612006002\n")[1]
    assert (two.layout.refused and two.layout.refused.detail) == "numero, num"
    assert used(read(b"num;numero\n1;612006001\n2;612006002\n")[1]) == ["numero"]
    assert used(read(b"numero;alta\n612006001;2026-01-01\nnadie;2026-01-02\n")[1]) == ["numero"]
    beside_area = b"area;numero;telefono\n55;612345600;12345678\n81;612345601;12345678\n"
    assert read(beside_area, "MX")[0] == {"+525512345678", "+528112345678"}


def test_where_only_one_may_be_meant_two_telephones_are_asked() -> None:
    two = b"telefono;movil\n612006001;612006002\n"
    assert read(two)[0] == {"+34612006001", "+34612006002"}
    numbers, found = read(two, only_one=True)
    assert (numbers, found.layout.refused and found.layout.refused.detail) == (set(), "telefono, movil")
    assert read(two, only_one=True, column="movil")[0] == {"+34612006002"}
    assert read(b"area;telefono\n55;12345678\n", "MX", only_one=True)[0] == {"+525512345678"}


def test_area_and_number_are_joined_where_the_number_needs_it() -> None:
    assert read(b"lada;numero\n55;12345678\n81;12345678\n", "MX")[0] == {"+525512345678", "+528112345678"}
    assert read(b"area;telefono\n55;5512345678\n", "MX")[0] == {"+525512345678"}
    assert read(b"a;x;b\n55;-;12345678\n", "MX", column="a+b")[0] == {"+525512345678"}


def test_every_telephone_of_a_row_is_taken_and_a_bad_one_costs_nothing() -> None:
    numbers, found = read(b"id;tel;tel2\n1;612006001;612006002\n2;612006003;nadie\n3;;\n")
    assert numbers == {"+34612006001", "+34612006002", "+34612006003"}
    assert (found.rows, found.rejected) == (3, 1)
    assert [(one.row, one.column, one.code, one.taken) for one in found.problems] == [
        (3, "tel2", "phone_invalid", True),
        (4, "", "required", False),
    ]


def test_titles_may_stand_under_others_or_where_somebody_says() -> None:
    assert read(b"Lista Robinson;\nenero;\ntelefono;alta\n612006001;x\n")[0] == {"+34612006001"}
    said = b"telefono;b\n612006001;612006002\na;telefono\n612006003;612006004\n"
    assert read(said, header_row=3)[0] == {"+34612006004"}
    for wrong in (2, 9):
        with pytest.raises(ImportRefused, match="no titles"):
            read(b"telefono\n\n612006001\n", header_row=wrong)


def test_a_column_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(ImportRefused, match="telefono, alta"):
        read(b"telefono;alta\n612006001;x\n", column="movil")


def test_what_is_no_number_comes_back_with_its_line() -> None:
    numbers, found = read(b"telefono\n612345678\n6,12E+08\nnadie\n900123456\n612345679;una nota\n")
    assert numbers == {"+34612345678", "+34612345679"}
    assert [(one.row, one.code, one.value) for one in found.problems] == [
        (3, "phone_scientific", "6,12E+08"),
        (4, "phone_invalid", "nadie"),
        (5, "phone_special", "900123456"),
    ]


def test_many_bad_lines_are_counted_and_some_shown() -> None:
    _, found = read(b"612345678\n" + b"x1\n" * 500)
    assert (found.rows, found.rejected, len(found.problems) <= 2 * SHOWN) == (501, 500, True)


def test_hostile_files_are_refused() -> None:
    for file in (b"PK\x03\x04" + b"\0" * 70_000, b"\x00\x01\x02" * 50_000, b"6;" * 30_000 + b"\n"):
        with pytest.raises(ImportRefused):
            read(file)
    for region, code in (("XX", "unknown_region"), ("", "region_needed")):
        with pytest.raises(ImportRefused) as refused:
            NumberReader(HowNumbers(region))
        assert refused.value.code == code
    numbers, found = read(b"9" * 1_000_000 + b"\n612345678\n")
    assert numbers == {"+34612345678"}
    assert found.problems[0].code == "row_too_long"
