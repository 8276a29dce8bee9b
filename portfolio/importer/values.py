"""Single values of a file: money, languages, countries, zones, text."""

import re
import unicodedata
from functools import lru_cache

from phonenumbers import SUPPORTED_REGIONS

from portfolio.contact_rules.hours import zone_of
from portfolio.importer.encodings import is_double_encoded
from portfolio.importer.problems import BadValue

MAX_FIELD = 1000
MAX_MINOR = 10**13
_MOST_DIGITS = len(str(MAX_MINOR))
"""Before the decimals: what is longer is no amount, whatever its currency, and is not worked with."""

_INVISIBLE = dict.fromkeys(map(ord, "\ufeff\u200b\u200e\u200f\u202a\u202c\u2060\u00ad"))
"""Joiners stay: without them a family of signs falls apart, and some scripts cannot be read."""
_SPACES = {ord(c): " " for c in "\u00a0\u2007\u202f\u2009\u2028\u2029"}
_REORDERING = frozenset("\u202b\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKING = frozenset({"Cc", "Cs", "Zl", "Zp", "Co", "Cn"})
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")

EXPONENTS: dict[str, int] = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
"""Decimal places of a currency's minor unit (ISO 4217), where they are not two."""
_CURRENCY_OF = {
    "ES": "EUR", "PT": "EUR", "FR": "EUR", "DE": "EUR", "IT": "EUR", "IE": "EUR", "US": "USD", "PR": "USD",
    "EC": "USD", "SV": "USD", "PA": "PAB", "MX": "MXN", "AR": "ARS", "CO": "COP", "CL": "CLP", "PE": "PEN",
    "UY": "UYU", "PY": "PYG", "BO": "BOB", "VE": "VES", "CR": "CRC", "GT": "GTQ", "HN": "HNL", "NI": "NIO",
    "DO": "DOP", "CU": "CUP", "BR": "BRL", "GB": "GBP",
}  # fmt: skip
_ALPHA_3 = {
    "ESP": "ES", "PRT": "PT", "FRA": "FR", "DEU": "DE", "ITA": "IT", "GBR": "GB", "USA": "US", "PRI": "PR",
    "ECU": "EC", "SLV": "SV", "PAN": "PA", "MEX": "MX", "ARG": "AR", "COL": "CO", "CHL": "CL", "PER": "PE",
    "URY": "UY", "PRY": "PY", "BOL": "BO", "VEN": "VE", "CRI": "CR", "GTM": "GT", "HND": "HN", "NIC": "NI",
    "DOM": "DO", "CUB": "CU", "BRA": "BR", "CAN": "CA",
}  # fmt: skip
_SPANISH = frozenset({"es", "spa", "esp", "español", "espanol", "spanish", "castellano"})
_ENGLISH = frozenset({"en", "eng", "inglés", "ingles", "english"})
_GROUP = 3
_COMPUTED = re.compile(r"^[0-9]+([.,])[0-9]{4,}$")
_GROUPED = re.compile(r"[0-9]([.,])[0-9]{3}(?=[.,])")
_SIGNS = {
    "MXN": ("MX$",), "USD": ("US$",), "BRL": ("R$",), "PEN": ("S/.", "S/"), "CLF": ("UF",), "COP": ("COL$",),
    "DOP": ("RD$",), "NIO": ("C$",), "PAB": ("B/.",), "BOB": ("Bs.", "Bs"), "GTQ": ("Q",), "HNL": ("L",),
    "CRC": ("₡",), "PYG": ("₲", "Gs."), "UYU": ("$U",), "VES": ("Bs.", "Bs"), "ARS": ("AR$",),
}  # fmt: skip
"""How amounts are written where the code of the currency is not."""
_WHOLE = re.compile("(-?[0-9]{1,9})(?:[.]0+)?")
_NAMED = re.compile(r"[-+@][^\W\d_]{2}[\w .,&\'’-]*").fullmatch
"""A firm may be called so; a sum, a call or a reference to a cell is something else."""
_KEPT_AS_TEXT = re.compile(r'="([^"]*)"').fullmatch
"""How a spreadsheet is made to keep digits as text: nothing in it is worked out."""
_FRACTION_OF_NOTHING = re.compile(r"([0-9]{1,15})[.]0+").fullmatch
_ROUNDED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][+-][0-9]+").fullmatch
"""What a spreadsheet makes of a long number: the digits that are gone cannot be brought back."""
_AMOUNT = re.compile(r"[0-9]{1,3}(?:([., ’'])[0-9]{3})*(?:[.,][0-9]+)?|[0-9]+(?:[.,][0-9]+)?")


