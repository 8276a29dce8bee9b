"""Changes one file of a running carrier's dialplan."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sip_lab import lab, templates
from sip_lab.ami import Ami
from sip_lab.errors import LabError
from sip_lab.prepare import TREES


def rewrite(state: Path, name: str, values: Mapping[str, object]) -> None:
    """On return every new call meets the file with these values; running calls go on.

    It is kept in the carrier's folder: a carrier that dies comes back with it, a new `up` begins anew.
    """
    facts = _facts(state)
    at = facts.get("carrier")
    if at is None:
        raise LabError(f"the lab on {state} has no carrier")
    path = Path(facts["home"]) / "carrier/etc" / name
    part = path.with_suffix(".part")
    part.write_text(templates.fill((TREES / "carrier" / name).read_text(), values))
    part.chmod(0o644)  # the carrier's user reads it
    part.rename(path)
    with Ami(at["ami_host"], at["ami_port"], at["ami_user"], at["ami_secret"]) as ami:
        ami.action("Reload", Module="pbx_config")


def _facts(state: Path) -> dict[str, Any]:
    """lab.json of a lab that is up. Of one without a supervisor, the carrier itself will tell."""
    told = state / lab.LAB_FILE
    facts: dict[str, Any] = json.loads(told.read_text()) if told.exists() else {}
    if not facts or (facts["supervisor_pid"] is not None and lab.running_pid(state) is None):
        raise LabError(f"no lab is up on {state}")
    return facts
