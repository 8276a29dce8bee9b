"""One number in pyproject and changelog, which rises; and the commit, in a checkout and in what was built."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

from packaging.version import Version

from dialer import version

ROOT = Path(__file__).parents[3]
HEADING = re.compile(r"^## \[(Unreleased: )?(\d+\.\d+\.\d+)\](?: – (\d{4}-\d\d-\d\d))? · “.+”", re.M)


def _headings() -> list[tuple[bool, Version, str]]:
    """Whether it is to come, its number and its date, newest first."""
    text = (ROOT / "CHANGELOG.md").read_text()
    assert len(HEADING.findall(text)) == text.count("\n## "), "a heading of another form"
    return [(bool(ahead), Version(number), day) for ahead, number, day in HEADING.findall(text)]


def test_the_newest_heading_is_the_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    ahead, number, _ = _headings()[0]
    assert project == (f"{number}.dev0" if ahead else str(number))


def test_numbers_rise_and_what_is_released_has_its_day() -> None:
    found = _headings()
    numbers = [number for _, number, _ in found]
    assert numbers == sorted(set(numbers), reverse=True)
    assert all(bool(day) != ahead for ahead, _, day in found)


def _git(folder: Path, *words: str) -> str:
    name = ("-c", "user.name=a", "-c", "user.email=a@b")
    command = ["git", "-C", str(folder), *name, *words]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_a_checkout_says_its_commit_and_whether_it_was_changed(tmp_path: Path) -> None:
    assert version.of_checkout(tmp_path) == "unknown"
    _git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("one")
    _git(tmp_path, "add", "file")
    _git(tmp_path, "commit", "-q", "-m", "first")
    head = _git(tmp_path, "rev-parse", "--short=12", "HEAD")
    assert version.of_checkout(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert version.of_checkout(tmp_path) == f"{head}+"


def _tree(folder: Path) -> Path:
    """As little as a wheel is made of."""
    for name in ("dialer/version.py", ".ci/build_hook.py", "LICENSE", "README.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes((ROOT / name).read_bytes())
    own = (ROOT / "pyproject.toml").read_text()
    fewer = re.sub(r"^packages = .*$", 'packages = ["dialer", "consoles"]', own, flags=re.M)
    (folder / "pyproject.toml").write_text(fewer)
    (folder / "consoles").mkdir()
    return folder


def _built(folder: Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    return subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)


def test_a_wheel_without_consoles_is_not_built_and_says_what_to_do(tmp_path: Path) -> None:
    done = _built(_tree(tmp_path))
    assert done.returncode != 0
    assert "run `make setup-web`" in done.stdout + done.stderr
    assert not list(tmp_path.glob("dist/*.whl"))


def test_a_wheel_carries_its_consoles_and_its_commit(tmp_path: Path) -> None:
    folder = _tree(tmp_path)
    (folder / "consoles/static").mkdir()
    (folder / "consoles/static/index.html").write_text("<!doctype html>")
    (folder / ".gitignore").write_text("consoles/static/\n")
    _git(folder, "init", "-q")
    _git(folder, "add", ".")
    _git(folder, "commit", "-q", "-m", "first")
    done = _built(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = folder.glob("dist/*.whl")
    with ZipFile(wheel) as inside:
        assert "consoles/static/index.html" in inside.namelist()
        commit = inside.read("dialer/commit.txt").decode().strip()
    assert commit == _git(folder, "rev-parse", "--short=12", "HEAD")
