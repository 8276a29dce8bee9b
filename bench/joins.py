"""Bare AMI Bridge of a customer leg and an agent leg that both wait: the limit of the product's own joins."""

import asyncio
import time
from collections.abc import Sequence

from bench.bare import BareAmi, Watch
from bench.floor import Lab
from sip_lab.behaviours import number_for

_FIRST_NUMBER = 5_000
"""Numbers from here on are not in the campaign's list."""


async def bare_joins(lab: Lab, count: int, legs: Sequence[str], *, tag: str) -> list[float]:
    """Seconds from sending the action until both legs were in the bridge, one join after the other."""
    watch = Watch()
    ami = await BareAmi.connect(lab.facts["pbx"], watch)
    try:
        names = [f"{tag}-leg-{i:04d}" for i in range(len(legs))]
        for name, endpoint in zip(names, legs, strict=True):
            ami.originate(name, f"PJSIP/{endpoint}", "cadencia-agent")
        for name in names:
            await watch.until("answered", name)
        found = [
            await _join(lab, ami, watch, f"{tag}-person-{i:04d}", names[i % len(names)], i)
            for i in range(count)
        ]
        for name in names:
            ami.send("Hangup", Channel=name)
        for name in names:
            await watch.until("ended", name)
    finally:
        ami.close()
    return found


async def _join(lab: Lab, ami: BareAmi, watch: Watch, person: str, leg: str, index: int) -> float:
    number = number_for("tone", _FIRST_NUMBER + index)
    ami.originate(person, f"PJSIP/{number}@{lab.facts['trunk']}", "cadencia-customer")
    await watch.until("answered", person)
    await asyncio.sleep(0.1)  # both legs really wait now, as a person does who is being chosen an agent for
    watch.joined.pop(leg, None)
    sent = time.monotonic()
    ami.send("Bridge", Channel1=person, Channel2=leg, Tone="no")
    await watch.until("joined", person)
    await watch.until("joined", leg)
    took = max(watch.joined[person], watch.joined[leg]) - sent
    ami.send("Hangup", Channel=person)
    await watch.until("ended", person)
    return took
