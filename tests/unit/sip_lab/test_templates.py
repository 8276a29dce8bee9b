"""Configuration templates: every place is filled, or it is an error."""

import pytest

from sip_lab.errors import LabError
from sip_lab.templates import fill


def test_places_are_filled() -> None:
    assert fill("bind = 127.0.0.1:@SIP_PORT@", {"SIP_PORT": 5060}) == "bind = 127.0.0.1:5060"


def test_an_unknown_place_is_an_error() -> None:
    with pytest.raises(LabError, match="@SIP_PORT@"):
        fill("@SIP_PORT@", {})


def test_dialplan_variables_and_addresses_are_left_alone() -> None:
    text = "Dial(PJSIP/${EXTEN}@carrier) a@b.example @lower@"
    assert fill(text, {}) == text
