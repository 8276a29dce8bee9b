"""A fault whose cause is known ends with its code; a defect keeps its traceback."""

import asyncpg
import pytest
from pydantic import BaseModel, ValidationError

from dialer.cli.causes import cause_of
from dialer.cli.faults import faults_told
from dialer.cli.supervise import UNFIT
from dialer.exceptions import SettingUnusable, StoreUnavailable
from dialer.settings import Settings


def refused(model: type[BaseModel], **values: object) -> ValidationError:
    """What pydantic says against such values."""
    with pytest.raises(ValidationError) as raised:
        model(**values)
    return raised.value


class Page(BaseModel):
    """Something that is no setting."""

    number: int


@pytest.mark.parametrize(
    ("error", "code", "word"),
    [
        (refused(Settings, ami_port=0), UNFIT, "CADENCIA_AMI_PORT is too small"),
        (SettingUnusable("CADENCIA_X cannot be used"), UNFIT, "CADENCIA_X cannot be used"),
        (StoreUnavailable("refused"), 1, "start PostgreSQL"),
        (asyncpg.UndefinedTableError("no call"), 1, "cadencia migrate"),
        (asyncpg.UndefinedColumnError("no column"), 1, "cadencia migrate"),
    ],
)
def test_a_known_fault_ends_with_its_line_and_code(
    error: Exception, code: int, word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended, faults_told():
        raise error
    assert ended.value.code == code
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("cadencia: ")
    assert word in line


@pytest.mark.parametrize("defect", [KeyError("x"), refused(Page, number="no")])
def test_a_defect_is_not_hidden(defect: Exception) -> None:
    assert cause_of(defect) is None
    with pytest.raises(type(defect)), faults_told():
        raise defect


def test_an_end_that_was_meant_passes() -> None:
    with pytest.raises(SystemExit) as ended, faults_told():
        raise SystemExit(3)
    assert ended.value.code == 3
