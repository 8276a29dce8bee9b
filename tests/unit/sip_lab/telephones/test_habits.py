"""The table of behaviours and the telephones know the same names."""

from sip_lab.behaviours import BEHAVIOURS, number_for, twist_seconds, voice_of
from sip_lab.telephones.habits import HABITS


def test_every_telephone_has_its_habit() -> None:
    assert set(HABITS) == {b.name for b in BEHAVIOURS if b.telephone}
    assert all(b.weight == 0 for b in BEHAVIOURS if b.telephone)


def test_instants_and_voices_are_drawn_from_the_seed() -> None:
    numbers = [number_for("moved", index) for index in range(50)]
    twists = {twist_seconds(number) for number in numbers}
    assert len(twists) > 40
    assert all(3 <= twist <= 6 for twist in twists)
    assert twist_seconds(numbers[0], 2) != twist_seconds(numbers[0], 1)
    assert {voice_of(number) for number in numbers} == set(range(5))
