"""Which column of a file means what: our names, VICIdial's, and the usual Spanish ones."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portfolio.importer.problems import ImportRefused
from portfolio.importer.records import SEPARATORS, OpenQuote, split

MAX_COLUMNS = 200
MAX_PHONES = 10
_EITHER = frozenset({"region"})
"""Of which a file may have two columns: the first that says something counts."""

ALIASES: dict[str, tuple[str, ...]] = {
    "external_id": (
        "vendor_lead_code",
        "id_externo",
        "id_cliente",
        "customer_id",
        "codigo_cliente",
        "id",
        "contact_id",
        "id_contacto",
        "numero_cliente",
    ),
    "name": ("full_name", "nombre_completo", "titular", "razon_social"),
    "first_name": ("nombre", "nombres"),
    "last_name": ("apellido", "apellidos", "surname"),
    "phone": (
        "phone_number",
        "telefono",
        "tel",
        "movil",
        "celular",
        "telephone",
        "mobile",
        "mobile_phone",
        "home_phone",
        "work_phone",
        "other_phone",
        "telefono_fijo",
        "telefono_movil",
        "telefono_celular",
        "telefono_casa",
        "telefono_trabajo",
        "fijo",
    ),
    "phone_2": ("alt_phone", "telefono_alternativo"),
    "phone_code": ("prefijo_pais", "country_calling_code"),
    "country": ("country_code", "pais"),
    "region": ("state", "province", "provincia", "estado", "comunidad"),
    "postal_code": ("postal", "zip", "zip_code", "zipcode", "postcode", "codigo_postal", "cp", "cep"),
    "zone": ("tz", "time_zone", "timezone", "zona", "zona_horaria", "huso_horario"),
    "language": ("lang", "idioma"),
    "creditor": ("acreedor", "cliente_cedente"),
    "debt_reference": ("reference", "debt_id", "referencia", "expediente", "contrato", "referencia_deuda"),
    "balance": ("saldo", "importe", "deuda", "amount", "importe_pendiente", "amount_due", "saldo_pendiente"),
    "currency": ("moneda", "divisa"),
    "days_past_due": ("dpd", "dias_mora", "dias_de_mora", "dias_impago", "dias_vencido"),
    "priority": ("rank", "prioridad"),
    "stage": ("etapa", "fase"),
    "flags": ("avisos", "marcas"),
    "revive": ("reactivar", "reactivar_telefono", "reactivar_telefonos", "revive_phones"),
    "consent_voice": ("consent", "consentimiento", "consentimiento_telefono", "consentimiento_llamadas"),
    "consent_sms": ("consentimiento_sms",),
    "consent_whatsapp": ("consentimiento_whatsapp",),
    "consent_email": ("consentimiento_correo", "consentimiento_email"),
}
NAMES = frozenset({*ALIASES, *(f"phone_{number}" for number in range(1, MAX_PHONES + 1))})
"""Everything that a column can be."""

_NUMBERED = re.compile(r"([a-z][a-z_]*?)_?([0-9]{1,4})").fullmatch
"""`telefono_1`, `tel2`, `movil_02`"""

_PLACE = re.compile("#([1-9][0-9]{0,2})").fullmatch
"""`#3`: the third column."""
_BY_ALIAS = {alias: name for name, aliases in ALIASES.items() for alias in (name, *aliases)}


@dataclass(frozen=True, slots=True)
class Layout:
    """What was understood of a header."""

    separator: str
    headers: tuple[str, ...]
    """As the file writes them."""
    fields: tuple[tuple[int, str], ...]
    """(position, our name) of every column that is used."""

    @property
    def ignored(self) -> tuple[str, ...]:
        """Headers that are not used."""
        used = {position for position, _ in self.fields}
        return tuple(text for position, text in enumerate(self.headers) if position not in used and text)

    @property
    def phone_columns(self) -> tuple[str, ...]:
        """Our names of the phone columns, in the order in which the numbers are tried; never empty."""
        names = (name for _, name in self.fields if name.startswith("phone") and name != "phone_code")
        return tuple(sorted(names, key=lambda name: int(name.removeprefix("phone").removeprefix("_") or 0)))

    def header_of(self, name: str) -> str:
        """How the file writes one of our columns."""
        return next((self.headers[position] for position, field in self.fields if field == name), name)


def guess(header: str, mapping: Mapping[str, str] | None = None) -> Layout:
    """What a line is as a header; raises ImportRefused for nothing at all. demand() says whether it will do.

    `mapping`: header as the file writes it, or '#3' for the third column whatever stands over it → our name,
    or '' for a column that is not used; the other columns are understood by their names.
    """
    named = _said(mapping or {})
    if unknown := sorted({name for name in named.values() if name} - NAMES):
        raise ImportRefused("unknown_columns", ", ".join(unknown))
    layouts = [
        layout for separator in SEPARATORS if (layout := _layout(header, separator, named)) is not None
    ]
    if not layouts:
        raise ImportRefused("missing_columns", "name, phone")
    best = max(layouts, key=lambda layout: (len(layout.fields), len(layout.headers)))
    if len(best.headers) > MAX_COLUMNS:
        raise ImportRefused("header_too_long", f"{len(best.headers)} > {MAX_COLUMNS}")
    return best


def _said(mapping: Mapping[str, str]) -> dict[str | int, str]:
    """What is said of columns, by the header as it is compared or by the place, from 0."""
    return {
        int(place[1]) - 1 if (place := _PLACE(key)) else _folded(key): name for key, name in mapping.items()
    }


def column_keys(headers: Sequence[str]) -> tuple[str, ...]:
    """What a mapping calls each column: its header, or its place where that tells no two apart."""
    seen = Counter(map(_folded, headers))
    return tuple(
        header if header and seen[_folded(header)] == 1 and not _PLACE(header) else f"#{place}"
        for place, header in enumerate(headers, 1)
    )


def _layout(header: str, separator: str, said: Mapping[str | int, str]) -> Layout | None:
    try:
        headers = split(header, separator)
    except OpenQuote:
        return None
    if headers is None:
        return None
    shown = tuple(_shown(text) for text in headers)
    named = [
        (place, said.get(place, said.get(_folded(text), our_name(text)))) for place, text in enumerate(shown)
    ]
    return Layout(separator, shown, tuple(_numbered([(place, name) for place, name in named if name])))


def _numbered(fields: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """Telephones of one name get the next numbers that are free; more than MAX_PHONES are not used."""
    taken = {name for _, name in fields if name != "phone"}
    free = iter(name for number in range(2, MAX_PHONES + 1) if (name := f"phone_{number}") not in taken)
    seen: set[str] = set()
    for place, name in fields:
        given: str | None = name
        if name in seen and name.startswith("phone") and name != "phone_code":
            given = next(free, None)
        if given is not None:
            seen.add(given)
            yield place, given


def demand(layout: Layout) -> None:
    """Raise ImportRefused when a required column is missing, or two mean the same."""
    names = [name for _, name in layout.fields]
    missing = [] if {"name", "first_name", "last_name"} & set(names) else ["name"]
    if not layout.phone_columns:
        missing.append("phone")
    if missing:
        raise ImportRefused("missing_columns", ", ".join(missing))
    repeated = {name for name in names if names.count(name) > 1} - _EITHER
    if repeated:
        which = [layout.headers[place] for place, name in layout.fields if name in repeated]
        raise ImportRefused("repeated_columns", ", ".join(which))


def _folded(header: str) -> str:
    return _shown(header).casefold()


def plain_title(header: str) -> str:
    """A title without accents, capitals and signs: 'Código de área' is 'codigo_de_area'."""
    plain = unicodedata.normalize("NFKD", header.casefold())
    plain = "".join(c if c.isalnum() else "_" for c in plain if not unicodedata.combining(c))
    return "_".join(part for part in plain.split("_") if part)


def our_name(header: str) -> str:
    """Our name for a header, '' when it says nothing to us."""
    plain = plain_title(header)
    if plain in _BY_ALIAS:
        return _BY_ALIAS[plain]
    if (found := _NUMBERED(plain)) and _BY_ALIAS.get(found[1]) == "phone":
        # A number beyond those there are is one telephone more, and gets the next that is free.
        return f"phone_{int(found[2])}" if 1 <= int(found[2]) <= MAX_PHONES else "phone"
    return ""


def _shown(header: str) -> str:
    return "".join(c for c in header if c.isprintable()).strip()[:100]
