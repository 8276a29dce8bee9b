"""How each called number behaves.

One table, from which the carrier's dialplan is rendered and tests compose numbers.

A number whose 7th- and 6th-last digits are `00` carries its behaviour in the 5th- and 4th-last, as in
`34 61 00 01 123`, a person. Every other number draws its behaviour from the seeded mix, by the same
arithmetic here and in the dialplan: of the decimal digits of MD5("seed:number") the first 4 give the
behaviour, the next 3 the ring time, 3 the talk time, 1 the voice, 3 when a telephone does what is odd.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

MARK = "00"
VOICES = 5
_PADDING = "0" * 16
_TWIST = (3.0, 6.0)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One way of treating a call. Times in seconds at tempo 1, as (shortest, longest).

    A steady one ignores the tempo.
    """

    code: str
    name: str
    weight: int
    ring: tuple[float, float] = (0.0, 0.0)
    talk: tuple[float, float] = (0.0, 0.0)
    answers: bool = True
    live: bool = False
    sip: int = 200
    steady: bool = False
    telephone: bool = False
    """Whether it has a telephone of its own, of sip_lab.telephones, to which the carrier redirects."""
    tells: str = ""

    def pace(self, tempo: float) -> float:
        """The factor that applies to this behaviour's times."""
        return 1.0 if self.steady else tempo


def _telephone(code: str, name: str, tells: str, ring: tuple[float, float] = (0.5, 2.0)) -> Behaviour:
    """One of sip_lab.telephones: nobody draws it by chance, its times are its own."""
    return Behaviour(code, name, 0, ring, (90, 120), live=True, steady=True, telephone=True, tells=tells)


def _refused(code: str, name: str, sip: int, tells: str) -> Behaviour:
    """Said by a telephone of its own, for what an Asterisk cannot say."""
    return Behaviour(code, name, 0, answers=False, sip=sip, steady=True, telephone=True, tells=tells)


BEHAVIOURS: tuple[Behaviour, ...] = (
    Behaviour("01", "person", 2600, (2, 9), (12, 60), live=True, tells="answers, talks, hangs up first"),
    Behaviour(
        "02", "patient", 900, (2, 9), (1800, 1800), live=True, tells="answers, talks, waits to be hung up"
    ),
    Behaviour("03", "silent", 300, (2, 9), (20, 40), live=True, tells="answers and says nothing"),
    Behaviour("04", "quitter", 300, (2, 9), live=True, tells="answers and hangs up at once"),
    Behaviour("05", "voicemail", 1500, (14, 20), (30, 30), tells="rings long, greeting, beep, records"),
    Behaviour("06", "voicemail-now", 600, (0.2, 0.6), (30, 30), tells="greeting at once, beep, records"),
    Behaviour("07", "busy", 900, answers=False, sip=486, tells="busy"),
    Behaviour(
        "08", "no-answer", 1500, (120, 120), answers=False, sip=480, tells="rings until the caller gives up"
    ),
    Behaviour("09", "rejected", 200, (1, 4), answers=False, sip=603, tells="rings, then declines"),
    Behaviour("10", "unallocated", 300, answers=False, sip=404, tells="no such number"),
    Behaviour("11", "congestion", 200, answers=False, sip=503, tells="the network is full"),
    Behaviour(
        "12", "intercept", 300, answers=False, sip=404, tells="special information tone and announcement, 183"
    ),
    Behaviour("13", "fax", 100, (2, 5), (30, 30), tells="answers with the fax tone"),
    Behaviour("14", "redirect", 200, (2, 9), (12, 60), live=True, tells="302 to a person who hangs up first"),
    Behaviour(
        "15", "business", 100, (1, 4), (20, 60), live=True, tells="a person with a long formal greeting"
    ),
    Behaviour(
        "16",
        "instant",
        0,
        (0, 0),
        (2, 2),
        steady=True,
        tells="answers at once, hangs up after 2 s: for calls per second",
    ),
    Behaviour(
        "17",
        "tone",
        0,
        (0, 0),
        (60, 60),
        live=True,
        steady=True,
        tells="answers at once with 1 kHz: for latency",
    ),
    Behaviour("18", "busy-tone", 0, answers=False, sip=486, steady=True, tells="busy tone in early media"),
    Behaviour(
        "19", "congestion-tone", 0, answers=False, sip=503, steady=True, tells="congestion tone, early media"
    ),
    Behaviour(
        "20", "off", 0, answers=False, sip=480, steady=True, tells="'switched off' announced in early media"
    ),
    Behaviour(
        "21", "music-ring", 0, (3, 4), (12, 60), live=True, tells="music instead of ringing, then a person"
    ),
    Behaviour("22", "answered-busy", 0, (1, 2), (20, 20), tells="answers with a busy tone"),
    Behaviour("23", "answered-sit", 0, (1, 2), (20, 20), tells="answers with a special information tone"),
    Behaviour(
        "24", "pausey-voicemail", 0, (1, 2), (30, 30), tells="a word, a pause, greeting, beep, records"
    ),
    Behaviour("25", "fax-calling", 0, (1, 2), (30, 30), tells="answers with the tone of a calling fax"),
    Behaviour("26", "clip", 0, (0, 0), (14, 14), steady=True, tells="plays a given recording: --clips"),
    _telephone("27", "telephone", "nothing odd: greets, listens, then talks; what it hears is kept"),
    _telephone("28", "vad", "sends no packets while it says nothing"),
    _telephone("29", "moved", "in mid-call its sound comes from another port and source"),
    _telephone("30", "late-answer", "is picked up at the instant of the caller's CANCEL", ring=(120, 120)),
    _telephone("31", "refers", "asks by REFER that its caller be sent elsewhere"),
    _telephone("32", "reinvites", "asks for G.722 in mid-call"),
    _telephone("33", "mutes", "greets, sends nothing for 35 s, talks on"),
    _telephone("34", "mute", "answers and never sends a packet"),
    _telephone("35", "deaf", "names a port at which it does not listen"),
    _telephone("36", "no-bye", "does not answer BYE"),
    _telephone("37", "replaces", "calls anew in mid-call, to take the place of the call (Replaces)"),
    Behaviour("38", "unwanted", 0, (1, 4), answers=False, sip=607, tells="rings, then: never again (607)"),
    Behaviour("39", "blocked", 0, answers=False, sip=608, tells="the caller's number is held for a nuisance"),
    _refused("40", "overloaded", 503, "the network is full, and says for how long: Retry-After"),
    _telephone("41", "no-codec", "answers with a codec that nobody offered"),
)
BY_NAME: Mapping[str, Behaviour] = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
DEFAULT_MIX: Mapping[str, int] = {b.name: b.weight for b in BEHAVIOURS if b.weight}

