"""The guides of the consoles: what they quote stands on the screen, letter by letter, in both languages."""

import importlib
import re
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAIRS = {"agente.md": "agent.md", "supervisor.md": "supervisor.md", "calidad.md": "quality.md"}
"""Spanish guide to English guide."""
GUIDES = sorted([*(ROOT / "docs" / "es").glob("*.md"), *(ROOT / "docs" / "en").glob("*.md")])
OF_NO_CONSOLE = {"index.md", "instalar.md"}
QUOTED = {"es": re.compile(r"«([^»]+)»"), "en": re.compile(r"“([^”]+)”")}
TEXT = re.compile(r"""'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)\"""")
SLOT = re.compile(r"\{\w+\}")
OF_THE_DATABASE = {
    "es": r"^\s*\('\w+', '([^']+)', '[^']+'",
    "en": r"^\s*\('\w+', '[^']+', '([^']+)'",
}


def screen_texts(language: str) -> set[str]:
    """What the consoles can say: every form of every text, and the names that the database gives."""
    source = (ROOT / f"consoles/web/src/i18n/{language}.ts").read_text(encoding="utf-8")
    texts = (single or double for single, double in TEXT.findall(source))
    found = {form.strip() for text in texts for form in text.replace("\\'", "'").split("|")}
    for script in sorted((ROOT / "migrations").glob("*.sql")):
        text = script.read_text(encoding="utf-8")
        found |= set(re.findall(OF_THE_DATABASE[language], text, re.MULTILINE))
    return found


def unknown(page: str, texts: set[str], language: str) -> list[str]:
    """Quoted words that are on no screen; «?» and what a text only counts are as they are."""
    plain = {SLOT.sub("", text).strip() for text in texts}
    said = [" ".join(one.split()) for one in QUOTED[language].findall(page)]
    return [one for one in said if one not in texts and SLOT.sub("", one).strip() not in plain and one != "?"]


def of_setup(name: str) -> Any:
    """A module of `.ci/setup`, which is a program and no package."""
    sys.path.insert(0, str(ROOT / ".ci" / "setup"))
    try:
        return importlib.import_module(name)
    finally:
        sys.path.pop(0)


def shape(page: Path) -> list[object]:
    """What a translation keeps: headings by level, items, rows, quotes and keys of each part, in order."""
    text = page.read_text(encoding="utf-8")
    quotes = QUOTED[page.parent.name]
    parts = re.split(r"^(?=#)", text, flags=re.MULTILINE)[1:]
    return [
        (
            part.partition(" ")[0],
            re.findall(r"^ *(- |\d\. |\|)", part, re.MULTILINE),
            len(quotes.findall(part)),
            re.findall(r"\b(?:F\d+|Alt\+\d|Ctrl)\b|\b[CJKL]\b|`[^`]+`", part),
        )
        for part in parts
    ]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: f"{page.parent.name}-{page.name}")
def test_what_a_guide_quotes_is_on_the_screen(page: Path) -> None:
    text, language = page.read_text(encoding="utf-8"), page.parent.name
    assert unknown(text, screen_texts(language), language) == []
    assert page.name in OF_NO_CONSOLE or len(QUOTED[language].findall(text)) > 20


def test_a_button_that_was_renamed_is_noticed() -> None:
    texts = screen_texts("es")
    assert unknown("«Colgar» o «Cortar», «Pasar a {name}»", texts, "es") == ["Cortar"]
    assert unknown("«filas por decidir»", texts, "es") == []
    assert unknown("“Hang up” or “Cut off”", screen_texts("en"), "en") == ["Cut off"]


def test_there_is_a_guide_for_everybody_who_works_in_a_console() -> None:
    assert {page.name for page in (ROOT / "docs/es").glob("*.md")} - OF_NO_CONSOLE == set(PAIRS)
    assert {page.name for page in (ROOT / "docs/en").glob("*.md")} == set(PAIRS.values())
    spanish = (ROOT / "README.es.md").read_text(encoding="utf-8")
    assert all(f"docs/es/{page.name}" in spanish for page in (ROOT / "docs/es").glob("*.md"))


@pytest.mark.parametrize(("spanish", "english"), PAIRS.items())
def test_both_languages_have_the_same_parts(spanish: str, english: str) -> None:
    assert shape(ROOT / "docs/es" / spanish) == shape(ROOT / "docs/en" / english)


def test_a_guide_that_changes_has_the_consoles_built_again(tmp_path: Path) -> None:
    web = of_setup("web")
    assert {folder.relative_to(ROOT).as_posix() for folder in web.GUIDES} == {"docs/en", "docs/es"}
    (tmp_path / "agent.md").write_text("# Agent's guide")
    before = web.fingerprint((web.SOURCE, tmp_path))
    assert web.fingerprint((web.SOURCE, tmp_path)) == before
    (tmp_path / "agent.md").write_text("# The agent's guide")
    assert web.fingerprint((web.SOURCE, tmp_path)) != before
    assert web.fingerprint() != web.fingerprint((web.SOURCE,)), "the guides count"


def test_the_guides_are_let_into_the_image_that_is_built_with_them() -> None:
    ignore = (ROOT / "deploy/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {"!docs/en", "!docs/es"} <= set(ignore)
