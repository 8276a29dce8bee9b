"""The made files of the front end are what the models say; what it asks for is what the contract answers."""

import re

import pytest

from consoles.web_types.__main__ import SOURCES
from consoles.web_types.api import answers
from consoles.web_types.files import FILES, MADE

CALL = re.compile(r"call<([^\n]+?)>\('(GET|POST|PUT|PATCH|DELETE)', ['`]([^'`]*)['`]")
ALIAS = re.compile(r"export type (\w+) = S\.(\w+)\n")


@pytest.mark.parametrize("name", FILES)
def test_a_made_file_is_what_the_models_say(name: str) -> None:
    assert (SOURCES / name).read_text(encoding="utf-8") == FILES[name](), "make types-web"


def test_every_made_file_says_so_and_no_other_does() -> None:
    start = MADE.partition("{")[0]
    made = {
        path.relative_to(SOURCES).as_posix()
        for path in SOURCES.rglob("*.ts")
        if path.read_text(encoding="utf-8").startswith(start)
    }
    assert made == set(FILES)


def asked(source: str) -> set[tuple[str, str, str]]:
    """Every call of `api/endpoints.ts`: method, path without its parts, what it takes the answer for."""
    return {(method, shape(path), answer) for answer, method, path in CALL.findall(source)}


def shape(path: str) -> str:
    """A path without its query and the names of its parts: '/campaigns/{}/versions'."""
    return re.sub(r"\$\{(?!query)[^}]*\}", "{}", path).partition("?")[0].partition("${query")[0]


def in_schema(answer: str, types: str) -> str:
    """A type of `endpoints.ts` by the names of `schema.ts`; where it has another shape, as it is written."""
    names = dict(ALIAS.findall(types))
    return re.sub(r"T\.(\w+)", lambda found: str(names.get(found[1], found[1])), answer)


def test_the_front_end_takes_each_answer_for_what_it_is() -> None:
    calls = asked((SOURCES / "api/endpoints.ts").read_text(encoding="utf-8"))
    types = (SOURCES / "api/types.ts").read_text(encoding="utf-8")
    known = answers()
    wrong = {
        f"{method} {path}: {answer}, not {said}"
        for method, path, answer in calls
        if (said := known.get((method, path), "in the contract")) != in_schema(answer, types)
        and answer != "void"
    }
    assert len(calls) > 60
    assert wrong == set()


def test_a_call_for_something_else_is_noticed() -> None:
    text = "one: (id) => call<T.Page<T.Row>>('GET', `/rows/${encodeURIComponent(id)}/all${query({ id })}`),"
    assert asked(text) == {("GET", "/rows/{}/all", "T.Page<T.Row>")}
    assert in_schema("T.Page<T.Row>", "export type Row = S.RowOut\n") == "Page<RowOut>"
