"""The engine's silence is told once, and so is its return."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from consoles.engine_watch import PATIENCE, EngineWatch, News

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def told(watch: EngineWatch, up: bool, seconds: float) -> News | Literal[""]:
    now = NOW + timedelta(seconds=seconds)
    news = watch.look(up, now)
    if news:
        watch.heed(news, now)
    return news


def test_a_silent_engine_is_an_alarm_and_one_that_is_back_ends_it() -> None:
    watch, patience = EngineWatch(), PATIENCE.total_seconds()
    assert [told(watch, True, 0), told(watch, True, 1)] == ["back", ""]
    assert [told(watch, False, 10), told(watch, False, 10 + patience - 1)] == ["", ""]
    assert [told(watch, False, 10 + patience), told(watch, False, 20)] == ["silent", ""]
    assert [told(watch, True, 91), told(watch, True, 92)] == ["back", ""]
    assert [told(watch, False, 100), told(watch, False, 100 + patience)] == ["", "silent"]


def test_a_restart_is_no_alarm() -> None:
    watch = EngineWatch()
    assert [told(watch, up, at) for up, at in ((True, 0), (False, 1), (False, 3), (True, 4))] == [
        "back",
        "",
        "",
        "",
    ]


def test_where_no_engine_was_there_at_our_start_it_is_told_all_the_same() -> None:
    watch = EngineWatch()
    assert [told(watch, False, 0), told(watch, False, PATIENCE.total_seconds())] == ["", "silent"]


def test_what_could_not_be_told_is_told_again() -> None:
    watch = EngineWatch()
    watch.look(False, NOW)
    late = NOW + PATIENCE
    assert [watch.look(False, late), watch.look(False, late)] == ["silent", "silent"]


def test_who_hears_nothing_keeps_the_alarm_that_another_process_has_ended() -> None:
    watch, patience = EngineWatch(), PATIENCE.total_seconds()
    said = [told(watch, False, second) for second in range(int(3 * patience) + 1)]
    assert [(n, news) for n, news in enumerate(said) if news] == [
        (patience, "silent"), (2 * patience, "still"), (3 * patience, "still"),
    ]  # fmt: skip
    assert told(watch, True, 4 * patience) == "back"
