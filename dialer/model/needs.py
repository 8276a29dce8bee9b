"""What a person needs of an agent, and what would be good: from the card and the campaign, as skill codes."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dialer.model.campaign import CampaignSettings

_BUCKETS = ((30, "dpd-30"), (60, "dpd-60"), (90, "dpd-90"), (180, "dpd-180"))


def language_skill(language: str) -> str:
    """The skill of speaking a language, such as 'lang-en'."""
    return f"lang-{language}"


def licence_skill(creditor: str) -> str:
    """The skill of being allowed to speak for a creditor, such as 'creditor-banco-uno'."""
    plain = unicodedata.normalize("NFKD", creditor.casefold()).encode("ascii", "ignore").decode()
    return f"creditor-{re.sub('[^a-z0-9]+', '-', plain).strip('-')[:30]}"


def required_skills(
    asked: Mapping[str, int], settings: CampaignSettings, language: str, creditors: Iterable[str]
) -> dict[str, int]:
    """Skill → lowest level: what the campaign asks of everybody, and what this person needs besides."""
    found = dict(asked)
    if settings.match_language and language != settings.language:
        found.setdefault(language_skill(language), 1)
    if settings.creditor_licence:
        for creditor in creditors:
            found.setdefault(licence_skill(creditor), 1)
    return found


def wanted_skills(language: str, debts: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Skill → weight: stage and age of the debt that is oldest, its creditor, the language."""
    found = {language_skill(language): 0.5}
    if debts:
        oldest = max(debts, key=_age)
        if oldest.get("stage"):
            found[f"stage-{oldest['stage']}"] = 1.0
        found[_bucket(_age(oldest))] = 1.0
        found[licence_skill(str(oldest.get("creditor", "")))] = 0.5
    return found


def _age(debt: Mapping[str, Any]) -> int:
    """Days past due; of a debt without a date nobody knows them."""
    return int(debt.get("days_past_due") or 0)


def _bucket(days: int) -> str:
    return next((name for most, name in _BUCKETS if days <= most), "dpd-over")
