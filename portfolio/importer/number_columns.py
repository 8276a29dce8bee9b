"""Where the telephones of a list of numbers stand: by titles of columns, else by their content. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from portfolio.importer.columns import MAX_COLUMNS, our_name, plain_title
from portfolio.importer.lines import Line
from portfolio.importer.phones import read_phone
from portfolio.importer.problems import BadValue, ImportRefused
from portfolio.importer.records import SEPARATORS, OpenQuote, split
from portfolio.importer.values import clean

SAMPLE = 60
"""Lines that are looked at before the first is taken."""
EXAMPLES = 3
NO_SEPARATOR = "\x1f"
"""Of a file with one value to a line: no text has it."""
_SHOWN = 40
_MOST = 1 / 2
"""Share of a column's values that must be numbers, where nothing names it."""
_TELEPHONES = frozenset(
    "msisdn ani did phones telefonos phone_numbers num_telefono numero_telefono numero_de_telefono "
    "numero_telefonico nro_telefono dialed_number".split()
)
_PERHAPS = frozenset("numero numeros number numbers num linea".split())
"""Of a telephone or of anything else: a customer, a line of the list."""
_AREAS = frozenset(
    "area area_code areacode codigo_area codigo_de_area cod_area lada clave_lada ddd npa".split()
)


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """A column of a list of numbers."""

    header: str
    """As the file writes it; its place in the file where it has no titles."""
    used: bool
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberLayout:
    """What was understood of a list of numbers."""

    separator: str
    columns: tuple[NumberColumn, ...]
    header_row: int
    """Line of the titles; 0 = the file has none."""
    groups: tuple[tuple[int, ...], ...]
    """Places of the telephones; where there are two, area and number are joined. Empty = not known."""
    sure: bool = False
    """Whether most of what was looked at are numbers that exist, read from the region that was said."""
    refused: ImportRefused | None = None
    """Why no place is known."""


def find_columns(
    lines: Sequence[Line],
    region: str,
    column: str = "",
    header_row: int | None = None,
    *,
    only_one: bool = False,
) -> NumberLayout:
    """The layout of a list from its first lines.

    `column`: title or place of the telephones where somebody said it, 'area+number' for two that are joined.
    `header_row`: the line of the titles; lines above it are nothing.
    `only_one`: where there are several telephones it is asked which.
    """
    texts = [line for line in lines if not line.problem and line.row >= (header_row or 0)]
    separator = _separator([line.text for line in texts])
    rows = [(line.row, _cells(line.text, separator)) for line in texts]
    rows = [(row, cells) for row, cells in rows if any(cells)]
    if header_row is not None and (not rows or rows[0][0] != header_row):
        raise ImportRefused("no_header_row", str(header_row))
    titles = header_row or _titles(rows, region)
    headers = next((cells for row, cells in rows if row == titles), ())
    data = [cells for row, cells in rows if row > titles]
    width = max((len(cells) for _, cells in rows), default=1)
    if width > MAX_COLUMNS:
        raise ImportRefused("header_too_long", f"{width} > {MAX_COLUMNS}")
    columns = [[cells[place] if place < len(cells) else "" for cells in data] for place in range(width)]
    names = [(headers[place] if place < len(headers) else "") or str(place + 1) for place in range(width)]
    groups, refused = _places(columns, names, tuple(headers), region, column)
    if only_one and len(groups) > 1:
        groups, refused = (), _asked("column_needed", names, groups)
    used = {place for group in groups for place in group}
    shown = (
        NumberColumn(name, place in used, tuple(text[:_SHOWN] for text in columns[place] if text)[:EXAMPLES])
        for place, name in enumerate(names)
    )
    sure = any(_share(columns, group, region) >= _MOST for group in groups)
    return NumberLayout(separator, tuple(shown), titles, groups, sure, refused)


def joined(cells: Sequence[str], group: tuple[int, ...]) -> str:
    """The text of a telephone; empty when one of its parts is."""
    parts = [cells[place].strip(" ") if place < len(cells) else "" for place in group]
    return "".join(parts) if all(parts) else ""


def reads(text: str, region: str) -> bool:
    """Whether a text is a telephone number; one that nobody may call is one as well."""
    try:
        read_phone(clean(text), region)
    except BadValue as error:
        return error.code == "phone_special" and sum(c.isdigit() for c in text) > _SHORTEST
    return True


_SHORTEST = 6


