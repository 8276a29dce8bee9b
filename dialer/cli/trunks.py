"""`cadencia trunks`: what each trunk can carry for all campaigns together."""

from typing import Annotated

import asyncpg
import typer
import uvloop

from dialer.cli.database import all_trunks, limit_trunk
from dialer.settings import Settings

trunks = typer.Typer(no_args_is_help=True, help="Limits that the campaigns on a trunk share.")


@trunks.command("set")
def set_limits(
    name: Annotated[str, typer.Argument(help="PJSIP endpoint of the carrier")],
    lines: Annotated[int | None, typer.Option(help="calls at once; left out: no limit", min=0)] = None,
    cps: Annotated[float | None, typer.Option(help="new calls per second; left out: no limit")] = None,
) -> None:
    """Limit a trunk, in place of its former limits; the engine heeds them within fifteen seconds."""
    if cps is not None and cps <= 0:
        raise typer.BadParameter("calls per second must be above 0; to stop calls, set --lines 0")

    async def main() -> None:
        database = await asyncpg.connect(Settings().database_url.get_secret_value())
        try:
            await limit_trunk(database, name, lines, cps)
        except asyncpg.CheckViolationError:
            raise typer.BadParameter("a trunk's name has 1 to 40 letters, digits, dots, dashes") from None
        finally:
            await database.close()
        typer.echo(f"cadencia: trunk {name}: {_said(lines, 'lines')}, {_said(cps, 'calls per second')}")

    uvloop.run(main())


@trunks.command("list")
def list_limits() -> None:
    """Every trunk that has limits; others have none."""

    async def main() -> None:
        database = await asyncpg.connect(Settings().database_url.get_secret_value())
        try:
            for row in await all_trunks(database):
                told = f"{_said(row['max_lines'], 'lines')}, {_said(row['max_cps'], 'calls per second')}"
                typer.echo(f"{row['name']:20s} {told}")
        finally:
            await database.close()

    uvloop.run(main())


def _said(limit: float | None, unit: str) -> str:
    return f"any number of {unit}" if limit is None else f"at most {limit:g} {unit}"
