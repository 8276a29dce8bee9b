"""Database work of the command line: campaigns and the small reads of the demo."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import asyncpg
import typer
from pydantic import ValidationError

from dialer.exceptions import StoreUnavailable
from dialer.model.campaign import CampaignSettings
from dialer.settings import Settings
from dialer.store.address import unusable
from journal import sql

if TYPE_CHECKING:
    from consoles.web_deps import Connection


def statements() -> Mapping[str, str]:
    """The statements of the command line, by name."""
    return sql.statements("dialer.cli")


async def connect() -> "asyncpg.Connection[asyncpg.Record]":
    """The database of the settings. Raises StoreUnavailable, or SettingUnusable for a bad address."""
    try:
        return await asyncpg.connect(Settings().database_url.get_secret_value())
    except ValidationError:
        raise  # a ValueError, too, which tells more
    except ValueError as error:
        raise unusable(error) from None
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise StoreUnavailable(str(error) or type(error).__name__) from error


async def create_campaign(
    database: "Connection",
    *,
    code: str,
    name: str,
    trunk: str,
    caller_id: str,
    settings: CampaignSettings,
) -> int:
    """Make a stopped campaign; raises asyncpg.UniqueViolationError for a code that is taken."""
    body = settings.model_dump_json()
    return int(await database.fetchval(statements()["create_campaign"], code, name, trunk, caller_id, body))


async def some_quarantined(database: "Connection", limit: int) -> Sequence[asyncpg.Record]:
    """id, at, kind, subject and error of the newest records that the database refused."""
    return await database.fetch(statements()["some_quarantined"], limit)


async def quarantined(database: "Connection", number: int) -> asyncpg.Record | None:
    """The same of one record, with its payload, and whether its attempt is open; None when there is none."""
    return await database.fetchrow(statements()["quarantined"], number)


async def release_quarantined(database: "Connection", number: int) -> bool:
    """Take a record out and acknowledge its alarm; False when there is none, or its attempt is open."""
    return await database.fetchval(statements()["release_quarantined"], number) is not None


async def campaign_id(database: "Connection", code: str) -> int | None:
    """Id of a campaign, None when there is none of this code."""
    found = await database.fetchval(statements()["campaign_id"], code)
    return None if found is None else int(found)


async def known_campaign(database: "Connection", code: str) -> int:
    """The same; raises typer.BadParameter when there is none."""
    found = await campaign_id(database, code)
    if found is None:
        raise typer.BadParameter(f"there is no campaign {code}")
    return found
