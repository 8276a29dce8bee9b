"""What the other floors commit, followed: what of it concerns our calls, cards and settings."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice, takewhile
from time import monotonic

import structlog

from dialer.engine.inputs import (
    Input,
    LeadFoundIn,
    LeadPlacedIn,
    NewsIn,
    PlacedIn,
    StoreRefusedIn,
    TakenInIn,
)
from dialer.engine.mail import Mailbox
from dialer.engine.state import FloorState
from dialer.exceptions import CommitRefused, StoreUnavailable
from dialer.ports import Journal, LeadPreview, PreviewResult, Store, TakenIn
from journal.events import Event, Fact, NumbersSuppressed, PersonChanged, SettingsChanged, UnknownFact
from portfolio.plain_text import shortened

log = structlog.get_logger("engine")

FOLLOWED = (PersonChanged, NumbersSuppressed, SettingsChanged)
KINDS = tuple(event.KIND[0] for event in FOLLOWED)
_LATELY = 10_000
_LATELY_S = 10.0
"""Seconds for which it is: longer than the store may take to answer an order."""
_AT_ONCE = 500
"""Persons whose books are read by one query."""
"""Persons of whom is remembered that something was told: more than are told of while one query runs."""
_AGAIN = 0.25
"""Seconds after the database did not answer."""


class NewsWatch:
    """Follows the journal; in memory, for whoever starts reads the tables after begin()."""

    def __init__(self, journal: Journal, store: Store, mail: Mailbox, reload: asyncio.Event) -> None:
        self._journal, self._store, self._mail, self._reload = journal, store, mail, reload
        self._look = asyncio.Event()
        self._count = 0
        self._lately: deque[tuple[int, int, str]] = deque(maxlen=_LATELY)
        """(how many were told before, person, what); of _LATELY_S seconds at most."""
        self._heard_at: deque[float] = deque(maxlen=_LATELY)
        """When each of those was heard of."""
        self._untold: dict[int, str] = {}
        """Person on the floor → what was learnt, until the turn was told."""

    async def begin(self) -> None:
        """What is committed from now on is followed; raises StoreUnavailable."""
        await self._journal.begin()
        self._look.set()

    def look(self) -> None:
        """Calls were found of which it is not known what was learnt since their reservation."""
        self._look.set()

    def took(self, inputs: Iterable[Input]) -> None:
        """The floor has taken these: whoever came with them is on it now, and not before.

        What was committed between the reservation and now found nobody here: the books are compared.
        A card is no reservation, so it is withdrawn if anything was told of its person lately.
        """
        for item in inputs:
            match item:
                case PlacedIn(result=result) | LeadPlacedIn(result=result) if result.placed:
                    self._look.set()
                case TakenInIn(result=TakenIn()):
                    self._look.set()
                case LeadFoundIn(result=PreviewResult(lead=LeadPreview() as lead)):
                    self._recall(lead.card.person_id)

    def _recall(self, person_id: int) -> None:
        for _, told, what in reversed(self._lately):
            if told == person_id:
                self._untold.setdefault(person_id, what)
                return

    async def stopped(self, persons: Collection[int]) -> frozenset[int]:
        """Who of these, whose calls no turn knows yet, may not be called any more as of now.

        What is followed while we ask finds no call of theirs on the floor: it is told here.
        """
        before, asked = self._count, frozenset(persons)
        found = await self._store.stopped(list(persons))
        meanwhile = takewhile(lambda one: one[0] >= before, reversed(self._lately))
        return found | {person for _, person, _ in meanwhile if person in asked}

    async def run(self, floor: Callable[[], FloorState]) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(floor), name="news.follow")
            tasks.create_task(self._compare(floor), name="news.compare")

    async def _follow(self, floor: Callable[[], FloorState]) -> None:
        while True:
            try:
                if not self._untold:
                    self._heed(await self._journal.facts(), floor())
                await self._tell()
            except StoreUnavailable as error:
                # It may come back as another server, which has lost what it told us last, or counts anew.
                self._look.set()
                self._reload.set()
                await self._trouble(error)
            except CommitRefused as error:
                await self._refused(error)
                await asyncio.sleep(_AGAIN)

    def _heed(self, facts: Sequence[Fact], floor: FloorState) -> None:
        here = _on_the_floor(floor) if facts else frozenset[int]()
        for event in _events(facts):
            match event:
                case PersonChanged():
                    self._remember(event)
                    if event.person_id in here:
                        self._untold.setdefault(event.person_id, event.what)
                case NumbersSuppressed() | None:
                    self._look.set()
                    self._reload.set()
                case _:
                    self._reload.set()

    def _remember(self, event: PersonChanged) -> None:
        now = monotonic()
        while self._heard_at and now - self._heard_at[0] > _LATELY_S:
            self._heard_at.popleft()
            self._lately.popleft()
        self._lately.append((self._count, event.person_id, event.what))
        self._heard_at.append(now)
        self._count += 1

    async def _tell(self) -> None:
        while self._untold:
            told = dict(islice(self._untold.items(), _AT_ONCE))
            try:
                await self._tell_of(told)
            except CommitRefused as error:
                # Asked one by one: who is refused is left out, and keeps nobody else from being told.
                for person_id, what in told.items():
                    await self._tell_alone(person_id, what)
                await self._refused(error)
            for person_id in told:
                self._untold.pop(person_id, None)

    async def _tell_of(self, told: Mapping[int, str]) -> None:
        found = await self._store.person_news(list(told))
        await self._mail.put(NewsIn(tuple(replace(one, what=told[one.person_id]) for one in found)))

    async def _tell_alone(self, person_id: int, what: str) -> None:
        with suppress(CommitRefused):
            await self._tell_of({person_id: what})

    async def _compare(self, floor: Callable[[], FloorState]) -> None:
        """Open calls beside the books, where nobody followed: after a start, and after a lost answer."""
        while True:
            await self._look.wait()
            self._look.clear()
            told = {live.call.id: live.news for live in floor().calls.values() if live.news}
            try:
                if learnt := await self._store.live_news(told):
                    await self._mail.put(NewsIn(learnt))
            except StoreUnavailable as error:
                self._look.set()
                await self._trouble(error)
            except CommitRefused as error:
                await self._refused(error)
                self._look.set()
                await asyncio.sleep(_AGAIN)

    async def _trouble(self, error: StoreUnavailable) -> None:
        log.warning("news.failed", error=str(error))
        await asyncio.sleep(_AGAIN)

    async def _refused(self, error: CommitRefused) -> None:
        log.warning("news.refused", error=str(error))
        await self._mail.put(StoreRefusedIn("news", shortened(str(error), 300)))


def _events(facts: Iterable[Fact]) -> Iterator[Event | None]:
    """What they say; None = something of a newer version, so everything is looked at again."""
    for fact in facts:
        try:
            yield fact.event()
        except UnknownFact as error:
            log.warning("news.unknown", fact=str(error))
            yield None


def _on_the_floor(floor: FloorState) -> frozenset[int]:
    """Whom a call, a wrap-up or a card is about."""
    lives = (*floor.calls.values(), *floor.wrapping.values())
    shown = (one.lead.card.person_id for one in floor.previews.values())
    return frozenset((*(live.call.person_id for live in lives), *shown))
