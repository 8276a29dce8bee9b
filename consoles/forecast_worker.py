"""One forecast in a process of its own, so no page waits for it: question on stdin, outlook on stdout."""

import os
import sys
from dataclasses import asdict

import orjson

from pacing import Pace
from pacing.simulator import Bounds, whatif


def main() -> None:
    """Answer one question, after everybody who is on the telephone."""
    os.nice(5)
    asked = orjson.loads(sys.stdin.buffer.read())
    outlook = whatif(
        asked["content"] or None, Pace(**asked["pace"]), bounds=Bounds(**asked["bounds"]), **asked["floor"]
    )
    sys.stdout.buffer.write(orjson.dumps(asdict(outlook)))


if __name__ == "__main__":
    main()
