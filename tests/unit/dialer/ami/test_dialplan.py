"""The dialplan that an operator copies is the one that our orders are for."""

import hashlib
import re
from pathlib import Path

from dialer.ami import actions
from dialer.model.orders import DIALPLAN

CONF = Path(__file__).parents[4] / "sip_lab/asterisk/pbx/extensions_cadencia.conf"
KNOWN = ("9", "4b4bc7f43deb")
"""The version, and the digest of what it says. Who changes what the dialplan does raises the version here, in
dialer/model/orders.py and in the file: Asterisk keeps an old copy until somebody brings the new one."""


def _says(text: str) -> str:
    """Without comments, empty lines and the version."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith(";")]
    return "\n".join(line for line in lines if "cadencia-version" not in line and ",hint," not in line)


def test_a_changed_dialplan_has_a_new_version() -> None:
    digest = hashlib.sha256(_says(CONF.read_text()).encode()).hexdigest()[:12]
    assert (DIALPLAN, digest) == KNOWN


def test_the_file_tells_its_version_where_the_link_asks() -> None:
    assert f"[cadencia-version]\nexten => version,hint,Custom:cadencia-{DIALPLAN}\n" in CONF.read_text()
    assert actions.DIALPLAN == "HINT(version@cadencia-version)"


def test_the_queue_goes_round_as_fast_as_the_link_believes() -> None:
    rounds = re.search(r"WaitDigit\((\d+),1\)", CONF.read_text())
    assert rounds is not None
    assert float(rounds[1]) == actions.QUEUE_ROUND
