"""Tell the engine what was learnt of a person, so that ringing ends and screens know it."""

from agent_ws.commands import new_command
from consoles.sql import SQL
from consoles.web_deps import Connection, Web, from_json


async def tell_engine(web: Web, database: Connection, person_id: int, actor_id: int, reason: str) -> str:
    """Send the person's flags and debts as they are now; returns the command's id.

    It is sent again by itself while the bus is away. Read after the change was committed.
    """
    row = await database.fetchrow(SQL["person_news"], person_id)
    assert row is not None
    body = {
        "person_id": person_id,
        "reason": reason,
        "flags": list(row["flags"]) + (["stopped"] if row["stopped"] else []),
        "debts": from_json(row["debts"]),
    }
    command = new_command("person.changed", actor_id, body)
    await web.hub.owe(command)
    return command.id
