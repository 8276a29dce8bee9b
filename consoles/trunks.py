"""What each trunk carries and how its carrier wants numbers: for the API and for the command line."""

from dataclasses import astuple, dataclass

from consoles.sql import SQL
from consoles.web_deps import Connection
from dialer.model.trunk import TrunkLimits

SAMPLE = "+34910000000"
"""By which is told how a trunk dials."""


@dataclass(frozen=True, slots=True)
class Trunk:
    """A trunk, and the campaigns whose calls go out on it, or may."""

    limits: TrunkLimits
    campaigns: tuple[str, ...]


async def all_trunks(database: Connection) -> list[Trunk]:
    """Those of which something was set, and those that a campaign names; by name."""
    rows = await database.fetch(SQL["trunks"])
    return [
        Trunk(TrunkLimits(**{k: v for k, v in row.items() if k != "campaigns"}), tuple(row["campaigns"]))
        for row in rows
    ]


async def set_trunk(database: Connection, trunk: TrunkLimits) -> None:
    """Set all of a trunk; raises asyncpg.CheckViolationError for a malformed name or digits."""
    await database.execute(SQL["set_trunk"], *astuple(trunk))
