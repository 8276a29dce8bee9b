"""What holds a campaign so that it calls nobody, as data beside the reasons of pacing.decision."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class HoldCode(StrEnum):
    """What it is."""

    NO_ROOM = "no_room"
    """No room for recordings, and its calls must be recorded."""
    CALLER_ID = "caller_id"
    """Its caller id is not permitted, by `rule`."""
    TRUNK_RESTS = "trunk_rests"
    """All its trunks rest, the first `until`."""
    PAUSED = "campaign_paused"
    STOPPED = "campaign_stopped"
    PBX_AWAY = "pbx_away"
    OTHER_DIALPLAN = "other_dialplan"
    CLOCK_IN_DOUBT = "clock_in_doubt"
    ENGINE_MOVES = "engine_moves"
    """The engine is coming or leaving."""
    NO_LIST = "no_list"
    """No list has a lead to give, and none rests."""
    OUTSIDE_HOURS = "outside_hours"
    """Nothing but the hours holds its leads, the first `until`."""
    QUOTA = "quota"
    """The day's quota of its lists is reached; `leads` wait `until`."""
    WAITS = "waits"
    """`held` of `leads` wait for `rule`; the first of all `until`, or for somebody's decision."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a campaign calls nobody; the sentence is made of it in `in_words` alone, and read by people."""

    code: HoldCode
    rule: str = ""
    """Rule of the contact gate, or of a list; 'retry' = the rest between two attempts."""
    until: datetime | None = None
    held: int = 0
    """Leads that `rule` holds."""
    leads: int = 0
    """That wait, for whatever reason."""

    def as_record(self) -> dict[str, Any]:
        """JSON-able."""
        until = self.until.isoformat() if self.until is not None else None
        return {
            "code": self.code.value, "rule": self.rule, "until": until, "held": self.held, "leads": self.leads
        }  # fmt: skip

    def in_words(self) -> str:
        """One English line."""
        until = f" until {self.until.isoformat()}" if self.until is not None else ""
        match self.code:
            case HoldCode.CALLER_ID:
                return f"caller id not permitted: {self.rule}"
            case HoldCode.TRUNK_RESTS if self.until is not None:
                return f"trunk resting until {self.until.isoformat(timespec='seconds')}"
            case HoldCode.OUTSIDE_HOURS:
                return f"outside hours{until}"
            case HoldCode.QUOTA:
                return f"quota reached{until}: {self.leads} wait"
            case HoldCode.WAITS:
                return f"nobody to call{until}: {self.held} of {self.leads} wait, {self.rule}"
            case code:
                return _WORDS[code]


_WORDS = {
    HoldCode.NO_ROOM: "no room for recordings",
    HoldCode.TRUNK_RESTS: "trunk resting",
    HoldCode.PAUSED: "campaign paused: nobody is called until somebody starts it",
    HoldCode.STOPPED: "campaign stopped: nobody is called until somebody starts it",
    HoldCode.PBX_AWAY: "halted: the PBX does not answer",
    HoldCode.OTHER_DIALPLAN: "halted: the PBX has another dialplan",
    HoldCode.CLOCK_IN_DOUBT: "halted: the clock is in doubt",
    HoldCode.ENGINE_MOVES: "halted: the engine is coming or leaving",
    HoldCode.NO_LIST: "nobody to call: no list has a lead to give",
}
