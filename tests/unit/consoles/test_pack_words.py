"""The page of the rules has a word for whatever a built-in pack says, in both languages."""

import re
from pathlib import Path

import pytest

import consoles
from consoles.routes.rule_packs import _rules
from portfolio.rule_packs import built_in, load_pack

I18N = Path(consoles.__file__).parent / "web" / "src" / "i18n"
PARTS = {rule.part for name in built_in() for rule in _rules(load_pack(name))}
FIELDS = {
    field
    for name in built_in()
    for rule in _rules(load_pack(name))
    if rule.part != "hours"  # written as a week
    for field in rule.data
}


def words(language: str, group: str) -> set[str]:
    """The keys of a group of the page's texts."""
    page = (I18N / f"{language}.ts").read_text(encoding="utf-8").partition("\n  packs: {")[2]
    body = page.partition(f"\n    {group}: {{")[2].partition("}")[0]
    return set(re.findall(r"(\w+): ['\"]", body))


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_part_and_field_of_every_pack_has_a_word(language: str) -> None:
    assert {"complaint_weekdays", "starts", "not_prefixes"} <= FIELDS
    assert words(language, "field") >= FIELDS
    assert words(language, "part") >= PARTS


def test_what_is_never_dialled_is_told_of_the_pack_itself_too() -> None:
    pack = load_pack("es-collections")
    told = [rule for rule in _rules(pack) if rule.part == "forbidden_prefixes"]
    assert [rule.data["starts"] for rule in told] == [list(pack.forbidden_prefixes)]
