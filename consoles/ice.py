"""The STUN and TURN servers a softphone is told of, with credentials that end by themselves."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from pydantic import BaseModel

from dialer.settings import Settings

LIFE = timedelta(hours=24)
"""How long TURN credentials hold: a day, as the draft advises, which is longer than any login lives."""


class IceServer(BaseModel):
    """One entry of `RTCConfiguration.iceServers`; STUN takes no account, its two words are empty."""

    urls: Sequence[str]
    username: str = ""
    credential: str = ""


def credential(secret: str, username: str) -> str:
    """The password of a time-limited TURN user: base64(HMAC-SHA1(secret, username)).

    Source: draft-uberti-behave-turn-rest-00, section 2.2; coturn calls it `use-auth-secret`.
    """
    # SHA-1 is the servers' word, and sound as HMAC.
    made = hmac.new(secret.encode(), username.encode(), hashlib.sha1)
    return base64.b64encode(made.digest()).decode()


def servers_for(settings: Settings, endpoint: str, now: datetime) -> list[IceServer]:
    """What the softphone of `endpoint` may ask. TURN without a secret is left out: a browser takes none."""
    servers = []
    if stun := settings.stun_urls.split():
        servers.append(IceServer(urls=stun))
    turn, secret = settings.turn_urls.split(), settings.turn_secret.get_secret_value()
    if turn and secret:
        username = f"{int((now + LIFE).timestamp())}:{endpoint}"
        servers.append(IceServer(urls=turn, username=username, credential=credential(secret, username)))
    return servers
