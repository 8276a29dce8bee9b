"""Finds a Debian mirror in apt's own source lists. Pure: text in, facts out."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """One place apt takes Debian packages from."""

    uri: str
    signed_by: str | None


_ONE_LINE = re.compile(
    r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s+(?P<suite>\S+)\s+(?P<components>.+)$"
)
_SUITES = (
    "buster",
    "bullseye",
    "bookworm",
    "trixie",
    "forky",
    "duke",
    "sid",
    "stable",
    "oldstable",
    "testing",
    "unstable",
)


def _is_debian(uri: str, suites: list[str], components: list[str]) -> bool:
    """A main archive of Debian: not a security or vendor archive, whatever host it is on."""
    plain = [suite.split("/")[0] for suite in suites]
    return "main" in components and any(suite in _SUITES for suite in plain) and "security" not in uri


def parse_one_line(text: str) -> list[Source]:
    """Debian archives named in a `sources.list`."""
    found = []
    for line in text.splitlines():
        match = _ONE_LINE.match(line.split("#", 1)[0].strip())
        if match and _is_debian(match["uri"], [match["suite"]], match["components"].split()):
            signed = re.search(r"signed-by=(\S+)", match["options"] or "")
            found.append(Source(match["uri"].rstrip("/"), signed[1] if signed else None))
    return found


def _stanzas(text: str) -> list[dict[str, str]]:
    """deb822 stanzas with lower-case field names; comments dropped, continuation lines joined."""
    stanzas: list[dict[str, str]] = [{}]
    field = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        if not line.strip():
            stanzas.append({})
        elif line[0].isspace():
            stanzas[-1][field] = f"{stanzas[-1].get(field, '')}\n{line.strip()}"
        else:
            name, _, value = line.partition(":")
            field = name.strip().lower()
            stanzas[-1][field] = value.strip()
    return [stanza for stanza in stanzas if stanza]


def parse_deb822(text: str) -> list[Source]:
    """Debian archives named in a `*.sources` file."""
    found = []
    for stanza in _stanzas(text):
        if stanza.get("enabled", "yes").lower() == "no" or "deb" not in stanza.get("types", "").split():
            continue
        signed = stanza.get("signed-by", "")
        key = signed if signed.startswith("/") and "\n" not in signed else None
        for uri in stanza.get("uris", "").split():
            if _is_debian(uri, stanza.get("suites", "").split(), stanza.get("components", "").split()):
                found.append(Source(uri.rstrip("/"), key))
    return found
