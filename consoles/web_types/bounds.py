"""What fields of forms take, from the schemas of the contract: bounds of numbers, lengths, choices."""

from collections.abc import Iterator, Mapping
from typing import Any

from consoles.web_types.typescript import Schema, inline, key

SHOWN = (
    "CampaignSettings", "RetryRule", "ListChange", "TrunkIn", "SkillsIn", "TemplateIn",
)  # fmt: skip
"""Models whose bounds the pages show."""
_WORDS = {
    "minimum": "min",
    "exclusiveMinimum": "above",
    "maximum": "max",
    "maxLength": "most",
    "maxItems": "most",
    "enum": "options",
}
Bounds = Mapping[str, Any]


def bounds_ts(schemas: Mapping[str, Schema]) -> str:
    """`api/bounds.ts`: BOUNDS by model and field; those of a part by `field.part`."""
    lines = "".join(_model(name, schemas) for name in SHOWN)
    head = "/** By model and field; `above`: more than that; `most`: characters, or entries of a list. */\n"
    return f"{head}export const BOUNDS = {{\n{lines}}} as const\n"


def _model(name: str, schemas: Mapping[str, Schema]) -> str:
    fields = "".join(
        f"    {key(field)}: {inline(bounds)},\n" for field, bounds in _fields(schemas[name], schemas)
    )
    return f"  {name}: {{\n{fields}  }},\n"


def _fields(schema: Schema, schemas: Mapping[str, Schema]) -> Iterator[tuple[str, Bounds]]:
    for name, field in schema["properties"].items():
        parts = list(_values(field, schemas))
        for part in parts:
            for inner, bounds in _fields(part, schemas) if "properties" in part else ():
                yield f"{name}.{inner}", bounds
        if bounds := _bounds(parts):
            yield name, bounds


def _values(field: Schema, schemas: Mapping[str, Schema]) -> Iterator[Schema]:
    """What may stand in a field, or in a mapping that stands there."""
    if "$ref" in field:
        yield from _values(schemas[field["$ref"].rpartition("/")[2]], schemas)
        return
    yield field
    for inner in (*field.get("anyOf", ()), *field.get("patternProperties", {}).values()):
        yield from _values(inner, schemas)


def _bounds(parts: list[Schema]) -> Bounds:
    found = {word: part[said] for part in parts for said, word in _WORDS.items() if said in part}
    return {word: int(n) if isinstance(n, float) and n.is_integer() else n for word, n in found.items()}
