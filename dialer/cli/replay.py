"""`cadencia pacing replay`: a recorded day decided again, and lived again under another pace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import orjson
import typer
import uvloop

from dialer.cli.day_table import differences, estimate_record, estimates, shown, table
from dialer.cli.day_words import WORDS
from dialer.cli.days import live
from dialer.cli.recorded import NothingRecorded, Recorded, last_decision, read_day
from dialer.cli.replay_words import REPLAY_WORDS
from dialer.cli.twin import FEWEST_CALLS, Shadow, Twin, TwinDay
from dialer.cli.verify import Beside, Verification
from dialer.settings import Settings
from pacing.simulator.intervals import Estimate
from pacing.simulator.measures import Day
from pacing.simulator.policies import NAMES, Named, UnknownPolicy

_MEASURES = ("occupancy", "abandonment", "idle", "dials", "live", "connected", "cancels")
_FORMS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


@dataclass(frozen=True, slots=True)
class Lived:
    """The twin's days: as recorded, and under the shadow."""

    twin: Twin
    recorded: list[Day]
    shadow: list[Day]


def replay(
    campaign: Annotated[str, typer.Argument(help="campaign code")],
    day: Annotated[datetime | None, typer.Option(formats=_FORMS[:1], help="the last with decisions")] = None,
    since: Annotated[datetime | None, typer.Option(formats=_FORMS, help="instead of a whole day")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_FORMS, help="with --since")] = None,
    zone: Annotated[str, typer.Option(help="zone of these times")] = "UTC",
    policy: Annotated[str | None, typer.Option(help=f"as recorded, or of {', '.join(NAMES)}")] = None,
    target: Annotated[float | None, typer.Option(help="share of abandoned calls", min=0.0, max=0.5)] = None,
    boost: Annotated[float | None, typer.Option(help="factor on the target", min=0.1, max=5.0)] = None,
    seeds: Annotated[int, typer.Option(help="simulated days; 0 = only decide again", min=0, max=100)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, not text")] = False,
    english: Annotated[bool, typer.Option("--english", help="in English, not Spanish")] = False,
) -> None:
    """Decide a recorded day again, bit for bit, and simulate it under another policy or pace (shadow mode).

    Ends with 1 when a stored decision is decided differently.
    """
    words = REPLAY_WORDS["en" if english else "es"]
    shadow = Shadow(_named(policy), target, boost)
    dsn = Settings().database_url.get_secret_value()
    try:
        first, last = _span(dsn, campaign, (day, since, until), _zone(zone))
        found = uvloop.run(read_day(dsn, campaign, first, last, shadow, _told(words)))
    except NothingRecorded as nothing:
        raise _refused(str(nothing)) from None
    twin = found.recording.twin(found.settings) if seeds else None
    lived = _lived(twin, shadow, seeds, words) if twin is not None else None
    if as_json:
        record = _record(found, shadow, lived)
        typer.echo(orjson.dumps(record, option=orjson.OPT_INDENT_2).decode())
    else:
        typer.echo("\n".join(report(found, shadow, lived, WORDS["en" if english else "es"] | words, seeds)))
    if found.verification.different:
        raise typer.Exit(1)


# --- what was asked for ------------------------------------------------------------------------------


def _named(text: str | None) -> Named | None:
    try:
        return None if text in (None, "", "recorded", "as-recorded") else Named.parse(str(text))
    except UnknownPolicy as unknown:
        raise _refused(str(unknown)) from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise _refused(f"there is no zone {name}; such as Europe/Madrid") from None


def _span(
    dsn: str, campaign: str, asked: tuple[datetime | None, datetime | None, datetime | None], zone: ZoneInfo
) -> tuple[datetime, datetime]:
    """From and to: the times asked for, or the day, or the last day that has decisions."""
    day, since, until = asked
    if since is not None or until is not None:
        if since is None or until is None or until <= since or day is not None:
            raise _refused("give --since and a later --until, or --day")
        return since.replace(tzinfo=zone), until.replace(tzinfo=zone)
    if day is None:
        day = uvloop.run(last_decision(dsn, campaign)).astimezone(zone)
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=zone)
    return midnight, midnight + timedelta(days=1)


def _told(words: Mapping[str, str]) -> Any:
    def told(done: int) -> None:
        typer.echo(f"\r{words['reading'].format(done=done)}", nl=False, err=True)

    return told


def _refused(why: str) -> typer.Exit:
    typer.echo(f"cadencia: {why}", err=True)
    return typer.Exit(1)


