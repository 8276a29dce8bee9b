"""Commands as the fields of a stream's entry, and back: the door through which all of them come in."""

from uuid import uuid4

from dialer.model.commands import MalformedCommand, read, written
from dialer.ports import BadCommand, Command
from portfolio.plain_text import MAX_NUMBER, is_plain, shortened

Fields = dict[str, str]
"""What an entry is made of."""
_LONGEST_KIND, _LONGEST_WORD = 40, 64


def command_fields(command: Command) -> Fields:
    """A command as it stands in the stream, under a new id unless it has one."""
    return {
        "kind": command.kind,
        "actor": str(command.actor_id),
        "session": command.session,
        "body": written(command.request),
        "id": command.id or uuid4().hex,
    }


def command_of(fields: Fields) -> Command | BadCommand:
    """The command that an entry holds, or what is wrong with it."""
    kind, actor, session = fields.get("kind", ""), _actor(fields), _word(fields, "session")
    try:
        request = read(kind, fields.get("body", ""))
        if actor is None or session is None or (identity := _word(fields, "id")) is None:
            raise MalformedCommand("actor, session or id")
    except MalformedCommand as error:
        return BadCommand(shortened(kind, _LONGEST_KIND), str(error), actor or 0, session or "")
    return Command(request, actor, session, identity)


def _actor(fields: Fields) -> int | None:
    text = fields.get("actor", "")
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_NUMBER))):
        return None
    return number if (number := int(text)) <= MAX_NUMBER else None


def _word(fields: Fields, name: str) -> str | None:
    text = fields.get(name, "")
    return text if len(text) <= _LONGEST_WORD and is_plain(text) else None
