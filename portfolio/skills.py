"""What a person needs of an agent, as skill codes: a language, the licence of a creditor."""

import re
import unicodedata
from collections.abc import Iterable


def language_skill(language: str) -> str:
    """The skill of speaking a language, such as 'lang-en'."""
    return f"lang-{language}"


def licence_skill(creditor: str) -> str:
    """The skill of being allowed to speak for a creditor, such as 'creditor-banco-uno'."""
    plain = unicodedata.normalize("NFKD", creditor.casefold()).encode("ascii", "ignore").decode()
    return f"creditor-{re.sub('[^a-z0-9]+', '-', plain).strip('-')[:30]}"


def needed_skills(language: str | None, creditors: Iterable[str]) -> set[str]:
    """Of who speaks this language, where it is not the campaign's (else None), and owes to these."""
    spoken = {language_skill(language)} if language is not None else set()
    return spoken | {licence_skill(creditor) for creditor in creditors}
