"""Whose password is looked at next."""

from consoles.login_queue import Asker, FairQueue


def order(queue: FairQueue[str]) -> list[str]:
    said = []
    while (one := queue.take()) is not None:
        said.append(one)
    return said


def waiting(*askers: tuple[str, Asker]) -> FairQueue[str]:
    queue: FairQueue[str] = FairQueue(100)
    for name, asker in askers:
        queue.add(asker, name)
    return queue


def stranger(login: str, address: str) -> Asker:
    return Asker(login, address, known=False)


def test_who_is_known_goes_first() -> None:
    queue = waiting(
        ("mallory", stranger("ana", "a")), ("ana", Asker("ana", "b", known=True)), ("eve", stranger("x", "c"))
    )
    assert order(queue)[0] == "ana"


def test_the_newest_goes_first_among_equals() -> None:
    assert order(waiting(*((str(n), stranger(str(n), str(n))) for n in range(3)))) == ["2", "1", "0"]


def test_addresses_take_turns_and_in_them_logins() -> None:
    crowd = [(f"crowd{n}", stranger("ana", "a")) for n in range(3)]
    said = order(waiting(("one", stranger("bea", "b")), ("of a", stranger("carla", "a")), *crowd))
    assert said == ["crowd2", "one", "of a", "crowd1", "crowd0"]


def test_when_it_is_full_the_last_in_turn_has_to_go_and_not_the_newcomer() -> None:
    queue: FairQueue[str] = FairQueue(2)
    assert queue.add(stranger("ana", "a"), "first") is None
    assert queue.add(stranger("ana", "a"), "second") is None
    assert queue.add(stranger("bea", "b"), "third") == "first"
    assert len(queue) == 2
    queue.leave("second")
    assert order(queue) == ["third"]


def test_full_of_the_known_a_stranger_has_to_go_at_once() -> None:
    queue: FairQueue[str] = FairQueue(1)
    queue.add(Asker("ana", "a"), "ana")
    assert queue.add(stranger("bea", "b"), "bea") == "bea"
