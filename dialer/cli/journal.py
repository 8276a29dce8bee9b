"""`cadencia journal`: how far each follower is, and the facts that could not be followed."""

from typing import Annotated

import typer
import uvloop

from dialer.cli.database import connect
from journal import letters
from portfolio.audit import record_audit

journal = typer.Typer(no_args_is_help=True, help="Facts for every floor: who follows, what failed.")
_Number = Annotated[int, typer.Argument(help="as `show` tells it", min=1, max=2**63 - 1)]


@journal.command("show")
def show() -> None:
    """Each follower with what it has followed, and what was set aside, the dead first."""

    async def main() -> None:
        database = await connect()
        try:
            for one in await letters.standings(database):
                left = f"{one.waiting} to be tried again, {one.dead} dead"
                moved = f"{one.moved_at:%Y-%m-%d %H:%M:%S}"
                typer.echo(f"{one.follower:20s} {one.followed:10d} followed, moved {moved}, {left}")
            for letter in await letters.letters(database):
                state = "dead" if letter.dead_at is not None else f"again {letter.next_at:%H:%M:%S}"
                typer.echo(
                    f"{letter.id:6d}  {letter.follower}  {letter.kind}  {letter.tries} tries, {state}  "
                    f"{letter.error}"
                )
        finally:
            await database.close()

    uvloop.run(main())


@journal.command("retry")
def retry(number: _Number) -> None:
    """Try a letter anew: what was wrong is mended."""

    async def main() -> None:
        database = await connect()
        try:
            if not await letters.retry(database, number):
                _none_such(number)
            typer.echo(f"cadencia: {number} is tried anew")
        finally:
            await database.close()

    uvloop.run(main())


@journal.command("discard")
def discard(
    number: _Number,
    reason: Annotated[str, typer.Option(help="why nobody needs to follow it; for the audit")],
) -> None:
    """Put a letter away that nobody needs to follow any more."""

    async def main() -> None:
        database = await connect()
        try:
            async with database.transaction():
                if not await letters.discard(database, number):
                    _none_such(number)
                await record_audit(database, None, "journal.discard", f"letter:{number}", reason=reason[:500])
            typer.echo(f"cadencia: {number} is put away")
        finally:
            await database.close()

    uvloop.run(main())


def _none_such(number: int) -> None:
    typer.echo(f"cadencia: there is no letter {number}")
    raise typer.Exit(1)