def _lived(twin: Twin, shadow: Shadow, seeds: int, words: Mapping[str, str]) -> Lived:
    def told(done: int, of_all: int) -> None:
        said = words["progress"].format(done=done, all=of_all)
        typer.echo(f"\r{said}", nl=done == of_all, err=True)

    days = [TwinDay(twin, Shadow()), *([TwinDay(twin, shadow)] if shadow.differs else [])]
    found = [[course.day for course in courses] for courses in live(days, range(1, seeds + 1), told)]
    return Lived(twin, found[0], found[1] if shadow.differs else [])


# --- what is said ------------------------------------------------------------------------------------


def report(
    found: Recorded, shadow: Shadow, lived: Lived | None, words: Mapping[str, str], seeds: int
) -> list[str]:
    """The whole answer, in lines."""
    lines = _verified(found.verification, words)
    if shadow.differs and found.beside.floors:
        lines += ["", *_beside(found.beside, shadow, words)]
    if lived is not None:
        lines += ["", *_twin(found, shadow, lived, words, seeds)]
    elif seeds:
        calls = found.recording.came.dials
        lines += ["", words["too_few"].format(calls=calls, least=FEWEST_CALLS)]
    return lines


def _verified(found: Verification, words: Mapping[str, str]) -> list[str]:
    lines = [words["verified"].format(equal=found.equal, different=found.different)]
    if found.unknown:
        lines.append(words["unknown"].format(unknown=found.unknown))
    return [*lines, *(f"  {example}" for example in found.examples)]


def _beside(found: Beside, shadow: Shadow, words: Mapping[str, str]) -> list[str]:
    recorded, other = found.levels
    same = found.floors - found.more - found.fewer
    return [
        words["beside"].format(shadow=shadow.text(words["as_recorded"]), floors=found.floors),
        words["asks"].format(more=found.more, fewer=found.fewer, same=same),
        words["levels"].format(recorded=f"{recorded:.1f}", shadow=f"{other:.1f}"),
    ]


def measured(found: Recorded) -> dict[str, float]:
    """What really came, by the names of the measures."""
    came = found.recording.came
    return {
        "occupancy": came.occupancy,
        "abandonment": came.abandonment(found.settings.machine_error),
        "unserved": came.unserved_share,
        "idle": came.idle_per_call,
        "dials": float(came.dials),
        "live": came.live + came.machines * found.settings.machine_error,
        "connected": float(came.connected),
        "cancels": float(came.cancels),
    }


def _twin(found: Recorded, shadow: Shadow, lived: Lived, words: Mapping[str, str], seeds: int) -> list[str]:
    really, twin, other = measured(found), estimates(lived.recorded), None
    head = ["", words["measured"], words["simulated"]]
    if lived.shadow:
        other = (estimates(lived.shadow), differences(lived.shadow, lived.recorded))
        head += [words["simulated_as"].format(shadow=shadow.text(words["as_recorded"])), words["difference"]]
    rows = []
    for name in _MEASURES:
        row = [words[name], shown_alone(name, really[name]), shown(name, twin[name])]
        if other is not None:
            row += [shown(name, other[0][name]), shown(name, other[1][name], signed=True)]
        rows.append(row)
    told = words["interval" if seeds > 1 else "one"].format(seeds=seeds)
    return [table(head, rows), "", told, *words["caveat"].format(agents=lived.twin.agents).split("\n")]


def shown_alone(name: str, value: float) -> str:
    """A measured number, which has no interval."""
    return shown(name, Estimate(value, float("nan")))


def _record(found: Recorded, shadow: Shadow, lived: Lived | None) -> dict[str, Any]:
    checked, beside = found.verification, found.beside
    record: dict[str, Any] = {
        "since": found.recording.start.astimezone(UTC).isoformat(),
        "verification": {
            "equal": checked.equal,
            "different": checked.different,
            "unknown": checked.unknown,
            "examples": checked.examples,
        },
        "measured": {name: value if value == value else None for name, value in measured(found).items()},
    }
    if shadow.differs and beside.floors:
        recorded, other = beside.levels
        record["floors"] = {
            "floors": beside.floors,
            "more": beside.more,
            "fewer": beside.fewer,
            "in_flight_recorded": recorded,
            "in_flight_shadow": other,
        }
    if lived is not None:
        record["simulated"] = {"recorded": _days(lived.recorded), "shadow": _days(lived.shadow)}
        if lived.shadow:
            found_differences = differences(lived.shadow, lived.recorded)
            record["simulated"]["difference"] = {
                name: estimate_record(value) for name, value in found_differences.items()
            }
    return record


def _days(days: Sequence[Day]) -> dict[str, Any] | None:
    return {name: estimate_record(found) for name, found in estimates(days).items()} if days else None
