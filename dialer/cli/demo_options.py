"""What may be chosen of the demo."""

from dataclasses import dataclass
from pathlib import Path

from dialer.model.campaign import DialMode, Screening

PASSWORD = "cadencia-demo"  # noqa: S105 - printed on the screen, for accounts on loopback only; not judged


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What may be chosen; times in seconds."""

    bots: int = 8
    debtors: int = 300
    campaigns: int = 1
    """Which share the debtors evenly, and all agents."""
    tempo: float = 1.0
    """Factor on ring and talk times of the simulated people."""
    talk: float = 20.0
    wrap: float = 5.0
    seed: int = 1
    drawn: bool = False
    """Numbers carry no code: `sip_lab mix` changes how they behave while the demo runs."""
    keep_heard: bool = False
    """Whoever answers keeps what is heard, for tests."""
    port: int = 8000
    screening: Screening = Screening.PROGRESS
    mode: DialMode = DialMode.PREDICTIVE
    calls_per_agent: float = 2.0
    """Of mode power."""
    state: Path | None = None
    seconds: float | None = None
    """End by itself after this time; None = until Ctrl-C."""
    start: bool = True
    """Start the campaign at once."""
    web_agents: int = 4
    lab: Path | None = None
    """State folder of a laboratory that others start and end; None = one of our own."""
    goes_on: bool = False
    """People come back after minutes, lists arrive, some pay, some call in, and bots hear whom they have."""


class DemoFailed(RuntimeError):
    """The demo cannot go on; the text says why."""
