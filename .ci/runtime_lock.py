"""A part of requirements.lock, its hashes kept: runtime_lock.py [PACKAGE…] < LOCK > PART.

The lock tells of each package who asked for it. The part is what the named packages need, or without names
what the product needs to run; what only a dependency group (`pyproject.toml:dev`) leads to is left out.
"""

import re
import sys

_ENTRY = re.compile(r"^(?P<name>[a-z0-9][a-z0-9._-]*)(\[[^\]]*\])?==", re.IGNORECASE)
_PRODUCT = "cadencia (pyproject.toml)"


def part(lock: str, *roots: str) -> str:
    """The entries that the roots, or the product, lead to, in their order."""
    entries = re.split(r"^(?=[a-z0-9])", lock, flags=re.MULTILINE | re.IGNORECASE)
    named = [(match["name"], entry) for entry in entries if (match := _ENTRY.match(entry))]
    asked = {(name, entry): _asked_by(entry) for name, entry in named}
    wanted = set(roots or [_PRODUCT])
    while found := {key[0] for key, by in asked.items() if by & wanted} - wanted:
        wanted |= found
    return "".join(entry for name, entry in named if name in wanted)


def _asked_by(entry: str) -> set[str]:
    """Who asked for it, by the comment after `# via`."""
    _, _, told = entry.partition("# via")
    return {line.strip(" #") for line in told.splitlines() if line.strip(" #")}


if __name__ == "__main__":
    sys.stdout.write(part(sys.stdin.read(), *sys.argv[1:]))
