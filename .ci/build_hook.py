"""What hatch does before it builds: no wheel without the consoles, and the commit goes into it."""

import tempfile
from pathlib import Path
from runpy import run_path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGES = "consoles/static/index.html"
WITHOUT_PAGES = (
    "the consoles are not built, and without them nobody can work: run `make setup-web` "
    "(or `npm ci && npm run build` in consoles/web), then build again"
)
COMMIT_FILE = "dialer/commit.txt"


class CustomBuildHook(BuildHookInterface[Any]):
    """Named so because hatchling looks for it; an editable install is a checkout and needs neither."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse what nobody could use; write down which commit it is."""
        if version == "editable":
            return
        root = Path(self.root)
        if not (root / PAGES).is_file():
            self.app.abort(WITHOUT_PAGES)
        if not (root / COMMIT_FILE).exists():  # a wheel made of an sdist has it already
            build_data["force_include"][self._commit(root)] = COMMIT_FILE

    def _commit(self, root: Path) -> str:
        # Not imported: the package `dialer` may be another one that is installed here.
        asked = run_path(str(root / "dialer/version.py"))
        file = Path(tempfile.mkdtemp(prefix="cadencia-build-")) / "commit.txt"
        file.write_text(asked["of_checkout"](root) + "\n", "ascii")
        return str(file)
