"""SQL by name: the sections of a queries.sql file, each under its `-- name: …` line."""

from functools import cache
from importlib import resources

_MARK = "-- name:"


def parse(text: str) -> dict[str, str]:
    """Sections by name; a name that stands twice is a mistake."""
    sections: dict[str, str] = {}
    for block in text.split(_MARK)[1:]:
        name, _, body = block.partition("\n")
        if name.strip() in sections:
            raise ValueError(f"two queries are named {name.strip()}")
        sections[name.strip()] = body.strip().rstrip(";")
    return sections


@cache
def queries(package: str = "dialer.store") -> dict[str, str]:
    """All queries of a package's queries.sql."""
    return parse(resources.files(package).joinpath("queries.sql").read_text("utf-8"))
