"""`cadencia check`: the doctor's findings, line by line."""

from typing import Annotated

import typer

from dialer.cli.running import on_uvloop
from dialer.doctor import examine
from dialer.settings import Settings


def check(
    english: Annotated[bool, typer.Option("--english", help="findings in English, not Spanish")] = False,
) -> None:
    """Doctor: database, Redis, PBX, name resolution, clock, folders. Each fault with its cure."""

    async def main() -> None:
        findings = await examine(Settings(), locale="en" if english else "es")
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.ok else 'FAIL'} {finding.name}: {finding.detail}")
            if not finding.ok:
                typer.echo(f"     → {finding.cure}")
        if not all(finding.ok for finding in findings):
            raise typer.Exit(1)

    on_uvloop(main())
