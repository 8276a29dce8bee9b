"""What odd telephones may do to a conversation: nothing that the shipped configuration does not allow."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dialer.model.facts import Intruded, Joined, Screened
from sip_lab import truth
from sip_lab.behaviours import number_for
from sip_lab.truth import CallTruth
from tests.lab.ami_rig import account, ami_rig
from tests.lab.eventually import eventually
from tests.lab.lab_process import Facts, Lab
from tests.lab.pbx import Leg, Pbx
from tests.lab.waiting import eventually_async

INDEX = 21
ASTRAY = "cadencia-inbound"


@dataclass(frozen=True, slots=True)
class Talk:
    """A person at an odd telephone and an agent, joined."""

    facts: Facts
    name: str
    customer: Leg
    agent: Leg

    def told(self) -> CallTruth:
        """What the telephone says of it."""
        number = number_for(self.name, INDEX)
        calls = [call for call in truth.read(Path(self.facts["truth_path"])) if call.number == number]
        return calls[-1]

    def did(self) -> list[str]:
        """What it did that is odd."""
        return [what for _, what in self.told().odd]


@pytest.fixture(scope="module")
def talks(lab: Lab) -> Iterator[dict[str, Talk]]:
    """All at once, because the longest takes most of a minute."""
    pbx = Pbx(lab.facts)
    found = {}
    for place, name in enumerate(("mutes", "refers", "reinvites"), 11):
        customer = pbx.customer(number_for(name, INDEX), "CADENCIA_FALLBACK=120")
        found[name] = Talk(lab.facts, name, customer, pbx.agent(f"bot-{place:04d}"))
        pbx.bridge(customer, found[name].agent)
    yield found
    pbx.ami.close()


def together(pbx: Pbx, talk: Talk) -> bool:
    """Whether person and agent are still in one bridge."""
    places = pbx.places()
    rows = [places.get(leg.id, {}) for leg in (talk.customer, talk.agent)]
    return bool(rows[0].get("BridgeId")) and rows[0].get("BridgeId") == rows[1].get("BridgeId")


def test_the_called_cannot_send_our_agent_elsewhere(pbx: Pbx, talks: dict[str, Talk]) -> None:
    talk = talks["refers"]
    eventually(talk.did, 20)
    assert talk.did() == ["REFER 603"]
    assert together(pbx, talk)
    assert ASTRAY not in {pbx.places()[leg.id]["Context"] for leg in (talk.customer, talk.agent)}
    assert not [event for event in pbx.ami.events if event.get("UserEvent") == "CadenciaArrived"]
    pbx.hang_up(talk.customer, talk.agent)


def test_another_codec_in_mid_call_leaves_the_call_as_it_was(pbx: Pbx, talks: dict[str, Talk]) -> None:
    talk = talks["reinvites"]
    eventually(lambda: len(talk.did()) == 2 or talk.told().ended, 40)
    assert talk.did() == ["INVITE 200", "INVITE 200"]
    assert together(pbx, talk)
    pbx.hang_up(talk.customer, talk.agent)
    eventually(lambda: talk.told().ended, 10)
    assert talk.told().hung_up_by == "caller"


def test_who_is_mute_for_half_a_minute_is_not_cut_off(pbx: Pbx, talks: dict[str, Talk]) -> None:
    talk = talks["mutes"]
    eventually(lambda: "talks on" in talk.did() or talk.told().ended, 60)
    assert talk.did() == ["mute", "talks on"]
    assert together(pbx, talk)
    pbx.hang_up(talk.customer, talk.agent)


async def test_who_puts_somebody_in_their_place_is_found_out(lab: Lab) -> None:
    """No option of the trunk refuses Replaces: the link ends the stranger and tells."""
    async with ami_rig(account(lab.facts)) as rig:
        await rig.telephony.snapshot()  # as the engine does first: nobody is a stranger before
        customer, leg = rig.call(number_for("replaces", INDEX)), rig.call_leg("bot-0014")
        await rig.heard_of(customer, Screened)
        rig.telephony.bridge(customer, leg)
        await rig.heard_of(leg, Joined)
        assert await rig.heard_of(leg, Intruded) == Intruded(leg)

        async def alone() -> bool:
            channels = (await rig.telephony.snapshot()).channels
            mine = next(one for one in channels if one.channel_id == leg)
            mates = [one for one in channels if one.bridge_id and one.bridge_id == mine.bridge_id]
            return [one.channel_id for one in mates] in ([leg], [])

        await eventually_async(alone, 10, lambda: "the stranger is still there")
        rig.telephony.hang_up(customer)
        await rig.end(leg)
