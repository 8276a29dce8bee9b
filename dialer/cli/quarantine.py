"""`cadencia quarantine`: what the database refused of the engine's turns, to look at and to settle."""

from typing import Annotated

import asyncpg
import orjson
import typer
import uvloop

from dialer.cli.database import connect, quarantined, release_quarantined, some_quarantined

quarantine = typer.Typer(no_args_is_help=True, help="Records that the database refused.")
_Number = Annotated[int, typer.Argument(help="as the list tells it", min=1, max=2**63 - 1)]


@quarantine.command("list")
def list_records(
    limit: Annotated[int, typer.Option(help="newest records shown", min=1, max=10_000)] = 100,
) -> None:
    """The newest records: number, when, kind, of whom, and what the database said."""

    async def main() -> None:
        database = await connect()
        try:
            for row in await some_quarantined(database, limit):
                whose = f"{row['kind']} {row['subject']}".strip()
                typer.echo(f"{row['id']:6d}  {row['at']:%Y-%m-%d %H:%M:%S}  {whose:48s}  {row['error']}")
        finally:
            await database.close()

    uvloop.run(main())


@quarantine.command("show")
def show_record(number: _Number) -> None:
    """One record whole, with what the engine wanted to write. It may hold data of a person."""

    async def main() -> None:
        database = await connect()
        try:
            _tell(await quarantined(database, number), number)
        finally:
            await database.close()

    uvloop.run(main())


@quarantine.command("release")
def release_record(number: _Number) -> None:
    """Take a record out that is settled, and acknowledge its alarm when it was the last of its kind.

    Nothing of it is written anywhere: enter what is missing by hand before. It is shown once more.
    A step of a call stays while its attempt is open: until that ends, nobody may ring that person.
    """

    async def main() -> None:
        database = await connect()
        try:
            row = await quarantined(database, number)
            _tell(row, number)
            if not await release_quarantined(database, number):
                typer.echo("cadencia: not released: its attempt is open; the engine's next start ends it")
                raise typer.Exit(1)
            typer.echo(f"cadencia: {number} is released")
        finally:
            await database.close()

    uvloop.run(main())


def _tell(row: asyncpg.Record | None, number: int) -> None:
    if row is None:
        typer.echo(f"cadencia: there is no record {number} in quarantine")
        raise typer.Exit(1)
    typer.echo(f"number   {row['id']}")
    typer.echo(f"at       {row['at'].isoformat(timespec='seconds')}")
    typer.echo(f"kind     {row['kind']}")
    typer.echo(f"subject  {row['subject'] or '-'}")
    typer.echo(f"error    {row['error']}")
    typer.echo(f"attempt  {'still open' if row['open'] else '-'}")
    typer.echo(_indented(row["payload"]))


def _indented(payload: str) -> str:
    """As JSON that can be read; a record that was too long for it, as it is."""
    try:
        return orjson.dumps(orjson.loads(payload), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return payload
