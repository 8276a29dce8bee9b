"""The documents' commands: a shell takes them, the command line knows them, both languages have the same."""

import re
import shlex
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer.main

from dialer.__main__ import app
from dialer.cli.later import Later
from tests.docs import blocks, copied, order
from tests.docs.__main__ import HOW_TO, LEFT_OUT, faults
from tests.docs.blocks import After, BadMark, Block
from tests.docs.order import Page

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "README.es.md", *(ROOT / "docs").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
TWINS = {"docs/how-to/install.md": "docs/es/instalar.md"}
SAID = re.compile(r"`(cadencia [^`]+)`")
OPENS = frozenset({"&&", "||", ";", "|", "exec", "web", "--", "("})
"""Words after which a command of ours may stand: `docker compose … exec web cadencia check`."""


def shell_takes(text: str) -> str:
    """What a shell says against a script; empty when it takes it."""
    asked = ["/bin/sh", "-n"]
    return subprocess.run(asked, input=text, capture_output=True, text=True, check=False).stderr


def of_page(page: Path) -> list[list[str]]:
    """The words of each command of ours that a page names, from `cadencia` on."""
    text = page.read_text(encoding="utf-8")
    found = [words for block in blocks.blocks(text) for words in of_script(block.text)]
    prose = re.sub(r"^\s*```.*?^\s*```", "", text, flags=re.MULTILINE | re.DOTALL)
    return found + [said.split() for said in SAID.findall(" ".join(prose.split("\n")))]


def of_script(text: str) -> list[list[str]]:
    """The same of a script."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="();<>|&")
        lexer.whitespace_split, lexer.commenters = True, "#"
        try:
            words = list(lexer)
        except ValueError:  # a string over several lines: no line of it is a command of ours
            continue
        starts = [
            at
            for at, word in enumerate(words)
            if word in ("cadencia", ".venv/bin/cadencia") and (at == 0 or words[at - 1] in OPENS)
        ]
        found += [_until_its_end(words[at:]) for at in starts]
    return found


def _until_its_end(words: list[str]) -> list[str]:
    ends = [at for at, word in enumerate(words) if re.fullmatch(r"[();<>|&]+", word)]
    return words[: ends[0]] if ends else words


def unknown(words: list[str]) -> list[str]:
    """The sub-commands and options that the command line has not."""
    command: Any = typer.main.get_command(app)
    rest = words[1:]
    while (children := getattr(command, "commands", None)) and rest and re.fullmatch(r"[a-z-]+", rest[0]):
        if rest[0].startswith("-"):
            break
        if rest[0] not in children:
            return [rest[0]]
        child, rest = children[rest[0]], rest[1:]
        command = child.real() if isinstance(child, Later) else child
    known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
    options = [word.split("=")[0].rstrip(".,;:)") for word in rest if re.match(r"--[a-z]", word)]
    return [one for one in options if one not in known]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_a_shell_takes_the_commands_of_a_page(page: Path) -> None:
    assert [(one.line, said) for one in blocks.of(page) if (said := shell_takes(one.text))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_command_line_knows_what_a_page_names(page: Path) -> None:
    assert [(" ".join(words), odd) for words in of_page(page) if (odd := unknown(words))] == []


def test_a_command_that_is_not_there_is_noticed() -> None:
    script = "docker compose exec web cadencia users ad sara\ncadencia run --roles web | cat --roles\n"
    assert [unknown(words) for words in of_script(script)] == [["ad"], ["--roles"]]
    assert unknown("cadencia users add sara --name Sara --role admin".split()) == []
    assert shell_takes("for x in a; do\n")


def test_a_command_in_the_prose_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("Run `cadencia migrate --bak 1`, then:\n\n```sh\ncadencia chek\n```\n")
    assert [unknown(words) for words in of_page(page)] == [["chek"], ["--bak"]]


@pytest.mark.parametrize(("english", "spanish"), TWINS.items())
def test_both_languages_have_the_same_commands_and_promises(english: str, spanish: str) -> None:
    here, there = ([replace(one, line=0) for one in blocks.of(ROOT / name)] for name in (english, spanish))
    assert here == there
    assert len([one for one in here if one.where]) >= 15


def test_no_block_leaves_its_readers_shell_another_one() -> None:
    """Each is run in a shell of its own, people use one for all: a umask would close what comes after."""
    lasting = re.compile(r"^(?:umask|set|exec|trap)\b", re.MULTILINE)
    pages = [ROOT / page for page in TWINS]
    assert [one.line for page in pages for one in blocks.of(page) if lasting.search(one.text)] == []


def test_both_languages_have_the_same_examples() -> None:
    for english, spanish in TWINS.items():
        both = [(ROOT / name).read_text(encoding="utf-8") for name in (english, spanish)]
        ini, other = (
            re.findall(r"^```(?:ini|yaml)\n(.*?)^```", text, re.MULTILINE | re.DOTALL) for text in both
        )
        plain = [
            [re.sub(r"^ *;.*\n", "", one, flags=re.MULTILINE) for one in found] for found in (ini, other)
        ]
        assert plain[0] == plain[1]


PAGE = """
<!-- try: server network exit=1 -->
```sh
apt-get update
```
<!-- expect: Reading -->
<!-- expect: done -->

