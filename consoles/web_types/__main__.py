"""Writes the front end's made files, or says which of them differ: python -m consoles.web_types [--check]"""

import sys
from collections.abc import Iterator
from pathlib import Path

from consoles.web_types.files import FILES

SOURCES = Path(__file__).resolve().parents[1] / "web" / "src"


def differing() -> Iterator[Path]:
    """Files that are not what the models say now."""
    for name, made in FILES.items():
        path = SOURCES / name
        if not path.exists() or path.read_text(encoding="utf-8") != made():
            yield path


def main(words: list[str]) -> int:
    """Write what differs; with --check, name it and fail."""
    check = words == ["--check"]
    if words and not check:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = list(differing())
    for path in found:
        sys.stdout.write(f"{path.relative_to(SOURCES)} {'differs: make types-web' if check else 'written'}\n")
        if not check:
            path.write_text(FILES[path.relative_to(SOURCES).as_posix()](), encoding="utf-8")
    return int(check and bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
