"""Where a request comes from, as far as it can be believed."""

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

from starlette.requests import HTTPConnection

Network: TypeAlias = IPv4Network | IPv6Network

_OF_ONE_HOLDER = 64
"""Bits of an IPv6 address that whoever has the line cannot change."""


def networks(text: str) -> tuple[Network, ...]:
    """Addresses and networks, separated by spaces; raises ValueError."""
    return tuple(ip_network(part) for part in text.split())


def holder(address: str) -> str:
    """Whom to count a request against: the address, of IPv6 its /64; what is no address counts as one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, _OF_ONE_HOLDER), strict=False))
    return str(found)


def client_of(peer: str, forwarded: Sequence[str], proxies: Sequence[Network]) -> str:
    """Whom to count against: the peer, or what a proxy that we were told of says it heard: its last word.

    `forwarded`: the values of all X-Forwarded-For headers. Whatever stands before the last comma was said
    by the client, and proves nothing.
    """
    if not forwarded or not _among(peer, proxies):
        return holder(peer)
    return holder(forwarded[-1].rpartition(",")[2].strip()) or holder(peer)


def _among(peer: str, proxies: Sequence[Network]) -> bool:
    plain = holder(peer) if peer.startswith("::ffff:") else peer
    try:
        found = ip_address(plain)
    except ValueError:
        return False
    return any(found in network for network in proxies)


def address_of(connection: HTTPConnection, proxies: Sequence[Network]) -> str:
    """Whom to count this request or websocket against."""
    peer = connection.client.host if connection.client else ""
    return client_of(peer, connection.headers.getlist("x-forwarded-for"), proxies)
