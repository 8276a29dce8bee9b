"""JSON Schema as TypeScript: one interface or union for each named schema. Pure."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Schema = Mapping[str, Any]
Words = Mapping[str, str]
"""What fields mean, by name."""

_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def declaration(name: str, schema: Schema, words: Words) -> str:
    """One exported type with what is written about it and its fields."""
    head = doc(schema.get("description", ""))
    if "properties" not in schema:
        return f"{head}export type {name} = {type_of(schema)}\n"
    return f"{head}export interface {name} {{\n{''.join(_fields(schema, words))}}}\n"


def union(name: str, types: Iterable[str]) -> str:
    """One exported type that is one of several."""
    return f"export type {name} = {' | '.join(types)}\n"


def constant(name: str, value: object, text: str = "") -> str:
    """One exported value; all of it is read-only."""
    return f"{doc(text)}export const {name} = {written(value)} as const\n"


def written(value: object, indent: str = "") -> str:
    """A value as this front end writes it: objects over several lines."""
    if isinstance(value, Mapping):
        deeper = indent + "  "
        lines = (f"{deeper}{key(str(name))}: {written(inner, deeper)},\n" for name, inner in value.items())
        return f"{{\n{''.join(lines)}{indent}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(one) for one in value)}]"
    return _literal(value)


def _fields(schema: Schema, words: Words) -> Iterator[str]:
    required = set(schema.get("required", ()))
    for name, field in schema["properties"].items():
        sign = "" if name in required else "?"
        yield doc(words.get(name, field.get("description", "")), "  ")
        yield f"  {key(name)}{sign}: {type_of(field)}\n"


def type_of(schema: Schema) -> str:
    """The type of a value; `unknown` where the schema says nothing."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    for word in ("anyOf", "oneOf"):
        if word in schema:
            return _union(type_of(part) for part in schema[word])
    if "const" in schema:
        return _literal(schema["const"])
    if "enum" in schema:
        return _union(map(_literal, schema["enum"]))
    return _by_kind(schema)


def _by_kind(schema: Schema) -> str:
    kind = schema.get("type")
    if kind == "array":
        return _array(schema)
    if kind == "object":
        return _object(schema)
    return _PLAIN[kind] if kind else "unknown"


def _array(schema: Schema) -> str:
    if "prefixItems" in schema:
        return f"[{', '.join(type_of(part) for part in schema['prefixItems'])}]"
    inner = type_of(schema.get("items", {}))
    return f"({inner})[]" if " | " in inner else f"{inner}[]"


def _object(schema: Schema) -> str:
    if "properties" in schema:
        raise ValueError("an object inside another one needs a name: make it a model")
    values = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties", True)]
    inner = _union(type_of(value) for value in values if isinstance(value, Mapping)) or "unknown"
    keys = schema.get("propertyNames", {})
    if "$ref" in keys or "enum" in keys:
        return f"Partial<Record<{type_of(keys)}, {inner}>>"
    return f"Record<string, {inner}>"


def _union(types: Iterator[str]) -> str:
    return " | ".join(dict.fromkeys(types))


def _literal(value: object) -> str:
    """A value as this front end writes it: single quotes."""
    text = json.dumps(value, ensure_ascii=False)
    return "'" + text[1:-1].replace("'", "\\'").replace('\\"', '"') + "'" if isinstance(value, str) else text


def inline(values: Mapping[str, object]) -> str:
    """An object on one line."""
    return f"{{ {', '.join(f'{key(name)}: {written(value)}' for name, value in values.items())} }}"


def key(name: str) -> str:
    """A name of a field, in quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z_]\w*", name) else _literal(name)


def doc(text: str, indent: str = "") -> str:
    """A text as a comment of one line, or nothing."""
    line = " ".join(text.split()).replace("*/", "* /")
    return f"{indent}/** {line} */\n" if line else ""
