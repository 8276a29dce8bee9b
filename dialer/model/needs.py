"""What a person needs of an agent, and what would be good: from the card and the campaign, as skill codes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dialer.model.campaign import CampaignSettings
from portfolio.skills import language_skill, licence_skill, needed_skills

_BUCKETS = ((30, "dpd-30"), (60, "dpd-60"), (90, "dpd-90"), (180, "dpd-180"))


def required_skills(
    asked: Mapping[str, int], settings: CampaignSettings, language: str, creditors: Iterable[str]
) -> dict[str, int]:
    """Skill → lowest level: what the campaign asks of everybody, and what this person needs besides."""
    other = language if settings.match_language and language != settings.language else None
    needed = needed_skills(other, creditors if settings.creditor_licence else ())
    return {**dict.fromkeys(needed, 1), **asked}


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
