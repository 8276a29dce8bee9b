"""Registers a browser's phone by hand: SIP over a websocket, with digest authentication."""

import hashlib
import re
import secrets

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol


def register(url: str, user: str, password: str) -> int:
    """The status that a REGISTER with these credentials ends with."""
    with connect(url, subprotocols=[Subprotocol("sip")], open_timeout=5, close_timeout=0.1) as link:
        call, tag = secrets.token_hex(8), secrets.token_hex(4)
        status, answer = _ask(link, user, call, tag, 1, "")
        if status != 401:
            return status
        return _ask(link, user, call, tag, 2, _proof(answer, user, password))[0]


def _ask(link: ClientConnection, user: str, call: str, tag: str, number: int, proof: str) -> tuple[int, str]:
    lines = [
        "REGISTER sip:lab.invalid SIP/2.0",
        f"Via: SIP/2.0/WS {call}.invalid;branch=z9hG4bK{secrets.token_hex(6)}",
        "Max-Forwards: 70",
        f"From: <sip:{user}@lab.invalid>;tag={tag}",
        f"To: <sip:{user}@lab.invalid>",
        f"Call-ID: {call}",
        f"CSeq: {number} REGISTER",
        f"Contact: <sip:{user}@{call}.invalid;transport=ws>;expires=60",
        *([f"Authorization: {proof}"] if proof else []),
        "Content-Length: 0",
    ]
    link.send("\r\n".join(lines) + "\r\n\r\n")
    answer = str(link.recv(timeout=5))
    while not answer.startswith("SIP/2.0 ") or answer.startswith("SIP/2.0 1"):
        answer = str(link.recv(timeout=5))
    return int(answer.split()[1]), answer


def _proof(answer: str, user: str, password: str) -> str:
    facts = dict(re.findall(r'(\w+)="([^"]*)"', answer))
    realm, nonce, uri, mine = facts["realm"], facts["nonce"], "sip:lab.invalid", secrets.token_hex(4)
    secret, what = _md5(f"{user}:{realm}:{password}"), _md5(f"REGISTER:{uri}")
    response = _md5(f"{secret}:{nonce}:00000001:{mine}:auth:{what}")
    opaque = f', opaque="{facts["opaque"]}"' if "opaque" in facts else ""
    return (
        f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm=MD5, qop=auth,'
        f' nc=00000001, cnonce="{mine}", response="{response}"{opaque}'
    )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
