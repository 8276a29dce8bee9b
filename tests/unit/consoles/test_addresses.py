"""Whom a request counts against."""

import pytest

from consoles.addresses import client_of, holder, networks

PROXIES = networks("127.0.0.1 10.1.0.0/16 ::1")


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_an_address_counts_as_its_holder(address: str, counted: str) -> None:
    assert holder(address) == counted


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.9", [], "203.0.113.9"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::1", ["198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["6.6.6.6", "198.51.100.1"], "198.51.100.1"),
        ("10.1.2.3", ["198.51.100.1, 2001:db8:1:2:3::"], "2001:db8:1:2::/64"),
        ("10.1.2.3", ["198.51.100.1, rubbish"], "10.1.2.3"),
        ("10.2.2.3", ["198.51.100.1"], "10.2.2.3"),
    ],
)
def test_only_the_last_word_of_a_named_proxy_is_believed(
    peer: str, forwarded: list[str], counted: str
) -> None:
    assert client_of(peer, forwarded, PROXIES) == counted


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="nginx"):
        networks("127.0.0.1 nginx")
