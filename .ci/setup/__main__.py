"""Set up a checkout on a machine that has git, make and Python 3.11, and nothing else.

`python3 .ci/setup [venv] [system] [web] [pbx] [browser]` does the named steps in this order, each once: a
stamp under .venv/stamps says what was done from which sources. Downloads stay in ~/.cache/cadencia, not in
the checkout.
Standard library only: it runs before anything is installed.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import browser
import pbx
import system_python
import venv_step
import web
from work import VENV, SetupFailed, cache_folder, locked, say

Step = Callable[[Path], None]
STEPS: dict[str, Step] = {
    "venv": venv_step.ensure,
    "system": system_python.ensure,
    "web": web.ensure,
    "pbx": pbx.ensure,
    "browser": browser.ensure,
}


def main(names: list[str]) -> int:
    """Run the named steps, all of them when none is named."""
    unknown = [name for name in names if name not in STEPS]
    if unknown:
        print(f"unknown step {unknown[0]}; there are: {' '.join(STEPS)}", file=sys.stderr)
        return 2
    if sys.version_info < (3, 11):
        print("Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 setup", file=sys.stderr)
        return 2
    try:
        # Two `make` in one checkout take turns; other checkouts are free.
        with locked(VENV):
            for name, step in STEPS.items():
                if not names or name in names or name == "venv":
                    step(cache_folder())
    except SetupFailed as failure:
        say(f"failed: {failure}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
