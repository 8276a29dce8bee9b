"""The doctor asks for everything that is used, and for nothing that is not there."""

import re
from pathlib import Path

from dialer.doctor.telephony import CONTEXTS, NEEDED

ROOT = Path(__file__).parents[4]
CONF = ROOT / "sip_lab/asterisk/pbx/extensions_cadencia.conf"
ORDERS = [*(ROOT / "dialer/ami").glob("*.py")]


def test_every_context_of_the_dialplan_is_asked_for() -> None:
    assert sorted(CONTEXTS) == sorted(re.findall(r"^\[(.+)\]", CONF.read_text(), re.M))


def test_every_order_that_is_given_is_a_right_that_is_asked_for() -> None:
    text = "".join(path.read_text() for path in ORDERS)
    given = re.findall(r'"Action": "(\w+)"', text) + re.findall(r'question\("(\w+)"\)', text)
    assert set(given) - {"Login"} == set(NEEDED)
