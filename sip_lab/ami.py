"""A small blocking AMI client, for the lab's own readiness checks and for raw tests. Not the product's."""

import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from types import TracebackType

from sip_lab.errors import LabError

Event = dict[str, str]


class AmiClosed(LabError):
    """Asterisk closed the manager connection."""


class AmiRefused(LabError):
    """The login was refused, or an action answered with an error."""


class Ami:
    """One manager session. Events that arrive while waiting for something else are kept, up to a bound."""

    def __init__(self, host: str, port: int, user: str, secret: str, timeout: float = 5.0) -> None:
        """Connects and logs in; `timeout` (seconds) bounds every wait that does not name its own."""
        self._timeout = timeout
        self._socket = socket.create_connection((host, port), timeout=timeout)
        self._buffer = b""
        self._number = 0
        self.events: deque[Event] = deque(maxlen=20_000)
        self._greeting()
        self.action("Login", Username=user, Secret=secret)

    def __enter__(self) -> "Ami":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the connection."""
        self._socket.close()

    def send(self, name: str, variables: Iterable[str] = (), **headers: object) -> str:
        """Sends an action and returns its id without waiting for the answer."""
        self._number += 1
        mine = f"lab-{self._number}"
        lines = [f"Action: {name}", f"ActionID: {mine}"]
        lines += [f"{key}: {value}" for key, value in headers.items()]
        lines += [f"Variable: {variable}" for variable in variables]
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        return mine

    def action(self, name: str, variables: Iterable[str] = (), **headers: object) -> Event:
        """Sends an action and returns its response; an error response raises."""
        mine = self.send(name, variables, **headers)
        answer = self.wait(lambda e: "Response" in e and e.get("ActionID") == mine)
        if answer["Response"] == "Error":
            raise AmiRefused(f"{name}: {answer.get('Message')}")
        return answer

    def listing(self, name: str, **headers: str) -> list[Event]:
        """Sends an action that answers with a list, and returns the list."""
        mine = self.action(name, **headers)["ActionID"]
        rows: list[Event] = []
        while True:
            row = self.wait(lambda e: "Response" not in e and e.get("ActionID") == mine)
            if row.get("EventList", "").lower() == "complete":
                return rows
            rows.append(row)

    def wait(self, wanted: Callable[[Event], bool], timeout: float | None = None) -> Event:
        """The first message, kept or new, that is wanted; it is taken out of those kept."""
        for event in self.events:
            if wanted(event):
                self.events.remove(event)
                return event
        end = time.monotonic() + (self._timeout if timeout is None else timeout)
        while True:
            event = self._read(end)
            if wanted(event):
                return event
            self.events.append(event)

    def collect(self, seconds: float) -> list[Event]:
        """Every message kept or arriving during a time, oldest first; none is kept any longer."""
        end = time.monotonic() + seconds
        while True:
            try:
                self.events.append(self._read(end))
            except TimeoutError:
                taken = list(self.events)
                self.events.clear()
                return taken

    def _greeting(self) -> None:
        end = time.monotonic() + self._timeout
        while b"\r\n" not in self._buffer:
            self._more(end)
        _, _, self._buffer = self._buffer.partition(b"\r\n")

    def _read(self, end: float) -> Event:
        while b"\r\n\r\n" not in self._buffer:
            self._more(end)
        block, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        pairs = (line.partition(":") for line in block.decode(errors="replace").split("\r\n"))
        return {key.strip(): value.strip() for key, _, value in pairs}

    def _more(self, end: float) -> None:
        left = end - time.monotonic()
        if left <= 0:
            raise TimeoutError("nothing more came over AMI in time")
        self._socket.settimeout(left)
        data = self._socket.recv(65536)
        if not data:
            raise AmiClosed("Asterisk closed the manager connection")
        self._buffer += data
