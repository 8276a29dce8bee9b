"""A step that the database refuses costs one record or one call, never the floor."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from dialer.ami.fakes import Conduct
from dialer.engine import effects
from dialer.engine.inputs import OpenCallsIn, PutBackIn
from dialer.engine.quarantine import MOST_REFUSALS, Unit, sift, units, withheld
from dialer.exceptions import CommitRefused
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.commands import Dispose
from dialer.model.facts import ChannelHungUp
from dialer.ports import AgentChange, Command, EngineCommit, Frame, OpenCall
from tests.unit.dialer.engine.scenes import Scene
from tests.unit.dialer.engine.test_engine import House

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@dataclass
class Ledger:
    """Takes every record but some."""

    bad: set[int]
    written: list[int]
    goes: int = 0

    async def write(self, commit: EngineCommit) -> None:
        self.goes += 1
        if any(change.agent_id in self.bad for change in commit.agents):
            raise CommitRefused("a bad one")
        self.written += [change.agent_id for change in commit.agents]


def of_agents(count: int) -> list[Unit]:
    changes = tuple(AgentChange(number, NOW, "ready", "", None) for number in range(count))
    return units(EngineCommit(agents=changes))


@pytest.mark.parametrize("bad", [set(), {0}, {99}, {3, 4, 50}, set(range(100))])
async def test_offenders_are_found_and_the_rest_is_written_in_order(bad: set[int]) -> None:
    ledger = Ledger(bad, [])
    refused = await sift(of_agents(100), ledger.write)
    assert [int(one.unit.subject) for one in refused] == sorted(bad)
    assert ledger.written == [number for number in range(100) if number not in bad]
    assert ledger.goes <= 1 + 14 * len(bad)


def test_what_was_to_happen_to_the_call_is_withheld_but_its_end() -> None:
    mine, other = uuid4(), uuid4()
    kept: list[effects.Effect] = [
        effects.HangUp(str(mine)),
        effects.Bridge(str(other), "leg"),
        effects.Publish(Frame("x", {})),
    ]
    assert (
        withheld([effects.Bridge(str(mine), "leg"), effects.Park(str(mine)), *kept], frozenset({mine}))
        == kept
    )


def test_a_call_whose_join_was_not_committed_is_joined_again() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.human()
    live = scene.state.calls[call_id]
    assert live.assigned == 1
    stored = OpenCall(live.call, live.card)
    scene.take(PutBackIn((call_id,), (stored,)))
    assert scene.state.calls[call_id].assigned == 1
    assert scene.agent().state is AgentState.ON_CALL
    assert scene.did(effects.TakeSnapshot)


def test_an_end_that_was_not_committed_is_found_again_and_the_agent_goes_on() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    talking = scene.state.calls[call_id]
    stored = OpenCall(talking.call, talking.card)
    scene.fact(ChannelHungUp(str(call_id), 16))
    assert call_id not in scene.state.calls
    scene.take(PutBackIn((call_id,), (stored,)))
    assert scene.call(call_id).state is CallState.CONNECTED
    assert scene.agent().state is AgentState.WRAP_UP


def test_a_call_that_is_refused_again_and_again_is_let_go() -> None:
    scene = Scene()
    scene.works()
    call_id = scene.talks()
    live = scene.state.calls[call_id]
    stored = OpenCall(live.call, live.card)
    for _ in range(MOST_REFUSALS):
        scene.take(PutBackIn((call_id,), (stored,)))
    assert scene.did(effects.HangUp) == [effects.HangUp(str(call_id))]
    assert call_id not in scene.state.calls
    assert scene.agent().state is AgentState.READY
    scene.take(OpenCallsIn((stored,)))
    assert call_id not in scene.state.calls


async def talking(house: House) -> UUID:
    """Ana speaks to somebody."""
    house.pbx.conduct = lambda order: Conduct.ANSWERS
    await house.ana_is_ready()
    await house.until(lambda: any(call.connected_at for call in house.store.calls.values()))
    return next(call.id for call in house.store.calls.values() if call.connected_at)


async def test_a_disposition_that_the_database_does_not_know_ends_nothing() -> None:
    house = House(people=2)
    async with house.running() as engine:
        call_id = await talking(house)
        # Deleted after the engine read the codes.
        house.engine.state.disposition_codes["gone"] = ""
        await house.bus.send(Command(Dispose(call_id, "gone", "nota"), 1, id="3"))
        await house.until(lambda: any(frame.kind == "refused" for frame in house.bus.frames))
        assert not engine.done()
    (kept,) = house.store.quarantine
    assert (kept.kind, kept.subject) == ("dispositions", str(call_id))
    assert '"notes": "nota"' in kept.payload
    assert house.store.alarms[-1][:2] == ("quarantined", f"dispositions {call_id}")


async def test_a_step_that_the_database_refuses_costs_that_call_only() -> None:
    house = House(people=2)
    async with house.running() as engine:
        call_id = await talking(house)
        # No such cause is in any table: the column has 32 bits.
        house.pbx.depart(str(call_id), cause=2**40)
        await house.until(lambda: house.store.calls[call_id].ended_at)
        assert not engine.done()
    assert [kept.subject for kept in house.store.quarantine] == [str(call_id)]
    assert house.store.calls[call_id].cause != 2**40
    assert house.engine.state.agents[1].state is AgentState.WRAP_UP
