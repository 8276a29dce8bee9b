"""The outline of a recording."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recordings.peaks import LONGEST, PeakMeter, samples_per_peak


def test_short_calls_get_twenty_peaks_a_second_and_long_ones_ten() -> None:
    assert samples_per_peak(8000 * 60, 8000) == 400
    assert samples_per_peak(8000 * 3600, 8000) == 800


@given(st.integers(0, 8000 * 86_400), st.sampled_from([8000, 16_000, 48_000]))
def test_the_outline_never_grows_beyond_its_bound(total: int, rate: int) -> None:
    assert total / samples_per_peak(total, rate) <= max(LONGEST, 600 * 20)


def test_the_loudest_sample_of_each_span_counts_whatever_its_sign() -> None:
    meter = PeakMeter(rate=8, span=4)
    meter.feed(np.array([[0, 0], [0, -32768], [0, 0], [16384, 0]] * 2, dtype=np.int16))
    meter.feed(np.array([[0, 0], [-8192, 1]], dtype=np.int16))
    assert meter.outline() == {"rate": 2.0, "left": [0.5, 0.5, 0.25], "right": [1.0, 1.0, 0.0]}


def test_no_sound_gives_no_peaks() -> None:
    meter = PeakMeter(rate=8000, span=400)
    meter.feed(np.zeros((0, 2), dtype=np.int16))
    assert meter.outline() == {"rate": 20.0, "left": [], "right": []}
