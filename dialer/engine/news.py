"""What the other floors commit, followed: what of it concerns our calls, cards and settings."""

import asyncio
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

import structlog

from dialer.engine.inputs import NewsIn, StoreRefusedIn
from dialer.engine.mail import Mailbox
from dialer.engine.state import FloorState
from dialer.exceptions import CommitRefused, StoreUnavailable
from dialer.ports import Journal, Store
from journal.events import Event, Fact, NumbersSuppressed, PersonChanged, SettingsChanged, UnknownFact
from portfolio.plain_text import shortened

log = structlog.get_logger("engine")

FOLLOWED = (PersonChanged, NumbersSuppressed, SettingsChanged)
KINDS = tuple(event.KIND[0] for event in FOLLOWED)
_LATELY = 10_000
"""Persons of whom is remembered that something was told: more than are told of while one query runs."""
_AGAIN = 0.25
"""Seconds after the database did not answer."""


class NewsWatch:
    """Follows the journal; in memory, for whoever starts reads the tables after begin()."""

    def __init__(self, journal: Journal, store: Store, mail: Mailbox, reload: asyncio.Event) -> None:
        self._journal, self._store, self._mail, self._reload = journal, store, mail, reload
        self._look = asyncio.Event()
        self._count = 0
        self._lately: deque[tuple[int, int]] = deque(maxlen=_LATELY)
        """(how many were told before, person)."""
        self._untold: dict[int, str] = {}
        """Person on the floor → what was learnt, until the turn was told."""

    async def begin(self) -> None:
        """What is committed from now on is followed; raises StoreUnavailable."""
        await self._journal.begin()
        self._look.set()

    def look(self) -> None:
        """Calls were found of which it is not known what was learnt since their reservation."""
        self._look.set()

    async def stopped(self, persons: Collection[int]) -> frozenset[int]:
        """Who of these, whose calls no turn knows yet, may not be called any more as of now.

        What is followed while we ask finds no call of theirs on the floor: it is told here.
        """
        before, asked = self._count, frozenset(persons)
        found = await self._store.stopped(list(persons))
        meanwhile = takewhile(lambda one: one[0] >= before, reversed(self._lately))
        return found | {person for _, person in meanwhile if person in asked}

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
            except (StoreUnavailable, CommitRefused) as error:
                await self._trouble(error)

    def _heed(self, facts: Sequence[Fact], floor: FloorState) -> None:
        here = _on_the_floor(floor) if facts else frozenset[int]()
        for event in _events(facts):
            match event:
                case PersonChanged():
                    self._lately.append((self._count, event.person_id))
                    self._count += 1
                    if event.person_id in here:
                        self._untold.setdefault(event.person_id, event.what)
                case NumbersSuppressed():
                    self._look.set()
                    self._reload.set()
                case _:
                    self._reload.set()

    async def _tell(self) -> None:
        if not self._untold:
            return
        told = dict(self._untold)
        found = await self._store.person_news(list(told))
        await self._mail.put(NewsIn(tuple(replace(one, what=told[one.person_id]) for one in found)))
        self._untold.clear()

    async def _compare(self, floor: Callable[[], FloorState]) -> None:
        """Open calls beside the books, where nobody followed: after a start, and after a lost answer."""
        while True:
            await self._look.wait()
            self._look.clear()
            told = {live.call.id: live.news for live in floor().calls.values() if live.news}
            try:
                if learnt := await self._store.live_news(told):
                    await self._mail.put(NewsIn(learnt))
            except (StoreUnavailable, CommitRefused) as error:
                self._look.set()
                await self._trouble(error)

    async def _trouble(self, error: StoreUnavailable | CommitRefused) -> None:
        log.warning("news.failed", error=str(error))
        if isinstance(error, CommitRefused):
            await self._mail.put(StoreRefusedIn("news", shortened(str(error), 300)))
        await asyncio.sleep(_AGAIN)


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
