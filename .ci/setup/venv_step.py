"""The Python environment .venv: made even where Debian left out ensurepip, filled from the hash lock."""

import importlib.util
import sys
import tempfile
from pathlib import Path

from apt import PrivateApt, unpack
from work import CHECKOUT, VENV, VENV_PYTHON, SetupFailed, Word, digest, is_done, locked, mark_done, run, say

LOCK = CHECKOUT / "requirements.lock"
PROJECT = CHECKOUT / "pyproject.toml"
PIP: list[Word] = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
WHEEL_FOLDERS = (Path("/usr/share/python-wheels"),)


def ensure(cache: Path) -> None:
    """Make the environment and install what the lock names, and ourselves as an editable package."""
    key = digest([LOCK, PROJECT, sys.version, str(CHECKOUT)])
    if is_done("venv", key) and VENV_PYTHON.exists():
        return
    if not VENV_PYTHON.exists():
        _make()
    if not any(VENV.glob("lib/python*/site-packages/pip")):
        _give_pip(cache)
    lock_key = digest([LOCK, sys.version])
    if not is_done("lock", lock_key):
        _install_lock(cache)
        mark_done("lock", lock_key)
    run([*PIP, "install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", CHECKOUT])
    mark_done("venv", key)
    say("Python environment is ready")


def _make() -> None:
    say(f"making .venv with Python {sys.version.split()[0]}")
    if importlib.util.find_spec("venv") is None:
        raise SetupFailed("this Python has no venv module")
    bundled = [] if importlib.util.find_spec("ensurepip") else ["--without-pip"]
    stale = ["--clear"] if (VENV / "bin").exists() else []  # of a Python that is gone
    run([sys.executable, "-m", "venv", *bundled, *stale, VENV])


def _give_pip(cache: Path) -> None:
    """Install pip from Debian's own wheel; the lock then replaces it by the pinned one."""
    wheel = _pip_wheel(cache)
    say(f"taking pip from {wheel.name}")
    # A wheel of pip can be run as it is: it holds a package named pip with a __main__.
    run([VENV_PYTHON, wheel / "pip", "--quiet", "install", "--no-index", wheel])


def _pip_wheel(cache: Path) -> Path:
    for folder in WHEEL_FOLDERS:
        if hits := sorted(folder.glob("pip-*.whl")):
            return hits[-1]
    folder = cache / "pip"
    folder.mkdir(exist_ok=True)
    with locked(cache / "apt"):
        if not (hits := sorted(folder.glob("deb/usr/share/python-wheels/pip-*.whl"))):
            say("this Python has no ensurepip: fetching python3-pip-whl")
            unpack([PrivateApt(cache / "apt").single("python3-pip-whl")], folder / "deb")
            hits = sorted(folder.glob("deb/usr/share/python-wheels/pip-*.whl"))
    if not hits:
        raise SetupFailed("python3-pip-whl holds no pip wheel; install python3-venv")
    return hits[-1]


def _install_lock(cache: Path) -> None:
    say("installing the Python packages of requirements.lock (hashes checked)")
    hashes: list[Word] = [
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--cache-dir",
        cache / "pip-downloads",
    ]
    if _uv_installed(hashes):
        return
    run([*PIP, "install", *hashes, "--requirement", LOCK])


def _uv_installed(hashes: list[Word]) -> bool:
    """Try the fast installer. It reads no pip settings, so behind a private index pip has to do it."""
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.lock"
        only_uv.write_text(_entry("uv"))
        run([*PIP, "install", *hashes, "--requirement", only_uv])
    uv: list[Word] = [VENV / "bin" / "uv", "pip", "install", "--quiet", "--python", VENV_PYTHON]
    try:
        run([*uv, "--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", LOCK])
    except SetupFailed:
        say("uv could not reach its index; pip goes on with this machine's pip settings")
        return False
    return True


def _entry(name: str) -> str:
    """The lock's lines for one package."""
    lines = LOCK.read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{name}=="))
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    return "\n".join(line for line in lines[start:end] if "#" not in line).rstrip("\\ ") + "\n"
