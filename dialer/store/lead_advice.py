"""What becomes of a lead when an attempt has ended, by the outcome's retry advice."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from dialer.model.call import CallEvent, CallEventKind, CallState, spared
from dialer.model.outcomes import VERDICTS, Outcome, Retry
from dialer.ports import EngineCommit

DELAYS: dict[Retry, timedelta] = {
    Retry.LATER: timedelta(hours=4),
    Retry.SOON: timedelta(minutes=15),
    Retry.DAY: timedelta(days=1),
    Retry.TOMORROW: timedelta(days=1),
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
    """The number is no telephone of a person: the next number of the person is tried at once."""
    silenced: bool = False
    """Nobody calls this number any more; the next number of the person is tried at once."""
    refused: bool = False
    """The network says that there is no such number: it rests, and the next one is tried at once."""


def lead_advice(outcome: Outcome) -> LeadAdvice:
    """The way on after an outcome."""
    retry = VERDICTS[outcome].retry
    return LeadAdvice(
        DELAYS.get(retry),
        dead=retry is Retry.NEVER,
        silenced=retry is Retry.SILENCE,
        refused=retry is Retry.DAY,
    )


def rest_after_failure(delay: timedelta, failures: int) -> timedelta:
    """Rest after the last of so many failures of the network in a day: doubled each, a day at most."""
    return min(DELAYS[Retry.DAY], delay * (1 << min(failures - 1, 10)))


def kills(event: CallEvent) -> bool:
    """Whether the detector heard the information tone for a number that does not exist."""
    return event.kind is CallEventKind.HEARD and event.vacant


def attempts_to_settle(commit: EngineCommit) -> list[UUID]:
    """Attempts whose lead may have to go on: ended or disposed of in this turn."""
    ended = [t.call.id for t in commit.transitions if t.call.state is CallState.ENDED]
    return list(dict.fromkeys([*ended, *(made.attempt_id for made in commit.dispositions)]))


def attempts_to_spare(commit: EngineCommit) -> list[UUID]:
    """Attempts of this turn that the network or we broke: no try of the lead, no call of its list's day."""
    return [t.call.id for t in commit.transitions if spared(t.call, t.event)]


def places_to_keep(commit: EngineCommit) -> list[UUID]:
    """Calls whose person chose to be called back in this turn."""
    return [t.call.id for t in commit.transitions if t.event.kind is CallEventKind.CALLBACK_TAKEN]
