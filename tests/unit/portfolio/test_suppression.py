"""Files of numbers that are not to be called, as people and regulators write them."""

import pytest

from portfolio.importer import ImportRefused
from portfolio.suppression import SHOWN, NumberReader


def read(file: bytes, region: str = "ES") -> tuple[set[str], NumberReader]:
    reader = NumberReader(region)
    middle = len(file) // 2
    return reader.feed(file[:middle]) | reader.feed(file[middle:]) | reader.close(), reader


def test_a_number_to_a_line_however_it_is_written() -> None:
    numbers, reader = read(b"612345678\r\n+34 612 34 56 79\r\n0034612345670\r\n\r\n+525512345678\r\n")
    assert numbers == {"+34612345678", "+34612345679", "+34612345670", "+525512345678"}
    assert (reader.rows, reader.rejected) == (4, 0)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_first_column_counts_and_the_header_does_not(separator: str) -> None:
    file = f'"Teléfono"{separator}Alta\n"612345678"{separator}2026-01-02\n'.encode()
    numbers, reader = read(file)
    assert numbers == {"+34612345678"}
    assert (reader.rows, reader.rejected) == (1, 0)


def test_what_is_no_number_comes_back_with_its_line() -> None:
    numbers, reader = read(b"telefono\n612345678\n6,12E+08\nnadie\n900123456\n")
    assert numbers == {"+34612345678"}
    assert [(one.row, one.code, one.value) for one in reader.problems] == [
        (3, "phone_special", "6"),
        (4, "phone_invalid", "nadie"),
        (5, "phone_special", "900123456"),
    ]


def test_many_bad_lines_are_counted_and_some_shown() -> None:
    _, reader = read(b"612345678\n" + b"x1\n" * 500)
    assert (reader.rows, reader.rejected, len(reader.problems)) == (501, 500, SHOWN)


def test_hostile_files_are_refused() -> None:
    for file in (b"PK\x03\x04" + b"\0" * 70_000, b"\x00\x01\x02" * 50_000):
        with pytest.raises(ImportRefused):
            read(file)
    with pytest.raises(ImportRefused):
        NumberReader("XX")
    numbers, reader = read(b"9" * 1_000_000 + b"\n612345678\n")
    assert numbers == {"+34612345678"}
    assert reader.problems[0].code == "row_too_long"
