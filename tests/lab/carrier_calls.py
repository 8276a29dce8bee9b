"""What people and telephones at the carrier's side of the lab do when a test says so."""

from contextlib import AbstractContextManager

from sip_lab.ami import Ami
from sip_lab.callers import call_in
from tests.lab.whole import Whole

OURS = "34910000000"
"""The number of ours that people call."""


def carrier(whole: Whole) -> AbstractContextManager[Ami]:
    """A manager session on the carrier."""
    facts = whole.lab["carrier"]
    return Ami(facts["ami_host"], facts["ami_port"], facts["ami_user"], facts["ami_secret"])


def calls_in(whole: Whole, caller: str, *, patience: int = 40, key: str = "", after: int = 0) -> None:
    """Somebody at the carrier's calls our number."""
    call_in(whole.lab["carrier"], caller, OURS, patience=patience, key=key, after=after)


def phones_end(whole: Whole, cause: int) -> int:
    """Every agent's phone ends its leg for this Q.850 cause; how many there were."""
    with carrier(whole) as ami:
        phones = [row["Channel"] for row in ami.listing("CoreShowChannels") if row["Context"] == "bots"]
        for phone in phones:
            ami.action("Hangup", Channel=phone, Cause=cause)
    return len(phones)
