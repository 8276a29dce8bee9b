"""What the database says is needed of the PBX, the detector and the rules. It is only read."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime

import asyncpg
from pydantic import ValidationError

from dialer.doctor.stores import Unasked, reading
from dialer.model.campaign import CampaignSettings, OnVoicemail, Screening
from dialer.model.sounds import sound_in
from dialer.settings import Settings
from dialer.store.sql import queries
from portfolio.rule_packs.shelf import PackShelf


@dataclass(frozen=True, slots=True)
class Planned:
    """A campaign as it would be run."""

    code: str
    trunk: str
    caller_id: str
    registered: bool
    """Whether its caller id stands in the firm's registry today."""
    settings: CampaignSettings | None
    """None where nobody can understand them."""
    tells_case: bool = False
    """Whether its pack, now or from a day that it names, has those who wait told the number of the case."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Everything that campaigns and agents lean on."""

    campaigns: tuple[Planned, ...] = ()
    endpoints: tuple[str, ...] = ()
    """Of the active agents."""
    shelf: PackShelf = field(default_factory=PackShelf)

    @property
    def understood(self) -> list[CampaignSettings]:
        """The settings that can be read."""
        return [one.settings for one in self.campaigns if one.settings is not None]

    @property
    def trunks(self) -> list[str]:
        """Those that campaigns use, and those that take over."""
        spare = {name for one in self.understood for name in one.spare_trunks}
        return sorted({one.trunk for one in self.campaigns} | spare)

    @property
    def screened(self) -> list[str]:
        """Codes of the campaigns that ask the detector."""
        return [
            one.code
            for one in self.campaigns
            if one.settings is not None and one.settings.screening is Screening.PROGRESS
        ]

    def messages(self, sounds: str, ours: str) -> list[str]:
        """Paths, without ending, of what people are played.

        `sounds`: the PBX's folder of ours; `ours`: the folder of the campaigns' own messages.
        """
        wanted = {f"{sounds}/es/safe-harbour"} if not self.understood else set()
        for planned in self.campaigns:
            one = planned.settings
            if one is None:
                continue
            folder = f"{sounds}/{one.language}"
            wanted.add(f"{folder}/safe-harbour")
            if one.on_voicemail is OnVoicemail.LEAVE_MESSAGE:
                own = sound_in(ours, one.voicemail_message)  # as the engine has it played
                wanted.add(own or f"{folder}/voicemail-message")
            if one.inbound:
                wanted |= {f"{folder}/inbound-{part}" for part in ("welcome", "busy", "offer", "confirm")}
            if one.inbound and (one.inbound_case_number or planned.tells_case):
                wanted.add(f"{folder}/inbound-case")
        return sorted(wanted)


async def look(settings: Settings) -> Floor | Unasked:
    """What stands in the database now, in one transaction that cannot write."""
    sql, shelf = queries("dialer.doctor"), PackShelf()
    shelf.laboratory = settings.laboratory
    try:
        async with reading(settings) as connection:
            campaigns = await connection.fetch(sql["campaigns"])
            endpoints = await connection.fetch(sql["endpoints"])
            await shelf.refresh(connection)
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError):
        return Unasked("migrations")
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return Unasked("database")
    # In a thread, as the first look at a pack takes most of a second.
    planned = await asyncio.to_thread(lambda: tuple(_planned(row, shelf) for row in campaigns))
    return Floor(planned, tuple(row["endpoint"] for row in endpoints), shelf)


def _planned(row: asyncpg.Record, shelf: PackShelf) -> Planned:
    try:
        settings = CampaignSettings.model_validate_json(row["settings"])
    except ValidationError:
        settings = None
    tells = settings is not None and _tells_case(shelf, settings.rule_pack)
    return Planned(row["code"], row["trunk"], row["caller_id"], row["registered"], settings, tells)


def _tells_case(shelf: PackShelf, name: str) -> bool:
    """The file must be there on the day, so it is asked for before; a pack's troubles are told elsewhere."""
    try:
        pack = shelf.get(name)
    except (LookupError, ValueError):
        return False
    today = pack.at(datetime.now(UTC))
    ahead = [change.parts.get("inbound") for change in pack.changes if change.start > datetime.now(UTC)]
    return any(rule is not None and rule.case_number_told for rule in (today.inbound, *ahead))
