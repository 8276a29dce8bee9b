"""`cadencia progress announcements`: recordings of carriers that the detector knows again."""

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from dialer.call_progress.announcement_files import NAME, load_book, recording, save
from dialer.call_progress.announcements import STEP, Matcher, UnusableAnnouncement, enrol
from dialer.call_progress.heard import HeardOutcome
from dialer.settings import Settings

announcements = typer.Typer(no_args_is_help=True, help="Announcements of carriers, known by fingerprint.")

Folder = Annotated[Path | None, typer.Option(help="none = the setting CADENCIA_ANNOUNCEMENTS")]
Recording = Annotated[Path, typer.Argument(help="WAV or FLAC, any rate", exists=True, dir_okay=False)]


def _folder(folder: Path | None) -> Path:
    return folder or Settings().announcements


@announcements.command("add")
def run_add(
    file: Recording,
    name: Annotated[str, typer.Option(help="small letters, digits and hyphens")],
    outcome: Annotated[HeardOutcome, typer.Option(help="what it means for the call")],
    start: Annotated[float, typer.Option("--from", help="seconds", min=0.0)] = 0.0,
    end: Annotated[float | None, typer.Option("--to", help="seconds")] = None,
    folder: Folder = None,
) -> None:
    """Learn an announcement from a recording; a running detector knows it from the next call on."""
    try:
        path = save(_folder(folder), enrol(name, outcome, recording(file, start, end)))
    except UnusableAnnouncement as error:
        raise typer.BadParameter(str(error)) from None
    typer.echo(f"{name}: {outcome.value}, written to {path}")


@announcements.command("list")
def run_list(folder: Folder = None) -> None:
    """Show the announcements that are known."""
    for entry in load_book(_folder(folder)).entries:
        typer.echo(f"{entry.name:40} {entry.outcome.value}")


@announcements.command("remove")
def run_remove(name: str, folder: Folder = None) -> None:
    """Forget an announcement."""
    path = _folder(folder) / f"{name}.json"
    if not NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
        raise typer.BadParameter(f"no announcement {name!r}")
    path.unlink()


@announcements.command("test")
def run_test(file: Recording, folder: Folder = None) -> None:
    """Say which announcement a recording holds, and when it was known."""
    matcher = Matcher(load_book(_folder(folder)))
    try:
        samples = recording(file)
    except UnusableAnnouncement as error:
        raise typer.BadParameter(str(error)) from None
    for at in range(0, len(samples) - STEP + 1, STEP):
        match = matcher.hear(np.ascontiguousarray(samples[at : at + STEP]))
        if match is not None:
            typer.echo(f"{match.name}: {match.outcome.value} after {match.at:.1f} s ({match.alike:.2f})")
            return
    typer.echo("none that is known")
    raise typer.Exit(1)
