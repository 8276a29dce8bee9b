"""Files as they come: encodings, separators, quotes, headers, sizes."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.importer.columns import column_keys, demand, guess, our_name
from portfolio.importer.lines import MAX_LINE_BYTES, Line, LineReader
from portfolio.importer.problems import ImportRefused
from tests.unit.portfolio.importer.reading import codes, read

TEXT = "nombre;telefono;saldo\r\nAna Muñoz Güell;612345678;1.234,56 €\r\nÍñigo;612345679;\r\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        codecs.BOM_UTF8 + TEXT.encode(),
        TEXT.encode("cp1252"),
        TEXT.encode("utf-16"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.replace("\r\n", "\n").encode(),
        TEXT.replace("\r\n", "\r").encode(),
        TEXT.replace(";", "\t").encode(),
        TEXT.replace(";", "|").encode(),
        TEXT.replace("1.234,56", "1234.56").replace(";", ",").encode(),
        ("sep=;\r\n" + TEXT).encode(),
        ("\r\n;;\r\n" + TEXT).encode(),
        TEXT.removesuffix("\r\n").encode(),
        TEXT.replace("\r\n", ";;\r\n").encode(),
        'nombre;telefono;saldo\n"Ana Muñoz Güell";"612345678";"1.234,56 €"\nÍñigo;612345679;\n'.encode(),
    ],
    ids=str,
)
@pytest.mark.parametrize("piece", [1, 3, 1 << 20])
def test_the_same_people_in_every_dress(content: bytes, piece: int) -> None:
    """Encoding, mark, line ends, separator, size of the pieces: nothing of it matters."""
    good, problems = read(content, piece=piece)
    assert problems == []
    assert [(row.name, row.phones[0].number) for row in good] == [
        ("Ana Muñoz Güell", "+34612345678"),
        ("Íñigo", "+34612345679"),
    ]
    assert good[0].debt is not None
    assert (good[0].debt.balance_minor, good[0].debt.currency) == (123_456, "EUR")


def test_a_row_in_another_encoding_than_the_file() -> None:
    """It is reported, not guessed at; both ways round."""
    header, utf8, latin = b"name,phone\n", "Peña,612345678\n".encode(), "Núñez,612345679\n".encode("cp1252")
    good, problems = read(header + utf8 + latin + utf8.replace(b"678", b"670"))
    assert [row.name for row in good] == ["Peña", "Peña"]
    assert codes(problems) == [(3, "", "encoding")]
    good, problems = read(header + latin + utf8)
    assert [row.name for row in good] == ["Núñez"]
    assert codes(problems) == [(3, "", "encoding")]


def test_text_that_was_encoded_twice() -> None:
    """'MuÃ±oz' does not become anybody's name."""
    good, problems = read("name,phone\nMuÃ±oz,612345678\nMuñoz,612345678\nSÃO PAULO,612345670\n".encode())
    assert [row.name for row in good] == ["Muñoz", "SÃO PAULO"]
    assert codes(problems) == [(2, "name", "double_encoded")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"PK\x03\x04" + b"x" * 100, "not_text"),
        (b"\x00\x01\x02\x03name,phone\n", "not_text"),
        (b"name,balance\nAna,1\n", "missing_columns"),
        (b"phone,balance\n612345678,1\n", "missing_columns"),
        (b"Ana,612345678\nEva,612345679\n", "missing_columns"),
        (b"name,phone,saldo,importe\nAna,1,2,3\n", "repeated_columns"),
        (b"name,phone," + b",".join(b"c%d" % n for n in range(300)) + b"\n", "header_too_long"),
        (b"name,phone," + b"x" * (MAX_LINE_BYTES + 1) + b"\n", "header_too_long"),
        (b'"name,phone\nAna,1\n', "missing_columns"),
    ],
)
def test_files_that_are_refused(content: bytes, code: str) -> None:
    """As a whole, with a reason in both languages."""
    with pytest.raises(ImportRefused) as refused:
        read(content)
    assert refused.value.code == code
    assert refused.value.message("es") != refused.value.message("en")


def test_which_columns_are_missing_is_said() -> None:
    """In our names."""
    with pytest.raises(ImportRefused, match="name, phone"):
        demand(guess("a,b,c"))


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("Teléfono 1", "phone_1"),
        ("PHONE_NUMBER", "phone"),
        ("alt_phone", "phone_2"),
        ("vendor_lead_code", "external_id"),
        ("Días de mora", "days_past_due"),
        ("phone-3", "phone_3"),
        ("phone_11", "phone"),
        ("phone_0", "phone"),
        ("Tel2", "phone_2"),
        ("Móvil 02", "phone_2"),
        ("Teléfono3", "phone_3"),
        ("Teléfono (2)", "phone_2"),
        ("referencia2", ""),
        ("list_id", ""),
        ("phone_code", "phone_code"),
        ("rank", "priority"),
        ("País", "country"),
        ("", ""),
    ],
)
def test_names_of_columns(header: str, name: str) -> None:
    """Ours, VICIdial's and the usual Spanish ones."""
    assert our_name(header) == name


