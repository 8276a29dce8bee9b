"""The `cadencia` command: a list of commands, each of which is imported when it is called."""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dialer.cli.faults import faults_told
from dialer.cli.later import Later
from dialer.version import line as version_line

COMMANDS = (
    Later(
        "run",
        "dialer.cli.run:run_role",
        "Run a role until SIGTERM: the engine stops dialling, lets calls end, and leaves.",
    ),
    Later(
        "migrate",
        "dialer.cli.migrations:run_migrations",
        "Bring the database to this version. It goes back only while no role is connected.",
    ),
    Later(
        "check",
        "dialer.cli.check:check",
        "Doctor: database, Redis, PBX, name resolution, clock, folders. Each fault with its cure.",
    ),
    Later(
        "demo",
        "dialer.cli.show:run_demo",
        "Run a real campaign on this machine: database, cache, two Asterisks, bots and consoles.",
    ),
    Later(
        "import",
        "dialer.cli.list_file:import_list",
        "Import a CSV or XLSX of debtors into a campaign's list.",
    ),
    Later("diagram", "dialer.cli.diagram:diagram", "Print the call's life cycle as a Mermaid diagram."),
    Later("users", "dialer.cli.users:users", "Accounts of agents, supervisors, QA and administrators."),
    Later("campaigns", "dialer.cli.campaigns:campaigns", "Campaigns."),
    Later("trunks", "dialer.cli.trunks:trunks", "Limits that the campaigns on a trunk share."),
    Later("leads", "dialer.cli.leads:leads", "The chance that a person answers each lead."),
    Later("pacing", "dialer.cli.pacing:pacing", "Pacing: what would have come of other settings."),
    Later("progress", "dialer.cli.progress:progress", "Who or what answered: train and judge the detection."),
    Later("journal", "dialer.cli.journal:journal", "Facts for every floor: who follows, what failed."),
    Later("quarantine", "dialer.cli.quarantine:quarantine", "Records that the database refused."),
    Later("suppression", "dialer.cli.suppression:suppression", "Lists of numbers that are not called."),
)
"""In the order of the help. What a command needs is imported by its own module, never by this one: a role
that died begins here again, and whatever this module brings along is paid at every restart."""


class _Commands(TyperGroup):
    """All of them."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for one in COMMANDS:
            self.add_command(one)


app = typer.Typer(
    cls=_Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Open predictive dialer and contact centre.",
    invoke_without_command=True,
)


@app.callback()
def _cadencia(
    version: Annotated[
        bool, typer.Option("--version", help="print number and commit", is_eager=True)
    ] = False,
) -> None:
    """Open predictive dialer and contact centre."""
    if version:
        typer.echo(f"cadencia {version_line()}")
        raise typer.Exit


def main() -> None:
    """Entry point of the `cadencia` command."""
    with faults_told():
        app()


if __name__ == "__main__":
    main()
