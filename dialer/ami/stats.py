"""Plain counters of the link, read by the metrics page and by the health check."""

from dataclasses import dataclass


@dataclass(slots=True)
class LinkStats:
    """What happened on the link since the process started; only the link writes."""

    up: bool = False
    """Whether the link is logged in now."""
    connects: int = 0
    """Sessions that reached LinkUp."""
    losses: int = 0
    """Sessions that ended without being asked to."""
    failed_connects: int = 0
    """Tries that did not get to LinkUp: refused, silent, not booted."""
    refused_logins: int = 0
    """Those of them that the PBX refused by name or secret."""
    events: int = 0
    """Events received."""
    orders: int = 0
    """Orders written to the PBX."""
    refused_orders: int = 0
    """Orders that the PBX answered with an error."""
    unsent_orders: int = 0
    """Orders given while there was no link."""
    action_timeouts: int = 0
    """Orders and questions that were never answered."""
    missed_pings: int = 0
    """Pings without an answer in time."""
    overflows: int = 0
    """Times that facts were given up because nobody fetched them; each is followed by a reconciliation."""
    lost_facts: int = 0
    """Events given up in those overflows."""
