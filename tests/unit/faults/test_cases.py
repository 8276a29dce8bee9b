"""The cases of the fault harness have names that find them again."""

import pytest

from tests.lab.faults.cases import MATRIX, SHORT, chosen, every


def test_every_case_has_a_name_of_its_own() -> None:
    names = [case.name for case in every()]
    assert len(set(names)) == len(names)
    assert {case.components[0] for case in every()} == {component for component, *_ in MATRIX}


def test_a_case_is_found_by_its_name() -> None:
    assert [case.name for case in chosen(["engine-kill-ringing"], 1)] == ["engine-kill-ringing"]
    assert chosen(["short"], 1) == list(SHORT)
    assert len(chosen([], 1)) == len({case.name for case in (*SHORT, *every())})
    assert chosen([], 1) != chosen([], 2)
    with pytest.raises(SystemExit):
        chosen(["nothing-is-named-so"], 1)
