"""The packs of one process: those of the product, and those the firm has published, the newest of each."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

import asyncpg
import structlog
from pydantic import ValidationError

from portfolio.rule_packs import (
    BrokenPack,
    LabOnly,
    PackSummary,
    RulePack,
    UnknownPack,
    load_pack,
    read_pack,
)
from portfolio.sql import statements

if TYPE_CHECKING:
    from asyncpg.pool import PoolConnectionProxy

    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]

log = structlog.get_logger(__name__)


class PackShelf:
    """Packs by name. One that fails its own examples is remembered as broken: nobody is called by it."""

    def __init__(self) -> None:
        self._own: dict[str, tuple[int, RulePack | None]] = {}
        self.laboratory = False
        """Whether this process serves a laboratory, where nobody real can be called."""

    def get(self, name: str) -> RulePack:
        """The pack to call by; raises UnknownPack, BrokenPack, or LabOnly outside the laboratory."""
        pack = self.look(name)
        if pack.lab_only and not self.laboratory:
            raise LabOnly(f"{name} is for the laboratory only")
        return pack

    def look(self, name: str) -> RulePack:
        """The pack to read, wherever it may hold; raises UnknownPack, BrokenPack.

        The first look may take most of a second.
        """
        if name not in self._own:
            return load_pack(name)
        pack = self._own[name][1]
        if pack is None:
            raise BrokenPack(f"{name} does not pass its own examples")
        return pack

    def summaries(self, names: Iterable[str] = ()) -> tuple[PackSummary, ...]:
        """These packs and all of the firm's own, as far as they are usable, by name."""
        found = []
        for name in sorted({*names, *self._own}):
            try:
                pack = self.get(name)
            except (UnknownPack, BrokenPack):
                continue
            found.append(PackSummary(pack.name, pack.version, pack.title_es, pack.title_en, pack.lab_only))
        return tuple(found)

    def put(self, name: str, version: int, body: str) -> None:
        """A published version, unless it is known; a broken one takes the place of the one before."""
        if self._own.get(name, (0, None))[0] == version:
            return
        try:
            pack = read_pack(body)
        except (BrokenPack, ValidationError, UnknownPack) as error:
            log.error("rule_pack.unusable", pack=name, version=version, error=str(error))
            pack = None
        self._own[name] = (version, pack)

    async def refresh(self, connection: "Connection") -> None:
        """Look for versions published since."""
        for row in await connection.fetch(statements()["newest_packs"]):
            await asyncio.to_thread(self.put, row["name"], row["version"], row["body"])


SHELF = PackShelf()
"""Of this process: a pack is the same for everybody in it."""
