"""The README's pictures: of the script that stands here, small, of one size, of both languages, and shown."""

import json

import pytest

from tests.browser import pictures
from tests.browser.pictures import LANGUAGES, MANIFEST, VIEWS, manifest, picture

PNG = b"\x89PNG\r\n\x1a\n"
EACH = [(view, language) for language in LANGUAGES for view in VIEWS]


def test_they_are_of_this_script() -> None:
    told = json.loads(MANIFEST.read_text(encoding="utf-8"))
    assert told == manifest(), "run: make pictures"


def test_there_are_no_others() -> None:
    found = {path.relative_to(pictures.FOLDER).as_posix() for path in pictures.FOLDER.rglob("*.png")}
    assert found == {f"{language}/{view}.png" for view, language in EACH}


@pytest.mark.parametrize(("view", "language"), EACH)
def test_they_are_small_and_of_one_size(view: str, language: str) -> None:
    data = picture(view, language).read_bytes()
    assert data.startswith(PNG)
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1366, 768)
    assert len(data) <= 300_000


@pytest.mark.parametrize(("readme", "language"), [("README.md", "en"), ("README.es.md", "es")])
def test_each_readme_shows_those_of_its_language(readme: str, language: str) -> None:
    text = (pictures.FOLDER.parents[1] / readme).read_text(encoding="utf-8")
    assert all(f"(docs/images/{language}/{view}.png)" in text for view in VIEWS)
    assert "docs/images/" + ({"en", "es"} - {language}).pop() not in text
