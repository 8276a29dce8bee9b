"""The demo's watch: which figures agree with the carrier, and what an idle floor must say."""

from typing import Any

from bench.demo_watch import Booked, Judged, Page, judge, product_rate, row, talked
from sip_lab.truth import CallTruth

NUMBER = "+34600000001"


def booked(outcome: str, connected: float | None = None, **more: Any) -> Booked:
    facts = {"inbound": False, "open": False, "placed": 100.0, "ended": 140.0, **more}
    return Booked(number=NUMBER, outcome=outcome, connected=connected, **facts)


def carried(behaviour: str, answered: float | None = 106.0, ended: float = 126.0) -> CallTruth:
    return CallTruth("1", NUMBER, behaviour, "x", 100.2, answered=answered, ended=ended)


def test_an_abandoned_person_is_one_by_both() -> None:
    found = judge([booked("abandoned")], [carried("person")])
    assert (found.answered, found.abandoned, found.wrong) == (1, 1, [])


def test_a_person_left_alone_and_booked_as_nothing_disagrees() -> None:
    assert judge([booked("hung_up_early")], [carried("person")]).wrong
    assert not judge([booked("hung_up_early")], [carried("quitter", ended=106.3)]).wrong


def test_a_talk_that_nobody_answered_disagrees() -> None:
    assert judge([booked("conversation", 107.0)], [carried("busy", None)]).wrong
    assert judge([booked("abandoned")], []).wrong


def test_a_person_taken_for_a_machine_is_lost_and_a_machine_counted_as_a_person_is_strict() -> None:
    assert judge([booked("machine")], [carried("person")]).lost == 1
    found = judge([booked("abandoned")], [carried("voicemail")])
    assert (found.strict, found.abandoned) == (1, 0)


def test_agents_talk_until_the_carrier_says_it_is_over() -> None:
    call = booked("conversation", 110.0)
    assert talked([call], [carried("person", ended=126.0)], 100.0, 160.0) == 16.0
    assert talked([call], [carried("person", ended=126.0)], 120.0, 160.0) == 6.0


def held(code: str, until: str | None = None, rule: str = "") -> dict[str, Any]:
    return {"code": code, "rule": rule, "until": until, "held": 9, "leads": 9}


def shown(hold: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    numbers = dict.fromkeys(("dialing", "ringing", "screening", "waiting", "connected"), 0)
    window = {"name": "rolling_24h", "live": 100, "abandoned": 3, "screened_out": 0.5, "unserved": 0}
    return {
        "id": 1, "ready": 2, "hold": hold, "why": None, "windows": [window], "leads_left": 9,
        "leads_resting": 9, "resting_until": "2026-11-30T20:00:00+00:00", **numbers, **more,
    }  # fmt: skip


def page(*rows: dict[str, Any], seconds: int = 10) -> Page:
    one = Page()
    one.shows({"whole": True, "campaigns": rows, "agents": [{"id": 1, "state": "ready"}]})
    for second in range(seconds):
        one.look(float(second), 1.0)
    return one


def test_an_idle_floor_needs_a_reason_of_every_campaign() -> None:
    said = shown(held("waits", "2026-11-30T20:00:00+00:00", "retry"))
    silent = shown(id=2, why={"mode": "predictive", "held_by": ""})
    limited = shown(id=2, why={"mode": "predictive", "held_by": "line limit"})
    truly = Judged(answered=100, abandoned=3)
    assert row(1, page(said), truly, 0.0)[1] == []
    assert page(said).reasons == {"waits until 20:00:00: retry": 10}
    assert page(said, limited).unexplained == 0.0 < page(said, silent).unexplained
    assert row(1, page(said, silent), truly, 0.0)[1] != []
    assert page(shown(ringing=1)).idle == 0


def test_people_who_rest_without_a_time_disagree() -> None:
    _, wrong = row(1, page(shown(held("campaign_paused"), resting_until=None)), Judged(100, 3), 0.0)
    assert wrong == ["people rest, and no page says until when"]


def test_a_rate_beyond_the_interval_on_the_page_disagrees() -> None:
    rate, low, high = product_rate({"live": 100, "abandoned": 3, "screened_out": 0.5, "unserved": 0})
    assert low < rate < high
    _, wrong = row(1, page(shown(held("pbx_away"))), Judged(answered=100, abandoned=3, lost=12), 0.0)
    assert any("abandonment" in one for one in wrong)


def test_an_occupancy_that_nobody_talked_disagrees() -> None:
    _, wrong = row(1, page(shown(held("pbx_away"))), Judged(100, 3), 0.5)
    assert any("occupancy" in one for one in wrong)
