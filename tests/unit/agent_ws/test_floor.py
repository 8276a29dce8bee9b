"""The floor told in pieces is the floor told at once."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from agent_ws.floor import FloorPicture
from agent_ws.outbox import Outbox


def frame(
    seq: int, *, whole: bool = False, epoch: int = 1, rows: dict[int, str] | None = None
) -> dict[str, Any]:
    agents = [{"id": id_, "state": state} for id_, state in (rows or {}).items()]
    return {"epoch": epoch, "seq": seq, "whole": whole, "campaigns": [], "agents": agents, "alarms": seq}


def states(body: dict[str, Any]) -> dict[int, str]:
    return {row["id"]: row["state"] for row in body["agents"]}


rows = st.dictionaries(st.integers(1, 5), st.sampled_from(["ready", "paused", "on_call"]), max_size=5)


@given(first=rows, changes=st.lists(st.tuples(st.booleans(), rows), max_size=8), cut=st.integers(0, 8))
def test_a_slow_page_ends_with_the_same_floor(
    first: dict[int, str], changes: list[tuple[bool, dict[int, str]]], cut: int
) -> None:
    truth, page, backlog = FloorPicture(), FloorPicture(), FloorPicture()
    frames = [frame(1, whole=True, rows=first)]
    frames += [frame(n, whole=whole, rows=changed) for n, (whole, changed) in enumerate(changes, 2)]
    for body in frames:
        truth.lay(body)
    for body in frames[: cut + 1]:
        page.lay(body)
    for body in frames[cut + 1 :]:
        backlog.lay(body)
    if backlog.head:
        page.lay(backlog.body())
    assert states(page.body()) == states(truth.body())
    assert page.body()["alarms"] == truth.body()["alarms"]


def test_a_gap_or_a_new_engine_asks_for_a_snapshot() -> None:
    picture = FloorPicture()
    assert picture.missed(frame(4))
    picture.lay(frame(4, whole=True))
    assert not picture.missed(frame(5))
    assert picture.missed(frame(6))
    assert picture.missed(frame(5, epoch=2))
    assert not picture.missed(frame(9, whole=True))


def test_old_frames_are_not_laid_over_new_ones() -> None:
    picture = FloorPicture()
    picture.lay(frame(4, whole=True))
    assert picture.stale(frame(4))
    assert not picture.stale(frame(4, whole=True))
    assert not picture.stale(frame(1, epoch=2))


def test_the_outbox_keeps_one_view_one_floor_and_few_notes() -> None:
    box = Outbox()
    for n in range(3):
        box.add_view(f"view {n}")
        box.add_floor(frame(n, whole=n == 0, rows={n: "ready"}), f"floor {n}")
    view, floor = box.take()
    assert view == "view 2"
    assert floor.startswith('{"type":"floor"')
    assert '"whole":true' in floor
    assert box.coalesced == 4
    assert box.take() == []


def test_a_single_floor_frame_is_sent_as_it_came() -> None:
    box = Outbox()
    box.add_floor(frame(1), "as it came")
    assert box.take() == ["as it came"]
