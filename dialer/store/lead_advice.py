"""What becomes of a lead when an attempt has ended, by the outcome's retry advice."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from dialer.model.call import CallEventKind, CallState
from dialer.model.outcomes import VERDICTS, Outcome, Retry
from dialer.ports import EngineCommit

DELAYS: dict[Retry, timedelta] = {
    Retry.LATER: timedelta(hours=4),
    Retry.SOON: timedelta(minutes=15),
}
"""How long a lead rests; the contact gate may hold it longer. The same for every campaign."""

BACK_OFF = timedelta(hours=6)
"""How long a lead rests that the gate refused without saying until when: somebody must correct something."""


@dataclass(frozen=True, slots=True)
class LeadAdvice:
    """How a lead goes on after an attempt; a disposition of the agent may overrule it."""

    delay: timedelta | None
    """Rest before the next try; None = done."""
    dead: bool = False
    """The number does not exist: the next number of the person is tried at once."""


def lead_advice(outcome: Outcome) -> LeadAdvice:
    """The way on after an outcome."""
    retry = VERDICTS[outcome].retry
    return LeadAdvice(delay=DELAYS.get(retry), dead=retry is Retry.NEVER)


def attempts_to_settle(commit: EngineCommit) -> list[UUID]:
    """Attempts whose lead may have to go on: ended or disposed of in this turn."""
    ended = [t.call.id for t in commit.transitions if t.call.state is CallState.ENDED]
    return list(dict.fromkeys([*ended, *(made.attempt_id for made in commit.dispositions)]))


def places_to_keep(commit: EngineCommit) -> list[UUID]:
    """Calls whose person chose to be called back in this turn."""
    return [t.call.id for t in commit.transitions if t.event.kind is CallEventKind.CALLBACK_TAKEN]
