"""The carrier's two trunks: each breaks and is mended while calls go on, and sees numbers as dialled."""

from collections.abc import Iterator

import pytest

from sip_lab.behaviours import number_for
from tests.lab.eventually import eventually
from tests.lab.lab_process import Lab
from tests.lab.pbx import Pbx
from tests.lab.test_sip_lab import calls_to


@pytest.fixture
def second(lab: Lab) -> Iterator[Pbx]:
    """A manager session that dials on the second trunk; it works again afterwards."""
    session = Pbx({**lab.facts, "trunk": "backup"})
    yield session
    session.ami.close()
    lab.trunk("backup=works")


def test_a_broken_trunk_breaks_all_numbers_and_no_other_trunk(pbx: Pbx, second: Pbx, lab: Lab) -> None:
    talking = second.customer(number_for("patient", 401))
    lab.trunk("backup=unallocated")
    assert second.event(second.dial(number_for("busy", 402)), "Hangup")["TechCause"] == "404"
    assert pbx.event(pbx.dial(number_for("busy", 402)), "Hangup")["TechCause"] == "486"
    lab.trunk("backup=works")
    assert second.event(second.dial(number_for("busy", 402)), "Hangup")["TechCause"] == "486"
    second.hang_up(talking)
    told = [(call.trunk, call.behaviour) for call in calls_to(lab.facts, number_for("busy", 402))]
    assert told == [("backup", "unallocated"), ("carrier", "busy"), ("backup", "busy")]


@pytest.mark.parametrize("form", ["+{}", "{}", "00{}"])
def test_a_number_is_known_in_each_form_and_the_form_is_told(second: Pbx, lab: Lab, form: str) -> None:
    number = number_for("busy", 403)
    dialled = form.format(number[1:])
    assert second.event(second.dial(dialled), "Hangup")["TechCause"] == "486"
    eventually(lambda: calls_to(lab.facts, number)[-1].dialled == dialled)


def test_what_a_telephone_refuses_tells_of_the_trunk_it_came_by(second: Pbx, lab: Lab) -> None:
    number = number_for("overloaded", 404)
    assert second.event(second.dial(number), "Hangup")["TechCause"] == "503"
    eventually(lambda: calls_to(lab.facts, number)[-1].trunk == "backup")
    assert len(calls_to(lab.facts, number)) == 1
