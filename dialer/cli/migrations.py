"""`cadencia migrate`: the database brought to this version, or back."""

from typing import Annotated

import typer

from dialer.cli.running import on_uvloop, say
from dialer.exceptions import RolesAtWork
from dialer.settings import Settings
from dialer.store.migrate import migrate, rollback


def run_migrations(
    back: Annotated[int, typer.Option(help="steps to go back instead", min=0)] = 0,
    force: Annotated[bool, typer.Option("--force", help="go back even while roles are connected")] = False,
) -> None:
    """Bring the database to this version. It goes back only while no role is connected."""
    dsn = Settings().database_url.get_secret_value()

    async def main() -> None:
        try:
            done = await (rollback(dsn, back, force=force) if back else migrate(dsn))
        except RolesAtWork as error:
            say(f"nothing was taken back: {error}")
            raise typer.Exit(1) from None
        say(f"{len(done)} migrations {'taken back' if back else 'applied'}: {', '.join(done) or 'none'}")

    on_uvloop(main())
