"""Where the next contact comes from: leads claimed through the gate, callers taken in."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from dialer.model.campaign import Campaign
from dialer.model.leads import CallbackDue, LeadsLeft, PlaceResult, PreviewResult, TakenIn


class LeadSource(Protocol):
    """Gives leads whose attempts are committed, and takes back those that are not called.

    Every write carries the fence and fails with FenceLost; without a database StoreUnavailable is raised.
    """

    async def place(
        self, campaign: Campaign, count: int, *, now: datetime, fence: int, wanted: float | None = None
    ) -> PlaceResult:
        """Claim leads, ask the gate, reserve: attempts are committed as DIALING when this returns.

        At most `count`, and no more than bring the sum of the chances nearest to `wanted` live answers; None,
        or no model of chances yet = the count alone.
        """
        ...

    async def preview(
        self,
        campaign: Campaign,
        *,
        until: datetime,
        now: datetime,
        fence: int,
        callback_of: int | None = None,
        place: int | None = None,
    ) -> PreviewResult:
        """Hold the next lead that may be called, for an agent to look at; at `until` it is free by itself.

        `callback_of`: only of those that this agent agreed to call back, and that are due. `place`: and,
        first, the lead of this id, who called in and keeps the place in the queue.
        """
        ...

    async def callbacks_due(self, *, until: datetime) -> tuple[CallbackDue, ...]:
        """Callbacks of agents that are due until an instant, the earliest of each agent and campaign.

        And every kept place of somebody who called in, the longest-waiting first.
        """
        ...

    async def place_previewed(
        self, campaign: Campaign, lead_id: int, phone_id: int, agent_id: int, *, now: datetime, fence: int
    ) -> PlaceResult:
        """Ask the gate again and reserve a held lead on this number for this agent: an attempt, or a refusal.

        A refusal changes nothing: the lead stays held, another number may be tried. A lead that is not held
        any more (stopped, in another call, campaign halted) is refused as NOT_HELD.
        """
        ...

    async def return_lead(self, lead_id: int, *, next_at: datetime, fence: int) -> None:
        """Give a held lead back to its list, due at `next_at`; a lead that is not held is left alone."""
        ...

    async def take_in(
        self,
        call_id: UUID,
        caller: str,
        campaigns: Sequence[Campaign],
        *,
        now: datetime,
        fence: int,
    ) -> TakenIn:
        """Commit a call that came in as an attempt of the person whose number it is; once for each id.

        `caller`: E.164, or empty = withheld. `campaigns`: those whose number was called, at least one; the
        one that calls this person takes the call, else the first. Who is not known is kept as a stranger.
        """
        ...

    async def leads_left(self, campaign_id: int, now: datetime) -> LeadsLeft:
        """Open leads of a campaign, and how many of them rest."""
        ...

    async def stopped(self, person_ids: Sequence[int]) -> frozenset[int]:
        """Which of these persons may not be called any more (stop, do-not-call) as of now."""
        ...
