"""Gives each lab a block of ports of its own, so that labs side by side never meet.

A block is claimed by listening on its first port for as long as the lab lives. Blocks lie below the range
from which the kernel takes ports for outgoing connections.
"""

import socket
from dataclasses import dataclass

from sip_lab.errors import NoFreePorts

FIRST, LAST, SIZE = 10_000, 32_700, 1_800
_SERVICES = 20


@dataclass(frozen=True, slots=True)
class Ports:
    """Every port of one lab; each media range holds two ports per call leg."""

    base: int
    media: int

    @property
    def postgres(self) -> int:
        """PostgreSQL, TCP."""
        return self.base + 1

    @property
    def valkey(self) -> int:
        """Valkey, TCP."""
        return self.base + 2

    @property
    def pbx_ami(self) -> int:
        """The manager interface of the pbx, TCP."""
        return self.base + 3

    @property
    def pbx_http(self) -> int:
        """The websocket of the pbx, TCP."""
        return self.base + 4

    @property
    def pbx_sip(self) -> int:
        """SIP of the pbx, UDP."""
        return self.base + 5

    @property
    def carrier_sip(self) -> int:
        """SIP of the carrier, UDP."""
        return self.base + 6

    @property
    def backup_sip(self) -> int:
        """SIP of the carrier's second trunk, UDP."""
        return self.base + 18

    @property
    def carrier_ami(self) -> int:
        """The manager interface of the carrier, TCP."""
        return self.base + 7

    @property
    def ears_sip(self) -> int:
        """SIP of the listening telephones, UDP."""
        return self.base + 8

    @property
    def ears_media(self) -> int:
        """RTP of the first listening telephone, UDP; the others follow, two ports each."""
        return self.base + 10

    @property
    def telephones_sip(self) -> int:
        """SIP of the odd telephones, UDP; their RTP takes any free port."""
        return self.base + 9

    @property
    def pbx_hep(self) -> int:
        """Where the pbx sends copies of its SIP messages, UDP: whoever wants them listens there."""
        return self.base + 19

    @property
    def pbx_media(self) -> tuple[int, int]:
        """First and last RTP port of the pbx, UDP."""
        return self.base + _SERVICES, self.base + _SERVICES + self.media - 1

    @property
    def carrier_media(self) -> tuple[int, int]:
        """First and last RTP port of the carrier, UDP."""
        first = self.base + _SERVICES + self.media
        return first, first + self.media - 1


@dataclass(frozen=True, slots=True)
class Claim:
    """A block that is ours until it is let go."""

    ports: Ports
    guards: tuple[socket.socket, ...]

    def release(self) -> None:
        """Gives the block back."""
        for guard in self.guards:
            guard.close()


def claim(legs: int) -> Claim:
    """Claims a free block with room for this many call legs on the pbx and as many on the carrier."""
    media = 2 * legs
    blocks = -(-(2 * media + _SERVICES) // SIZE)
    starts = range(FIRST, LAST - blocks * SIZE + 2, SIZE)
    for base in starts:
        guards = _guard(base, blocks)
        if guards is None:
            continue
        taken = Claim(Ports(base, media), guards)
        if _services_free(taken.ports):
            return taken
        taken.release()
    raise NoFreePorts(
        f"no free block of ports between {FIRST} and {LAST}: end another lab, or ask for fewer legs"
    )


def _guard(base: int, blocks: int) -> tuple[socket.socket, ...] | None:
    guards: list[socket.socket] = []
    for number in range(blocks):
        guard = _listen(base + number * SIZE)
        if guard is None:
            for held in guards:
                held.close()
            return None
        guards.append(guard)
    return tuple(guards)


def _listen(port: int) -> socket.socket | None:
    guard = socket.socket()
    try:
        guard.bind(("127.0.0.1", port))
        guard.listen(1)
    except OSError:
        guard.close()
        return None
    return guard


def _services_free(ports: Ports) -> bool:
    tcp = (ports.postgres, ports.valkey, ports.pbx_ami, ports.pbx_http, ports.carrier_ami)
    udp = (
        ports.pbx_sip,
        ports.carrier_sip,
        ports.ears_sip,
        ports.telephones_sip,
        ports.pbx_hep,
        ports.backup_sip,
        *range(ports.ears_media, ports.backup_sip, 2),
    )
    return all(_free(port, socket.SOCK_STREAM) for port in tcp) and all(
        _free(port, socket.SOCK_DGRAM) for port in udp
    )


def _free(port: int, kind: socket.SocketKind) -> bool:
    with socket.socket(type=kind) as probe:
        if kind is socket.SOCK_STREAM:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