def clean(raw: str) -> str:
    """A value without the invisible signs that spreadsheets and phones add; BadValue on the harmful ones."""
    text = raw.strip(" ")
    if text.startswith('="') and (kept := _KEPT_AS_TEXT(text)):
        text = kept[1].strip(" ")
    if not text.isprintable():
        text = text.translate(_INVISIBLE).translate(_SPACES).strip(" ")
        if any(c in _REORDERING or unicodedata.category(c) in _BREAKING for c in text):
            raise BadValue("control_character")
    if len(text) > MAX_FIELD:
        raise BadValue("field_too_long")
    return text


def words(text: str, most: int) -> str:
    """A name or reference: no formula, not too long, decoded once."""
    if len(text) > most:
        raise BadValue("field_too_long")
    if text.startswith(FORMULA_STARTS) and not _NAMED(text):
        raise BadValue("formula")
    if text.isascii():
        return text
    if is_double_encoded(text):
        raise BadValue("double_encoded")
    composed = unicodedata.normalize("NFC", text)
    if len(composed) > most:
        # Some signs become several: what is stored is what must fit.
        raise BadValue("field_too_long")
    return composed


def name_key(text: str) -> frozenset[str]:
    """The words of a name, whatever their order, capitals and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return frozenset(letters.split())


def country(text: str) -> str:
    """ISO 3166 alpha-2."""
    code = text.upper()
    code = _ALPHA_3.get(code, code)
    if code not in SUPPORTED_REGIONS:
        raise BadValue("bad_country")
    return code


def language(text: str) -> str:
    """'es' or 'en'."""
    plain = text.casefold()
    stem = plain.replace("_", "-").partition("-")[0]
    if plain in _SPANISH or stem == "es":
        return "es"
    if plain in _ENGLISH or stem == "en":
        return "en"
    raise BadValue("bad_language")


@lru_cache(maxsize=1024)
def zone(text: str) -> str:
    """An IANA zone that names a place."""
    if zone_of(text) is None:
        raise BadValue("bad_zone")
    return text


def currency(text: str) -> str:
    """ISO 4217, upper case."""
    code = text.upper()
    if code == "€":
        return "EUR"
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise BadValue("bad_currency")
    return code


def currency_of(country_code: str) -> str:
    """The usual currency of a country; raises BadValue when we do not know it."""
    try:
        return _CURRENCY_OF[country_code]
    except KeyError:
        raise BadValue("required") from None


STAGES = {
    "remind": "remind", "recordatorio": "remind", "request": "request", "requerimiento": "request",
    "insist": "insist", "insistencia": "insist", "escalate": "escalate", "escalado": "escalate",
}  # fmt: skip
FLAGS = {
    "vulnerable": "vulnerable", "dispute": "dispute", "disputa": "dispute", "lawyer": "lawyer",
    "abogado": "lawyer", "deceased": "deceased", "fallecido": "deceased", "minor": "minor", "menor": "minor",
}  # fmt: skip
_YES = frozenset({"1", "y", "yes", "s", "si", "sí", "true", "x"})
_NO = frozenset({"0", "n", "no", "false"})


def consent(text: str) -> bool:
    """Whether the person agreed; BadValue on anything that is not a plain yes or no."""
    return _plainly(text, "bad_consent")


def yes(text: str) -> bool:
    """A plain yes or no; BadValue on anything else."""
    return _plainly(text, "bad_yes_no")


def _plainly(text: str, otherwise: str) -> bool:
    folded = text.casefold()
    if folded in _YES or folded in _NO:
        return folded in _YES
    raise BadValue(otherwise)


def stage(text: str) -> str:
    """How far the collection of a debt has come."""
    try:
        return STAGES[text.casefold()]
    except KeyError:
        raise BadValue("bad_stage") from None


def flags(text: str) -> tuple[str, ...]:
    """What holds of a person: words separated by commas, bars or spaces."""
    try:
        return tuple(sorted({FLAGS[word.casefold()] for word in re.split(r"[\s,|/]+", text) if word}))
    except KeyError:
        raise BadValue("bad_flag") from None


class Marks:
    """What the amounts of a file have shown of its decimal mark: a formula's many decimals show it."""

    def __init__(self) -> None:
        self._decimal: set[str] = set()
        self._grouping: set[str] = set()

    def see(self, text: str) -> str:
        """The mark that is surely the decimal one, with this amount looked at; empty = not known."""
        self._decimal.update(_COMPUTED.findall(text))
        self._grouping.update(_GROUPED.findall(text))
        sure = self._decimal - self._grouping
        return next(iter(sure)) if len(sure) == 1 else ""


