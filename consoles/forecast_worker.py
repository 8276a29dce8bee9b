"""One forecast in a process of its own, so no page waits for it: question on stdin, outlook on stdout."""

import os
import sys
from dataclasses import asdict
from typing import Any

import orjson

from pacing import Pace
from pacing.floor import Window
from pacing.simulator import Bounds, Standing, whatif


def main() -> None:
    """Answer one question, after everybody who is on the telephone."""
    os.nice(5)
    asked = orjson.loads(sys.stdin.buffer.read())
    bounds = Bounds(**asked["bounds"], standing=_standing(asked["standing"]))
    outlook = whatif(asked["content"] or None, Pace(**asked["pace"]), bounds=bounds, **asked["floor"])
    sys.stdout.buffer.write(orjson.dumps(asdict(outlook)))


def _standing(record: dict[str, Any] | None) -> Standing | None:
    if record is None:
        return None
    windows = tuple(Window(**window) for window in record["windows"])
    return Standing(windows, record["settled"], record["settled_live"])


if __name__ == "__main__":
    main()
