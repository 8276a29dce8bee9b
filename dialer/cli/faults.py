"""What ends a command and is none of its defects: one line, with the setting or the step that cures it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import annotated_types
import asyncpg
import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dialer.cli.supervise import UNFIT
from dialer.exceptions import SettingUnusable, StoreUnavailable
from dialer.settings import PREFIX, Settings, env_file

_KINDS = {
    "int_parsing": "is no whole number",
    "int_from_float": "is no whole number",
    "float_parsing": "is no number",
    "finite_number": "is no number",
    "bool_parsing": "is neither true nor false",
    "greater_than": "is too small",
    "greater_than_equal": "is too small",
    "less_than": "is too large",
    "less_than_equal": "is too large",
    "literal_error": "is none of these",
    "value_error": "has not this form",
}
"""What is wrong with a value, by pydantic's word for it; the value itself may be a secret."""
_BOUNDS = (
    (annotated_types.Ge, "ge", "from"),
    (annotated_types.Gt, "gt", "above"),
    (annotated_types.Le, "le", "to"),
    (annotated_types.Lt, "lt", "below"),
)
_TYPES = {str(int): "a whole number", str(float): "a number", str(bool): "true or false"}


def told(line: str) -> None:
    """One line on stderr."""
    typer.echo(f"cadencia: {line}", err=True)


@contextmanager
def faults_told() -> Iterator[None]:
    """Ends the command with a line instead of a traceback where the cause is known."""
    try:
        yield
    except ValidationError as error:
        if error.title != Settings.__name__:
            raise
        for line in bad_settings(error):
            told(line)
        raise SystemExit(UNFIT) from None
    except SettingUnusable as error:
        told(str(error))
        raise SystemExit(UNFIT) from None
    except StoreUnavailable as error:
        told(
            f"the database cannot be used ({error}): start PostgreSQL, or mend {PREFIX}DATABASE_URL {read()}"
        )
        raise SystemExit(1) from None
    except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
        told(f"the database is not that of this version ({error}): run `cadencia migrate`")
        raise SystemExit(1) from None


@contextmanager
def constraints_told() -> Iterator[None]:
    """What the database does not accept is told in one line."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        typer.echo(f"cadencia: not added: {error.detail}")
    except asyncpg.IntegrityConstraintViolationError as error:
        # Its detail would show the whole row, the password's hash among the rest.
        typer.echo(f"cadencia: not added: malformed value, see {error.constraint_name} in {error.table_name}")
    else:
        return
    raise typer.Exit(1)


def read() -> str:
    """Where settings come from, in brackets."""
    found = env_file()
    return f"(read: the environment, and {found})" if found else "(read: the environment; no .env is here)"


def bad_settings(error: ValidationError) -> list[str]:
    """One line for each: its name, what is wrong with it, what is allowed, and where it was read."""
    return [_bad_setting(detail) for detail in error.errors(include_url=False, include_input=False)]


def _bad_setting(detail: ErrorDetails) -> str:
    field = str(detail["loc"][0])
    name = f"{PREFIX}{field.upper()}"
    wrong = _KINDS.get(detail["type"], f"cannot be used ({detail['msg']})")
    return f"{name} {wrong}; allowed: {_allowed(field, detail)}; {_source(name)}"


def _allowed(field: str, detail: ErrorDetails) -> str:
    context = detail.get("ctx", {})
    if detail["type"] == "literal_error":
        return str(context["expected"])
    if detail["type"] == "value_error":
        return str(context["error"])
    info = Settings.model_fields[field]
    bounds = [
        f"{word} {getattr(rule, attribute):g}"
        for kind, attribute, word in _BOUNDS
        for rule in info.metadata
        if isinstance(rule, kind)
    ]
    shape = _TYPES.get(str(info.annotation), "a text")
    return f"{' '.join([shape, *bounds])} ({info.description})"


def _source(name: str) -> str:
    if name in {key.upper() for key in os.environ}:
        return "it stands in the environment"
    return f"it stands in {env_file()}"
