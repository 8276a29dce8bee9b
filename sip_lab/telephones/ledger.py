"""The telephones' lines in the carrier's record of what really happened."""

import json
import os
from pathlib import Path

from sip_lab.telephones.line import now


class Ledger:
    """One call's lines. Every line is written whole, beside those of the carrier."""

    def __init__(self, path: Path, call: str, number: str) -> None:
        """`number` without plus."""
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._head = {"call": call, "number": f"+{number}"}

    def tell(self, event: str, at: float | None = None, **more: str) -> None:
        """One thing that happened."""
        fact = {**self._head, "event": event, "at": round(now() if at is None else at, 3), **more}
        os.write(self._file, json.dumps(fact).encode() + b"\n")

    def close(self) -> None:
        """The call is over."""
        os.close(self._file)
