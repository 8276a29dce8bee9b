"""Lists that both sides must know: made from the one that Python has."""

from typing import Any

from phonenumbers import SUPPORTED_REGIONS

from agent_ws.closing import CloseCode
from consoles.password_rules import MIN_LENGTH
from consoles.web_types.typescript import constant
from portfolio.importer.columns import ALIASES, MAX_PHONES
from portfolio.importer.values import EXPONENTS

_FACTS: tuple[tuple[str, Any, str], ...] = (
    (
        "CURRENCY_PLACES",
        EXPONENTS,
        "Decimal places of a currency's minor unit (ISO 4217), where they are not two.",
    ),
    ("COUNTRIES", sorted(SUPPORTED_REGIONS), "Countries whose numbers a file may hold (ISO 3166)."),
    ("IMPORT_COLUMNS", list(ALIASES), "What a column of a file of people may be."),
    ("MAX_PHONES", MAX_PHONES, "Columns of telephones that one file may have: phone, phone_2 …"),
    ("CLOSE", {code.name: code.value for code in CloseCode}, "Why the server closes the live wire."),
    ("PASSWORD_MIN", MIN_LENGTH, "Characters of a password."),
)


def facts_ts() -> str:
    """`api/facts.ts`: one constant each."""
    return "\n".join(constant(name, value, text) for name, value, text in _FACTS)
