"""Which tone of the network a row of stretches of sound is. Pure."""

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dialer.call_progress.heard import ToneName
from dialer.call_progress.tone_table import (
    BEEP_HIGHEST,
    BEEP_LONGEST,
    BEEP_LOWEST,
    BEEP_SHORTEST,
    CADENCES,
    CED,
    CED_AFTER,
    CNG,
    CNG_LONGEST,
    CNG_SHORTEST,
    INFO,
    INFO_LONGEST,
    INFO_SHORTEST,
    SIT,
    SIT_GAP,
    SIT_LONGEST,
    SIT_SHORTEST,
    STEADY,
    STEADY_AFTER,
    Cadence,
)

PERIODS = 3
"""Times a busy or congestion tone must have come and gone before it is believed."""
_OFF = 0.018
"""Tolerated error of a frequency."""
_LATE, _LATE_SHARE = 35, 0.1
"""Tolerated error of a length: milliseconds and share."""
_ALIKE = 40.0
"""Milliseconds of misfit that say nothing."""
_SMEAR = 40
"""Milliseconds by which the window lengthens a tone."""
_TALK = 800
"""Milliseconds of other sound before a beep that make it the end of a greeting."""
_BEEP_PAUSE = 80
"""Milliseconds without the tone after which a beep is over."""
_BETWEEN = 100
"""Milliseconds of other sound, or of two tones at once, that pass between one tone and the next."""
_KEPT = 24


@dataclass(slots=True)
class Segment:
    """A stretch of the same sound."""

    lines: tuple[float, ...]
    """Frequencies in hertz; none = other sound or a pause."""
    length: int
    """Milliseconds so far."""
    pause: bool = False
    over: bool = False
    at: float = 0.0
    """Seconds of the stream at its last look."""


@dataclass(frozen=True, slots=True)
class ToneHeard:
    """A tone was recognised."""

    name: ToneName
    at: float
    """Seconds of the stream."""
    countries: tuple[str, ...] = ()
    frequencies: tuple[float, ...] = ()
    """Hertz, as heard."""


class Cadences:
    """Keeps the stretches that ended lately, and names the tones they make."""

    def __init__(self) -> None:
        self._past: deque[Segment] = deque(maxlen=_KEPT)
        self._told: Segment | None = None
        self._talk = 0

    def hear(self, segment: Segment) -> Iterator[ToneHeard]:
        """Take a stretch as it goes on, and once more when it is over."""
        if segment.over:
            yield from self._ended(segment)
        elif segment is not self._told and (heard := self._named(segment)):
            self._told = segment
            yield heard

    def _ended(self, segment: Segment) -> Iterator[ToneHeard]:
        if not segment.lines and not segment.pause:
            self._talk = min(10_000, self._talk + segment.length)
            if segment.length > _BETWEEN:
                self._past.clear()
            return
        self._past.append(segment)
        # Only the end of a pause tells Spain's busy tone from its congestion.
        if segment.pause and (heard := self._repeated(segment.at)):
            yield heard

    def _named(self, now: Segment) -> ToneHeard | None:
        if now.lines:
            return self._fax(now) or self._sit(now) or self._steady(now)
        if now.pause:
            return self._rings(now) or self._lone(now)
        return None

    def _fax(self, now: Segment) -> ToneHeard | None:
        if len(now.lines) == 1 and now.length >= CED_AFTER and any(_is(now.lines[0], tone) for tone in CED):
            return ToneHeard(ToneName.FAX_CED, now.at, (), now.lines)
        return None

    def _sit(self, now: Segment) -> ToneHeard | None:
        if not (len(now.lines) == 1 and now.length >= _BETWEEN and _is(now.lines[0], 1790, 0.02)):
            return None
        # Between two tones the window holds both for a moment.
        tones = [tone for tone in self._past if len(tone.lines) == 1 and tone.length > _BETWEEN][-2:]
        if len(tones) < 2 or not all(SIT_SHORTEST <= tone.length <= SIT_LONGEST for tone in tones):
            return None
        row = list(self._past)
        if any(one.pause and one.length > SIT_GAP for one in row[row.index(tones[0]) :]):
            return None
        lines = (tones[0].lines[0], tones[1].lines[0], now.lines[0])
        name, error = min(
            ((name, _distance(lines, wanted)) for name, wanted in SIT.items()), key=lambda pair: pair[1]
        )
        return ToneHeard(name, now.at, (), lines) if error < 0.03 else None

    def _steady(self, now: Segment) -> ToneHeard | None:
        if now.length < STEADY_AFTER:
            return None
        found = [tone for tone in STEADY if _alike(now.lines, tone.frequencies)]
        if not found:
            return None
        nearest = min(found, key=lambda tone: _distance(now.lines, tone.frequencies))
        return ToneHeard(nearest.name, now.at, nearest.countries, now.lines)

    def _repeated(self, at: float) -> ToneHeard | None:
        """A cadence that has come and gone often enough."""
        row = list(self._past)
        found = [tone for tone in CADENCES if _fits(row, tone)]
        if not found or found[0].name is ToneName.RINGBACK:
            return None
        # Countries differ by less than the networks keep to their own tables: then busy, which stands
        # first, is meant.
        best = min(found, key=lambda tone: round(_misfit(row, tone) / _ALIKE))
        countries = [c for tone in found if tone.steps == best.steps for c in tone.countries]
        return ToneHeard(best.name, at, tuple(dict.fromkeys(countries)), row[-2].lines)

    def _rings(self, now: Segment) -> ToneHeard | None:
        """Ringback, while its long pause goes on."""
        row = [*self._past, now]
        found = [tone for tone in CADENCES if tone.name is ToneName.RINGBACK and _fits(row, tone)]
        if not found:
            return None
        countries = tuple(country for tone in found for country in tone.countries)
        return ToneHeard(ToneName.RINGBACK, now.at, countries, row[-2].lines)

    def _lone(self, now: Segment) -> ToneHeard | None:
        """One tone by itself: a fax that calls, or the beep of a machine."""
        tone = self._past[-1] if self._past else None
        if tone is None or len(tone.lines) != 1 or now.length < _BEEP_PAUSE or not self._alone():
            return None
        if CNG_SHORTEST <= tone.length <= CNG_LONGEST and _is(tone.lines[0], CNG) and self._talk < _TALK:
            return ToneHeard(ToneName.FAX_CNG, now.at, (), tone.lines)
        if (
            self._talk < _TALK
            and _is(tone.lines[0], INFO, 0.01)
            and INFO_SHORTEST <= _true(tone) <= INFO_LONGEST
        ):
            return ToneHeard(ToneName.INFO_ONCE, now.at, ("ES",), tone.lines)
        # A low tone without a greeting before it is the network's.
        audible = self._talk >= _TALK or tone.lines[0] > 520
        if audible and BEEP_LOWEST <= tone.lines[0] <= BEEP_HIGHEST and _beep_long(tone.length):
            self._talk = 0
            return ToneHeard(ToneName.BEEP, now.at, (), tone.lines)
        return None

    def _alone(self) -> bool:
        tones = [segment for segment in list(self._past)[-4:-1] if segment.lines and segment.length > 60]
        return not tones


