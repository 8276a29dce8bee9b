"""The services a lab is made of: how each is prepared, started, asked whether it is ready, and stopped."""

import signal
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from sip_lab.ami import Ami
from sip_lab.errors import LabError

FILES = 65_536
"""Open files a service may have: every call leg needs several."""


Commands = Sequence[tuple[list[str], str]]
"""Command lines, each with what it reads."""


class Vessel(Protocol):
    """A container around a service, whose process is not a child of ours."""

    def pid(self) -> int | None:
        """The service's process."""

    def clear(self) -> None:
        """Takes the container away, whatever state it is in."""


@dataclass(frozen=True, slots=True)
class Service:
    """One process that the supervisor keeps alive. `ready` raises OSError or LabError until it is."""

    name: str
    command: list[str]
    folder: Path
    log: Path
    ready: Callable[[], None]
    stop_signal: signal.Signals = signal.SIGTERM
    ours: bool = False
    """Runs as the user who started the lab: its program is ours, and may lie where others cannot reach it."""
    environment: Mapping[str, str] = field(default_factory=dict)
    container: Vessel | None = None
    """The command starts it, and lives as long as it does."""


def listens(port: int) -> None:
    """Somebody has a UDP port."""
    with socket.socket(type=socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return
    raise NotYet("the port is still free")


class NotYet(LabError):
    """The service answers, but is not ready."""


def postgres_answers(port: int, user: str, database: str) -> None:
    """Asks PostgreSQL for a session, as any client does."""
    words = f"user\0{user}\0database\0{database}\0\0".encode()
    with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
        link.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
        if link.recv(1) != b"R":
            raise NotYet("PostgreSQL is starting")
        link.sendall(b"X\0\0\0\4")


def valkey_answers(port: int) -> None:
    """Pings Valkey."""
    with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
        link.sendall(b"PING\r\n")
        if not link.recv(16).startswith(b"+PONG"):
            raise NotYet("Valkey is loading")


def asterisk_answers(port: int, user: str, secret: str) -> None:
    """Logs in to the manager interface and waits for the end of the boot."""
    with Ami("127.0.0.1", port, user, secret, timeout=2) as ami:
        ami.wait(lambda event: event.get("Event") == "FullyBooted")


def contacts_registered(port: int, user: str, secret: str, wanted: int) -> None:
    """All bot agents have registered with the pbx."""
    with Ami("127.0.0.1", port, user, secret, timeout=3) as ami:
        devices = ami.listing("DeviceStateList")
    there = [d for d in devices if d.get("Device", "").startswith("PJSIP/bot-")]
    bots = sum(1 for device in there if device.get("State") not in ("UNAVAILABLE", "INVALID", "UNKNOWN"))
    if bots < wanted:
        raise NotYet(f"{bots} of {wanted} bot agents have registered")


def register_again(port: int, user: str, secret: str) -> None:
    """Has the carrier register every bot anew, now."""
    with Ami("127.0.0.1", port, user, secret, timeout=2) as ami:
        ami.action("PJSIPRegister", Registration="*all")
