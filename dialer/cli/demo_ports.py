"""Ports and folder of a demo, which no other demo of this machine takes while it lives.

The web process binds its port a minute after it was chosen: until then a probe finds it free. So each port
has a name in the network's own name space, where a name belongs to one process and goes when that does.
"""

import hashlib
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from dialer.cli.demo_options import DemoFailed

_NEXT_PORTS = 20
"""Ports after the wanted one that are tried when it is taken."""


class Held:
    """What one demo holds; a context manager that gives it all back."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._names = ExitStack()

    def __enter__(self) -> "Held":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._names.close()

    def folder(self, state: Path) -> None:
        """This folder; raises DemoFailed when another demo has it."""
        if not self._holds("state-" + hashlib.sha256(bytes(state.resolve())).hexdigest()[:32]):
            raise DemoFailed(f"a demo already runs in {state}; end it or use --state")

    def port(self, wanted: int, before: int | None, say: Callable[[str], None] = lambda _line: None) -> int:
        """That of the last demo, the wanted one, or the next that is free: the same after every restart.

        `say` hears which was taken and which was chosen instead.
        """
        first = wanted if before is None else before
        for port in _candidates(wanted, before):
            if (found := _free(port)) is not None and self._holds(f"port-{found}"):
                if first not in (0, found):
                    say(f"port {first} is taken by another program: taking {found}")
                return found
        raise DemoFailed("no free port on loopback")

    def any_port(self) -> int:
        """One that is free."""
        return self.port(0, None)

    def _holds(self, name: str) -> bool:
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(f"\0cadencia-demo-{name}")
        except OSError:
            holder.close()
            return False
        self._names.enter_context(holder)
        return True


def _candidates(wanted: int, before: int | None) -> Iterator[int]:
    if before is not None:
        yield before
    if wanted:
        yield from range(wanted, wanted + _NEXT_PORTS)
    # The system chooses; another demo may hold what it chose, and has not bound it yet.
    yield from [0] * _NEXT_PORTS


def last_port(state: Path, wanted: int) -> int | None:
    """Where the consoles of the last demo in this folder were, if the same port was wanted of it."""
    try:
        asked, had = (state / "port").read_text().split()
        return int(had) if int(asked) == wanted else None
    except (OSError, ValueError):
        return None


def _free(port: int) -> int | None:
    """The port if nobody listens there; connections of a server that has ended take nothing away."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        return int(probe.getsockname()[1])
