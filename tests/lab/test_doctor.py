"""The doctor at a real Asterisk."""

from collections.abc import Mapping
from pathlib import Path

from dialer.doctor.findings import Finding, Speaker
from dialer.doctor.manager import session
from dialer.doctor.starting import Start
from dialer.doctor.stores import Unasked
from dialer.doctor.telephony import pbx
from dialer.settings import Settings
from tests.lab.lab_process import Lab


def _settings(lab: Lab, **own: object) -> Settings:
    """The lab's pbx, and no database."""
    at: Mapping[str, object] = lab["pbx"]
    values = {name: at[name] for name in ("ami_host", "ami_port", "ami_user", "ami_secret")}
    nowhere = {"database_url": "postgres://nobody@127.0.0.1:1/nothing", "recordings_spool": Path("/nowhere")}
    return Settings.model_validate(values | nowhere | own)


async def _examined(settings: Settings) -> dict[str, Finding]:
    found = await pbx(settings, Unasked("database"), Speaker("en"), Start())
    return {finding.name: finding for finding in found}


async def test_the_product_account_has_every_right_and_none_that_is_perilous(lab: Lab) -> None:
    found = await _examined(_settings(lab))
    assert found["ami"].detail.startswith("Asterisk 22.")
    assert (found["ami_rights"].ok, found["ami_rights"].detail) == (True, "may give every order")
    assert found["dialplan"].ok


async def test_a_wrong_password_is_refused_and_told(lab: Lab) -> None:
    found = await _examined(_settings(lab, ami_secret="wrong"))
    assert found["ami"].detail == "Asterisk refuses “cadencia”: Authentication failed"


async def test_asterisk_words_the_state_of_a_trunk_as_we_expect(lab: Lab) -> None:
    async with session(_settings(lab)) as manager:
        states = [
            (await manager.ask("Getvar", Variable=f"DEVICE_STATE(PJSIP/{name})"))[0]["Value"]
            for name in (lab["trunk"], "no-such-trunk")
        ]
        transfers = await manager.ask("Getvar", Variable=f"PJSIP_ENDPOINT({lab['trunk']},allow_transfer)")
    assert states == ["NOT_INUSE", "INVALID"]
    assert transfers[0]["Value"] == "false"
