"""Rejected rows are fetched once, by their owner, within the hour."""

from datetime import UTC, datetime, timedelta

from consoles.rejects import KEEP, MAX_BYTES, MAX_FILES, RejectShelf

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_file_is_given_once_to_its_owner() -> None:
    shelf = RejectShelf()
    token = shelf.put(b"rows", 1, NOW)
    assert shelf.look(token, 2, NOW) is None
    assert shelf.look(token, 1, NOW) == b"rows"
    shelf.drop(token)
    assert shelf.look(token, 1, NOW) is None


def test_old_and_superfluous_files_go() -> None:
    shelf = RejectShelf()
    tokens = [shelf.put(b"x", 1, NOW + timedelta(seconds=n)) for n in range(MAX_FILES + 1)]
    assert shelf.look(tokens[0], 1, NOW) is None
    assert shelf.look(tokens[1], 1, NOW) == b"x"
    assert shelf.look(tokens[2], 1, NOW + KEEP + timedelta(minutes=1)) is None


def test_a_huge_file_is_cut_at_a_line() -> None:
    shelf = RejectShelf()
    content = b"line\n" * (MAX_BYTES // 5 + 10)
    kept = shelf.look(shelf.put(content, 1, NOW), 1, NOW)
    assert kept is not None
    assert MAX_BYTES - 5 <= len(kept) <= MAX_BYTES
    assert kept.endswith(b"line\n")