def test_columns_that_are_not_used_are_told() -> None:
    """Nothing disappears in silence."""
    assert guess("name;phone;comments;list_id").ignored == ("comments", "list_id")


def test_telephones_that_are_numbered_anyhow_are_telephones() -> None:
    """Two of one number, and one beyond ten, get the next that is free; none is dropped unheard."""
    layout = guess("nombre;Teléfono 1;Tel2;Movil1;Telefono 11;Teléfono")
    assert layout.phone_columns == ("phone", "phone_1", "phone_2", "phone_3", "phone_4")
    assert layout.ignored == ()
    many = guess("nombre;" + ";".join(f"Tel{n}" for n in range(1, 14)))
    assert many.ignored == ("Tel12", "Tel13")


TITLED = b"Cartera noviembre;;\n;;\nfecha: 3/11;de: Ana;\nnombre;telefono;saldo\nAna;612003001;12,5\n"


def test_a_header_under_a_title_is_found_and_lines_keep_their_numbers() -> None:
    good, problems = read(TITLED + b"Luis;1;3\n")
    assert [(row.row, row.name) for row in good] == [(5, "Ana")]
    assert codes(problems) == [(6, "telefono", "phone_special")]


def test_the_row_that_is_said_to_be_the_header_is_it() -> None:
    """Even where an earlier one could be."""
    file = b"nombre;telefono\nAna;612003001\nnombre;telefono;saldo\nLuis;612003002;3\n"
    assert [row.name for row in read(file, header_row=3)[0]] == ["Luis"]
    assert [row.name for row in read(file)[0]] == ["Ana"]


