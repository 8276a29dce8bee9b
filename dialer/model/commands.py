"""What a web process may ask of the engine: one frozen type per command, and the one reader of their JSON."""

from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any, ClassVar
from uuid import UUID

import orjson
from pydantic import ConfigDict, TypeAdapter, ValidationError

from dialer.model.values import Amount, Code, Day, Id, Instant, MaybeCode, Note, PageKey, Words

MAX_BODY = 262_144
"""Characters of one command."""


class MalformedCommand(ValueError):
    """This is no command; the text says which part, never what stood there."""


class Asked:
    """Base of every command: unknown fields are refused, and no type is guessed."""

    __slots__ = ()
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)


# --- an agent's page ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Attach(Asked):
    """This page shows the agent from now on."""

    page: PageKey


@dataclass(frozen=True, slots=True)
class Detach(Asked):
    """The page's websocket is lost."""

    page: PageKey


@dataclass(frozen=True, slots=True)
class Ready(Asked):
    """Take calls."""


@dataclass(frozen=True, slots=True)
class Pause(Asked):
    """Stop taking calls, now or after this one."""

    code: Code


@dataclass(frozen=True, slots=True)
class LogOut(Asked):
    """End of the shift."""


@dataclass(frozen=True, slots=True)
class HangUp(Asked):
    """End the call with the person."""

    call_id: UUID


@dataclass(frozen=True, slots=True)
class ItsAMachine(Asked):
    """No person is there."""

    call_id: UUID


@dataclass(frozen=True, slots=True)
class VerifyIdentity(Asked):
    """The person proved to be the one we want to speak to."""

    call_id: UUID


@dataclass(frozen=True, slots=True)
class Dispose(Asked):
    """What the agent says of the call."""

    call_id: UUID
    code: Code
    notes: Words = ""
    promise_minor: Amount | None = None
    promise_on: Day | None = None
    callback_at: Instant | None = None
    callback_mine: bool = False
    """Whether the agent wants to make the callback; else it is anyone's."""


@dataclass(frozen=True, slots=True)
class PauseRecording(Asked):
    """Stop, or take up again, what the recording hears."""

    call_id: UUID
    paused: bool


@dataclass(frozen=True, slots=True)
class Transfer(Asked):
    """Hand the person on, to a colleague or to whoever has a skill."""

    call_id: UUID
    skill: MaybeCode = ""
    agent_id: Id | None = None
    note: Note = ""
    """For the next agent."""
    code: MaybeCode = ""
    """Disposition chosen so far."""
    notes: Words = ""
    """Written so far."""


@dataclass(frozen=True, slots=True)
class Consult(Asked):
    """Call a colleague in, by number or by skill."""

    call_id: UUID
    skill: MaybeCode = ""
    agent_id: Id | None = None
    note: Note = ""
    """For the next agent."""
    code: MaybeCode = ""
    """Disposition chosen so far."""
    notes: Words = ""
    """Written so far."""


@dataclass(frozen=True, slots=True)
class ConsultJoin(Asked):
    """Let the person in."""

    call_id: UUID


@dataclass(frozen=True, slots=True)
class ConsultComplete(Asked):
    """Hand the person over to the colleague who was called in."""

    call_id: UUID
    note: Note = ""
    """For the next agent."""
    code: MaybeCode = ""
    """Disposition chosen so far."""
    notes: Words = ""
    """Written so far."""


@dataclass(frozen=True, slots=True)
class ConsultEnd(Asked):
    """The colleague leaves."""

    call_id: UUID


@dataclass(frozen=True, slots=True)
class NextLead(Asked):
    """Show a person to call."""


@dataclass(frozen=True, slots=True)
class CallPreview(Asked):
    """Call the person on the card; without a number, on the first that may be called."""

    lead_id: Id
    phone_id: Id | None = None


@dataclass(frozen=True, slots=True)
class SkipPreview(Asked):
    """Give the card back."""

    lead_id: Id


# --- supervisors and the web server -------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ForcePause(Asked):
    """A supervisor pauses an agent."""

    agent_id: Id


@dataclass(frozen=True, slots=True)
class ForceLogOut(Asked):
    """A supervisor ends an agent's shift."""

    agent_id: Id


@dataclass(frozen=True, slots=True)
class FloorSnapshot(Asked):
    """A supervisor wants to see the whole floor."""


Along = Transfer | Consult | ConsultComplete
"""What hands a person over, or may come to it."""
AgentAsks = (
    Attach
    | Detach
    | Ready
    | Pause
    | LogOut
    | HangUp
    | ItsAMachine
    | VerifyIdentity
    | Dispose
    | PauseRecording
    | Transfer
    | Consult
    | ConsultJoin
    | ConsultComplete
    | ConsultEnd
    | NextLead
    | CallPreview
    | SkipPreview
)
"""What an agent's page asks, in the agent's name."""
Request = AgentAsks | ForcePause | ForceLogOut | FloorSnapshot

KINDS: MappingProxyType[str, type[Request]] = MappingProxyType(
    {
        "agent.attach": Attach,
        "agent.detach": Detach,
        "agent.ready": Ready,
        "agent.pause": Pause,
        "agent.log_out": LogOut,
        "agent.hang_up": HangUp,
        "agent.its_a_machine": ItsAMachine,
        "agent.verify_identity": VerifyIdentity,
        "agent.dispose": Dispose,
        "agent.pause_recording": PauseRecording,
        "agent.transfer": Transfer,
        "agent.consult": Consult,
        "agent.consult_join": ConsultJoin,
        "agent.consult_complete": ConsultComplete,
        "agent.consult_end": ConsultEnd,
        "agent.next_lead": NextLead,
        "agent.call_preview": CallPreview,
        "agent.skip_preview": SkipPreview,
        "agent.force_pause": ForcePause,
        "agent.force_log_out": ForceLogOut,
        "floor.snapshot": FloorSnapshot,
    }
)
"""Names on the bus; docs/reference/bus.md explains them."""

_UNKNOWN_FIELD = ("unexpected_keyword_argument", "extra_forbidden")
_NAMES = {kind: name for name, kind in KINDS.items()}
_READERS: dict[str, TypeAdapter[Request]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}


def kind_of(request: Request) -> str:
    """Its name on the bus."""
    return _NAMES[type(request)]


def body_of(request: Request) -> dict[str, Any]:
    """Its fields as JSON data."""
    body: dict[str, Any] = orjson.loads(written(request))
    return body


def written(request: Request) -> str:
    """Its fields as JSON text."""
    return orjson.dumps(asdict(request), default=str).decode()


def read(kind: str, text: str) -> Request:
    """The command of this name and JSON text; raises MalformedCommand."""
    reader = _READERS.get(kind)
    if reader is None:
        raise MalformedCommand("unknown command")
    if len(text) > MAX_BODY:
        raise MalformedCommand("too long")
    try:
        return reader.validate_json(text)
    except ValidationError as error:
        raise MalformedCommand(_why(error)) from None
    except UnicodeError:
        raise MalformedCommand("not Unicode") from None


def _why(error: ValidationError) -> str:
    """Which of our own fields, and what is wrong with them; a name that is not ours is not repeated."""
    parts = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{_place(part['type'], part['loc'])}: {part['type']}" for part in parts[:5])


def _place(kind: str, place: tuple[int | str, ...]) -> str:
    return "a field" if kind in _UNKNOWN_FIELD else ".".join(map(str, place)) or "body"
