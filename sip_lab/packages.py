"""Fetches Asterisk and its company from Debian without root, and unpacks them into a folder of their own.

apt runs on private state, so the machine's own packages are neither read nor touched: with an empty package
status the whole closure comes, the C library and its loader included, and the result runs in place.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sip_lab.apt_sources import Source, parse_deb822, parse_one_line
from sip_lab.errors import NoPackageSource, PackageFailure
from sip_lab.rootfs import Rootfs

SUITE = "forky"
MINIMUM_ASTERISK = (22, 10)
LIST = Path(__file__).with_name("packages.txt")
MIRROR_VARIABLE = "CADENCIA_DEBIAN_MIRROR"
_COPIED_OPTIONS = (
    "Acquire::Check-Valid-Until",
    "Acquire::Check-Date",
    "Acquire::http::Proxy",
    "Acquire::https::Proxy",
)
Say = Callable[[str], None]


def package_names() -> list[str]:
    """The one install list, shared with the Dockerfile."""
    lines = (line.split("#", 1)[0].strip() for line in LIST.read_text().splitlines())
    return [line for line in lines if line]


def cache_home() -> Path:
    """Where packages are kept. As root a place that an ordinary user can enter."""
    named = os.environ.get("XDG_CACHE_HOME")
    if os.geteuid() == 0:
        if named and _open_to_all(Path(named)):
            return Path(named) / "cadencia"
        return Path("/var/cache/cadencia")
    return (Path(named) if named else Path.home() / ".cache") / "cadencia"


def _open_to_all(path: Path) -> bool:
    """Can every user walk into this folder? Parents that do not exist yet will be made open."""
    return all(not p.exists() or p.stat().st_mode & 0o001 for p in (path, *path.parents))


def machine_source() -> Source:
    """The Debian mirror this machine uses, or the one named in the environment."""
    named = os.environ.get(MIRROR_VARIABLE)
    if named:
        return Source(named.rstrip("/"), None)
    folder = Path("/etc/apt")
    found: list[Source] = []
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        found += parse_deb822(path.read_text(errors="replace"))
    for path in [folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))]:
        if path.is_file():
            found += parse_one_line(path.read_text(errors="replace"))
    if not found:
        raise NoPackageSource(
            f"no Debian archive is configured on this machine; set {MIRROR_VARIABLE} to the address of one"
            " (for example the mirror your Debian machines use), or run in containers: make demo LAB=docker"
        )
    return found[0]


def ensure(say: Say) -> Rootfs:
    """The unpacked root file system, fetched now if this machine has none. Many processes may ask."""
    names = package_names()
    key = hashlib.sha256("\n".join([SUITE, *names]).encode()).hexdigest()[:12]
    home = cache_home()
    done = home / f"rootfs-{SUITE}-{key}"
    if not (done / "sip_lab.json").exists():
        _make_open(home)
        with locked(home / f"{done.name}.lock", say):
            if not (done / "sip_lab.json").exists():
                _fetch_and_unpack(home, done, names, say)
    return Rootfs(done)


def _make_open(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        folder.chmod(0o755)


@contextmanager
def locked(path: Path, say: Say) -> Iterator[None]:
    """Holds an exclusive file lock; tells when it has to wait for another process."""
    with path.open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another process is fetching the same, waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fetch_and_unpack(home: Path, done: Path, names: list[str], say: Say) -> None:
    for tool in ("apt-get", "apt-config", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise PackageFailure(f"{tool} is not here; run in containers: make demo LAB=docker")
    apt = home / f"apt-{done.name}.{os.getpid()}"
    part = home / f"{done.name}.{os.getpid()}.part"
    try:
        archives = _download(apt, names, say)
        _unpack(archives, part, say)
        _finish(part, archives)
        shutil.rmtree(done, ignore_errors=True)
        part.rename(done)
    finally:
        shutil.rmtree(apt, ignore_errors=True)
        shutil.rmtree(part, ignore_errors=True)


def _private_apt(apt: Path, source: Source) -> list[str]:
    """Lays out apt's private folders and returns the options that confine it to them."""
    for folder in ("etc/sources.list.d", "etc/preferences.d", "etc/trusted.gpg.d", "etc/apt.conf.d"):
        (apt / folder).mkdir(parents=True)
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (apt / folder).mkdir(parents=True)
    (apt / "status").touch()
    keyring = _keyring(source)
    trust = f"Signed-By: {keyring}\n" if keyring else ""
    (apt / "etc/sources.list.d/lab.sources").write_text(
        f"Types: deb\nURIs: {source.uri}\nSuites: {SUITE}\nComponents: main\n{trust}"
    )
    settings = {
        "Dir::Etc": f"{apt}/etc",
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": f"{apt}/etc/sources.list.d",
        "Dir::State": f"{apt}/state",
        "Dir::State::status": f"{apt}/status",
        "Dir::Cache": f"{apt}/cache",
        "APT::Sandbox::User": "",
        "APT::Install-Recommends": "0",
        "Acquire::Languages": "none",
        "Acquire::Retries": "3",
        "Debug::NoLocking": "1",
        **machine_options(),
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def machine_options() -> dict[str, str]:
    """What the machine's own apt is told about dates and proxies, which a private apt would miss."""
    options = {}
    for key in _COPIED_OPTIONS:
        answer = subprocess.run(
            ["apt-config", "--format", "%v%n", "dump", key], capture_output=True, text=True, check=False
        )
        if answer.returncode == 0 and answer.stdout.strip():
            options[key] = answer.stdout.strip()
    return options


def _keyring(source: Source) -> str | None:
    """Debian's keys: the keyring package's, else those the machine's entry names."""
    for path in (
        "/usr/share/keyrings/debian-archive-keyring.pgp",
        "/usr/share/keyrings/debian-archive-keyring.gpg",
        source.signed_by,
    ):
        if path and Path(path).exists():
            return path
    parts = Path("/etc/apt/trusted.gpg.d")
    own = sorted(parts.glob("debian-archive-*")) if parts.is_dir() else []
    if own:
        return None
    raise PackageFailure(
        "Debian's archive keys are missing on this machine: install the package debian-archive-keyring"
        " (Ubuntu has it too), or run in containers: make demo LAB=docker"
    )


def _download(apt: Path, names: list[str], say: Say) -> list[Path]:
    source = machine_source()
    options = _private_apt(apt, source)
    say(f"asking the Debian mirror for the list of packages ({SUITE})")
    _run(["apt-get", *options, "-q", "update"], "the package lists could not be read")
    asked = ["apt-get", *options, "-q", "-y", "--download-only", "install", *names]
    size = _run([*asked, "--print-uris"], "the packages are not there").count("\n'")
    say(f"fetching {size} packages")
    _run(asked, "the packages could not be fetched")
    return sorted((apt / "cache/archives").glob("*.deb"))


def fetch_file(package: str, member: str, target: Path, say: Say) -> None:
    """One file out of one package of the lab's suite, put into a folder."""
    home = cache_home()
    _make_open(home)
    apt, part = home / f"apt-{package}.{os.getpid()}", home / f"{package}.{os.getpid()}.part"
    try:
        archives = [path for path in _download(apt, [package], say) if path.name.startswith(f"{package}_")]
        _unpack(archives, part, say)
        shutil.copy2(part / member, target)
    finally:
        shutil.rmtree(apt, ignore_errors=True)
        shutil.rmtree(part, ignore_errors=True)


def _unpack(archives: list[Path], part: Path, say: Say) -> None:
    part.mkdir(parents=True)
    for number, archive in enumerate(archives, 1):
        if number % 25 == 1 or number == len(archives):
            say(f"unpacking {number}/{len(archives)}")
        _run(["dpkg-deb", "-x", str(archive), str(part)], f"{archive.name} could not be unpacked")


def _finish(part: Path, archives: list[Path]) -> None:
    """What the packages' install scripts would have done, and the record of what was got."""
    rootfs = Rootfs(part)
    name_sounds(rootfs)
    version = rootfs.asterisk_version()
    if version < MINIMUM_ASTERISK:
        raise PackageFailure(f"the mirror has Asterisk {version}, at least {MINIMUM_ASTERISK} is needed")
    record = {
        "suite": SUITE,
        "asterisk": ".".join(map(str, version)),
        "packages": dict(map(_name_and_version, archives)),
    }
    part.chmod(0o755)
    (part / "sip_lab.json").write_text(json.dumps(record, indent=1, sort_keys=True))


def name_sounds(rootfs: Rootfs) -> None:
    """Prompts lie in folders named after their speaker; Asterisk looks for the language."""
    for language in ("en", "es"):
        for voice in sorted(rootfs.sounds.glob(f"{language}_*")):
            if not (rootfs.sounds / language).exists():
                (rootfs.sounds / language).symlink_to(voice.name)


def _name_and_version(archive: Path) -> tuple[str, str]:
    name, version, _ = archive.stem.split("_", 2)
    return name, version.replace("%3a", ":")


def _run(command: list[str], trouble: str) -> str:
    answer = subprocess.run(
        command, capture_output=True, text=True, check=False, env=os.environ | {"LC_ALL": "C"}
    )
    if answer.returncode != 0:
        told = "\n".join(re.findall(r"^[EW]: .*$", answer.stderr, re.M)[-5:]) or answer.stderr[-600:]
        raise PackageFailure(f"{trouble}:\n{told}")
    return answer.stdout
