"""Tell the engine what was learnt of a person, so that ringing ends and screens know it."""

from agent_ws.commands import new_command
from consoles.sql import SQL
from consoles.web_deps import Connection, Web, from_json
from dialer.model.commands import MAX_DEBTS, DebtNews, PersonChanged


async def tell_engine(web: Web, database: Connection, person_id: int, actor_id: int, reason: str) -> str:
    """Send the person's flags and debts as they are now; returns the command's id.

    It is sent again by itself while the bus is away. Read after the change was committed.
    """
    row = await database.fetchrow(SQL["person_news"], person_id)
    assert row is not None
    flags = (*row["flags"], "stopped") if row["stopped"] else tuple(row["flags"])
    # More than a screen can show would only make the news too long to arrive.
    debts = tuple(DebtNews(**debt) for debt in from_json(row["debts"])[:MAX_DEBTS])
    command = new_command(PersonChanged(person_id, reason, flags, debts), actor_id)
    await web.hub.owe(command)
    return command.id
