"""The documentation: its links lead somewhere, and what it lists is what the code has."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from consoles.metrics import WebMetrics
from dialer.engine.metrics import EngineMetrics
from dialer.model.diagram import mermaid
from dialer.wiring.archive import archive_registry
from dialer.wiring.worker import worker_registry
from docs.reference.render import FOLDER, pages
from journal.jobs.runner import Counts
from journal.worker import Counts as Followed
from recordings.archiver import ArchiveMetrics

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "sip_lab" / "README.md"],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)


def prose(page: Path) -> str:
    """A page without its blocks of code, in which brackets mean other things."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """The fragments that the page's headings answer to, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {text.strip().replace(" ", "-") for text in plain}


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a link leads out of the repository, to a file of it, or to a heading of such a file."""
    if re.match(r"[a-z]+:", target):
        return True
    path, _, fragment = target.partition("#")
    found = (page.parent / path).resolve() if path else page
    if not found.is_relative_to(ROOT) or not found.exists():
        return False
    return not fragment or fragment in anchors(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in LINK.findall(prose(page)) if not leads_somewhere(page, target)] == []


@pytest.mark.parametrize(
    ("target", "good"),
    [
        ("glossary.md", True),
        ("nowhere.md", False),
        ("../README.md#with-your-own-asterisk-and-trunk", True),
        ("../README.md#nothing", False),
        ("../../outside.md", False),
        ("https://example.com/", True),
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(target: str, good: bool) -> None:
    assert leads_somewhere(ROOT / "docs" / "index.md", target) == good


def test_every_page_can_be_reached_from_the_index() -> None:
    reached, waiting = set[Path](), [ROOT / "docs" / "index.md"]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            targets = (target.partition("#")[0] for target in LINK.findall(prose(page)) if ":" not in target)
            waiting += [(page.parent / target).resolve() for target in targets if target]
    assert set((ROOT / "docs").rglob("*.md")) - reached == set()


@pytest.mark.parametrize("name", sorted(pages()))
def test_pages_made_from_the_code_are_up_to_date(name: str) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == pages()[name], (
        "run: python -m docs.reference.render"
    )


def test_every_metric_is_listed_with_its_type() -> None:
    registries = (
        EngineMetrics(CollectorRegistry()).registry,
        WebMetrics().registry,
        archive_registry(ArchiveMetrics()),
        worker_registry(Counts(), Followed()),
    )
    ours = {(metric.name, metric.type) for registry in registries for metric in registry.collect()}
    text = (FOLDER / "metrics.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.MULTILINE)) == ours


def test_the_drawing_of_the_call_is_that_of_the_table() -> None:
    assert mermaid() in (FOLDER / "call.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("readme", "word"), [("README.md", "Status"), ("README.es.md", "Estado")])
def test_the_readme_tells_the_newest_number_of_the_changelog(readme: str, word: str) -> None:
    newest = re.search(r"^## \[(?:Unreleased: )?([\d.]+)\]", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert newest is not None
    assert f"\n## {word}: {newest[1]}," in (ROOT / readme).read_text("utf-8")


def rows(page: str) -> list[list[str]]:
    """Of each table of a page, what is code in the first column of its rows."""
    tables = re.findall(r"^(?:[ ]*\|.*\n)+", page, re.MULTILINE)
    cells = ([row.split("|")[1] for row in table.splitlines()] for table in tables)
    return [[" ".join(re.findall(r"`[^`]+`", cell)) for cell in table] for table in cells]


def items(page: str, label: str) -> int:
    """How many things a list within the text names, from its bold label to the blank line."""
    return page.split(f"**{label}:**")[1].split("\n\n")[0].count("·") + 1


def test_both_readmes_have_the_same_parts() -> None:
    english, spanish = (prose(ROOT / name) for name in ("README.md", "README.es.md"))
    levels = [re.findall(r"^(#+) ", page, re.MULTILINE) for page in (english, spanish)]
    assert levels[0] == levels[1]
    assert re.findall(r"`CADENCIA_\w+`", english) == re.findall(r"`CADENCIA_\w+`", spanish)
    links = [{t for t in LINK.findall(page) if t.startswith("docs/")} for page in (english, spanish)]
    guides = {t for t in links[1] if t.startswith("docs/es/")}
    pictures = [
        {t.replace(f"/{language}/", "/") for t in of if "/images/" in t}
        for of, language in zip(links, ("en", "es"), strict=True)
    ]
    assert pictures[0] == pictures[1]
    assert {t for t in links[0] if "/images/" not in t} == {
        t for t in links[1] - guides if "/images/" not in t
    }


def test_both_readmes_say_the_same_of_what_there_is() -> None:
    english, spanish = (prose(ROOT / name) for name in ("README.md", "README.es.md"))
    assert rows(english) == rows(spanish)
    assert (items(english, "There"), items(english, "Not yet")) == (
        items(spanish, "Hay"),
        items(spanish, "Aún no"),
    )


def test_every_page_of_the_consoles_is_in_the_readme() -> None:
    session = (ROOT / "consoles/web/src/stores/session.ts").read_text(encoding="utf-8")
    names = session.split("const CONSOLES: PageName[] = [")[1].split("]")[0]
    pages = {f"/{name}" for name in re.findall(r"'(\w+)'", names)}
    assert len(pages) >= 4
    named = {cell.strip("`") for table in rows(prose(ROOT / "README.md")) for cell in table}
    assert pages <= named
