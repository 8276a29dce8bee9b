"""Runs programs of an unpacked root file system in place, through its own loader, as any user."""

import platform
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from sip_lab.errors import PackageFailure


@dataclass(frozen=True, slots=True)
class Rootfs:
    """Debian packages unpacked below `path`."""

    path: Path

    @property
    def libraries(self) -> Path:
        """The folder of shared libraries of this machine's architecture."""
        return self._only("usr/lib/*-linux-gnu")

    @property
    def sounds(self) -> Path:
        """Asterisk's prompts, one folder per language."""
        return self.path / "usr/share/asterisk/sounds"

    @property
    def modules(self) -> Path:
        """Asterisk's loadable modules."""
        return self.libraries / "asterisk/modules"

    def command(self, program: str) -> list[str]:
        """The start of a command line that runs a program (such as `usr/sbin/asterisk`) of this root."""
        if self.path == Path("/"):
            return [f"/{program}"]
        folders = [self.libraries, self.libraries / "pulseaudio", *self.path.glob("usr/lib/*-linux-gnu/sox")]
        loader = self._only("usr/lib*/ld-linux*.so.*")
        search = ":".join(str(folder) for folder in folders)
        return [str(loader), "--library-path", search, str(self.path / program)]

    def environment(self) -> dict[str, str]:
        """Variables that programs of this root need to find their data."""
        return {"ESPEAK_DATA_PATH": str(self.libraries), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}

    def asterisk_version(self) -> tuple[int, ...]:
        """Such as (22, 10, 1)."""
        answer = subprocess.run(
            [*self.command("usr/sbin/asterisk"), "-V"], capture_output=True, text=True, check=False
        )
        match = re.search(r"Asterisk (\d+(?:\.\d+)*)", answer.stdout)
        if not match:
            raise PackageFailure(f"the unpacked Asterisk does not run here: {answer.stderr[-300:]}")
        return tuple(map(int, match[1].split(".")))

    def _only(self, pattern: str) -> Path:
        for found in sorted(self.path.glob(pattern)):
            return found
        raise PackageFailure(f"{self.path} has no {pattern}: remove that folder and run again")


class ImageRootfs(Rootfs):
    """The root of a container image: its paths are known, and cannot be looked at from outside."""

    @property
    def libraries(self) -> Path:
        """By this machine's architecture, which is the image's."""
        return self.path / f"usr/lib/{platform.machine()}-linux-gnu"
