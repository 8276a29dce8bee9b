"""Changes a running carrier's mix of behaviours: the share of people who answer, of busy lines and so on."""

import json
from collections.abc import Mapping
from pathlib import Path

from sip_lab import dialplan, lab, templates
from sip_lab.ami import Ami
from sip_lab.errors import LabError
from sip_lab.prepare import TREES

_FILE = "mix.conf"


def change(state: Path, mix: Mapping[str, int]) -> None:
    """On return every new call to a number without a code draws from the new mix; running calls go on.

    The mix is kept in the carrier's folder: a carrier that dies comes back with it, a new `up` begins anew.
    """
    if lab.running_pid(state) is None or not (state / lab.LAB_FILE).exists():
        raise LabError(f"no lab is up on {state}")
    facts = json.loads((state / lab.LAB_FILE).read_text())
    at = facts.get("carrier")
    if at is None:
        raise LabError(f"the lab on {state} has no carrier")
    path = Path(facts["home"]) / "carrier/etc" / _FILE
    part = path.with_suffix(".part")
    part.write_text(templates.fill((TREES / "carrier" / _FILE).read_text(), {"DRAW": dialplan.draw(mix)}))
    part.chmod(0o644)  # the carrier's user reads it
    part.rename(path)
    with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"]) as ami:
        ami.action("Reload", Module="pbx_config")
