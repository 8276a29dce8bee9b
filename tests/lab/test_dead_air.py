"""Whatever happened to the engine, who answers hears somebody within two seconds of their greeting.

The engine is played: only its heart matters, which beats over a manager session and dies as the test says.
"""

import itertools
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from sip_lab import truth
from sip_lab.ami import Ami, Event
from sip_lab.behaviours import number_for, voice_of
from sip_lab.truth import CallTruth
from tests.lab.eventually import eventually
from tests.lab.heard import Heard, heard
from tests.lab.lab_process import Facts, Lab
from tests.lab.pbx import Leg, Pbx

PROMISED = 2.0
"""Seconds of nothing after a greeting."""
BUSY = 0.3
"""Seconds by which a machine with other work to do plays the message later than it was meant."""
SILENT = {"off": 2.8, "amd": 5.2, "progress": 2.8}
"""Seconds until who says nothing at all hears the message; AMD() waits 4 s for the first packet."""
LATE = 1.2
"""Seconds after the heart's last beat in which somebody is excused who should have had an agent by then."""
OVERDUE = 0.6
"""The same of whose agent, or message, was due before it: that beat is hardly believed any more."""
FALLBACK = 9.9
"""Seconds from the answer to the last resort."""
EVERY, SELDOM = 0.2, 0.5
"""Seconds between two beats; of an engine whose machine has other work to do."""
HEARD_OUT = 6.2
"""Seconds after the answer for which most machines of the lab speak on."""
SCREENS = ("off", "amd", "progress")
NUMBERS = itertools.count(600)
"""No other test calls these."""


class Heart:
    """The heart of an engine that does nothing."""

    def __init__(self, facts: Facts, every: float = EVERY) -> None:
        at, self._every = facts["pbx"], every
        self._ami = Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beats)
        self._epoch = next(NUMBERS)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dies()

    def dies(self) -> None:
        """Beat no more."""
        self._stop.set()
        self._thread.join()
        self._ami.close()

    def _beats(self) -> None:
        for count in itertools.count():
            self._ami.action("Setvar", Variable="CADENCIA_BEAT", Value=f"{self._epoch}.{count}")
            if self._stop.wait(self._every):
                return


def calls(pbx: Pbx, screen: str, *behaviours: str) -> Mapping[str, str]:
    """One call to each: its channel → the number."""
    numbers = [number_for(behaviour, next(NUMBERS)) for behaviour in behaviours]
    settings = (f"CADENCIA_SCREEN={screen}", f"CADENCIA_FALLBACK={FALLBACK:g}")
    return {pbx.dial(number, *settings, alone=True): number for number in numbers}


def excused(pbx: Pbx, lab: Lab, channels: Mapping[str, str]) -> Mapping[str, Heard]:
    """What each of them heard, when the message has begun for all and they were hung up."""
    told = {mine: pbx.user_event(mine, "CadenciaMessage") for mine in channels}
    assert {event["Part"] for event in told.values()} == {"start"}
    pbx.ami.collect(1.0)
    for event in told.values():
        pbx.ami.send("Hangup", Channel=event["Channel"], Cause=16)
    return {number: kept(lab, number) for number in channels.values()}


def kept(lab: Lab, number: str) -> Heard:
    """What the only call to a number heard."""

    def ended() -> list[CallTruth]:
        return [one for one in truth.read(Path(lab["truth_path"])) if one.number == number and one.ended]

    call = eventually(ended)[-1]
    found = eventually(lambda: heard(call))
    assert found
    return found


def answered(pbx: Pbx, mine: str) -> Event:
    """Wait until somebody answers."""
    return pbx.ami.wait(
        lambda e: e.get("Event") == "Newstate" and e.get("Uniqueid") == mine and e["ChannelState"] == "6", 20
    )


@pytest.mark.parametrize("screen", SCREENS)
def test_answered_for_an_engine_that_has_been_dead_for_long(pbx: Pbx, lab: Lab, screen: str) -> None:
    """Persons with long and short greetings, also on telephones that send no packets while silent."""
    with Heart(lab.facts):
        pbx.ami.collect(2 * EVERY)
    pbx.ami.collect(0.5)
    first = calls(pbx, screen, "patient", "business", "music-ring", "silent", "telephone", "mute")
    for number, found in excused(pbx, lab, first).items():
        limit = SILENT[screen] if found.greeting_over is None else PROMISED
        assert found.dead_air < limit + BUSY, (number, found)
    # From the first on the PBX knows; only now AMD(), which takes absent packets for nothing, is passed by.
    for number, found in excused(pbx, lab, calls(pbx, screen, "vad", "vad", "patient")).items():
        assert found.dead_air < PROMISED + BUSY, (number, found)


@pytest.mark.parametrize("after", [0.1, 0.6, 1.2, 3.2, 3.5, 4.0])
# AMD() is deaf to how the engine fares until it has judged, and to some short words: it has no part here.
@pytest.mark.parametrize("screen", ["off", "progress"])
def test_the_engine_dies_in_or_just_after_the_greeting(pbx: Pbx, lab: Lab, screen: str, after: float) -> None:
    with Heart(lab.facts) as heart:
        channels = calls(pbx, screen, "patient")
        (mine,) = channels
        answered(pbx, mine)
        pbx.ami.collect(after)
        heart.dies()
        (found,) = excused(pbx, lab, channels).values()
    assert found.greeting_over is not None
    late = after + (OVERDUE if after - found.greeting_over > PROMISED else LATE) - found.greeting_over
    assert found.dead_air < max(PROMISED, late) + BUSY, found


