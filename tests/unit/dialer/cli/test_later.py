"""The list of commands says of each what the command itself says, without importing it."""

import re

import typer
from typer.testing import CliRunner

from dialer.__main__ import COMMANDS, app
from dialer.cli.later import Later

RUNNER = CliRunner()
NAMED = typer.Typer(help="Names.")


@NAMED.command("all")
def names() -> None:
    """Every name."""
    typer.echo("Ana, Luis")


def greet(name: str) -> None:
    """Say hello."""
    typer.echo(f"hello {name}")


def told(command: Later) -> str:
    """The first paragraph of what the command itself says it does."""
    return " ".join((command.real().help or "").split("\n\n")[0].split())


def test_the_list_says_what_each_command_says_of_itself() -> None:
    assert {one.name: one.help for one in COMMANDS} == {one.name: told(one) for one in COMMANDS}


def test_a_command_that_is_called_is_the_real_one() -> None:
    later = Later("greet", f"{__name__}:greet", "Say hello.")
    assert later.params == []
    with later.make_context("greet", ["Ana"]) as context:
        assert context.params == {"name": "Ana"}


def test_a_group_that_is_called_has_its_own_commands() -> None:
    assert list(Later("names", f"{__name__}:NAMED", "Names.").real().commands) == ["all"]


def test_the_help_lists_every_command_in_order() -> None:
    shown = RUNNER.invoke(app, ["--help"]).output.split("Commands")[1]
    starts = re.findall(r"^\W ?([a-z]+)  ", shown, re.MULTILINE)
    assert starts == [one.name for one in COMMANDS]


def test_the_help_of_a_command_is_its_own() -> None:
    shown = RUNNER.invoke(app, ["run", "--help"])
    assert "which part to run" in shown.output
    assert "run [OPTIONS]" in shown.output


def test_a_word_that_is_no_command_is_refused() -> None:
    done = RUNNER.invoke(app, ["rum"])
    assert done.exit_code == 2
    assert "run" in done.output
