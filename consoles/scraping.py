"""Who may read the metrics of a process."""

import secrets
from collections.abc import Mapping
from ipaddress import ip_address


def token_fits(headers: Mapping[str, str], token: str) -> bool:
    """Whether the request shows the scraper's token; never while there is none."""
    shown = headers.get("authorization", "").partition(" ")
    return (
        bool(token)
        and shown[0].lower() == "bearer"
        and secrets.compare_digest(shown[2].encode(), token.encode())
    )


def may_scrape(headers: Mapping[str, str], peer: str, token: str) -> bool:
    """On a port without pages: with the token, or, while there is none, from this machine itself.

    What a proxy forwards comes from anywhere, whatever its own address.
    """
    if token:
        return token_fits(headers, token)
    return _loopback(peer) and "x-forwarded-for" not in headers and "forwarded" not in headers


def _loopback(peer: str) -> bool:
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