```sh
not run
```
"""


def test_a_marked_block_says_where_it_is_run_and_what_it_should_show() -> None:
    assert blocks.blocks(PAGE) == [
        Block(4, "apt-get update\n", "server", True, 1, ("Reading", "done")),
        Block(10, "not run\n"),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "<!-- try: sever -->\n```sh\ntrue\n```\n",
        "<!-- try: server -->\n\nwords\n```sh\ntrue\n```\n",
        "```sh\ntrue\n```\n<!-- expect: what nobody runs -->\n",
    ],
)
def test_a_mark_that_would_do_nothing_is_an_error(page: str) -> None:
    with pytest.raises(BadMark):
        blocks.blocks(page)


def test_a_block_that_is_not_run_says_why_or_its_page_is_left_out() -> None:
    pages = [page for page in HOW_TO.glob("*.md") if page.name not in LEFT_OUT]
    silent = [(page.name, b.line) for page in pages for b in blocks.of(page) if not (b.where or b.left_out)]
    assert silent == []
    assert [name for name in LEFT_OUT if not blocks.of(HOW_TO / name)] == []
    page = "<!-- not tried: rings somebody -->\n```sh\ncall\n```\n"
    assert blocks.blocks(page) == [Block(3, "call\n", left_out="rings somebody")]


FIRST = """# First

## 1. Begin
<!-- try: server -->
```sh
# begin
```
### More
<!-- try: server -->
```sh
more
```
## 2. End
<!-- try: server -->
```sh
end
```
"""


def followed(name: str, mark: str, text: str = "<!-- try: server -->\n```sh\n{}\n```\n") -> Page:
    """A page with one block, which names it."""
    page = f"# {name}\n{mark}\n{text.format(name)}"
    return Page(f"{name}.md", page, tuple(blocks.blocks(page)), blocks.after(page))


def told(machines: list[list[tuple[Page, Block]]]) -> list[list[str]]:
    """The commands of each machine."""
    return [[block.text.strip() for _, block in steps] for steps in machines]


def test_a_page_is_followed_where_it_begins() -> None:
    first = Page("first.md", FIRST, tuple(blocks.blocks(FIRST)), None)
    middle = followed("middle", "<!-- after: first.md#1-begin -->")
    last = followed("last", "<!-- after: first.md -->")
    third = followed("a-third", "<!-- after: middle.md -->")
    alone = followed("other", "")
    assert middle.after == After("first.md", "1-begin")
    pages = [third, last, middle, first, alone]
    assert told(order.machines(pages)) == [["# begin", "more", "middle", "a-third", "end", "last"], ["other"]]
    assert told(order.machines(pages, ["a-third.md"])) == [["# begin", "more", "middle", "a-third", "end"]]


@pytest.mark.parametrize(
    "mark",
    ["<!-- after: absent.md -->", "<!-- after: first.md#no-such-part -->", "<!-- after: lost.md -->"],
)
def test_a_page_that_would_be_followed_by_nobody_is_an_error(mark: str) -> None:
    first = Page("first.md", FIRST, tuple(blocks.blocks(FIRST)), None)
    with pytest.raises(BadMark):
        order.machines([first, followed("lost", mark)])


@pytest.mark.parametrize(
    "page",
    [
        "# Title\n\nwords\n\n<!-- after: first.md -->\n",
        "# Title\n<!-- after: first -->\n",
        "# Title\n<!-- after: first.md -->\n<!-- after: second.md -->\n",
    ],
)
def test_the_mark_of_a_beginning_stands_under_the_title(page: str) -> None:
    with pytest.raises(BadMark):
        blocks.after(page)


def test_the_how_tos_are_followed_on_one_machine() -> None:
    pages = [order.of(page) for page in HOW_TO.glob("*.md")]
    (steps,) = order.machines(pages)
    names = list(dict.fromkeys(page.name for page, _ in steps))
    assert (names[0], steps[-1][0].name) == ("install.md", "install.md")
    assert {"import-a-list.md", "trunks.md", "rule-packs.md", "operate.md"} <= set(names)


def test_a_promise_that_is_not_kept_is_told() -> None:
    block = Block(1, "true\n", "server", expected=("ready",))
    assert faults(block, 0, "all ready") == ""
    assert faults(block, 1, "all ready") == "exit code 1, not 0"
    assert faults(block, 0, "all") == "not shown: ['ready']"
    assert faults(replace(block, code=1, expected=()), 0, "") == "exit code 0, not 1"


SCP = "scp -r dist root@calls.example.com:cadencia\n"


def built(checkout: Path, commit: str) -> None:
    """A folder `dist` with a wheel of that commit."""
    (checkout / "dist").mkdir(exist_ok=True)
    with zipfile.ZipFile(checkout / "dist" / "cadencia-0.5.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("dialer/commit.txt", f"{commit}\n")
        wheel.writestr("dialer/other.py", "ONE = 1\n")


def test_a_copy_over_an_old_one_lies_inside_it_as_with_scp(tmp_path: Path) -> None:
    built(tmp_path, "aaa")
    home = tmp_path / "root"
    home.mkdir()
    assert copied.copy(SCP, tmp_path, home) == home / "cadencia"
    built(tmp_path, "bbb")
    assert copied.copy(SCP, tmp_path, home) == home / "cadencia" / "dist"
    assert copied.version(home / "cadencia") == "cadencia 0.5.0 (commit aaa)"
    with pytest.raises(copied.NoCopy):
        copied.copy("cp -r dist cadencia\n", tmp_path, home)


def test_a_later_build_says_so_and_has_all_else(tmp_path: Path) -> None:
    built(tmp_path, "aaa")
    copied.relabelled(tmp_path / "dist", "000000000002")
    assert copied.version(tmp_path / "dist") == "cadencia 0.5.0 (commit 000000000002)"
    with zipfile.ZipFile(tmp_path / "dist" / "cadencia-0.5.0-py3-none-any.whl") as wheel:
        assert wheel.read("dialer/other.py") == b"ONE = 1\n"
