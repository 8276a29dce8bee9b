"""Messages have names in one folder, and lead nowhere else."""

import pytest
from pydantic import ValidationError

from dialer.model.campaign import CampaignSettings
from dialer.model.sounds import FOLDER, sound_in
from dialer.settings import Settings


def test_the_folder_is_that_of_a_stock_asterisk_unless_a_setting_says_otherwise() -> None:
    assert Settings(_env_file=None).messages == FOLDER


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("", ""),
        ("recado", f"{FOLDER}/recado"),
        ("cobros/recado.es", f"{FOLDER}/cobros/recado.es"),
        (f"{FOLDER}/recado", f"{FOLDER}/recado"),
        (FOLDER, None),
        (f"{FOLDER}-of-others/x", None),
        ("/srv/spool/x", None),
        ("../x", None),
        ("a/../../x", None),
        ("/var/lib/asterisk/sounds/../../x", None),
    ],
)
def test_only_what_is_in_the_folder_has_a_path(name: str, path: str | None) -> None:
    assert sound_in(FOLDER, name) == path


@pytest.mark.parametrize(
    "name", ["..", "a/../b", "/a/./b", ".a", "a//b", "a/", "a&b", "a|b", "a b", "a\n", "x" * 301]
)
def test_a_name_that_could_lead_elsewhere_is_never_played(name: str) -> None:
    assert sound_in(FOLDER, name) is None


@pytest.mark.parametrize("name", ["a&b", "a|b", "a b", "a\n", "x" * 301])
def test_what_a_dialplan_would_read_as_more_than_a_name_is_no_setting(name: str) -> None:
    with pytest.raises(ValidationError):
        CampaignSettings(voicemail_message=name)


@pytest.mark.parametrize("name", ["/x/es/", "/x//y", "/a/../b", "/srv/.x/y"])
def test_a_campaign_of_before_is_read_whatever_its_message_was(name: str) -> None:
    assert CampaignSettings(voicemail_message=name).voicemail_message == name
