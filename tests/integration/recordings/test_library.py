"""The archive as the consoles read it."""

import hashlib
from pathlib import Path

import pytest

from recordings.library import ByteRange, NotInArchive, checksum, read_range, resolve, verify


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive with one file, and a secret beside it."""
    (tmp_path / "secret.opus").write_bytes(b"secret")
    folder = tmp_path / "archive" / "2026" / "11" / "23"
    folder.mkdir(parents=True)
    (folder / "call.opus").write_bytes(bytes(range(256)) * 1000)
    (folder / "link.opus").symlink_to(tmp_path / "secret.opus")
    return tmp_path / "archive"


def test_a_recording_is_found(archive: Path) -> None:
    path = resolve(archive, "2026/11/23/call.opus")
    assert path.read_bytes()[:3] == b"\x00\x01\x02"


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "../secret.opus", "/etc/passwd", "2026/11/23", "2026/11/23/link.opus",
     "2026/11/23/no.opus", "2026/../../secret.opus", "2026/11/23/call.opus\x00", "x" * 5000],
)  # fmt: skip
def test_nothing_else_is_found(archive: Path, path: str) -> None:
    with pytest.raises(NotInArchive):
        resolve(archive, path)


def test_a_changed_file_does_not_verify(archive: Path) -> None:
    relative = "2026/11/23/call.opus"
    good = hashlib.sha256(bytes(range(256)) * 1000).digest()
    assert checksum(resolve(archive, relative)) == good
    assert verify(archive, relative, good)
    with (archive / relative).open("r+b") as file:
        file.write(b"\xff")
    assert not verify(archive, relative, good)
    assert not verify(archive, "no.opus", good)
    assert not verify(archive, relative, None)


@pytest.mark.parametrize("chunk", [1000, 65_536, 10**7])
def test_a_range_is_read_exactly(archive: Path, chunk: int) -> None:
    path = resolve(archive, "2026/11/23/call.opus")
    whole = path.read_bytes()
    for wanted in (ByteRange(0, len(whole)), ByteRange(10, 11), ByteRange(255_000, 256_000)):
        assert b"".join(read_range(path, wanted, chunk)) == whole[wanted.start : wanted.stop]
