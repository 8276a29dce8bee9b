"""What engine and detector say to each other: one JSON object on each line. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from dialer.model.facts import GreetingOver, Heard, Hearing
from dialer.ports import ListenOrder

VERSION = 2
LOOKS = -1
"""Epoch of one who is no engine and only wants to see a pong (`cadencia check`)."""
LONGEST_LINE = 16_384
"""Bytes of one line."""


class BadLine(ValueError):
    """A line that makes no sense: the connection is closed."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The engine introduces itself; the detector answers with a pong."""

    version: int
    secret: str
    epoch: int
    """The fence number of the engine's lease: the greatest is the engine."""
    engine: str
    """A name that the engine has drawn for itself, to be told from another one of the same epoch."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A call that is heard since its early media was answered."""

    channel_id: str
    ring: float


@dataclass(frozen=True, slots=True)
class HandedOver:
    """An unclear call goes to an agent."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Forget:
    """Stop listening to a call."""

    channel_id: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""

    number: int


@dataclass(frozen=True, slots=True)
class Pong:
    """Yes, and how it goes."""

    number: int
    streams: int
    lag: float
    """Seconds by which the detector is behind the audio."""


Order = Hello | ListenOrder | Answered | HandedOver | Forget | Ping
Answer = Heard | GreetingOver | Pong
_ORDERS: dict[str, type[Any]] = {
    "hello": Hello, "listen": ListenOrder, "answered": Answered, "handed_over": HandedOver, "forget": Forget,
    "ping": Ping,
}  # fmt: skip
_ANSWERS: dict[str, type[Any]] = {"heard": Heard, "greeting_over": GreetingOver, "pong": Pong}
_WORDS = {kind: word for word, kind in (_ORDERS | _ANSWERS).items()}


def line(said: Order | Answer) -> bytes:
    """As a line with its end."""
    return orjson.dumps({"say": _WORDS[type(said)], **_plain(said)}) + b"\n"


def _plain(said: Order | Answer) -> dict[str, Any]:
    content = asdict(said)
    if isinstance(said, Heard):
        content["what"] = said.what.value
    return content


def order(text: bytes) -> Order:
    """What the engine says; raises BadLine."""
    said: Order = _read(text, _ORDERS)
    return said


def answer(text: bytes) -> Answer:
    """What the detector says; raises BadLine."""
    said: Answer = _read(text, _ANSWERS)
    return said


def _read(text: bytes, kinds: Mapping[str, type[Any]]) -> Any:
    try:
        content = orjson.loads(text)
        kind = kinds[content.pop("say")]
        if kind is Heard:
            content["what"] = Hearing(content["what"])
        said = kind(**content)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadLine(f"not understood: {type(error).__name__}") from error
    _check(said)
    return said


def _check(said: Any) -> None:
    """The types that JSON cannot promise."""
    for name, wanted in type(said).__annotations__.items():
        value = getattr(said, name)
        if wanted is float or wanted == float | None:
            fits = value is None or (isinstance(value, int | float) and not isinstance(value, bool))
        elif wanted in (str, int, bool):
            fits = type(value) is wanted
        else:
            fits = True
        if not fits:
            raise BadLine(f"{name} is no {wanted}")