def _beep_long(length: int) -> bool:
    return BEEP_SHORTEST <= length <= BEEP_LONGEST


def _is(line: float, tone: float, tolerance: float = _OFF) -> bool:
    return abs(line - tone) <= tolerance * tone


def _alike(lines: Sequence[float], tones: Sequence[float]) -> bool:
    return len(lines) == len(tones) and all(_is(a, b) for a, b in zip(lines, tones, strict=True))


def _distance(lines: Sequence[float], tones: Sequence[float]) -> float:
    """Largest relative error."""
    return max(abs(a - b) / b for a, b in zip(lines, tones, strict=True))


def _true(segment: Segment) -> int:
    """Length of a stretch without what the window of 80 ms smears over its ends."""
    return segment.length - _SMEAR if segment.lines else segment.length + _SMEAR


def _long_as(segment: Segment, wanted: int) -> bool:
    return abs(_true(segment) - wanted) <= _LATE + _LATE_SHARE * wanted


def _wanted(tone: Cadence) -> int:
    """Stretches that must fit: three periods of a busy tone, one and a half of a long cadence."""
    if tone.name is ToneName.RINGBACK:
        return len(tone.steps)
    return max(2 * PERIODS, len(tone.steps))


def _fits(row: Sequence[Segment], tone: Cadence) -> bool:
    """Whether the row ends with this cadence. A last pause that goes on may be longer."""
    need = _wanted(tone)
    if len(row) < need:
        return False
    tail, steps = row[-need:], _steps(tone, need)
    for segment, wanted, on in zip(tail[:-1], steps[:-1], _turns(need)[:-1], strict=True):
        if on != bool(segment.lines) or not _long_as(segment, wanted):
            return False
        if on and not _alike(segment.lines, tone.frequencies):
            return False
    last, wanted = tail[-1], steps[-1]
    return last.pause and (_long_as(last, wanted) or (not last.over and last.length > wanted))


def _steps(tone: Cadence, need: int) -> list[int]:
    """The cadence's lengths, ending with its last pause."""
    times = -(-need // len(tone.steps))
    return list(tone.steps * times)[-need:]


def _turns(need: int) -> list[bool]:
    """On and off, ending with off."""
    return [(need - place) % 2 == 0 for place in range(need)]


def _misfit(row: Sequence[Segment], tone: Cadence) -> float:
    """How badly a fitting cadence fits: lengths, then frequencies."""
    need = _wanted(tone)
    tail, steps = row[-need:], _steps(tone, need)
    lengths = sum(abs(_true(s) - w) for s, w in zip(tail[:-1], steps[:-1], strict=True)) / (need - 1)
    lines = [_distance(s.lines, tone.frequencies) for s in tail[:-1] if s.lines]
    return lengths + 2000 * max(lines, default=0.0)