@pytest.mark.parametrize(
    ("row", "code"),
    [(1, "missing_columns"), (2, "no_header_row"), (9, "no_header_row"), (0, "no_header_row")],
)
def test_a_row_that_is_no_header_is_refused(row: int, code: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(TITLED, header_row=row)
    assert refused.value.code == code


def test_of_lines_that_are_no_header_the_best_is_told() -> None:
    """And no header is looked for among the rows of a long file."""
    with pytest.raises(ImportRefused, match="required columns are missing: phone"):
        read(b"Lista;;\nnombre;saldo;moneda\nAna;1;EUR\n")
    with pytest.raises(ImportRefused):
        read(b"x;y\n" * 20 + b"nombre;telefono\nAna;612003001\n")


def test_a_quote_that_is_never_closed_costs_one_row() -> None:
    """The rows after it are read."""
    rows = "".join(f"P{n},61234{n:04d}\n" for n in range(100))
    good, problems = read(f'name,phone\n"Ana,612345678\n{rows}"Eva",612345679\n'.encode())
    assert len(good) == 101
    assert codes(problems) == [(2, "", "unclosed_quote")]


def test_lines_that_join_to_the_wrong_number_of_columns_do_not_belong_together() -> None:
    """The row between two stray quotes is a row."""
    good, problems = read(b'name,phone\n"Ana,612345678\nEva,612345679\n",x,y\nPia,612345670\n')
    assert [row.name for row in good] == ["Eva", "Pia"]
    assert codes(problems) == [(2, "", "unclosed_quote"), (4, "", "unclosed_quote")]


def test_quotes_that_are_misplaced() -> None:
    """One row each; an even number of quotes within a name is a name."""
    good, problems = read(
        b'name,phone\n"Ana"x,612345678\nJuan "Pepe" Ruiz,612345678\n"Ana ""la"" Roja",612345670\n'
    )
    assert [row.name for row in good] == ['Juan "Pepe" Ruiz', 'Ana "la" Roja']
    assert codes(problems) == [(2, "", "bad_quotes")]


@pytest.mark.parametrize(
    "inside", ["Ana\nAction: Hangup", "Ana\r\nx", "Ana\rx", "Ana\0", "Ana\x1b[2J", "Ana\u202ex"]
)
def test_control_characters_are_rejected(inside: str) -> None:
    """A line break in a quoted value is legal CSV, and still nobody's name."""
    good, problems = read(f'name,phone\n"{inside}",612345678\nEva,612345679\n'.encode(), piece=7)
    assert [row.name for row in good] == ["Eva"]
    assert [(row, code) for row, _, code in codes(problems)] == [(2, "control_character")] or codes(
        problems
    ) == [(2, "", "bad_quotes")]


def test_harmless_invisible_signs_are_dropped() -> None:
    """Phones copied from a contact list carry marks of direction, names hard spaces."""
    good, problems = read("name,phone\nAna\u00a0Ruiz\u200b,\u202a+34 612 345 678\u202c\n".encode())
    assert problems == []
    assert (good[0].name, good[0].phones[0].number) == ("Ana Ruiz", "+34612345678")


def test_sizes() -> None:
    """A long row, a long value, too few and too many columns: one row each, by number."""
    lines = [
        b"name,phone",
        b"a" * (MAX_LINE_BYTES + 10) + b",612345678",
        b"b" * 1001 + b",612345678",
        b"c" * 201 + b",612345678",
        b"d",
        b"e,612345678,3",
        b"f,612345678,,",
    ]
    for piece in (1000, 1 << 20):
        good, problems = read(b"\n".join(lines), piece=piece)
        assert [row.name for row in good] == ["f"]
        assert codes(problems) == [
            (2, "", "row_too_long"),
            (3, "name", "field_too_long"),
            (4, "name", "field_too_long"),
            (5, "", "too_few_columns"),
            (6, "", "too_many_columns"),
        ]


def test_a_huge_line_is_not_kept() -> None:
    """Memory does not grow with a line that never ends."""
    good, problems = read(b"name,phone\n" + b"x" * (20 * MAX_LINE_BYTES) + b"\nEva,612345679\n", piece=8192)
    assert [row.name for row in good] == ["Eva"]
    assert codes(problems) == [(2, "", "row_too_long")]


def test_a_line_that_never_ends_is_given_up_before_its_end() -> None:
    """Once for the whole of it."""
    reader = LineReader()
    pieces = [list(reader.feed(b"x" * 8192)) for _ in range(40)]
    assert [line for found in pieces for line in found] == [Line(1, problem="row_too_long")]
    assert list(reader.feed(b"\nAna")) + list(reader.close()) == [Line(2, "Ana")]


def test_every_problem_of_a_row_is_told() -> None:
    """So that it is mended at once."""
    _, problems = read(b"name,phone,zone,language,country,balance\n=1+1,112,Mars/Base,klingon,ZZ,abc\n")
    assert sorted(codes(problems)) == [
        (2, "balance", "bad_amount"),
        (2, "country", "bad_country"),
        (2, "language", "bad_language"),
        (2, "name", "formula"),
        (2, "phone", "phone_special"),
        (2, "zone", "bad_zone"),
    ]


garbage = st.lists(
    st.sampled_from(
        [
            b'"',
            b",",
            b";",
            b"\n",
            b"\r",
            b"\r\n",
            b"\0",
            b"\xff",
            b"\xc3",
            b"\xb1",
            b"=",
            b"Ana",
            b"612345678",
        ]
    ),
    max_size=60,
).map(b"".join)


@given(garbage, st.integers(1, 40))
def test_no_garbage_loses_a_good_row_before_or_long_after_it(noise: bytes, piece: int) -> None:
    """Whatever comes between: the first and the last person are there, and pieces change nothing."""
    content = b"name,phone\nFirst,612345671\n" + noise + b"\n" + b"\n" * 25 + b"Last,612345672\n"
    good, problems = read(content, piece=piece)
    assert (good, problems) == read(content)
    assert good[0].name == "First"
    assert good[-1].name == "Last"


def test_columns_with_one_title_or_none_are_named_by_their_place() -> None:
    header = "Nombre;Dato;DATO ;;Telefono;#1"
    layout = guess(header)
    assert column_keys(layout.headers) == ("Nombre", "#2", "#3", "#4", "Telefono", "#6")
    said = {
        "#2": "external_id",
        "#3": "balance",
        "#4": "debt_reference",
        "telefono": "phone_2",
        "#6": "phone",
    }
    assert guess(header, said).fields == (
        (0, "first_name"), (1, "external_id"), (2, "balance"), (3, "debt_reference"), (4, "phone_2"),
        (5, "phone"),
    )  # fmt: skip


def test_what_is_said_of_a_place_goes_before_what_is_said_of_its_title() -> None:
    layout = guess("Nombre;Tel;Tel", {"Tel": "phone", "#2": ""})
    assert layout.fields == ((0, "first_name"), (2, "phone"))
    with pytest.raises(ImportRefused, match="nothing"):
        guess("Nombre;Tel", {"#2": "nothing"})
