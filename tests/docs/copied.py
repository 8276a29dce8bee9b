"""What `scp -r dist root@server:cadencia` does to an empty server, and builds that can be told apart."""

import re
import shutil
import zipfile
from pathlib import Path

_SCP = re.compile(r"scp -r (?P<folder>\w+) root@[\w.]+:(?P<target>\w+)\n")
_COMMIT = "dialer/commit.txt"


class NoCopy(ValueError):
    """A block marked as a copy that is none."""


def copy(text: str, checkout: Path, home: Path) -> Path:
    """The folder where it comes to lie: within one that is there already, as with scp; raises NoCopy."""
    said = _SCP.fullmatch(text)
    if said is None:
        raise NoCopy(text)
    target = home / said["target"]
    place = target / said["folder"] if target.exists() else target
    shutil.copytree(checkout / said["folder"], place)
    return place


def relabelled(folder: Path, commit: str) -> None:
    """The wheel in it says that it was built from another commit: an upgrade to the same shows nothing."""
    wheel = _wheel(folder)
    part = wheel.with_suffix(".part")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            new.writestr(one, f"{commit}\n" if one.filename == _COMMIT else old.read(one))
    part.replace(wheel)


def version(folder: Path) -> str:
    """What `cadencia --version` says once the wheel in it is installed."""
    wheel = _wheel(folder)
    number = wheel.name.split("-")[1]
    with zipfile.ZipFile(wheel) as archive:
        return f"cadencia {number} (commit {archive.read(_COMMIT).decode('ascii').strip()})"


def _wheel(folder: Path) -> Path:
    (found,) = folder.glob("cadencia-*.whl")
    return found
