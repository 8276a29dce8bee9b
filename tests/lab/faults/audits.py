"""What must hold after every fault. Pure: three books in, findings out.

A finding carries the span in which the harm was done: a run with many faults can tell which one did it.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

from tests.lab.faults.facts import Booked, Books, Finding, Rung, Taped

DEAD_AIR = 2.0
"""Seconds after the end of a greeting within which there is a voice or the message."""
MARGIN = 0.5
"""Seconds more that are allowed: bots breathe between sentences, and two busy cores serve two Asterisks."""
UNSERVED_AFTER = 1.0
"""Seconds after the answer: who hangs up earlier did so by their own will."""
CONNECT = 1.7
"""Seconds from the end of the greeting until the message is due: the connect limit less UNTIL_HEARD."""
SCREENING = 9.25
"""Its screening limit, seconds from the answer."""
UNSURE = 0.7
"""Seconds around a limit in which either is right: engine and carrier hear a greeting end apart."""
REST = 15 * 60.0
"""Seconds between two calls of one number at least: the shortest advice on calling again."""
UNRECORDED = 0.5
"""Seconds: shorter answered calls need no recording."""
NEVER = float("inf")
QUIET = 0.02
"""Loudest sample, of 1, below which a recording holds nothing: everybody answered says something."""

WITHOUT_AGENT = frozenset({"abandoned", "unserved"})
MACHINES = frozenset({"machine", "message_left", "fax"})
"""Screening's mistakes have a count of their own, and an audit of their own, in the product."""


def masked(number: str) -> str:
    """A number as it may stand in a table."""
    return f"{number[:3]}…{number[-4:]}"


def _of(audit: str, call: Rung, told: str, until: float | None = None) -> Finding:
    """A breach that was done to one call."""
    ends = [end for end in (until, call.ended) if end is not None]
    return Finding(audit, call.invited, ends[0] if ends else NEVER, f"{masked(call.number)}: {told}")


def rung_twice(books: Books) -> list[Finding]:
    """No number is rung oftener than the database says, nor twice within the rest."""
    attempts, found = books.attempts(), []
    for number, calls in books.calls().items():
        extra = calls[len(attempts.get(number, ())) :]
        found += [_of("rung twice", call, "rung without an attempt", call.invited) for call in extra]
        found += [
            _of("rung twice", a, f"again after {b.invited - a.invited:.1f} s", b.invited)
            for a, b in pairwise(calls)
            if b.invited - a.invited < REST
        ]
    return found


def left_open(books: Books) -> list[Finding]:
    """When the dialling has stopped nothing is open: neither in the database nor on the line."""
    found = [
        Finding("open", one.placed, NEVER, f"{masked(one.number)}: {one.id[:8]} is still {one.state}")
        for one in books.booked
        if one.state != "ended"
    ]
    lines = [call for call in books.rung if call.answered is not None and call.ended is None]
    return found + [_of("open", call, "still on the line") for call in lines]


def unrecorded(books: Books) -> list[Finding]:
    """Every call that was answered has its recording, with somebody on it, or a mark why not."""
    tapes = {tape.attempt: tape for tape in books.taped}
    return [
        _of("recording", call, why)
        for call, attempt in books.pairs()
        if call.stayed > UNRECORDED and (why := _not_on(tapes.get(attempt.id), call))
    ]


def _not_on(tape: Taped | None, call: Rung) -> str:
    if tape is None:
        return "no recording"
    if tape.status != "archived":
        return "" if tape.detail else f"{tape.status}, and nothing says why"
    return "archived, and silent" if call.greeted is not None and tape.loudest < QUIET else ""


def dead_air(books: Books) -> list[Finding]:
    """Whoever speaks to us hears a voice or the message in time, unless they hang up before."""
    stories = {id(call): _story(call, attempt) for call, attempt in books.pairs()}
    return [
        _of("dead air", call, why + stories.get(id(call), ""), call.greeted + DEAD_AIR)
        for call in books.rung
        if call.live and call.greeted is not None and (why := _silence(call, books))
    ]


