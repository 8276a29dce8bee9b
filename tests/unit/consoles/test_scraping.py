"""Who may read a process's metrics on its own port."""

import pytest

from consoles.scraping import may_scrape


@pytest.mark.parametrize(
    ("headers", "peer", "token", "may"),
    [
        ({}, "127.0.0.1", "", True),
        ({}, "::1", "", True),
        ({}, "::ffff:127.0.0.1", "", True),
        ({}, "10.0.0.7", "", False),
        ({}, "", "", False),
        ({"authorization": "Bearer "}, "10.0.0.7", "", False),
        ({"x-forwarded-for": "6.6.6.6"}, "127.0.0.1", "", False),
        ({"forwarded": "for=6.6.6.6"}, "127.0.0.1", "", False),
        ({}, "127.0.0.1", "secret", False),
        ({"authorization": "Bearer wrong"}, "127.0.0.1", "secret", False),
        ({"authorization": "Bearer secret"}, "10.0.0.7", "secret", True),
        ({"authorization": "bearer secret"}, "10.0.0.7", "secret", True),
        ({"authorization": "Bearer ñ"}, "10.0.0.7", "secret", False),
    ],
)
def test_the_token_or_this_machine(headers: dict[str, str], peer: str, token: str, may: bool) -> None:
    assert may_scrape(headers, peer, token) is may
