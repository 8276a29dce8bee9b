"""The documentation: its links lead somewhere, and what it lists is what the code has."""

import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from consoles.metrics import WebMetrics
from dialer.engine.metrics import EngineMetrics
from dialer.model.diagram import mermaid
from dialer.wiring import _archive_registry
from docs.reference.render import FOLDER, pages
from recordings.archiver import ArchiveMetrics

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "sip_lab" / "README.md"],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
PNG = b"\x89PNG\r\n\x1a\n"


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
        ("../README.md#status-010-first-light", True),
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
        _archive_registry(ArchiveMetrics()),
    )
    ours = {(metric.name, metric.type) for registry in registries for metric in registry.collect()}
    text = (FOLDER / "metrics.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \| (\w+) \|", text, re.MULTILINE)) == ours


def test_the_drawing_of_the_call_is_that_of_the_table() -> None:
    assert mermaid() in (FOLDER / "call.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["agent", "supervisor", "qa"])
def test_pictures_are_small_and_of_one_size(name: str) -> None:
    data = (ROOT / "docs" / "images" / f"{name}.png").read_bytes()
    assert data.startswith(PNG)
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (1366, 768)
    assert len(data) <= 300_000


def test_both_readmes_have_the_same_parts() -> None:
    english, spanish = (prose(ROOT / name) for name in ("README.md", "README.es.md"))
    assert len(re.findall(r"^#+ ", english, re.MULTILINE)) == len(re.findall(r"^#+ ", spanish, re.MULTILINE))
    assert re.findall(r"`CADENCIA_\w+`", english) == re.findall(r"`CADENCIA_\w+`", spanish)
    assert {t for t in LINK.findall(english) if t.startswith("docs/")} == {
        t for t in LINK.findall(spanish) if t.startswith("docs/")
    }
