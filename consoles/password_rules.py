"""Whether a password may be taken: long enough, and hard to guess for somebody who knows user and firm."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from unicodedata import combining, normalize
from urllib.parse import urlsplit

from zxcvbn import zxcvbn

from consoles.passwords import MAX_LENGTH
from consoles.problems import Problem
from dialer.settings import Settings

MIN_LENGTH = 12
LEAST_SCORE = 3
"""Of zxcvbn, 0–4; 3 is 10^8 guesses or more."""
LEAST_BESIDE = 6
"""Letters and digits that are no name and no word of the trade, of which zxcvbn takes a row for a riddle."""
_JUDGED = 72
"""Characters that zxcvbn looks at; it refuses to look at more, and what is hard so far is hard."""
_TRADE = (
    "cadencia contraseña contrasena clave acceso usuario supervisor agente calidad administrador cobranza"
    " cobranzas cobro cobros recobro recobros deuda deudas cartera llamada llamadas bienvenido bienvenida"
    " empresa enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
    " primavera verano otoño invierno lunes martes miercoles jueves viernes sabado domingo"
).split()
"""What people of this trade and language take first, and zxcvbn, which knows English, does not know."""

_PATTERNS = frozenset({"repeat", "sequence", "spatial", "date", "regex"})

REASONS: dict[str, str] = {
    "password_short": f"it has fewer than {MIN_LENGTH} characters",
    "password_long": f"it has more than {MAX_LENGTH} characters",
    "password_personal": "it rests on the user's or the firm's name, or on a word of the trade",
    "password_common": "it rests on a much used password",
    "password_pattern": "it rests on a date, a row of keys, a sequence or a repetition",
    "password_guessable": "it is too easy to guess: take several words without a connection",
}
"""Code of a problem → why a password is not taken."""


def words_of(settings: Settings, *names: str) -> tuple[str, ...]:
    """Words that somebody who knows the user (`names`) and the firm tries first."""
    host = urlsplit(settings.web_origin).hostname or ""
    return tuple(dict.fromkeys(_parts((*names, settings.company_words, host))))


def _parts(texts: Iterable[str]) -> Iterable[str]:
    for text in texts:
        whole = text.strip().lower()
        for written in (whole, _without_accents(whole)):
            words = re.split(r"[\W_]+", written)
            joined = [sign.join(words) for sign in ("", " ", ".", "-", "_")]
            yield from (part for part in (written, *joined, *words) if len(part) > 2)


def _without_accents(text: str) -> str:
    return "".join(sign for sign in normalize("NFD", text) if not combining(sign))


def weakness(password: str, words: Sequence[str] = ()) -> str | None:
    """Why it may not be taken, a key of REASONS; None when it may. Takes some milliseconds."""
    if len(password) < MIN_LENGTH:
        return "password_short"
    if len(password) > MAX_LENGTH:
        return "password_long"
    judged = zxcvbn(password[:_JUDGED], user_inputs=[*words, *_TRADE], max_length=_JUDGED)
    if judged["score"] < LEAST_SCORE:
        return _why(judged["sequence"])
    return "password_personal" if _without(password, (*words, *_TRADE)) < LEAST_BESIDE else None


def _without(password: str, words: Iterable[str]) -> int:
    """Letters and digits that are left when all these words are taken out."""
    left = _without_accents(password.lower())
    for word in sorted(map(_without_accents, words), key=len, reverse=True):
        left = left.replace(word, " ")
    return len(re.sub(r"[\W_]", "", left))


def _why(parts: Sequence[Mapping[str, Any]]) -> str:
    """What the longest part that could be guessed is."""
    told = [(len(part["token"]), _kind(part)) for part in parts if part["pattern"] != "bruteforce"]
    return max(told)[1] if told else "password_guessable"


def _kind(part: Mapping[str, Any]) -> str:
    if part["pattern"] in _PATTERNS:
        return "password_pattern"
    known = {"user_inputs": "password_personal", "passwords": "password_common"}
    return known.get(part["dictionary_name"], "password_guessable")


async def demand(password: str, words: Sequence[str]) -> None:
    """Raises Problem with the reason when it may not be taken."""
    reason = await asyncio.to_thread(weakness, password, words)
    if reason is not None:
        raise Problem(reason, REASONS[reason])
