"""STUN and TURN, as the doctor sees them."""

from typing import Any

import pytest

from dialer.doctor.findings import Speaker
from dialer.doctor.phones import relay
from dialer.settings import Settings

STUN, TURN = "stun:stun.example.com", "turn:turn.example.com"


@pytest.mark.parametrize(
    ("own", "ok", "detail"),
    [
        ({}, True, "neither STUN nor TURN"),
        ({"stun_urls": STUN}, True, f"the browsers ask {STUN}"),
        ({"turn_urls": TURN, "turn_secret": "shared"}, True, f"the browsers ask {TURN}"),
        (
            {"stun_urls": STUN, "turn_urls": TURN},
            False,
            f"no browser uses {TURN}: without CADENCIA_TURN_SECRET",
        ),
    ],
)
async def test_a_turn_server_needs_its_secret(own: dict[str, Any], ok: bool, detail: str) -> None:
    [finding] = await relay(Settings(_env_file=None, **own), Speaker("en"))
    assert (finding.name, finding.ok) == ("relay", ok)
    assert finding.detail.startswith(detail)
    assert ok or "static-auth-secret" in finding.cure
    assert "shared" not in finding.detail
