"""Real time beside the audio: what is missing, what comes late, and what is never counted twice."""

from hypothesis import given
from hypothesis import strategies as st

from dialer.call_progress.pace import FRAME, JITTER, Pace

TICK = 0.04


def line(seconds: float, frames: int) -> Pace:
    """A call of so many seconds that has sent so many frames, all of them in time."""
    pace = Pace(100.0)
    for number in range(frames):
        assert pace.hears(100.0 + (number + 1) * FRAME)
    pace.missing(100.0 + seconds)
    return pace


def test_who_sends_all_frames_in_time_misses_none() -> None:
    pace = Pace(100.0)
    for number in range(500):
        now = 100.0 + number * FRAME
        assert pace.missing(now) == 0
        assert pace.hears(now)
    assert (pace.frames, pace.filled, pace.skipped) == (500, 0, 0)


def test_a_telephone_that_sends_nothing_is_silent_in_real_time() -> None:
    pace = Pace(100.0)
    assert pace.missing(100.0 + JITTER) == 0
    assert pace.missing(101.01) == round((1.0 - JITTER) / FRAME)
    assert pace.missing(101.01) == 0
    assert pace.missing(101.51) == 25


def test_frames_that_come_late_are_waited_for_a_little() -> None:
    pace = line(1.0, 50)
    assert pace.missing(101.0 + JITTER) == 0
    for _ in range(6):
        assert pace.hears(101.12)
    assert pace.filled == 0


def test_a_burst_after_a_gap_is_heard_once_and_time_goes_on() -> None:
    """Half a second comes all at once: silence stood for it, up to the jitter."""
    pace = line(1.5, 50)
    stood = pace.filled
    assert stood > 15
    heard = sum(pace.hears(101.5) for _ in range(25))
    assert heard == 25 - stood
    assert pace.frames == 75
    assert pace.hears(101.52)


def test_a_person_who_speaks_again_after_a_silence_is_heard_from_the_first_frame() -> None:
    pace = line(3.0, 50)
    assert all(pace.hears(103.0 + number * FRAME) for number in range(1, 40))


def test_what_was_kept_until_the_stream_is_there_is_heard() -> None:
    pace = Pace(100.0)
    pace.missing(101.0)
    pace.connected()
    assert all(pace.hears(101.0) for _ in range(30))


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans()), min_size=1, max_size=40))
def test_time_neither_stands_still_nor_runs_ahead(story: list[tuple[int, bool]]) -> None:
    """Stretches of 20 ms frames that come in time, or all at once at the end of the stretch, or never."""
    pace, at, ticked = Pace(0.0), 0, 0.0
    for length, late in story:
        for _ in range(length):
            at += 1
            now = at * FRAME
            if not late:
                pace.hears(now)
            if now - ticked >= TICK:
                pace.missing(ticked)
                ticked = now
        if late:
            for _ in range(length):
                pace.hears(at * FRAME)
        assert pace.frames * FRAME <= at * FRAME + FRAME + 1e-6
        assert pace.frames * FRAME >= at * FRAME - JITTER - 3 * TICK - FRAME
