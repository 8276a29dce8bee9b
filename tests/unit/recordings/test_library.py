"""HTTP ranges."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recordings.library import ByteRange, RangeRefused, parse_range
from tests.premises import premise


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-", ByteRange(0, 1000)),
        ("bytes=0-0", ByteRange(0, 1)),
        ("bytes=500-", ByteRange(500, 1000)),
        ("bytes=10-19", ByteRange(10, 20)),
        ("bytes=10-99999", ByteRange(10, 1000)),
        ("bytes=-100", ByteRange(900, 1000)),
        ("bytes=-5000", ByteRange(0, 1000)),
        (None, None),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=1-2,5-6", None),
        ("bytes=\u0661-\u0662", None),
        ("items=1-2", None),
        (f"bytes={'9' * 400}-", None),
    ],
)
def test_a_range_header_is_read(header: str | None, found: ByteRange | None) -> None:
    assert parse_range(header, 1000) == found


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=2000-3000", "bytes=20-10", "bytes=-0"])
def test_a_range_without_a_byte_is_refused(header: str) -> None:
    with pytest.raises(RangeRefused):
        parse_range(header, 1000)


RANGES = st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(lambda two: f"{min(two)}-{max(two)}")
TAILS = st.integers(1, 10**6).map("-{}".format) | st.integers(0, 10**5).map("{}-".format)


@given(RANGES | TAILS | st.text(max_size=30), st.integers(0, 10**12))
def test_any_header_gives_a_range_inside_the_file(header: str, size: int) -> None:
    try:
        found = parse_range(f"bytes={header}", size)
    except RangeRefused:
        return
    if premise(found is not None):
        assert found is not None
        assert 0 <= found.start < found.stop <= size


def test_a_range_names_itself() -> None:
    assert ByteRange(10, 20).content_range(1000) == "bytes 10-19/1000"
    assert ByteRange(10, 20).length == 10
