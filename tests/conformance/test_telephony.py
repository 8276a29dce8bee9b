"""The fake passes what a real Asterisk passes in tests/lab/test_ami_conformance.py."""

import pytest

from dialer.ami.fakes import Conduct, FakeTelephony
from dialer.exceptions import LinkUnavailable
from dialer.model.facts import ChannelAnswered, LinkDown, LinkUp, OriginateFailed
from tests.conformance.telephony_suite import Rig, TelephonySuite

CONDUCT = {
    "+34600000001": Conduct.ANSWERS,
    "+34600000002": Conduct.RINGS,
    "+34600000003": Conduct.BUSY,
    "+34600000004": Conduct.UNREACHABLE,
}


def fake_rig() -> Rig:
    """A fake PBX with numbers that behave."""
    telephony = FakeTelephony(conduct=lambda order: CONDUCT[order.number], endpoints=["bot1"])
    answers, rings, busy, _ = CONDUCT
    return Rig(telephony, answers, rings, busy, endpoint="bot1", absent_endpoint="web9")


class TestFakeTelephony(TelephonySuite):
    """The suite on the fake."""

    @pytest.fixture
    def rig(self) -> Rig:
        """A fake PBX."""
        return fake_rig()


async def test_fake_tells_nothing_while_the_link_is_down() -> None:
    rig = fake_rig()
    fake = rig.telephony
    assert isinstance(fake, FakeTelephony)
    leg = rig.call_leg()
    await rig.heard_of(leg, ChannelAnswered)
    rig.forget()
    fake.lose_link()
    fake.depart(leg)
    refused = rig.call("+34600000001")
    with pytest.raises(LinkUnavailable):
        await fake.snapshot()
    fake.regain_link()
    await rig.heard(LinkUp("start 1"))
    assert rig.of(leg) == []
    assert rig.of(refused) == [OriginateFailed(refused, "no link to the PBX")]
    assert (await fake.snapshot()).channels == ()


async def test_fake_restart_shows_another_process() -> None:
    rig = fake_rig()
    assert isinstance(rig.telephony, FakeTelephony)
    rig.call_leg()
    rig.telephony.restart()
    await rig.heard(LinkDown("the PBX closed the connection"))
    await rig.heard(LinkUp("start 2"))
    assert (await rig.telephony.snapshot()).channels == ()


async def test_fake_that_does_not_obey_only_records() -> None:
    fake = FakeTelephony(obedient=False)
    fake.hang_up("leg-1")
    fake.bridge("a", "leg-1")
    assert [(given.kind, given.channel_id, given.other) for given in fake.given] == [
        ("hang_up", "leg-1", ""),
        ("bridge", "a", "leg-1"),
    ]
    assert [fake.orders("bridge")[0].other] == ["leg-1"]