# Country calling code, then the digits of a mobile before the free digit and the seven we compose.
_MOBILES: Mapping[str, tuple[str, str]] = {
    "ES": ("34", "6"),
    "MX": ("52", "55"),
    "CO": ("57", "31"),
    "CL": ("56", "9"),
    "AR": ("54", "911"),
}
_FREE_DIGITS: Mapping[str, str] = {
    "ES": "0123456789",
    "MX": "123456789",
    "CO": "0123456789",
    "CL": "345689",
    "AR": "23456",
}


def number_for(behaviour: str, index: int, country: str = "ES") -> str:
    """The index-th number (E.164, with plus) that behaves as told; at least 5 000 per country, from 0."""
    code, start = _MOBILES[country]
    free = _FREE_DIGITS[country]
    turn, rest = divmod(index, 1000)
    if index < 0 or turn >= len(free):
        raise ValueError(f"{country} has {len(free) * 1000} numbers for {behaviour}, no index {index}")
    return f"+{code}{start}{free[turn]}{MARK}{BY_NAME[behaviour].code}{rest:03d}"


def drawn_number(index: int, country: str = "ES") -> str:
    """The index-th number (E.164, with plus) without a code; the mix decides how it behaves."""
    code, start = _MOBILES[country]
    if not 0 <= index < 1_000_000:
        raise ValueError(f"{country} has a million numbers without a code, no index {index}")
    return f"+{code}{start}{_FREE_DIGITS[country][0]}1{index:06d}"


def behaviour_of(number: str, seed: int = 1, mix: Mapping[str, int] = DEFAULT_MIX) -> Behaviour:
    """How the carrier of a lab with this seed and mix treats a number."""
    plain = number.lstrip("+")
    coded = next((b for b in BEHAVIOURS if plain[-7:-5] == MARK and plain[-5:-3] == b.code), None)
    if coded:
        return coded
    draw = int(_digits(plain, seed)[:4])
    return next(BY_NAME[name] for name, bound in bounds(mix) if draw < bound)


def ring_seconds(number: str, behaviour: Behaviour, seed: int = 1, tempo: float = 1.0) -> float:
    """How long the number rings before something happens."""
    return _between(behaviour.ring, _digits(number.lstrip("+"), seed)[4:7]) * behaviour.pace(tempo)


def talk_seconds(number: str, behaviour: Behaviour, seed: int = 1, tempo: float = 1.0) -> float:
    """How long after the answer the called side hangs up."""
    return _between(behaviour.talk, _digits(number.lstrip("+"), seed)[7:10]) * behaviour.pace(tempo)


def twist_seconds(number: str, seed: int = 1) -> float:
    """How long after its greeting a telephone does what is odd."""
    return _between(_TWIST, _digits(number.lstrip("+"), seed)[11:14])


def voice_of(number: str, seed: int = 1) -> int:
    """Which of the recorded voices the number has."""
    return int(_digits(number.lstrip("+"), seed)[10]) % VOICES


def bounds(mix: Mapping[str, int]) -> list[tuple[str, int]]:
    """Upper bounds, out of 10 000, of each behaviour's share. Weights are relative."""
    total = sum(mix.values())
    if total <= 0:
        raise ValueError("a mix needs at least one behaviour with a weight")
    shares: list[tuple[str, int]] = []
    so_far = 0
    for name, weight in mix.items():
        so_far += weight
        shares.append((BY_NAME[name].name, round(10_000 * so_far / total)))
    return shares


def _digits(plain: str, seed: int) -> str:
    drawn = hashlib.md5(f"{seed}:{plain}".encode(), usedforsecurity=False).hexdigest()
    return "".join(filter(str.isdigit, drawn)) + _PADDING


def _between(span: tuple[float, float], digits: str) -> float:
    low, high = span
    return low + (high - low) * int(digits) / 1000
