"""Builds the lab's images once for each content of their sources; the tag tells the content."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from sip_lab import own_engine, packages
from sip_lab.engine import Engine
from sip_lab.errors import LabError, NoBase
from sip_lab.packages import SUITE, Say

HERE = Path(__file__).parent
BASE = f"debian:{SUITE}-slim"
ASTERISK, STORES = "cadencia-lab", "cadencia-stores"
_SOURCES = {
    ASTERISK: ("Dockerfile", "packages.txt", "install.sh", "*.py", "asterisk/**/*.conf", "telephones/*.py"),
    STORES: ("stores.Dockerfile", "stores.txt", "install.sh", "named.sh"),
}
"""What an image is made of, its recipe first."""


_KEPT = 4


def ensure(engine: Engine, name: str, say: Say) -> str:
    """The image's tag; built now, if the engine has no image of this content."""
    tag = f"{name}:{_digest(_SOURCES[name])}"
    cache = packages.cache_home()
    cache.mkdir(parents=True, exist_ok=True)
    with packages.locked(cache / f"{name}.lock", say):
        if not engine.has(tag):
            have_base(engine, say)
            say(f"building the image {tag}")
            recipe = str(HERE / _SOURCES[name][0])
            engine.run("build", "--quiet", "--network", "host", "--tag", tag, "--file", recipe, str(HERE))
            _forget_old(engine, name)
    return tag


def have_base(engine: Engine, say: Say) -> None:
    """The base image: of the public registry, or made from the machine's own Debian mirror."""
    if engine.has(BASE) or (not engine.ours and engine.run("pull", BASE, check=False).returncode == 0):
        return
    if shutil.which("mmdebstrap") is None:
        raise NoBase(f"the image {BASE} cannot be pulled here: install mmdebstrap, and it is made here")
    say(f"making the base image {BASE} from the Debian mirror")
    options = [f'--aptopt={key} "{value}"' for key, value in packages.machine_options().items()]
    make = ["mmdebstrap", "-q", "--format=tar", "--variant=minbase", *options, SUITE, "-"]
    make.append(packages.machine_source().uri)
    with subprocess.Popen(make, stdout=subprocess.PIPE, preexec_fn=own_engine.unblocked) as making:
        done = subprocess.run(
            ["docker", "import", "-", BASE],
            stdin=making.stdout,
            env=engine.environment,
            capture_output=True,
            check=False,
        )
    if making.returncode:
        raise NoBase(f"the base image {BASE} cannot be pulled here, nor made from the Debian mirror")
    if done.returncode:
        raise LabError(f"the base image could not be made: {done.stderr.decode()[-400:]}")


def _forget_old(engine: Engine, name: str) -> None:
    """Of our own engine: its newest first, of which other checkouts may use some."""
    if not engine.ours:
        return
    tags = engine.run("images", "--format", "{{.Repository}}:{{.Tag}}", name).stdout.split()
    for tag in tags[_KEPT:]:
        engine.run("image", "rm", tag, check=False)


def _digest(patterns: tuple[str, ...]) -> str:
    digest = hashlib.sha256(SUITE.encode())
    for path in sorted(path for pattern in patterns for path in HERE.glob(pattern)):
        digest.update(f"{path.relative_to(HERE)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
