"""What came twice is seen twice, within bounds."""

from dialer.store.recent import Recent


def test_a_key_is_new_once() -> None:
    recent = Recent(3)
    assert [recent.first_time(key) for key in "aab"] == [True, False, True]


def test_the_oldest_is_forgotten() -> None:
    recent = Recent(2)
    assert [recent.first_time(key) for key in "abca"] == [True, True, True, True]
    assert not recent.first_time("c")


def test_no_key_is_always_new() -> None:
    recent = Recent(1)
    assert recent.first_time("")
    assert recent.first_time("")
