"""Rule packs from their YAML files, with the public holidays they need."""

from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from portfolio.contact_rules import RulePack, failed_examples
from portfolio.rule_packs.public_holidays import public_holidays

__all__ = [
    "BrokenPack",
    "LabOnly",
    "PackSummary",
    "RulePack",
    "UnknownPack",
    "available_packs",
    "built_in",
    "load_pack",
    "pack_text",
    "parse_pack",
    "read_pack",
]

MAX_BYTES = 256_000


class UnknownPack(LookupError):
    """There is no rule pack of that name."""


class BrokenPack(ValueError):
    """The rule pack does not fulfil its own examples."""


class LabOnly(BrokenPack):
    """The rule pack is marked for the laboratory, and this is none: nobody is called by it."""


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
    return tuple(_summary(load_pack(name)) for name in built_in())


@cache
def load_pack(name: str) -> RulePack:
    """The pack of that name that comes with the product, checked; raises UnknownPack, BrokenPack."""
    return read_pack(pack_text(name))


def pack_text(name: str) -> str:
    """The YAML of a pack that comes with the product; raises UnknownPack."""
    if name not in built_in():
        raise UnknownPack(name)
    return resources.files(__name__).joinpath(f"{name}.yaml").read_text("utf-8")


def read_pack(text: str) -> RulePack:
    """A pack from its YAML; raises BrokenPack when an example fails, ValidationError when misformed."""
    if len(text) > MAX_BYTES:
        raise BrokenPack(f"longer than {MAX_BYTES} characters")
    pack = parse_pack(text)
    failures = failed_examples(pack)
    if failures:
        raise BrokenPack("; ".join(failures))
    return pack


def parse_pack(text: str) -> RulePack:
    """A pack from its YAML, its examples not tried; raises BrokenPack, or ValidationError when misformed."""
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise BrokenPack(f"not YAML: {error}") from None
    if not isinstance(data, dict):
        raise BrokenPack("not a mapping")
    return RulePack.model_validate({**data, "calendar": public_holidays})


@cache
def built_in() -> tuple[str, ...]:
    """Names of the packs that come with the product."""
    files = (entry.name for entry in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in files if name.endswith(".yaml")))


def _summary(pack: RulePack) -> PackSummary:
    return PackSummary(pack.name, pack.version, pack.title_es, pack.title_en, pack.lab_only)
