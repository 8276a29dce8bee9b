"""`cadencia campaigns`: a campaign is made of what exists, or not at all."""

import asyncio
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

import asyncpg
import typer
import uvloop
from pydantic import ValidationError

from consoles.trunks import WrongTrunk, checked, known_trunks
from dialer.cli.causes import constraints_told
from dialer.cli.database import connect, create_campaign
from dialer.doctor.phones import state_of
from dialer.doctor.rules import is_number, shown_refused
from dialer.exceptions import ActionFailed, LinkUnavailable, Unsendable
from dialer.model.campaign import CampaignSettings, DialMode
from dialer.settings import Settings
from portfolio.rule_packs import BrokenPack, LabOnly, RulePack, UnknownPack
from portfolio.rule_packs.shelf import SHELF

_TRUNK = re.compile(r"[A-Za-z0-9_.-]{1,40}")

campaigns = typer.Typer(no_args_is_help=True, help="Campaigns.")


@campaigns.callback()
def _group() -> None:
    """Campaigns."""


@campaigns.command("add")
def add_campaign(
    code: str,
    name: Annotated[str, typer.Option()],
    trunk: Annotated[str, typer.Option(help="PJSIP endpoint of the carrier")],
    caller_id: Annotated[str, typer.Option(help="number shown to the called people, E.164")],
    mode: Annotated[DialMode, typer.Option()] = DialMode.PROGRESSIVE,
    rule_pack: Annotated[str, typer.Option()] = "default-strict",
    spare_trunk: Annotated[
        list[str] | None, typer.Option(help="takes over while the trunk rests; several in their order")
    ] = None,
) -> None:
    """Add a stopped campaign; its pack, caller id and (if Asterisk can be asked) trunks must exist."""
    if not is_number(caller_id):
        raise typer.BadParameter(
            f"{caller_id} is no number in E.164, such as +34910000000, that a country gives out"
        )
    if not all(_TRUNK.fullmatch(one) for one in (trunk, *(spare_trunk or []))):
        raise typer.BadParameter("a trunk's name has 1 to 40 letters, digits, dots, dashes")
    settings = _settings(mode, rule_pack, spare_trunk or [])

    async def main() -> None:
        database = await connect()
        try:
            pack = await _known_pack(database, rule_pack)
            await _known_trunks(database, trunk, settings.spare_trunks)
            doubt = await _there([trunk, *settings.spare_trunks])
            with constraints_told():
                made = await create_campaign(
                    database, code=code, name=name, trunk=trunk, caller_id=caller_id, settings=settings
                )
            typer.echo(f"cadencia: campaign {code} has id {made}")
            if doubt:
                typer.echo(f"cadencia: {doubt}")
            if why := await shown_refused(database, pack, caller_id, datetime.now(UTC)):
                typer.echo(
                    f"cadencia: its rules do not let it show {caller_id} today ({why}): it calls nobody"
                )
        finally:
            await database.close()

    uvloop.run(main())


def _settings(mode: DialMode, rule_pack: str, spare: Sequence[str]) -> CampaignSettings:
    try:
        return CampaignSettings(mode=mode, rule_pack=rule_pack, spare_trunks=tuple(spare))
    except ValidationError as error:
        raise typer.BadParameter("; ".join(one["msg"] for one in error.errors())) from None


async def _known_pack(database: "asyncpg.Connection[asyncpg.Record]", name: str) -> RulePack:
    """Those of the product and the firm's own in the database; raises typer.BadParameter for any other."""
    SHELF.laboratory = Settings().laboratory
    await SHELF.refresh(database)
    try:
        return await asyncio.to_thread(SHELF.get, name)
    except LabOnly:
        raise typer.BadParameter(f"{name} is for the laboratory only: choose one for people") from None
    except UnknownPack:
        raise typer.BadParameter(f"there is no rule pack {name}") from None
    except BrokenPack as broken:
        raise typer.BadParameter(str(broken)) from None


async def _known_trunks(
    database: "asyncpg.Connection[asyncpg.Record]", own: str, spare: tuple[str, ...]
) -> None:
    """The first campaign's trunk is new; raises typer.BadParameter for any other that nobody knows."""
    known = await known_trunks(database)
    cure = f"known: {', '.join(sorted(known)) or 'none'}; make another known with `cadencia trunks set`"
    if known and own not in known:
        raise typer.BadParameter(f"there is no trunk {own} ({cure})")
    try:
        checked(own, spare, known)
    except WrongTrunk as wrong:
        raise typer.BadParameter(f"{wrong} ({cure})") from None


async def _there(names: Sequence[str]) -> str:
    """Raises typer.BadParameter for one that the PBX does not know; what stays in doubt when it is away."""
    try:
        states = await state_of(Settings(), names)
    except (LinkUnavailable, ActionFailed, Unsendable) as error:
        return f"Asterisk could not be asked for {', '.join(names)} ({error}): see `cadencia check`"
    if absent := [name for name, state in states.items() if state == "INVALID"]:
        raise typer.BadParameter(f"Asterisk knows no trunk {', '.join(absent)}: add it to pjsip.conf first")
    return ""
