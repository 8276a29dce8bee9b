"""Who is the engine, and what is news for it."""

from dialer.call_progress.control_server import FRESH, MOST_KEPT, Engine, Unsent
from dialer.model.facts import Heard, HeardFact, Hearing


class Ticks:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def heard(name: str) -> Heard:
    return Heard(name, Hearing.HUMAN, "greeting")


def told(unsent: Unsent, most: int = 1_000_000) -> list[str]:
    """What an engine is told whose link fails after so many words."""
    names: list[str] = []

    def tell(fact: HeardFact) -> bool:
        assert isinstance(fact, Heard)
        if len(names) == most:
            return False
        names.append(fact.channel_id)
        return True

    unsent.told(tell)
    return names


def test_the_newest_engine_counts_and_the_same_one_again() -> None:
    held = Engine(7, "ana")
    assert Engine(8, "bea").displaces(held)
    assert Engine(7, "ana").displaces(held)
    assert not Engine(7, "bea").displaces(held)
    assert not Engine(6, "ana").displaces(held)


def test_what_was_heard_is_told_once_and_in_order() -> None:
    unsent = Unsent(Ticks())
    unsent.put([heard("a"), heard("b")])
    assert told(unsent) == ["a", "b"]
    assert told(unsent) == []
    assert unsent.lost == 0


def test_what_a_failing_link_did_not_take_is_told_by_the_next() -> None:
    unsent = Unsent(Ticks())
    unsent.put([heard("a"), heard("b"), heard("c")])
    assert told(unsent, most=1) == ["a"]
    assert told(unsent) == ["b", "c"]


def test_what_is_old_is_no_news() -> None:
    clock = Ticks()
    unsent = Unsent(clock)
    unsent.put([heard("old")])
    clock.at += FRESH / 2
    unsent.put([heard("new")])
    clock.at += FRESH / 2 + 0.1
    assert told(unsent) == ["new"]
    assert unsent.lost == 1


def test_it_keeps_so_much_and_no_more() -> None:
    unsent = Unsent(Ticks())
    unsent.put(heard(str(number)) for number in range(MOST_KEPT + 10))
    assert told(unsent)[0] == "10"
    assert unsent.lost == 10


def test_what_was_meant_for_another_engine_is_forgotten() -> None:
    unsent = Unsent(Ticks())
    unsent.put([heard("a")])
    unsent.forget()
    assert told(unsent) == []
    assert unsent.lost == 1
