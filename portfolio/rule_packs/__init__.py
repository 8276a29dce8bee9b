"""Rule packs from their YAML files, with the public holidays they need."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from portfolio.contact_rules import RulePack, failed_examples
from portfolio.rule_packs.public_holidays import public_holidays

__all__ = [
    "BrokenPack",
    "PackSummary",
    "RulePack",
    "UnknownPack",
    "available_packs",
    "load_pack",
    "read_pack",
]

MAX_BYTES = 256_000


class UnknownPack(LookupError):
    """There is no rule pack of that name."""


class BrokenPack(ValueError):
    """The rule pack does not fulfil its own examples."""


@dataclass(frozen=True, slots=True)
class PackSummary:
    """A rule pack as a list shows it."""

    name: str
    version: int
    title_es: str
    title_en: str
    lab_only: bool


def available_packs() -> tuple[PackSummary, ...]:
    """All packs that come with the product, by name."""
    return tuple(_summary(load_pack(name)) for name in _names())


@cache
def load_pack(name: str) -> RulePack:
    """The pack of that name, checked against its own examples; raises UnknownPack, BrokenPack."""
    if name not in _names():
        raise UnknownPack(name)
    return read_pack(resources.files(__name__).joinpath(f"{name}.yaml").read_text("utf-8"))


def read_pack(text: str) -> RulePack:
    """A pack from its YAML; raises BrokenPack when an example fails, ValidationError when misformed."""
    if len(text) > MAX_BYTES:
        raise BrokenPack(f"longer than {MAX_BYTES} characters")
    pack = RulePack.model_validate({**yaml.safe_load(text), "calendar": public_holidays})
    failures = failed_examples(pack)
    if failures:
        raise BrokenPack("; ".join(failures))
    return pack


def _names() -> tuple[str, ...]:
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def _summary(pack: RulePack) -> PackSummary:
    return PackSummary(pack.name, pack.version, pack.title_es, pack.title_en, pack.lab_only)
