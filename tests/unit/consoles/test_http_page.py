"""docs/reference/http.md names every call of the contract, and none that does not exist."""

import re
from pathlib import Path

from consoles.problems import STATUS
from consoles.web_types.api import answers

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/http.md").read_text(encoding="utf-8")
CALL = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^`]*)`((?:, `/[^`]*`)*)")
BESIDE = {"/healthz", "/readyz", "/metrics", "/api/v1/live"}
"""In the page with their whole path, and not in the contract."""
VERBS = {"start", "pause", "stop"}
"""What `{verb}` of a campaign stands for."""


def plain(path: str) -> str:
    """A path without its query and the names of its parts."""
    return re.sub(r"\{\w+\}", "{}", path.partition("?")[0])


def named(page: str) -> set[tuple[str, str]]:
    """The calls that a page names: `POST /a/{id}/x`, `/y` are two."""
    found: set[tuple[str, str]] = set()
    for method, path, more in CALL.findall(page):
        folder = plain(path).rpartition("/")[0]
        found.add((method, plain(path)))
        found |= {(method, folder + plain(one)) for one in re.findall(r"`([^`]+)`", more)}
    return found


def offered() -> set[tuple[str, str]]:
    """The calls of the contract."""
    calls = set(answers())
    status = ("POST", "/campaigns/{}/{}")
    assert status in calls
    return calls - {status} | {("POST", f"/campaigns/{{}}/{verb}") for verb in VERBS}


def test_the_page_names_every_call_of_the_contract_and_no_other() -> None:
    told = {(method, path) for method, path in named(PAGE) if path not in BESIDE}
    assert len(told) > 60
    assert offered() - told == set(), "not in docs/reference/http.md"
    assert told - offered() == set(), "not in the contract"


def test_the_page_names_every_code_with_its_status() -> None:
    codes = next(line for line in PAGE.split("\n- **") if line.startswith("Codes**"))
    told: dict[str, int] = {}
    status = 0
    for number, code in re.findall(r"\b(\d{3}) (?=`)|`(\w+)`", codes):
        status = int(number) if number else status
        told |= {code: status} if code else {}
    assert {code: status for code, status in STATUS.items() if told.get(code) != status} == {}


def test_a_call_that_is_missing_is_noticed() -> None:
    assert named("| `POST /a/{id}/start`, `/stop` | `GET /b?x=1` | `DELETE /c/{name}`") == {
        ("POST", "/a/{}/start"),
        ("POST", "/a/{}/stop"),
        ("GET", "/b"),
        ("DELETE", "/c/{}"),
    }
