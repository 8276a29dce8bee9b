"""`make try-docs`: follows the how-tos on an empty Debian, and looks for what they promise.

Blocks with a mark (`<!-- try: server network exit=1 -->` before, `<!-- expect: text -->` after) are taken out
of each page of docs/how-to and run in their order, each in a shell that ends at the first command that fails.
A page with `<!-- after: install.md#14-upgrade -->`
under its title is followed on that page's machine, when it is so far.
The pages of `LEFT_OUT` are not followed; a single block that is not, says why: `<!-- not tried: why -->`.
"""

import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from tests.docs import copied, order
from tests.docs.blocks import Block
from tests.docs.machine import LIMIT, Machine, NoMachine, base, empty
from tests.docs.order import Page

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs" / "how-to"
BUILT = "@BUILT@"
"""In a promise: what the build that was copied last calls itself."""
LEFT_OUT = {
    "deploy-with-compose.md": "needs Docker",
    "lab-in-containers.md": "needs Docker and the developer's laboratory",
    "break-it.md": "needs the developer's laboratory",
}
"""Pages with commands that are not followed, and why."""
_TOLD = 4000


def main(names: list[str]) -> int:
    """All pages with marked blocks, or the named ones; 1 when one does not keep its promise."""
    pages = [order.of(path) for path in sorted(HOW_TO.glob("*.md"))]
    try:
        packed = base()
        return max([_follow(steps, packed) for steps in order.machines(pages, names)], default=0)
    except NoMachine as why:
        _say(f"the how-tos are left out: {why}")
        return 0


def _follow(steps: list[tuple[Page, Block]], packed: Path) -> int:
    """All that is done on one machine. A page ends with its first fault, and with it those after it."""
    broken, done = set[str](), Counter[str]()
    with empty(packed) as machine:
        follower = Follower(machine)
        for page, block in steps:
            if not broken.isdisjoint(_before(page)):
                broken.add(page.name)
            elif follower.keeps(page.name, block):
                done[page.name] += 1
            else:
                broken.add(page.name)
    for name in dict.fromkeys(page.name for page, _ in steps):
        _say(f"{name}: {done[name]} blocks, {'NOT as promised' if name in broken else 'all as promised'}")
    return 1 if broken else 0


def _before(page: Page) -> set[str]:
    """The page and the one it begins after: whatever broke that one's first half broke this one, too."""
    return {page.name, *([page.after.page] if page.after else [])}


class Follower:
    """Who types the commands on one machine."""

    def __init__(self, machine: Machine) -> None:
        """Nothing was copied to it yet."""
        self._machine, self._built, self._copies = machine, "", 0

    def keeps(self, name: str, asked: Block) -> bool:
        """Whether a block of that page kept its promise; told, with what was shown when it did not."""
        began = time.monotonic()
        if asked.where == "copy":
            self._copies += 1
            self._built = _copied(asked, self._machine, self._copies)
            _say(f"{name}:{asked.line} copy {self._built}")
            return True
        block = replace(asked, expected=tuple(one.replace(BUILT, self._built) for one in asked.expected))
        try:
            done = _run(block, self._machine)
            shown = done.stdout + done.stderr
            wrong = faults(block, done.returncode, shown)
        except subprocess.TimeoutExpired:
            shown, wrong = "", f"not done after {LIMIT:.0f} s"
        _say(f"{name}:{block.line} {block.where} {time.monotonic() - began:.1f} s {wrong or 'ok'}")
        if wrong:
            _say(f"{block.text}\n{shown[-_TOLD:]}")
            _say(self._machine.journal())
        return not wrong


def _run(block: Block, machine: Machine) -> subprocess.CompletedProcess[str]:
    if block.where == "server":
        return machine.run(block.text, network=block.network)
    return subprocess.run(
        ["/bin/sh", "-eu", "-c", block.text], cwd=ROOT, capture_output=True, text=True, check=False,
        timeout=LIMIT, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def _copied(block: Block, machine: Machine, nth: int) -> str:
    """The version that should be there after it; each copy after the first has one of its own."""
    folder = copied.copy(block.text, ROOT, machine.root / "root")
    if nth > 1:
        copied.relabelled(folder, f"{nth:012d}")
    return copied.version(folder)


def faults(block: Block, code: int, told: str) -> str:
    """What a block did not keep of its promise; empty when it kept all."""
    missing = [text for text in block.expected if text not in told]
    parts = [
        f"exit code {code}, not {block.code}" if code != block.code else "",
        f"not shown: {missing}" if missing else "",
    ]
    return "; ".join(part for part in parts if part)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
