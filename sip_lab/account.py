"""Which operating-system user the lab's services run as: an ordinary one, always."""

import os
import pwd
from dataclasses import dataclass
from pathlib import Path

from sip_lab.errors import LabError


@dataclass(frozen=True, slots=True)
class Account:
    """An ordinary user; `switch` says that we are root and change to it."""

    name: str
    uid: int
    gid: int
    switch: bool

    def own(self, *paths: Path) -> None:
        """Makes folders or files belong to the account."""
        if self.switch:
            for path in paths:
                os.chown(path, self.uid, self.gid)

    def folder(self, path: Path, mode: int = 0o755) -> Path:
        """Makes a folder that the account owns."""
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(mode)
        self.own(path)
        return path


def service_account() -> Account:
    """Ourselves when we are an ordinary user; `nobody` when we are root."""
    if os.geteuid() != 0:
        return Account(str(os.geteuid()), os.geteuid(), os.getegid(), switch=False)
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as missing:
        raise LabError(
            "run as root, the lab needs the user `nobody`: add it, or run as an ordinary user"
        ) from missing
    return Account("nobody", nobody.pw_uid, nobody.pw_gid, switch=True)


def can_enter(path: Path) -> bool:
    """Can any user walk down to this path?"""
    return all(not p.exists() or p.stat().st_mode & 0o001 for p in (path, *path.parents))
