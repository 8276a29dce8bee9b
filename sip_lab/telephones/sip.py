"""SIP messages (RFC 3261) as far as a telephone on loopback needs them. Pure."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

HOST = "127.0.0.1"
OURS = "+34910000000"
"""A number of the pbx, to which anybody may call."""
_ECHOED = ("via", "record-route", "from", "call-id", "cseq")


@dataclass(frozen=True, slots=True)
class Message:
    """A request or a response."""

    first: str
    headers: tuple[tuple[str, str], ...]
    body: str = ""

    @property
    def method(self) -> str:
        """Of a request; empty for a response."""
        return "" if self.first.startswith("SIP/") else self.first.split(" ", 1)[0]

    @property
    def status(self) -> int:
        """Of a response; 0 for a request."""
        return 0 if self.method else int(self.first.split(" ")[1])

    @property
    def user(self) -> str:
        """Whom a request is for."""
        found = re.match(r"[A-Z]+ sip:([^@;\s]+)@", self.first)
        return found[1] if found else ""

    def get(self, name: str) -> str:
        """A header's value, empty when there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def media(self) -> tuple[str, int] | None:
        """Where the other side wants its sound."""
        host = re.search(r"^c=IN IP4 (\S+)", self.body, re.M)
        port = re.search(r"^m=audio (\d+)", self.body, re.M)
        return (host[1], int(port[1])) if host and port else None


def parse(data: bytes) -> Message | None:
    """A message, or nothing when it is noise."""
    head, _, body = data.decode(errors="replace").partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    if not re.match(r"[A-Z]+ \S+ SIP/2\.0$|SIP/2\.0 \d{3} ", first):
        return None
    pairs = (line.partition(":") for line in lines)
    return Message(first, tuple((name.strip(), value.strip()) for name, _, value in pairs), body)


def compose(first: str, headers: list[tuple[str, str]], body: str = "") -> bytes:
    """A message as it goes over the wire."""
    kind = [("Content-Type", "application/sdp")] if body else []
    lines = [first, *(f"{name}: {value}" for name, value in [*headers, *kind])]
    return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode()


def response(
    status: str,
    request: Message,
    tag: str,
    contact: str,
    body: str = "",
    extra: Iterable[tuple[str, str]] = (),
) -> bytes:
    """An answer to a request; `tag` is ours."""
    to = request.get("to")
    headers = [pair for pair in request.headers if pair[0].lower() in _ECHOED]
    headers += [("To", to if "tag=" in to else f"{to};tag={tag}"), ("Contact", contact)]
    return compose(f"SIP/2.0 {status}", [*headers, *extra], body)


@dataclass(slots=True)
class Dialog:
    """What our own requests within a call need: it was opened by the other side's INVITE."""

    invite: Message
    tag: str
    contact: str
    port: int
    number: int = 0
    """CSeq of our last request."""

    def request(self, method: str, extra: list[tuple[str, str]], body: str = "") -> bytes:
        """The next request of ours."""
        self.number += 1
        return self._composed(method, extra, body)

    def replacement(self, call_id: str, body: str) -> bytes:
        """An INVITE of a call of its own that is to take the place of this one (RFC 3891)."""
        theirs = self.invite.get("from").partition("tag=")[2].partition(";")[0]
        place = re.search(r"@([\d.:]+)", self.invite.get("contact"))
        target = f"sip:{OURS}@{place[1] if place else HOST}"
        headers = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self.port};rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("Max-Forwards", "70"),
            ("From", f"{self.invite.get('to')};tag=again"),
            ("To", f"<{target}>"),
            ("Call-ID", call_id),
            ("CSeq", "1 INVITE"),
            ("Contact", self.contact),
            ("Require", "replaces"),
            ("Replaces", f"{self.invite.get('call-id')};to-tag={theirs};from-tag={self.tag}"),
        ]
        return compose(f"INVITE {target} SIP/2.0", headers, body)

    def ack(self) -> bytes:
        """For the answer to our own INVITE."""
        return self._composed("ACK", [], "")

    def _composed(self, method: str, extra: list[tuple[str, str]], body: str) -> bytes:
        target = re.search(r"<([^>]+)>", self.invite.get("contact"))
        branch = f"z9hG4bK{secrets.token_hex(8)}"
        headers = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self.port};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", f"{self.invite.get('to')};tag={self.tag}"),
            ("To", self.invite.get("from")),
            ("Call-ID", self.invite.get("call-id")),
            ("CSeq", f"{self.number} {method}"),
            ("Contact", self.contact),
        ]
        return compose(f"{method} {target[1] if target else ''} SIP/2.0", headers + extra, body)


def offer(port: int, version: int, payload: int = 8, codec: str = "PCMA") -> str:
    """A session description with one codec."""
    lines = (
        "v=0",
        f"o=- 1 {version} IN IP4 {HOST}",
        "s=-",
        f"c=IN IP4 {HOST}",
        "t=0 0",
        f"m=audio {port} RTP/AVP {payload}",
    )
    return "\r\n".join((*lines, f"a=rtpmap:{payload} {codec}/8000", "a=ptime:20", "a=sendrecv", ""))
