"""In which order pages are followed: on an empty machine each, or on that of the page they come after."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.docs import blocks
from tests.docs.blocks import After, BadMark, Block


@dataclass(frozen=True, slots=True)
class Page:
    """One how-to."""

    name: str
    text: str
    blocks: tuple[Block, ...]
    """Those that are run."""
    after: After | None


def of(path: Path) -> Page:
    """Read from its file; raises BadMark."""
    text = path.read_text(encoding="utf-8")
    tried = tuple(one for one in blocks.blocks(text) if one.where)
    return Page(path.name, text, tried, blocks.after(text))


def machines(pages: Iterable[Page], wanted: Collection[str] = ()) -> list[list[tuple[Page, Block]]]:
    """For each machine the blocks that are run on it; of wanted pages with all that goes before them.

    Raises BadMark for a page that begins after none that is followed.
    """
    known = {page.name: page for page in pages if page.blocks}
    kept = {before for name in wanted or known for before in _line(known, name)}
    ours = sorted((known[name] for name in kept), key=lambda page: page.name)
    return [list(_steps(page, ours)) for page in ours if page.after is None]


def _line(known: dict[str, Page], name: str) -> list[str]:
    """The page and those before it."""
    found: list[str] = []
    while name not in found:
        if name not in known:
            raise BadMark(f"{name} has no block that is run{f', {found[-1]} begins there' if found else ''}")
        found.append(name)
        begins = known[name].after
        if begins is None:
            return found
        name = begins.page
    raise BadMark(f"{name} begins after itself")


def _steps(page: Page, pages: list[Page]) -> Iterator[tuple[Page, Block]]:
    """Its blocks; those of the pages after it where they begin."""
    waiting = sorted((_begin(page, one.after), one.name, one) for one in pages if _is_after(one, page))
    for block in page.blocks:
        while waiting and waiting[0][0] < block.line:
            yield from _steps(waiting.pop(0)[2], pages)
        yield page, block
    for _, _, one in waiting:
        yield from _steps(one, pages)


def _is_after(one: Page, page: Page) -> bool:
    return one.after is not None and one.after.page == page.name


def _begin(page: Page, begins: After | None) -> int:
    """The line of the page after which another one begins."""
    if begins is None or not begins.section:
        return len(page.text.splitlines())
    return blocks.end_of(page.text, begins.section)