def test_while_the_heart_beats_nobody_is_excused_before_the_last_resort(pbx: Pbx, lab: Lab) -> None:
    with Heart(lab.facts):
        channels = calls(pbx, "progress", "patient", "vad")
        found = excused(pbx, lab, channels)
    voices = [one.voice or 0.0 for one in found.values()]
    assert all(FALLBACK - 2 * BUSY < voice < FALLBACK + 4 * BUSY for voice in voices), found


def test_a_new_engine_is_believed_at_once(pbx: Pbx, lab: Lab) -> None:
    """It came while the person spoke: its first beat counts, though the old one's was found dead."""
    excused(pbx, lab, calls(pbx, "off", "patient"))
    channels = calls(pbx, "off", "patient")
    (mine,) = channels
    answered(pbx, mine)
    with Heart(lab.facts):
        pbx.ami.collect(4.0)
        assert pbx.places()[mine]["Context"] == "cadencia-waiting"
        pbx.hang_up(Leg(mine, pbx.places()[mine]["Channel"]))


def test_a_person_between_two_agents_hears_music_while_the_heart_beats(pbx: Pbx, lab: Lab) -> None:
    """A consultation of more than a minute loses nobody; a dead engine gives them the message."""
    with Heart(lab.facts) as heart:
        agent = pbx.agent("bot-0004")
        customer = pbx.customer(number_for("patient", next(NUMBERS)))
        pbx.bridge(customer, agent)
        eventually(lambda: pbx.place(customer)[1])
        pbx.hang_up(agent)
        eventually(lambda: pbx.place(customer) == ("cadencia-hold", False))
        pbx.ami.collect(63.0)
        assert pbx.place(customer) == ("cadencia-hold", False)
        heart.dies()
        pbx.user_event(customer.id, "CadenciaMessage", 15 + 5 + 2)
        pbx.hang_up(customer)


def test_who_waits_in_the_queue_of_a_dead_engine_is_excused(pbx: Pbx, lab: Lab) -> None:
    """Music as long as the heart beats, and until a new engine could have come: 30 s, and a look each 5 s."""
    with Heart(lab.facts) as heart:
        channel, mine = queued(pbx, lab)
        pbx.ami.collect(9.0)
        assert pbx.places()[mine]["Context"] == "cadencia-queue"
        heart.dies()
        pbx.ami.collect(24.0)
        assert pbx.places()[mine]["Context"] == "cadencia-queue"
        pbx.user_event(mine, "CadenciaMessage", 30 + 5 + 2 - 24)
        pbx.ami.send("Hangup", Channel=channel, Cause=16)


def queued(pbx: Pbx, lab: Lab) -> tuple[str, str]:
    """Somebody calls in, is admitted as the engine would do it, and was greeted: the channel and its id."""
    at, caller = lab["carrier"], f"3469{next(NUMBERS):07d}"
    with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"]) as carrier:
        carrier.action(
            "Originate",
            [f"CALLER={caller}", "PATIENCE=90", "KEY=", "KEY_AFTER=0"],
            Channel="PJSIP/34910000000@pbx", CallerID=f"<{caller}>", Context="calls-in", Exten="s",
            Priority=1, Timeout=30000, Async="true",
        )  # fmt: skip
    came = pbx.ami.wait(lambda e: e.get("UserEvent") == "CadenciaArrived", 20)
    channel, mine = came["Channel"], came["Uniqueid"]
    pbx.ami.action("Setvar", Channel=channel, Variable="CADENCIA_ROUNDS", Value=120)
    pbx.ami.action("Redirect", Channel=channel, Context="cadencia-admitted", Exten="s", Priority=1)
    pbx.user_event(mine, "CadenciaScreened")
    return channel, mine


@pytest.fixture(autouse=True)
def nobody_is_left(pbx: Pbx) -> Iterator[None]:
    """No call of a test that failed goes on into the next."""
    yield
    for row in pbx.places().values():
        if row["Context"] in ("cadencia-waiting", "cadencia-screening", "cadencia-hold"):
            pbx.ami.send("Hangup", Channel=row["Channel"], Cause=16)


def test_a_machine_is_heard_out_though_the_heart_beats_late(pbx: Pbx, lab: Lab) -> None:
    """It pauses between its sentences, for less long than a person waits: the message is not for it."""
    with Heart(lab.facts, every=SELDOM):
        channels = calls(pbx, "progress", *["voicemail-now"] * 10)
        assert len({voice_of(number) for number in channels.values()}) > 2
        for mine in channels:
            answered(pbx, mine)
        events = pbx.ami.collect(HEARD_OUT)
        for place in pbx.places().values():
            pbx.ami.send("Hangup", Channel=place["Channel"], Cause=16)
    said = {event["Uniqueid"] for event in events if event.get("UserEvent") == "CadenciaMessage"}
    assert not said & set(channels)