def _separator(texts: Sequence[str]) -> str:
    """The one that cuts most lines into the same number of parts; none, where most lines have one part."""
    best, most = NO_SEPARATOR, len(texts) / 2
    for separator in SEPARATORS:
        widths = Counter(len(_cells(text, separator)) for text in texts if text.strip(" "))
        count = max((lines for width, lines in widths.items() if width > 1), default=0)
        if count > most:
            best, most = separator, count
    return best


def _cells(text: str, separator: str) -> tuple[str, ...]:
    try:
        found = split(text, separator)
    except OpenQuote:
        found = None
    return tuple(cell.strip(" ") for cell in found or text.split(separator))


def _titles(rows: Sequence[tuple[int, tuple[str, ...]]], region: str) -> int:
    """Line of the titles above the first number: one that names telephones, or a first one without digits."""
    for row, cells in rows:
        if any(_is_number(cell) for cell in cells):
            return row
        if any(reads(cell, region) for cell in cells):
            break
    first, cells = rows[0] if rows else (0, ())
    return first if cells and not any(c.isdigit() for cell in cells for c in cell) else 0


def _is_number(title: str) -> bool:
    return _is_telephone(title) or plain_title(title) in _PERHAPS


def _is_telephone(title: str) -> bool:
    name = our_name(title)
    return (name.startswith("phone") and name != "phone_code") or plain_title(title) in _TELEPHONES


def _places(
    columns: list[list[str]], names: list[str], headers: tuple[str, ...], region: str, said: str
) -> tuple[tuple[tuple[int, ...], ...], ImportRefused | None]:
    """The places of the telephones, or why they are not known."""
    if said:
        return (_said(said, names),), None
    if telephones := [place for place, title in enumerate(headers) if _is_telephone(title)]:
        return _beside_area(telephones, columns, headers, region), None
    if len(columns) == 1:
        return ((0,),), None
    other = {place for place, title in enumerate(headers) if our_name(title) and not _is_number(title)}
    alone = [
        (place,)
        for place in range(len(columns))
        if place not in other and _share(columns, (place,), region) > _MOST
    ]
    perhaps = [place for place, title in enumerate(headers) if plain_title(title) in _PERHAPS]
    if len(perhaps) == 1 and not {place for (place,) in alone} - set(perhaps):
        # Nothing else in the file could be the telephone.
        return _beside_area(perhaps, columns, headers, region), None
    pairs = [
        (place, place + 1)
        for place in range(len(columns) - 1)
        if not {place, place + 1} & other and _share(columns, (place, place + 1), region) > _MOST
    ]
    found = alone or pairs
    if len(found) == 1:
        return tuple(found), None
    return (), _asked("column_needed" if found else "no_numbers", names, found)


def _asked(code: str, names: list[str], groups: Sequence[tuple[int, ...]]) -> ImportRefused:
    return ImportRefused(code, ", ".join(names[place] for group in groups for place in group)[:200])


def _said(said: str, names: list[str]) -> tuple[int, ...]:
    places = {plain_title(name): place for place, name in reversed(list(enumerate(names)))}
    places |= {str(place + 1): place for place in range(len(names)) if str(place + 1) not in places}
    whole = places.get(plain_title(said))
    parts = [said] if whole is not None else said.split("+")
    found = tuple(places.get(plain_title(part), -1) for part in parts)
    if -1 in found or len(found) > 2:
        raise ImportRefused("unknown_column", ", ".join(names)[:200])
    return found


def _beside_area(
    numbers: list[int], columns: list[list[str]], headers: tuple[str, ...], region: str
) -> tuple[tuple[int, ...], ...]:
    """Telephones by their titles; one that stands beside its area is joined with it where it needs it."""
    areas = [place for place, title in enumerate(headers) if plain_title(title) in _AREAS]
    if len(numbers) == 1 and len(areas) == 1:
        pair = (areas[0], numbers[0])
        if _share(columns, pair, region) > _share(columns, (numbers[0],), region):
            return (pair,)
    return tuple((place,) for place in numbers)


def _share(columns: list[list[str]], group: tuple[int, ...], region: str) -> float:
    """Share of the values that are numbers; empty ones do not count."""
    rows = zip(*(columns[place] for place in group), strict=True)
    texts = [text for cells in rows if (text := _whole(cells))]
    return sum(reads(text, region) for text in texts) / len(texts) if texts else 0.0


def _whole(cells: tuple[str, ...]) -> str:
    return "".join(cells) if all(cells) else ""
