"""JSON Schema as TypeScript."""

from typing import Any

import pytest

from consoles.web_types.typescript import declaration, type_of


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        ({"type": "string", "format": "date-time"}, "string"),
        ({"type": "integer"}, "number"),
        ({}, "unknown"),
        ({"const": "agent"}, "'agent'"),
        ({"enum": ["it's", 'a "word"', 3]}, r"'it\'s' | 'a " + '"word"' + "' | 3"),
        ({"anyOf": [{"type": "number"}, {"type": "integer"}, {"type": "null"}]}, "number | null"),
        ({"$ref": "#/components/schemas/Named"}, "Named"),
        ({"type": "array", "items": {"type": "string"}}, "string[]"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, "('a' | 'b')[]"),
        ({"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string"}]}, "[number, string]"),
        ({"type": "object", "additionalProperties": True}, "Record<string, unknown>"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "Record<string, number>"),
        ({"type": "object", "patternProperties": {"^a": {"type": "number"}}}, "Record<string, number>"),
        (
            {"type": "object", "propertyNames": {"$ref": "#/$defs/Code"}, "additionalProperties": {}},
            "Partial<Record<Code, unknown>>",
        ),
    ],
)
def test_a_value_has_the_type_that_its_schema_says(schema: dict[str, Any], written: str) -> None:
    assert type_of(schema) == written


def test_an_object_inside_another_one_is_refused() -> None:
    with pytest.raises(ValueError, match="make it a model"):
        type_of({"type": "object", "properties": {"a": {}}})


def test_a_model_is_an_interface_with_its_words_and_a_question_mark_where_a_field_may_be_left_out() -> None:
    schema = {
        "description": "A list,\n and where it goes on.",
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": {"type": "string"}},
            "last-one": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "of all"},
        },
        "required": ["items"],
    }
    assert declaration("Page", schema, {"items": "Those of it."}) == (
        "/** A list, and where it goes on. */\n"
        "export interface Page {\n"
        "  /** Those of it. */\n"
        "  items: string[]\n"
        "  /** of all */\n"
        "  'last-one'?: string | null\n"
        "}\n"
    )


def test_an_enumeration_is_a_union() -> None:
    assert declaration("Side", {"enum": ["left", "right"]}, {}) == "export type Side = 'left' | 'right'\n"