def _story(call: Rung, attempt: Booked) -> str:
    """What happened when, in seconds from the placing, so that a breach can be understood."""
    greeted = (call.greeted or attempt.placed) - attempt.placed
    return f" ({call.behaviour}, greeted {greeted:.1f}: {attempt.story} {attempt.outcome})"


def _silence(call: Rung, books: Books) -> str:
    begin, limit = call.greeted or 0.0, DEAD_AIR + MARGIN
    if books.orphan(call) or any(begin < b and a < begin + limit for a, b in books.voiceless):
        return ""
    if not call.kept:
        return "nobody kept what was heard"
    if call.voice is not None:
        waited = call.voice - begin
        return f"{waited:.1f} s of silence" if waited > limit else ""
    waited = (NEVER if call.ended is None else call.ended) - begin
    return f"{waited:.1f} s of silence and then nothing" if waited > limit else ""


def wrongly_booked(books: Books) -> list[Finding]:
    """A person without an agent is abandoned, or unserved when they hung up before the connect limit."""
    return [
        _of(
            "booked",
            call,
            f"{attempt.outcome}, not {' or '.join(sorted(right))} ({_stay(call)}; {attempt.story})",
        )
        for call, attempt in books.pairs()
        if _alone(call, attempt) and attempt.outcome not in (right := _outcomes(call, attempt)) | MACHINES
    ]


def _stay(call: Rung) -> str:
    return f"{call.stayed:.1f} s on the line, ended by {call.hung_up_by}"


def _alone(call: Rung, attempt: Booked) -> bool:
    """A person who stayed long enough to count, and was never given an agent."""
    return call.live and attempt.connected is None and call.stayed >= UNSERVED_AFTER


def _outcomes(call: Rung, attempt: Booked) -> frozenset[str]:
    """What a person without an agent may be booked as.

    Where the fault left no verdict nobody here knows when the greeting ended: until the latest limit,
    counted from the end of screening, both are right.
    """
    if call.greeted is None or call.answered is None:
        return WITHOUT_AGENT
    beyond = call.stayed - (call.greeted - call.answered + CONNECT)
    unjudged = attempt.judged is None and call.stayed < SCREENING + CONNECT
    if abs(beyond) < UNSURE or (beyond > 0 and unjudged):
        return WITHOUT_AGENT
    return frozenset({"abandoned"} if beyond > 0 else {"unserved"})


def miscounted(books: Books) -> list[Finding]:
    """Each call of the carrier is in our books, and they count as many people without an agent."""
    ours = books.attempts()
    found = [_of("sum", call, "in no book of ours") for call in books.rung if call.number not in ours]
    for call, attempt in books.pairs():
        alone, counted = _alone(call, attempt), attempt.outcome in WITHOUT_AGENT | MACHINES
        if alone and not counted:
            found.append(_of("sum", call, "a person without an agent whom nobody counts"))
        if attempt.outcome in WITHOUT_AGENT and not (call.live and call.answered):
            found.append(_of("sum", call, f"{attempt.outcome}, and nobody answered"))
    return found


def disobeyed(books: Books) -> list[Finding]:
    """What an agent ordered during a fault is done after it."""
    ends = {call.number: call.ended for call in books.rung}
    return [
        Finding(
            "order",
            one.pressed,
            one.by,
            f"{masked(one.number)}: not hung up {one.by - one.pressed:.0f} s later",
        )
        for one in books.orders
        if (ends.get(one.number) or NEVER) > one.by
    ]


AUDITS: Mapping[str, Callable[[Books], list[Finding]]] = {
    "rung twice": rung_twice,
    "open": left_open,
    "recording": unrecorded,
    "dead air": dead_air,
    "booked": wrongly_booked,
    "sum": miscounted,
    "order": disobeyed,
}


def audit(books: Books) -> list[Finding]:
    """Every breach, in order of time."""
    return sorted((f for one in AUDITS.values() for f in one(books)), key=lambda finding: finding.began)
