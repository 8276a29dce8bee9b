"""What ends a command and is none of its defects: one line, with the setting or the step that cures it."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import annotated_types
import asyncpg
import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from dialer.cli.supervise import UNFIT
from dialer.exceptions import SettingUnusable, StoreUnavailable
from dialer.settings import PREFIX, Settings, env_file, where_read

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


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a command ends."""

    lines: Sequence[str]
    code: int


def cause_of(error: Exception) -> Cause | None:
    """What is told in place of a traceback; None for a defect of the command's own."""
    match error:
        case ValidationError() if error.title == Settings.__name__:
            return Cause(bad_settings(error), UNFIT)
        case SettingUnusable():
            return Cause([str(error)], UNFIT)
        case StoreUnavailable():
            cure = f"start PostgreSQL, or mend {PREFIX}DATABASE_URL {where_read()}"
            return Cause([f"the database cannot be used ({error}): {cure}"], 1)
        case asyncpg.UndefinedTableError() | asyncpg.UndefinedColumnError():
            return Cause([f"the database is not that of this version ({error}): run `cadencia migrate`"], 1)
        case _:
            return None


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
