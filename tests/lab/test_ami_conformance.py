"""What the fake passes, a real Asterisk passes too."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from tests.conformance.telephony_suite import Rig, TelephonySuite
from tests.lab.ami_rig import account, ami_rig
from tests.lab.lab_process import Facts


class TestAmiTelephony(TelephonySuite):
    """The suite on the link to the lab's PBX."""

    @pytest.fixture
    async def rig(self, lab: Facts) -> AsyncIterator[Rig]:
        """A link of its own for each test."""
        async with ami_rig(account(lab), f"{lab['pbx']['recordings_dir']}/{uuid4()}") as rig:
            yield rig
