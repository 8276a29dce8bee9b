"""`cadencia suppression`: lists of numbers that are not called, filled and emptied from files."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from dialer.cli.database import connect
from portfolio.importer import MAX_HEADER_ROW, ImportRefused
from portfolio.plain_text import is_plain
from portfolio.sql import statements
from portfolio.suppression import MAX_REASON, Action, HowNumbers, Suppressed, Suppressing, suppress

suppression = typer.Typer(no_args_is_help=True, help="Lists of numbers that are not called.")

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV, text or XLSX")]
Name = Annotated[str, typer.Option("--list", help="name of the list")]
Region = Annotated[str, typer.Option(help="country of numbers without prefix, such as ES")]
Column = Annotated[
    str, typer.Option(help="title or place of the telephones, 'area+number' to join two; else found")
]
Sheet = Annotated[str, typer.Option(help="of a workbook; else its first")]
HeaderRow = Annotated[
    int | None, typer.Option(help="line of the titles, from 1; else found", min=1, max=MAX_HEADER_ROW)
]
Reason = Annotated[
    str, typer.Option(help="why numbers may be called again: with --replace and remove; for the audit")
]
DryRun = Annotated[bool, typer.Option(help="say what was understood, and change nothing")]


@suppression.command("add")
def add(
    file: File,
    name: Name,
    region: Region,
    source: Annotated[str, typer.Option(help="where the numbers come from")] = "",
    until: Annotated[
        datetime | None, typer.Option(help="when they may be called again, UTC; else never")
    ] = None,
    whole: Annotated[
        bool, typer.Option("--replace", help="numbers that are not in the file leave the list")
    ] = False,
    column: Column = "",
    sheet: Sheet = "",
    header_row: HeaderRow = None,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Put the numbers of a file on a list, which is made when it is not there."""
    ends = until.replace(tzinfo=UTC) if until is not None else None
    if ends is not None and ends <= datetime.now(UTC):
        raise typer.BadParameter("is over already", param_hint="--until")
    how = HowNumbers(region.upper(), column, header_row)
    action: Action = "replace" if whole else "add"
    _do(file, Suppressing(name, how, action, source, ends, sheet, file.name, dry_run, reason.strip()))


@suppression.command("remove")
def remove(
    file: File,
    name: Name,
    region: Region,
    column: Column = "",
    sheet: Sheet = "",
    header_row: HeaderRow = None,
    reason: Reason = "",
    dry_run: DryRun = False,
) -> None:
    """Take the numbers of a file off a list, in whatever spelling they are on it."""
    how = HowNumbers(region.upper(), column, header_row)
    wanted = Suppressing(name, how, "remove", "", None, sheet, file.name, dry_run, reason.strip())
    _do(file, wanted)


@suppression.command("list")
def show() -> None:
    """Every list with its size."""

    async def main() -> None:
        database = await connect()
        try:
            for row in await database.fetch(statements()["suppression_lists"]):
                typer.echo(f"{row['name']:30s} {row['numbers']:>10d}  {row['source']}")
        finally:
            await database.close()

    uvloop.run(main())


def _do(file: Path, wanted: Suppressing) -> None:
    if wanted.frees and not wanted.dry_run and not wanted.reason:
        raise typer.BadParameter("why may numbers be called again?", param_hint="--reason")
    if len(wanted.reason) > MAX_REASON or not is_plain(wanted.reason):
        raise typer.BadParameter(f"one line of at most {MAX_REASON} characters", param_hint="--reason")

    async def main() -> Suppressed:
        database = await connect()
        try:
            return await suppress(database, _chunks(file), wanted, None)
        finally:
            await database.close()

    try:
        found = uvloop.run(main())
    except ImportRefused as refused:
        typer.echo(f"cadencia: nothing changed: {refused}")
        raise typer.Exit(1) from None
    _tell(found, wanted)
    if found.refused is not None:
        raise typer.Exit(1)


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, 1 << 18):
            yield chunk


def _tell(found: Suppressed, wanted: Suppressing) -> None:
    used = [one.header for one in found.columns if one.used]
    titles = f"titles in line {found.header_row}" if found.header_row else "no titles"
    typer.echo(f"cadencia: columns {', '.join(used) or '?'} of {len(found.columns)}, {titles}")
    for one in found.samples:
        typer.echo(f"    line {one.row}: {one.text} is {one.number}")
    typer.echo(f"cadencia: {found.rows} rows: {found.taken} taken, {found.rejected} rejected")
    for problem in found.problems:
        typer.echo(f"    line {problem.row}: {problem.value or '-'}: {problem.message('en')}")
    if found.refused is not None:
        typer.echo(f"cadencia: it would be refused: {found.refused}")
        return
    verb = "leave" if wanted.action == "remove" else "come onto"
    would = "would " if wanted.dry_run else ""
    typer.echo(f"cadencia: {found.changed} numbers {would}{verb} {wanted.name}")
    if wanted.action == "replace":
        typer.echo(f"cadencia: {found.stays} stay, {found.comes} come, {found.leaves} leave")
    if found.still:
        typer.echo(f"cadencia: {found.still} of them are still not called: another list, or their owner")