def minor_units(text: str, currency_code: str, mark: str = "", *, rounded: bool = False) -> int:
    """An amount in the smallest unit of its currency, from '1.234,56', '1,234.56', '1234.5 €' or '$ 1234'.

    `mark`: the decimal one, where it is known. `rounded`: more decimals than the currency has, as a formula
    works them out, are rounded; else they are no amount, as of a payment.
    """
    exponent = EXPONENTS.get(currency_code, 2)
    plain = text
    if not (text[0].isdigit() and text[-1].isdigit()):
        plain = _unsigned(text, currency_code)
    if not _AMOUNT.fullmatch(plain):
        raise BadValue("amount_scientific" if _ROUNDED(plain) else "bad_amount")
    whole, decimals = _parts(plain, exponent, mark)
    if not rounded and len(decimals.rstrip("0")) > exponent:
        raise BadValue("bad_amount")
    whole = whole.lstrip("0")
    if len(whole) > _MOST_DIGITS:
        raise BadValue("bad_amount")
    finest = decimals.ljust(exponent + 1, "0")
    half_or_more = finest[exponent] >= "5"
    minor = int(f"0{whole}{finest[:exponent]}") + half_or_more
    if minor > MAX_MINOR:
        raise BadValue("bad_amount")
    return minor


def _unsigned(text: str, currency_code: str) -> str:
    """Without the sign of the currency; that of another one stays, and is no amount."""
    signs = "|".join(
        re.escape(sign) for sign in (currency_code, *_SIGNS.get(currency_code, ()), "€", "$", "£")
    )
    return re.sub(rf"^\s*(?:{signs})\s*|\s*(?:{signs})\s*$", "", text)


def _parts(plain: str, exponent: int, mark: str) -> tuple[str, str]:
    """Digits before and after the decimal sign."""
    signs = [c for c in plain if not c.isdigit()]
    if not signs:
        return plain, ""
    last = signs[-1]
    before, _, after = plain.rpartition(last)
    digits = "".join(c for c in before if c in "0123456789")
    if signs.count(last) > 1 and (len(after) != 3 or len(set(signs)) > 1):
        raise BadValue("bad_amount")
    if last in ".," and len(signs) == 1 and (len(before) > _GROUP or last == mark):
        # No group of thousands has more than three digits before its sign.
        return digits, after
    if last not in ".," or signs.count(last) > 1 or (exponent == 0 and len(after) == _GROUP):
        return digits + after, ""
    if len(signs) == 1 and len(after) == _GROUP and exponent != _GROUP:
        raise BadValue("ambiguous_amount")
    if len(signs) > 1 and len(after.rstrip("0")) > exponent:
        raise BadValue("bad_amount")
    return digits, after


def whole_number(text: str, most: int, least: int = 0) -> int:
    """A whole number between least and most."""
    found = _WHOLE.fullmatch(text)
    if not found or not least <= int(found[1]) <= most:
        raise BadValue("bad_whole_number")
    return int(found[1])


def identifier(text: str, most: int) -> str:
    """A customer number or reference as it was, before a program took it for a number."""
    if _ROUNDED(text):
        raise BadValue("id_scientific")
    whole = _FRACTION_OF_NOTHING(text)
    return words(whole[1] if whole else text, most)
