"""Calls of the PBX to itself: nothing of them is left, however they end; and which messages they play."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import pytest

from dialer.doctor.findings import Finding, Speaker, guarded
from dialer.doctor.floor import Floor, Planned
from dialer.doctor.manager import Manager, Message
from dialer.doctor.selfcall import ENDINGS, calls
from dialer.model.campaign import CampaignSettings, OnVoicemail
from dialer.settings import Settings


class Mute:
    """A PBX that records what it is to, and never tells of it."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, Message]] = []
        self.written: list[Path] = []
        self.placed: list[str] = []
        self.ended: list[str] = []

    async def value(self, _: str) -> str:
        return "/sounds"

    async def ask(self, action: str, variables: Sequence[str] = (), **headers: str) -> list[Message]:
        if action == "Hangup":
            self.ended.append(headers["Channel"])
        else:
            self.placed.append(headers["ChannelId"])
        for name, _, value in (each.partition("=") for each in variables):
            if name == "CADENCIA_REC":
                self.written = [Path(value + ending) for ending in ENDINGS]
        for file in self.written:
            file.touch()
        return [{}]

    async def listen(self, _: float) -> None:
        await asyncio.Event().wait()


async def test_a_check_that_is_given_up_hangs_up_and_leaves_no_file(tmp_path: Path) -> None:
    pbx, speaker = Mute(), Speaker("en")
    settings = Settings.model_validate({"recordings_spool": tmp_path})

    async def check() -> list[Finding]:
        return await calls(cast("Manager", pbx), Floor(), settings, speaker)

    [told] = await guarded(speaker, "ami", 0.05, check)
    assert told.detail == "no answer within 0.05 s"
    assert len(pbx.placed) == 2
    assert sorted(pbx.ended) == sorted(pbx.placed)
    assert (len(pbx.written), list(tmp_path.iterdir())) == (2, [])


def test_a_campaign_s_own_message_is_looked_for_where_the_engine_has_it_played() -> None:
    def wanted(message: str) -> list[str]:
        leaves = CampaignSettings(
            on_voicemail=OnVoicemail.LEAVE_MESSAGE, voicemail_message=message, inbound=False
        )
        return Floor((Planned("a", "t", "", True, leaves),)).messages("/sounds", "/ours")

    assert wanted("norte/machine") == ["/ours/norte/machine", "/sounds/es/safe-harbour"]
    assert wanted("") == ["/sounds/es/safe-harbour", "/sounds/es/voicemail-message"]
    assert wanted("/etc/passwd") == wanted(""), "the engine plays the PBX's own then"


@pytest.mark.parametrize(
    ("by_pack", "by_setting", "inbound", "looked_for"),
    [
        (True, False, True, True),
        (False, True, True, True),
        (False, False, True, False),
        (True, True, False, False),
    ],
)
def test_the_words_before_the_case_number_are_looked_for_where_it_is_told(
    by_pack: bool, by_setting: bool, inbound: bool, looked_for: bool
) -> None:
    settings = CampaignSettings(inbound=inbound, inbound_case_number=by_setting)
    paths = Floor((Planned("a", "t", "", True, settings, by_pack),)).messages("/sounds", "/ours")
    assert ("/sounds/es/inbound-case" in paths) is looked_for
