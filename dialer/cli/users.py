"""`cadencia users`: accounts of agents, supervisors, QA and administrators."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

import typer

from consoles.password_rules import REASONS, weakness, words_of
from consoles.passwords import Passwords
from consoles.users import NewUser, create_user, list_users, set_password_of
from dialer.cli.causes import constraints_told
from dialer.cli.database import connect, known_campaign
from dialer.cli.running import on_uvloop, say
from dialer.settings import Settings

users = typer.Typer(no_args_is_help=True, help="Accounts of agents, supervisors, QA and administrators.")


class UserRole(StrEnum):
    """What an account may do."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    QA = "qa"
    ADMIN = "admin"


@users.command("add")
def add_user(
    login: str,
    name: Annotated[str, typer.Option(help="shown name")],
    role: Annotated[UserRole, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
    endpoint: Annotated[str, typer.Option(help="PJSIP endpoint of an agent")] = "",
    sip_user: Annotated[str, typer.Option()] = "",
    sip_password: Annotated[str, typer.Option()] = "",
    skill: Annotated[list[str] | None, typer.Option(help="code=level, repeatable")] = None,
    campaign: Annotated[list[str] | None, typer.Option(help="campaign code, repeatable")] = None,
) -> None:
    """Add an account."""
    _demand(password, login, name, sip_user)
    skills = {code: int(level) for code, _, level in (text.partition("=") for text in skill or [])}

    async def main() -> None:
        passwords = Passwords()
        hashed = await passwords.hash(password)
        passwords.close()
        database = await connect()
        try:
            ids = [await known_campaign(database, code) for code in campaign or []]
            user = NewUser(
                login=login,
                name=name,
                role=role.value,
                password_hash=hashed,
                endpoint=endpoint,
                sip_user=sip_user,
                sip_password=sip_password,
                skills=skills,
                campaigns=ids,
            )
            with constraints_told():
                say(f"user {login} has id {await create_user(database, user)}")
        finally:
            await database.close()

    on_uvloop(main())


@users.command("passwd")
def set_password(
    login: str,
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Give an account another password; its logins end."""

    async def main() -> None:
        database = await connect()
        try:
            user = next((user for user in await list_users(database) if user.login == login), None)
            if user is None:
                raise typer.BadParameter(f"there is no user {login}")
            _demand(password, login, user.name)
            await set_password_of(database, user.id, Passwords().hash_now(password), datetime.now(UTC))
            say(f"user {login} has another password; whoever was logged in as {login} is no more")
        finally:
            await database.close()

    on_uvloop(main())


def _demand(password: str, *names: str) -> None:
    reason = weakness(password, words_of(Settings(), *names))
    if reason is not None:
        raise typer.BadParameter(f"the password is not taken: {REASONS[reason]}")


@users.command("list")
def show_users() -> None:
    """All accounts."""

    async def main() -> None:
        database = await connect()
        try:
            for user in await list_users(database):
                state = "" if user.active else " (inactive)"
                typer.echo(f"{user.id:5d}  {user.login:20s} {user.role:11s} {user.name}{state}")
        finally:
            await database.close()

    on_uvloop(main())
