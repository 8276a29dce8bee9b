"""Who ended a call, told by what was asked before."""

from dialer.ami.endings import LIMIT, Endings


def event(name: str, channel: str) -> dict[str, str]:
    """An event of a channel."""
    return {"Event": name, "Uniqueid": channel}


def test_an_end_that_nobody_asked_for_is_the_pbxs_own() -> None:
    endings = Endings()
    assert not endings.take(event("HangupRequest", "a"))
    assert not endings.take(event("SoftHangupRequest", "b"))
    assert not endings.take(event("Hangup", "a"))
    assert not endings.take(event("Hangup", "b"))
    assert endings.take(event("Hangup", "c"))


def test_an_account_that_is_told_of_no_request_proves_nothing() -> None:
    assert not Endings().take(event("Hangup", "a"))


def test_what_was_asked_counts_for_one_end_and_is_bounded() -> None:
    endings = Endings()
    for number in range(LIMIT + 1):
        endings.take(event("HangupRequest", str(number)))
    assert endings.take(event("Hangup", "0"))
    assert not endings.take(event("Hangup", "1"))
    assert endings.take(event("Hangup", "1"))
