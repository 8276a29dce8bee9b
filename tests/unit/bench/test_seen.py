"""What Asterisk's own clock says of a join."""

import pytest

from bench.connect import Seen

PERSON, LEG = "person", "leg-000001"


def verdict(seen: Seen, at: float, channel: str = PERSON) -> None:
    seen({"Event": "UserEvent", "UserEvent": "CadenciaScreened", "Uniqueid": channel, "Timestamp": str(at)})


def entered(seen: Seen, channel: str, at: float, bridge: str = "b1") -> None:
    seen({"Event": "BridgeEnter", "BridgeUniqueid": bridge, "Uniqueid": channel, "Timestamp": str(at)})


@pytest.mark.parametrize("order", [(PERSON, LEG), (LEG, PERSON)])
def test_a_join_ends_when_the_second_of_the_two_is_in(order: tuple[str, str]) -> None:
    seen = Seen()
    verdict(seen, 10.0)
    entered(seen, order[0], 10.004)
    assert seen.joins == []
    entered(seen, order[1], 10.005)
    assert seen.joins == [pytest.approx(0.005)]


def test_joins_side_by_side_are_not_mixed() -> None:
    seen = Seen()
    verdict(seen, 1.0, "one")
    verdict(seen, 2.0, "two")
    entered(seen, "one", 2.1, "b1")
    entered(seen, "two", 2.2, "b2")
    entered(seen, "leg-2", 2.3, "b2")
    entered(seen, "leg-1", 2.4, "b1")
    assert seen.joins == [pytest.approx(0.3), pytest.approx(1.4)]


def test_a_join_without_a_verdict_is_not_counted() -> None:
    seen = Seen()
    entered(seen, "bench-a-person-0001", 1.0)
    entered(seen, "bench-a-leg-0001", 1.1)
    assert seen.joins == []
