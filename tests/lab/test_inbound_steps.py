"""At any step of a call that comes in, any key and silence lead on to a person: nobody is put out by a key.

On the real PBX: what follows each step is the queue, from which the engine joins an agent.
"""

import uuid
from collections.abc import Iterator

import pytest

from tests.lab.eventually import eventually
from tests.lab.lab_process import Lab
from tests.lab.pbx import Leg, Pbx

KEYS = ("", "0", "1", "5", "9", "*", "#")
"""Silence, the key that is offered, and those that are not."""
STEPS = ("cadencia-admitted", "cadencia-queue", "cadencia-announce", "cadencia-hold")
"""Where somebody who called in may press a key: greeting, queue, announcement, between two agents."""
TO_A_PERSON = {"cadencia-admitted": "cadencia-queue", "cadencia-announce": "cadencia-queue"}
"""What follows a step; the others go round until an agent is joined."""


@pytest.fixture(scope="module")
def alone() -> Iterator[Pbx]:
    """A lab without any engine, whose PBX believes in one for a minute."""
    lab = Lab("--bots", "1", "--tempo", "0.3")
    pbx = Pbx(lab.facts)
    yield pbx
    pbx.ami.close()
    lab.remove()


def at_step(pbx: Pbx, step: str) -> Leg:
    """Somebody on the line who comes to a step of the dialplan."""
    mine = str(uuid.uuid4())
    told = ("CADENCIA_BELIEF=60000", "CADENCIA_ROUNDS=100", "CADENCIA_POSITION=3", "CADENCIA_MINUTES=2")
    pbx.ami.send(
        "Originate",
        (*told, "CADENCIA_OFFER=1"),
        Channel="Local/s@cadencia-agent/n",
        ChannelId=mine,
        OtherChannelId=f"{mine}-other",
        Context=step,
        Exten="s",
        Priority=1,
        Async="true",
        Timeout=10_000,
    )
    answer = pbx.event(mine, "OriginateResponse")
    assert answer["Response"] == "Success", answer
    leg = Leg(mine, answer["Channel"])
    eventually(lambda: pbx.place(leg)[0] == step, 10)
    return leg


def pressed(pbx: Pbx, leg: Leg, key: str) -> None:
    """The caller presses a key, or nothing."""
    if key:
        pbx.ami.action("PlayDTMF", Channel=leg.channel, Digit=key, Duration=120, Receive="yes")


@pytest.mark.parametrize("step", STEPS)
def test_every_key_and_silence_lead_to_a_person(alone: Pbx, step: str) -> None:
    callers = []
    for key in KEYS:
        leg = at_step(alone, step)
        pressed(alone, leg, key)
        callers.append(leg)
    wanted = TO_A_PERSON.get(step, step)

    def there() -> bool:
        places = alone.places()
        return all(places.get(leg.id, {}).get("Context") == wanted for leg in callers)

    eventually(there, 45)
    alone.hang_up(*callers)


def test_a_key_in_the_announcement_is_heard_at_once_and_only_the_offered_one_is_told(alone: Pbx) -> None:
    """Who presses 1 need not hear the rest; the engine decides what it means."""
    callers = {key: at_step(alone, "cadencia-announce") for key in ("1", "5")}
    for key, leg in callers.items():
        pressed(alone, leg, key)
    assert alone.user_event(callers["1"].id, "CadenciaChoice")["Digit"] == "1"
    eventually(lambda: alone.place(callers["5"])[0] == "cadencia-queue", 45)
    told = [e["Uniqueid"] for e in alone.ami.events if e.get("UserEvent") == "CadenciaChoice"]
    assert callers["5"].id not in told
    alone.hang_up(*callers.values())
