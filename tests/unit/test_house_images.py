"""What the product's image is built from is let into its build."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_file_that_the_build_backend_names_is_let_into_the_image() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project, build = told["project"], told["tool"]["hatch"]["build"]
    named = {"pyproject.toml", project["readme"], *project["license-files"]}
    named |= {hook["path"] for hook in build["hooks"].values()}
    named |= set(build["targets"]["wheel"]["packages"])
    lines = (ROOT / "deploy/Dockerfile.dockerignore").read_text().splitlines()
    assert not named - {line[1:] for line in lines if line.startswith("!")}
