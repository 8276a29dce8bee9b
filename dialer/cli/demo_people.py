"""Whom the demo is about: its campaigns, its accounts, and the lists of invented debtors."""

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from consoles.passwords import Passwords
from consoles.users import NewUser, create_user
from consoles.web_deps import Connection
from dialer.cli.database import create_campaign, statements
from dialer.cli.demo_options import PASSWORD, DemoFailed, DemoOptions
from dialer.cli.supervise import Say
from dialer.model.campaign import CampaignSettings, RetryRule
from dialer.model.outcomes import Outcome
from portfolio.importer import ImportReport, import_file

CALLER_ID = "+3491000000{}"
"""What the campaigns show, by their place."""
_NAMES = ("Cartera de demostración", "Tarjetas", "Telefonía", "Energía", "Préstamos", "Seguros")
_COMES_BACK = {
    Outcome.BUSY: 3, Outcome.NO_ANSWER: 7, Outcome.MACHINE: 8, Outcome.MESSAGE_LEFT: 8, Outcome.REJECTED: 10,
    Outcome.DECLINED: 12, Outcome.HUNG_UP_EARLY: 8, Outcome.UNREACHABLE: 10, Outcome.CONGESTION: 3,
    Outcome.ABANDONED: 10, Outcome.UNSERVED: 10, Outcome.GAVE_UP: 6, Outcome.CANCELLED: 7,
    Outcome.INTERCEPT: 15,
}  # fmt: skip
"""Outcome → minutes after which somebody of a demo that goes on is called again."""
LIVELY_PACK, ONE_DAY_PACK = "lab-demo", "lab-open"


@dataclass(frozen=True, slots=True)
class DemoCampaign:
    """One of the demo's campaigns."""

    id: int
    name: str
    caller_id: str


def settings_of(options: DemoOptions) -> CampaignSettings:
    """What the demo's campaigns begin with."""
    lively = options.goes_on
    return CampaignSettings(
        mode=options.mode,
        calls_per_agent=options.calls_per_agent,
        screening=options.screening,
        rule_pack=LIVELY_PACK if lively else ONE_DAY_PACK,
        wrap_limit=60,
        retry={one: RetryRule(minutes=rest) for one, rest in _COMES_BACK.items()} if lively else {},
    )


async def fill(
    options: DemoOptions, lab: Mapping[str, Any], state: Path, say: Say
) -> tuple[DemoCampaign, ...]:
    """Campaigns, accounts and the first lists."""
    pool = await asyncpg.create_pool(lab["postgres"]["dsn"], min_size=1, max_size=2)
    try:
        async with pool.acquire() as database:
            if await database.fetchval(statements()["campaign_id"], "demo") is not None:
                raise DemoFailed("this laboratory has a demo in its database already: begin with a new one")
            made = [await _campaign(database, options, lab, place) for place in range(options.campaigns)]
            await _people(database, lab, [one.id for one in made], state)
        for place, campaign in enumerate(made):
            share = options.debtors // len(made) + (place < options.debtors % len(made))
            first = place * (options.debtors // len(made) + 1)
            told = await bring(
                pool, options, campaign.id, "demo", share, seed=options.seed + place, first=first
            )
            say(f"list of {campaign.name}: {told.imported} debtors imported, {told.rejected} rows rejected")
    finally:
        await pool.close()
    return tuple(made)


async def _campaign(
    database: Connection, options: DemoOptions, lab: Mapping[str, Any], place: int
) -> DemoCampaign:
    name, caller_id = _NAMES[place % len(_NAMES)], CALLER_ID.format(place)
    campaign = await create_campaign(
        database,
        code="demo" if place == 0 else f"demo-{place + 1}",
        name=name if place < len(_NAMES) else f"{name} {place + 1}",
        trunk=lab["trunk"],
        caller_id=caller_id,
        settings=settings_of(options),
    )
    await database.execute(statements()["require_skill"], campaign, "collections", 1)
    return DemoCampaign(campaign, name, caller_id)


async def _people(
    database: Connection, lab: Mapping[str, Any], campaigns: Sequence[int], state: Path
) -> None:
    passwords, hidden = Passwords(), secrets.token_urlsafe(18)
    shown, bot_hash = await passwords.hash(PASSWORD), await passwords.hash(hidden)
    passwords.close()
    for login, name, role in (
        ("supervisor", "Sara Supervisora", "supervisor"),
        ("calidad", "Quim Calidad", "qa"),
        ("admin", "Ada Administradora", "admin"),
    ):
        await create_user(database, NewUser(login=login, name=name, role=role, password_hash=shown))  # type: ignore[arg-type]
    lines = [(f"bot{i:02d}", f"Agente Bot {i:02d}", bot, bot_hash) for i, bot in enumerate(lab["bots"], 1)]
    names = ("Ana Agente", "Luis Agente", "Marta Agente", "Jordi Agente")
    logins = ("ana", "luis", "marta", "jordi")
    lines += list(zip(logins, names, lab["web_agents"], [shown] * 4, strict=False))
    for login, name, line, hashed in lines:
        user = NewUser(
            login=login,
            name=name,
            role="agent",
            password_hash=hashed,
            endpoint=line["endpoint"],
            sip_user=line.get("sip_user", ""),
            sip_password=line.get("sip_password", ""),
            skills={"collections": 50 if login.startswith("bot") else 80},
            campaigns=list(campaigns),
        )
        await create_user(database, user)
    accounts = [
        {"login": login, "password": hidden, "endpoint": line["endpoint"]}
        for login, _, line, _ in lines
        if login.startswith("bot")
    ]
    told = state / "bots.json"
    told.touch(mode=0o600)
    told.write_text(json.dumps(accounts))


async def bring(
    pool: "asyncpg.Pool[asyncpg.Record]",
    options: DemoOptions,
    campaign: int,
    name: str,
    count: int,
    *,
    seed: int,
    first: int,
) -> ImportReport:
    """Import a list of so many invented debtors; `first`: how many came before, whose numbers none has."""
    words = ["--count", str(count), "--seed", str(seed), "--first", str(first)]
    words += ["--drawn"] if options.drawn else []
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sip_lab.debtors", *words, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None

    async def chunks(source: asyncio.StreamReader) -> AsyncIterator[bytes]:
        while chunk := await source.read(65_536):
            yield chunk

    report = await import_file(
        pool,
        chunks(process.stdout),
        campaign_id=campaign,
        list_name=name,
        default_region="ES",
        creditor="Demo",
    )
    await process.wait()
    return report
