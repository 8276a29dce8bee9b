"""Bounds of fields, from schemas."""

from typing import Any

from consoles.web_types.bounds import bounds_ts

PLAIN: dict[str, Any] = {"properties": {}}
SCHEMAS: dict[str, Any] = {
    "CampaignSettings": {
        "properties": {
            "mode": {"$ref": "#/components/schemas/DialMode"},
            "limit": {
                "anyOf": [{"type": "number", "exclusiveMinimum": 0.0, "maximum": 2.5}, {"type": "null"}]
            },
            "routing": {"$ref": "#/components/schemas/RoutingWeights"},
            "spare": {"type": "array", "maxItems": 8},
            "record": {"type": "boolean"},
        }
    },
    "DialMode": {"enum": ["manual", "power"]},
    "RoutingWeights": {"properties": {"skills": {"type": "number", "minimum": 0.0, "maximum": 10.0}}},
    "SkillsIn": {"properties": {"skills": {"patternProperties": {"^a$": {"minimum": 1.0, "maximum": 9.0}}}}},
    "RetryRule": PLAIN,
    "ListChange": PLAIN,
    "TrunkIn": PLAIN,
    "TemplateIn": PLAIN,
}


def test_numbers_lengths_and_choices_are_told_with_those_of_parts_and_of_mappings() -> None:
    written = bounds_ts(SCHEMAS).split("as const")[0]
    assert [line.strip() for line in written.splitlines() if ": { " in line] == [
        "mode: { options: ['manual', 'power'] },",
        "limit: { above: 0, max: 2.5 },",
        "'routing.skills': { min: 0, max: 10 },",
        "spare: { most: 8 },",
        "skills: { min: 1, max: 9 },",
    ]
