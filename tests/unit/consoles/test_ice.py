"""What a softphone is told of STUN and TURN: URLs that a browser takes, and credentials that end."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from consoles.ice import LIFE, credential, servers_for
from consoles.sessions import LONGEST
from dialer.settings import Settings

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def _settings(**own: Any) -> Settings:
    return Settings(_env_file=None, **own)


@pytest.mark.parametrize(
    ("secret", "username", "made"),
    [
        # By another hand: printf USERNAME | openssl dgst -sha1 -hmac SECRET -binary | base64
        ("a-shared-secret", "1780000000:agent-01", "K0YDDG79l/lIt0xxGtJ6834/wfM="),
        ("logen", "1433895918:506390", "0eevpDOmHhVK7kBIKKVOj1Ni3Fk="),
    ],
)
def test_the_credential_is_the_one_that_the_turn_server_computes(
    secret: str, username: str, made: str
) -> None:
    assert credential(secret, username) == made


def test_a_softphone_gets_turn_with_a_user_that_ends_and_not_the_secret() -> None:
    settings = _settings(
        stun_urls="stun:stun.example.com:3478",
        turn_urls="turn:turn.example.com:3478?transport=udp turns:turn.example.com:443?transport=tcp",
        turn_secret="a-shared-secret",
    )
    stun, turn = servers_for(settings, "agent-01", NOW)
    assert (stun.urls, stun.username, stun.credential) == (["stun:stun.example.com:3478"], "", "")
    assert turn.urls == settings.turn_urls.split()
    until, _, endpoint = turn.username.partition(":")
    assert datetime.fromtimestamp(int(until), UTC) == NOW + LIFE
    assert (endpoint, turn.credential) == ("agent-01", credential("a-shared-secret", turn.username))
    assert "a-shared-secret" not in turn.model_dump_json()


def test_credentials_outlive_the_login_that_fetched_them() -> None:
    assert LIFE > LONGEST


def test_nobody_is_told_of_a_turn_server_without_credentials() -> None:
    assert servers_for(_settings(), "agent-01", NOW) == []
    assert servers_for(_settings(turn_urls="turn:turn.example.com"), "agent-01", NOW) == []


@pytest.mark.parametrize(
    ("name", "urls"),
    [
        ("stun_urls", "stun:stun.example.com"),
        ("stun_urls", "stun:192.0.2.1:3478 stuns:[2001:db8::1]:5349"),
        ("turn_urls", "turn:turn.example.com?transport=tcp"),
    ],
)
def test_the_forms_of_the_two_rfcs_are_taken(name: str, urls: str) -> None:
    assert getattr(_settings(**{name: urls}), name) == urls


@pytest.mark.parametrize(
    ("name", "urls"),
    [
        ("stun_urls", "stun://stun.example.com"),
        ("stun_urls", "stun.example.com:3478"),
        ("stun_urls", "turn:turn.example.com"),
        ("stun_urls", "stun:stun.example.com,stun:other.example.com"),
        ("stun_urls", "stun:stun.example.com?transport=udp"),
        ("turn_urls", "turn:turn.example.com:3478?transport=tls"),
        ("turn_urls", "turn:agent@turn.example.com"),
        ("turn_urls", "turn:good.example.com turn:"),
    ],
)
def test_a_url_that_a_browser_would_refuse_is_refused_at_the_start(name: str, urls: str) -> None:
    with pytest.raises(ValidationError, match="separated by spaces"):
        _settings(**{name: urls})
