"""What each trunk carries and how its carrier wants numbers: for the API and for the command line."""

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from typing import Literal

from consoles.sql import SQL
from consoles.web_deps import Connection
from dialer.model.trunk import TrunkLimits

SAMPLE = "+34910000000"
"""By which is told how a trunk dials."""


class WrongTrunk(ValueError):
    """A campaign's trunks that cannot be; `code` says why, the message which."""

    def __init__(self, code: Literal["unknown_trunk", "own_spare"], name: str) -> None:
        told = {"unknown_trunk": "there is no trunk", "own_spare": "would take over for itself:"}
        super().__init__(f"{told[code]} {name}")
        self.code = code


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


def checked(own: str, spare: Sequence[str], known: Collection[str]) -> None:
    """Refuse a spare trunk that nobody knows, is the campaign's own, or is named twice; raises WrongTrunk."""
    seen = {own}
    for name in spare:
        if name in seen:
            raise WrongTrunk("own_spare", name)
        if name not in known:
            raise WrongTrunk("unknown_trunk", name)
        seen.add(name)


async def known_trunks(database: Connection) -> frozenset[str]:
    """Those of which something was set, or that are a campaign's own: what only takes over may be a slip."""
    return frozenset(row["name"] for row in await database.fetch(SQL["known_trunks"]))


async def own_trunk(database: Connection, campaign_id: int) -> str:
    """The trunk of a campaign."""
    return str(await database.fetchval(SQL["own_trunk"], campaign_id))
