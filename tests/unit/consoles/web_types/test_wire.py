"""The wire's messages as the front end has them."""

import re

import pytest

from agent_ws.messages import SUBPROTOCOL
from consoles.web_types.__main__ import SOURCES
from consoles.web_types.wire import ASKED, TOLD

WRITTEN = (SOURCES / "live/messages.ts").read_text(encoding="utf-8")


def test_both_sides_speak_one_version() -> None:
    assert re.findall(r"SUBPROTOCOL = '([^']+)'", WRITTEN) == [SUBPROTOCOL]


@pytest.mark.parametrize("message", [*ASKED, *TOLD], ids=lambda one: one.__name__)
def test_every_message_is_there_with_its_kind(message: type) -> None:
    kind = message.model_json_schema()["properties"]["type"]["const"]  # type: ignore[attr-defined]
    block = rf"^export interface {message.__name__} {{[^}}]*\n  type: '(\w+)'$"
    found = re.search(block, WRITTEN, re.MULTILINE)
    assert found is not None
    assert found[1] == kind


@pytest.mark.parametrize(("union", "members"), [("AgentRequest", ASKED), ("ServerMessage", TOLD)])
def test_the_unions_name_all(union: str, members: tuple[type, ...]) -> None:
    named = re.findall(rf"^export type {union} = (.*)$", WRITTEN, re.MULTILINE)
    assert named == [" | ".join(one.__name__ for one in members)]


def test_what_an_engine_of_before_leaves_out_may_be_missing_and_nothing_else() -> None:
    assert "  mute?: boolean\n" in WRITTEN
    assert "  held: boolean\n" in WRITTEN
    assert "  rule: string\n  /** First full minute" in WRITTEN
