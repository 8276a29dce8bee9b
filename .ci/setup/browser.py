"""Chromium for the browser tests: the machine's, or installed as root, or unpacked into the cache."""

import os
import platform
from pathlib import Path

from apt import PrivateApt, install_as_root, unpack
from work import VENV, SetupFailed, found, is_done, locked, mark_done, run, say, starts, write_program

WRAPPER = VENV / "bin" / "cadencia-chromium"
DRIVER = VENV / "bin" / "cadencia-playwright-node"
NAMES = ("chromium", "google-chrome", "chromium-browser")
PACKAGES = ("chromium", "fontconfig-config", "fonts-dejavu-core")
CURE = "Set CADENCIA_CHROMIUM to a Chromium or Chrome program."


def ensure(cache: Path) -> None:
    """Leave a program .venv/bin/cadencia-chromium that starts a working Chromium."""
    if WRAPPER.is_file() and is_done("browser", _driver_key()):
        return
    text = _wrapper_for(cache)
    write_program(WRAPPER, text)
    try:
        version = run([WRAPPER, "--version"], seconds=60, cure=CURE).strip()
    except SetupFailed:
        WRAPPER.unlink()
        raise
    _ensure_driver(cache)
    mark_done("browser", _driver_key())
    say(f"browser for tests: {version.splitlines()[-1]}")


def _wrapper_for(cache: Path) -> str:
    named = os.environ.get("CADENCIA_CHROMIUM")
    program = Path(named) if named else found(*NAMES)
    if program is None and os.geteuid() == 0:
        say("installing Chromium (apt-get, as root)")
        install_as_root("chromium")
        program = found(*NAMES)
    if program is not None:
        return f'#!/bin/sh\nexec "{program}" "$@"\n'
    return _unpacked(cache)


def _unpacked(cache: Path) -> str:
    """Without root: Chromium and what this machine lacks for it, run from the cache."""
    folder = cache / "chromium"
    tree = folder / "tree"
    folder.mkdir(exist_ok=True)
    with locked(cache / "apt"):
        if not (tree / "usr/lib/chromium/chromium").is_file():
            say("downloading Chromium and its libraries (about 100 MB)")
            debs = PrivateApt(cache / "apt").closure(*PACKAGES)
            say(f"unpacking {len(debs)} packages")
            unpack(debs, tree)
            for deb in debs:
                deb.unlink()
        (folder / "fonts.conf").write_text(_fonts(tree, folder))
    triplet = f"{platform.machine()}-linux-gnu"
    libraries = f"{tree}/usr/lib/{triplet}:{tree}/usr/lib/{triplet}/pulseaudio:{tree}/lib/{triplet}"
    return (
        "#!/bin/sh\n"
        f'export LD_LIBRARY_PATH="{libraries}"\n'
        f'export FONTCONFIG_FILE="{folder}/fonts.conf"\n'
        f'exec "{tree}/usr/lib/chromium/chromium" "$@"\n'
    )


def _driver_key() -> str:
    """Playwright's folder in the environment; a new Python or a new environment has another."""
    return str(next(VENV.glob("lib/python*/site-packages/playwright/driver/node"), ""))


def _ensure_driver(cache: Path) -> None:
    """Playwright brings a Node that needs libatomic, which a bare machine lacks."""
    node = _driver_key()
    if not node or starts(node):
        DRIVER.unlink(missing_ok=True)
        return
    if os.geteuid() == 0:
        install_as_root("libatomic1")
        return
    tree = cache / "libatomic"
    with locked(cache / "apt"):
        if not tree.is_dir():
            unpack([PrivateApt(cache / "apt").single("libatomic1")], tree)
    libraries = f"{tree}/usr/lib/{platform.machine()}-linux-gnu"
    write_program(DRIVER, f'#!/bin/sh\nLD_LIBRARY_PATH="{libraries}" exec "{node}" "$@"\n')
    if not starts(DRIVER):
        raise SetupFailed("Playwright's Node does not start: install libatomic1")


def _fonts(tree: Path, folder: Path) -> str:
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n<fontconfig>'
        f"<dir>{tree}/usr/share/fonts</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{folder}/fonts-cache</cachedir></fontconfig>\n"
    )
