"""A pack that is marked for the laboratory holds there, and nowhere else."""

import pytest

from portfolio.rule_packs import LabOnly, pack_text
from portfolio.rule_packs.shelf import PackShelf


def test_nobody_is_called_by_it_where_people_can_be_called() -> None:
    shelf = PackShelf()
    with pytest.raises(LabOnly, match="laboratory"):
        shelf.get("lab-open")
    assert shelf.look("lab-open").lab_only
    assert not shelf.get("default-strict").lab_only


def test_in_the_laboratory_it_holds() -> None:
    shelf = PackShelf()
    shelf.laboratory = True
    assert shelf.get("lab-open").name == "lab-open"


def test_one_of_the_firm_s_own_is_no_way_around_it() -> None:
    """However it came into the books."""
    shelf = PackShelf()
    shelf.put("casa", 1, pack_text("lab-open").replace("name: lab-open", "name: casa"))
    with pytest.raises(LabOnly):
        shelf.get("casa")


def test_it_is_not_offered_where_it_does_not_hold() -> None:
    shelf = PackShelf()
    names = ("default-strict", "lab-open")
    assert [one.name for one in shelf.summaries(names)] == ["default-strict"]
    shelf.laboratory = True
    assert [one.name for one in shelf.summaries(names)] == list(names)
