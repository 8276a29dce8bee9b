"""Origins and content policy."""

import pytest

from consoles.security import content_policy, same_origin
from dialer.settings import Settings


@pytest.mark.parametrize(
    ("origin", "public", "good"),
    [
        (None, "", True),
        ("http://desk.local:8000", "", True),
        ("https://desk.local:8000", "", True),
        ("http://desk.local", "", False),
        ("http://evil.example", "", False),
        ("null", "", False),
        ("https://calls.example", "https://calls.example/", True),
        ("http://calls.example", "https://calls.example", False),
        ("http://desk.local:8000", "https://calls.example", False),
    ],
)
def test_only_our_own_pages_may_call(origin: str | None, public: str, good: bool) -> None:
    headers = {"host": "desk.local:8000"} | ({} if origin is None else {"origin": origin})
    assert same_origin(headers, public) is good


def test_the_policy_names_the_pbx_and_nothing_inline() -> None:
    settings = Settings(_env_file=None, sip_ws_url="wss://pbx.example:8089/ws")
    policy = content_policy(settings, "desk.local:8000", "abc")
    assert "connect-src 'self' ws://desk.local:8000 wss://desk.local:8000 wss://pbx.example:8089;" in policy
    assert "style-src 'self' 'nonce-abc';" in policy
    assert "unsafe" not in policy


def test_a_strange_host_header_does_not_reach_the_policy() -> None:
    policy = content_policy(Settings(_env_file=None), "x; script-src *")
    assert "script-src *" not in policy
