"""`cadencia trunks`: what each trunk can carry for all campaigns together."""

from typing import Annotated

import asyncpg
import typer
import uvloop

from consoles.trunks import SAMPLE, all_trunks, set_trunk
from dialer.cli.database import connect
from dialer.model.trunk import TrunkLimits

trunks = typer.Typer(no_args_is_help=True, help="Limits that the campaigns on a trunk share.")


@trunks.command("set")
def set_limits(
    name: Annotated[str, typer.Argument(help="PJSIP endpoint of the carrier")],
    lines: Annotated[int | None, typer.Option(help="calls at once; left out: no limit", min=0)] = None,
    cps: Annotated[float | None, typer.Option(help="new calls per second; left out: no limit")] = None,
    plus: Annotated[bool, typer.Option(help="whether international numbers begin with +")] = True,
    strip: Annotated[str, typer.Option(help="digits to take off the front, such as 34")] = "",
    prefix: Annotated[str, typer.Option(help="digits to put before, such as 00")] = "",
) -> None:
    """Limit a trunk and say how it wants numbers, in place of what was set; heeded within fifteen seconds."""
    if cps is not None and cps <= 0:
        raise typer.BadParameter("calls per second must be above 0; to stop calls, set --lines 0")

    trunk = TrunkLimits(name, lines, cps, plus, strip, prefix)

    async def main() -> None:
        database = await connect()
        try:
            await set_trunk(database, trunk)
        except asyncpg.CheckViolationError:
            raise typer.BadParameter(
                "a trunk's name has 1 to 40 letters, digits, dots, dashes; strip and prefix up to 5 digits"
            ) from None
        finally:
            await database.close()
        typer.echo(f"cadencia: trunk {name}: {_told(trunk)}")

    uvloop.run(main())


@trunks.command("list")
def list_limits() -> None:
    """Every trunk that a campaign names, or of which something was set."""

    async def main() -> None:
        database = await connect()
        try:
            for one in await all_trunks(database):
                typer.echo(f"{one.limits.name:20s} {_told(one.limits)}")
        finally:
            await database.close()

    uvloop.run(main())


def _told(trunk: TrunkLimits) -> str:
    said = f"{_said(trunk.max_lines, 'lines')}, {_said(trunk.max_cps, 'calls per second')}"
    return f"{said}, {SAMPLE} is dialled as {trunk.dialled(SAMPLE)}"


def _said(limit: float | None, unit: str) -> str:
    return f"any number of {unit}" if limit is None else f"at most {limit:g} {unit}"
