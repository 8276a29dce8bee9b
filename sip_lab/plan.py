"""What a lab consists of: its settings, its folders and its ports."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sip_lab.account import Account, can_enter
from sip_lab.behaviours import DEFAULT_MIX
from sip_lab.ports import Ports

EARS = 4
TRUNKS = ("carrier", "backup")
"""The pbx's ways to the public network, in the order of their ports."""
SERVICES = ("pg", "valkey", "pbx", "carrier")


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked on the command line."""

    state: Path
    services: tuple[str, ...] = SERVICES
    bots: int = 25
    web_agents: int = 4
    seed: int = 1
    tempo: float = 1.0
    legs: int = 420
    fast: bool = False
    on: str = "place"
    """Where programs run: `place`, or `docker`."""
    root: Path | None = None
    clips: Path | None = None
    """Folder of clip-000.wav and so on, 8 kHz mono, for the behaviour `clip`."""
    keep_heard: bool = False
    """Whoever answers keeps what is heard, in a file that the truth names."""
    mix: Mapping[str, int] = field(default_factory=lambda: dict(DEFAULT_MIX))


@dataclass(frozen=True, slots=True)
class Plan:
    """A lab about to be started."""

    settings: Settings
    home: Path
    account: Account
    ports: Ports
    secret: bytes

    @property
    def name(self) -> str:
        """What its containers are called after."""
        return f"cadencia-{hashlib.sha256(str(self.settings.state).encode()).hexdigest()[:8]}"

    @property
    def truth(self) -> Path:
        """The carrier's record of every call, JSON lines."""
        return self.home / "carrier/truth.jsonl"

    @property
    def recordings(self) -> Path:
        """Where the pbx writes recordings."""
        return self.home / "recordings"

    @property
    def heard(self) -> Path:
        """Where the called side keeps what it hears."""
        return self.home / "carrier/heard"

    @property
    def voices(self) -> Path:
        """The recordings that the called side plays; a link into the cache."""
        return self.home / "carrier/voices"

    @property
    def sounds(self) -> Path:
        """The product's own messages, one folder per language."""
        return self.home / "pbx/sounds"

    def password(self, purpose: str) -> str:
        """A password that stays the same for this state folder."""
        return hmac.new(self.secret, purpose.encode(), hashlib.sha256).hexdigest()[:24]

    @property
    def bots(self) -> list[str]:
        """Endpoint names of the bot agents."""
        return [f"bot-{n:04d}" for n in range(1, self.settings.bots + 1)]

    @property
    def ears(self) -> list[str]:
        """Endpoint names of the listening bots, whose received sound is kept."""
        return [f"ear-{n:04d}" for n in range(1, EARS + 1)] if self.settings.bots else []

    @property
    def webs(self) -> list[str]:
        """Endpoint names of the browser agents."""
        return [f"web-{n:02d}" for n in range(1, self.settings.web_agents + 1)]


def home_for(state: Path, account: Account) -> Path:
    """The folder the services live in: the state folder, or one that their user can reach."""
    state.mkdir(parents=True, exist_ok=True)
    if not account.switch or can_enter(state):
        return state
    if can_enter(state.parent):
        state.chmod(state.stat().st_mode | 0o011)
        return state
    return Path("/var/lib/cadencia/sip_lab") / hashlib.sha256(str(state).encode()).hexdigest()[:12]


def secret_of(state: Path) -> bytes:
    """The state folder's secret, made on first use and readable by its owner alone."""
    path = state / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_hex(32))
    return path.read_bytes()
