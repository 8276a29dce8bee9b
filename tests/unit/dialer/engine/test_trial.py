"""A defect in the handler of a command commits nothing of it, and ends nobody's call."""

from copy import deepcopy
from dataclasses import fields

import pytest

from dialer.engine import effects
from dialer.model.agent import AgentState
from dialer.model.call import CallState
from dialer.model.commands import KINDS
from tests.unit.dialer.engine.test_consult import Floor


def picture(floor: Floor) -> dict[str, object]:
    """Everything the floor knows, but for what was learnt and said."""
    said = {"learners", "tallies", "seen_commands", "floor_seq", "dirty_agents", "open_alarms"}
    said |= {"due", "floor_due", "screener"}
    return {
        part.name: deepcopy(getattr(floor.state, part.name))
        for part in fields(floor.state)
        if part.name not in said
    }


@pytest.mark.parametrize("button", ["consult_end", "consult_join", "consult_complete"])
def test_a_colleague_who_is_in_no_list_makes_a_defect_that_leaves_nothing_behind(button: str) -> None:
    scene = Floor()
    scene.aside()
    live = scene.state.calls[scene.call_id]
    guest = scene.state.agents.pop(2)
    before, consult = picture(scene), live.consult
    scene.command(f"agent.{button}", 1, call_id=str(scene.call_id))
    assert scene.turn.alarms == [("command_failed", f"agent.{button}", "KeyError")]
    assert scene.pushed("refused") == [
        {"type": "refused", "request": button, "reason": "failed", "state": "", "page": ""}
    ]
    assert scene.did(effects.TakeSnapshot)
    assert not scene.turn.transitions
    assert scene.state.calls[scene.call_id].consult == consult
    assert picture(scene) == before
    scene.state.agents[2] = guest
    scene.later(1)
    assert scene.call(scene.call_id).state is CallState.CONNECTED
    assert scene.agent(1).state is AgentState.ON_CALL


BODIES: dict[str, dict[str, object]] = {
    "agent.attach": {"page": "page0009"},
    "agent.detach": {"page": "page0009"},
    "agent.pause": {"code": "nowhere"},
    "agent.call_preview": {"lead_id": 2**63 - 1, "phone_id": 2**63 - 1},
    "agent.skip_preview": {"lead_id": 2**63 - 1},
    "agent.force_pause": {"agent_id": 2**63 - 1},
    "agent.force_log_out": {"agent_id": 2**63 - 1},
}


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("actor", [0, 1, 2, 3, 2**63 - 1])
def test_no_command_of_anybody_about_anything_is_a_defect(kind: str, actor: int) -> None:
    scene = Floor()
    scene.aside()
    calls = [str(scene.call_id), "018f0000-0000-7000-8000-000000000000"]
    about = KINDS[kind].__dataclass_fields__.keys() & {"call_id"}
    for call_id in calls:
        body = {"call_id": call_id} if about else {}
        more = {"code": "callback", "callback_at": "2027-01-01T00:00:00Z"} if kind == "agent.dispose" else {}
        paused = {"paused": True} if kind == "agent.pause_recording" else {}
        to = {"agent_id": 2**63 - 1} if kind in ("agent.transfer", "agent.consult") else {}
        scene.command(kind, actor, **{**BODIES.get(kind, {}), **body, **more, **paused, **to})
        failed = [alarm for alarm in scene.turn.alarms if alarm[0] in ("command_failed", "malformed_command")]
        assert failed == []
