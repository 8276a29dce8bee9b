"""`cadencia import`: a file of debtors into a campaign's list."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import asyncpg
import typer

from dialer.cli.database import known_campaign
from dialer.cli.running import on_uvloop, say
from dialer.settings import Settings
from portfolio.importer import Dedupe, ImportRefused, ImportReport, campaign_reads, consent_words, import_file

_DOUBTS_TOLD = 20
"""Rows to decide that are told one by one."""


def import_list(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False)],
    campaign: Annotated[str, typer.Option(help="campaign code")],
    list_name: Annotated[str, typer.Option(help="name of the list; importing it again changes nothing")],
    region: Annotated[
        str, typer.Option(help="country of numbers without prefix, such as ES; else as the campaign says")
    ] = "",
    creditor: Annotated[
        str, typer.Option(help="of rows that name none; else as the campaign says, else it is asked")
    ] = "",
    dry_run: Annotated[bool, typer.Option(help="say what would happen")] = False,
    rejects: Annotated[Path | None, typer.Option(help="where the bad rows go")] = None,
    dedupe: Annotated[
        str, typer.Option(help="leave out who is on: list (this one), campaign (any of it), system (any)")
    ] = "list",
    column: Annotated[
        list[str] | None,
        typer.Option(help="'header=name', or '#3=name' for the third: what a header does not say"),
    ] = None,
    sheet: Annotated[str, typer.Option(help="of a workbook; else its first")] = "",
    header_row: Annotated[
        int | None,
        typer.Option(help="line of the titles, from 1; else the first line that can be one", min=1),
    ] = None,
    same_row: Annotated[
        list[int] | None,
        typer.Option(help="line that is about the known person of its customer number, whatever it says"),
    ] = None,
) -> None:
    """Import a CSV or XLSX of debtors into a campaign's list."""
    region, same = region.upper(), frozenset(same_row or [])
    mapping = dict(one.rpartition("=")[0::2] for one in column or [])
    if dedupe not in ("list", "campaign", "system"):
        raise typer.BadParameter("list, campaign or system", param_hint="--dedupe")

    async def main() -> None:
        pool = await asyncpg.create_pool(Settings().database_url.get_secret_value(), min_size=1, max_size=2)
        try:
            async with pool.acquire() as database:
                found = await known_campaign(database, campaign)
                said = await campaign_reads(database, found)
            report = await import_file(
                pool,
                _chunks(file),
                campaign_id=found,
                list_name=list_name,
                default_region=region or said.region,
                creditor=creditor or said.creditor,
                same_rows=same,
                dry_run=dry_run,
                mapping=mapping,
                sheet=sheet,
                header_row=header_row,
                dedupe=cast(Dedupe, dedupe),
                file_name=file.name,
                progress=partial(_progress, file.stat().st_size),
                reject_path=rejects,
            )
        except ImportRefused as refused:
            say(f"not imported: {refused}")
            raise typer.Exit(1) from None
        finally:
            await pool.close()
        _tell_report(report)
        if report.broken:
            raise typer.Exit(1)

    on_uvloop(main())


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while chunk := await asyncio.to_thread(source.read, 1 << 18):
            yield chunk


def _progress(size: int, report: ImportReport) -> None:
    """A bar, as far as the bytes of the file tell (a workbook is read whole before its rows come)."""
    share = min(1.0, report.bytes_read / size) if size else 1.0
    bar = "#" * round(30 * share)
    typer.echo(f"\r[{bar:30s}] {report.rows} rows, {report.rejected} rejected", nl=False, err=True)


def _tell_report(report: ImportReport) -> None:
    typer.echo("", err=True)
    say(f"{report.rows} rows: {report.imported} new, {report.updated} known, {report.duplicates} repeated,")
    say(f"{report.rejected} rejected{f', see {report.reject_path}' if report.reject_path else ''}")
    if report.elsewhere:
        say(f"{report.elsewhere} left out: on another list already")
    if report.revived or report.dead_again:
        say(f"{report.revived} dead numbers revived, {report.dead_again} not: they died again within 90 days")
    for code, count in report.reasons:
        typer.echo(f"    {count:6d}  {code}")
    _tell_doubts(report)
    if consent := consent_words(report.no_consent):
        say(consent["en"])
    if report.ignored_columns:
        say(f"columns not used: {', '.join(report.ignored_columns)}")
    if report.broken:
        say(f"BROKEN ({report.broken}): all up to line {report.last_row} is in, nothing after it.")
        say("import the same file again: what is in stays, and the rest follows")


def _tell_doubts(report: ImportReport) -> None:
    if not report.undecided:
        return
    say(f"{report.undecided} rows to decide; --same-row LINE for each that is the same person:")
    for one in report.doubts[:_DOUBTS_TOLD]:
        typer.echo(f"    line {one.row}: {one.name} is known as {one.known}")
    if report.undecided > _DOUBTS_TOLD:
        typer.echo("    the others are in the file of --rejects (person_differs)")
