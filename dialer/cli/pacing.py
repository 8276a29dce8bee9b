"""`cadencia pacing`: what would come of a policy on a floor that a file describes, or on a recorded day."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import orjson
import typer

from dialer.cli.day_plot import clock, draw
from dialer.cli.day_table import day_record, day_table
from dialer.cli.day_words import WORDS
from dialer.cli.days import FloorDay, live
from dialer.cli.floor_file import BadFloor, FloorFile, read_floor
from dialer.cli.replay import replay
from pacing.simulator.policies import NAMES, Named, UnknownPolicy

pacing = typer.Typer(no_args_is_help=True, help="Pacing: what would have come of other settings.")
pacing.command("replay")(replay)
_POLICIES = ", ".join(NAMES)


@pacing.command("simulate")
def simulate(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    agents: Annotated[int | None, typer.Option(help="instead of those of the file", min=1, max=2000)] = None,
    seeds: Annotated[int, typer.Option(help="days simulated of each policy", min=1, max=100)] = 5,
    hours: Annotated[float | None, typer.Option(help="of each day", min=0.1, max=24.0)] = None,
    policy: Annotated[str | None, typer.Option(help=f"of {_POLICIES}; such as power:3.5")] = None,
    compare: Annotated[str, typer.Option(help="others for the same days, between commas")] = "",
    plot: Annotated[Path | None, typer.Option(help="write a plot there, .png or .svg")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, not a table")] = False,
    english: Annotated[bool, typer.Option("--english", help="labels in English, not Spanish")] = False,
) -> None:
    """What if: days of a floor described in a small YAML file, under one or more policies.

    The same seed draws the same fates for every policy, so that policies differ and not luck.
    """
    words = WORDS["en" if english else "es"]
    if plot is not None and plot.suffix not in (".png", ".svg"):
        raise _refused("the plot's name must end in .png or .svg")
    floor = _floor(file)
    policies = _policies([policy or floor.pace.mode, *filter(None, compare.split(","))])
    size, length = agents or floor.agents, hours or floor.hours
    days = [FloorDay(floor, size, length, named) for named in policies]
    courses = live(days, range(1, seeds + 1), progress(words["progress"]))
    found = {named.text: course for named, course in zip(policies, courses, strict=True)}
    lived = {name: [course.day for course in course_list] for name, course_list in found.items()}
    title = _title(floor, size, length, words["agents"])
    if as_json:
        record = {"floor": floor.name, "agents": size, "hours": length, **day_record(lived, floor.law.limit)}
        typer.echo(orjson.dumps(record, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo(f"{title}\n\n{day_table(lived, floor.law.limit, words)}")
    if plot is not None:
        draw(plot, found, title=title, opens=floor.opens, limit=floor.law.limit, words=words)
        typer.echo(f"cadencia: {plot}", err=True)


def _floor(file: Path) -> FloorFile:
    try:
        return read_floor(file)
    except BadFloor as bad:
        raise _refused(f"{file.name}: {bad}") from None


def _policies(texts: list[str]) -> list[Named]:
    """Without repetitions."""
    try:
        return list(dict.fromkeys(Named.parse(text) for text in texts))
    except UnknownPolicy as unknown:
        raise _refused(str(unknown)) from None


def _refused(why: str) -> typer.Exit:
    typer.echo(f"cadencia: {why}", err=True)
    return typer.Exit(1)


def _title(floor: FloorFile, agents: int, hours: float, word: str) -> str:
    span = f"{clock(floor.opens)}–{clock(floor.opens + 3600.0 * hours)}"
    return " · ".join(filter(None, (floor.name, f"{agents} {word}", span)))


def progress(words: str) -> Callable[[int, int], None]:
    """Tells on stderr how far it is, on one line."""

    def told(done: int, of_all: int) -> None:
        typer.echo(f"\r{words.format(done=done, all=of_all)}", nl=done == of_all, err=True)

    return told
