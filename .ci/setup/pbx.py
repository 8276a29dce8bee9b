"""The laboratory's Asterisk: its packages, unpacked into the cache by `python -m sip_lab packages`."""

import subprocess
from pathlib import Path

from work import CHECKOUT, VENV_PYTHON, SetupFailed, is_done, mark_done, say, tree_digest

SOURCE = CHECKOUT / "sip_lab"
NOT_SOURCES = frozenset({"__pycache__"})


def ensure(cache: Path) -> None:
    """Let the lab fetch what it runs; it keeps its own cache and says its own progress."""
    if not (SOURCE / "__main__.py").is_file():
        return
    key = tree_digest(SOURCE, without=NOT_SOURCES) + str(cache)
    if is_done("pbx", key):
        return
    say("fetching Asterisk's packages for the laboratory")
    done = subprocess.run([VENV_PYTHON, "-m", "sip_lab", "packages"], cwd=CHECKOUT, check=False)
    if done.returncode:
        raise SetupFailed("python -m sip_lab packages failed, see above")
    mark_done("pbx", key)
