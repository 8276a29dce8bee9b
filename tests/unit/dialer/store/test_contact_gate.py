"""The contact gate as a reservation asks it."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from dialer.exceptions import StoreUnavailable
from dialer.model.campaign import Campaign, CampaignSettings, CampaignStatus
from dialer.store.contact_gate import contact_gate, read_pack, usable_pack
from dialer.store.gate import Candidate, CandidatePhone, LedgerRow, first_usable, usable_in_turn

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 23, 0, tzinfo=UTC)
PHONE = CandidatePhone(1, "+34910000001", zones=("Europe/Madrid",))


def campaign(pack: str = "default-strict") -> Campaign:
    """A campaign under a rule pack."""
    return Campaign(
        id=1,
        code="alfa",
        name="Alfa",
        trunk="carrier",
        caller_id="+34910000000",
        status=CampaignStatus.RUNNING,
        settings=CampaignSettings(rule_pack=pack),
        settings_version=1,
        caller_registered=True,
    )


def candidate(**more: Any) -> Candidate:
    """Somebody in Madrid who may be telephoned."""
    voice = frozenset({"voice"})
    return Candidate(1, 1, country="ES", zone="Europe/Madrid", phones=(PHONE,), granted=voice, **more)


def test_noon_on_a_tuesday_is_permitted_and_says_by_which_rules() -> None:
    verdict = contact_gate(candidate(), PHONE, campaign(), NOON)
    assert verdict.permitted
    assert verdict.detail["pack"] == "default-strict"
    assert "calling_hours" in verdict.detail["rules"]


def test_night_is_refused_until_the_morning() -> None:
    verdict = contact_gate(candidate(), PHONE, campaign(), NIGHT)
    assert (verdict.rule, verdict.final) == ("calling_hours", False)
    assert verdict.until is not None
    assert verdict.until > NIGHT


@pytest.mark.parametrize("more", [{"stopped": True}, {"flags": ("deceased",)}])
def test_what_no_waiting_lifts_is_final(more: dict[str, Any]) -> None:
    verdict = contact_gate(candidate(**more), PHONE, campaign(), NOON)
    assert (verdict.final, verdict.until) == (True, None)


def test_what_somebody_can_correct_is_not_final() -> None:
    verdict = contact_gate(candidate(flags=("no such flag",)), PHONE, campaign(), NOON)
    assert (verdict.rule, verdict.final, verdict.until) == ("unknown_flag", False, None)


def test_without_its_pack_nobody_is_called() -> None:
    verdict = contact_gate(candidate(), PHONE, campaign("no-such-pack"), NOON)
    assert not verdict.permitted
    assert verdict.until is not None


def test_an_attempt_of_another_person_on_the_line_reaches_the_gate_as_such() -> None:
    lab = campaign("lab-open")
    mine = LedgerRow("attempt", NOON, number=PHONE.number)
    here, there = replace(mine, same_person=False), replace(mine, same_person=False, number="+34910000009")
    for row, shared in ((mine, False), (here, True)):
        verdict = contact_gate(candidate(ledger=(row,)), PHONE, lab, NOON)
        assert verdict.rule == "attempts_per_day"
        assert verdict.detail["detail"][0]["detail"].endswith("on the line") == shared
    assert contact_gate(candidate(ledger=(there,)), PHONE, lab, NOON).permitted


def test_a_line_that_is_busy_reaches_the_gate_as_such() -> None:
    verdict = contact_gate(candidate(), replace(PHONE, busy=True), campaign("lab-open"), NOON)
    assert (verdict.rule, verdict.until, verdict.final) == ("line_busy", NOON + timedelta(seconds=10), False)


def test_the_first_usable_number_is_tried() -> None:
    phones = (
        CandidatePhone(1, "+34910000001", status="dead"),
        CandidatePhone(2, "+34910000002", status="wrong_party"),
        CandidatePhone(3, "+34910000003", do_not_call=True),
        CandidatePhone(4, "+34910000004", status="right_party"),
    )
    assert first_usable(Candidate(1, 1, phones=phones)) == phones[3]
    assert first_usable(Candidate(1, 1, phones=phones[:3])) is None


def test_a_number_on_a_list_with_an_end_is_asked_last_and_is_no_reason_to_give_up() -> None:
    until = NOON + timedelta(days=30)
    listed = CandidatePhone(1, "+34910000001", do_not_call=True, do_not_call_until=until)
    free = CandidatePhone(2, "+34910000002")
    assert usable_in_turn(Candidate(1, 1, phones=(listed, free))) == [free, listed]
    assert usable_in_turn(Candidate(1, 1, phones=(listed, free)), rotate=False) == [free, listed]
    known = replace(listed, status="right_party")
    assert usable_in_turn(Candidate(1, 1, phones=(known, free))) == [free, known]
    verdict = contact_gate(candidate(), listed, campaign(), NOON)
    assert (verdict.rule, verdict.until, verdict.final) == ("do_not_call", until, False)


def test_a_talk_that_proved_to_be_a_machines_silences_nobody() -> None:
    def spoken(*kinds: str) -> tuple[LedgerRow, ...]:
        call = uuid4()
        return tuple(LedgerRow(kind, NOON - timedelta(days=3), attempt_id=call) for kind in kinds)

    person = contact_gate(candidate(ledger=spoken("conversation")), PHONE, campaign(), NOON)
    machine = contact_gate(candidate(ledger=spoken("conversation", "machine")), PHONE, campaign(), NOON)
    unheard = contact_gate(candidate(ledger=spoken("conversation", "unheard")), PHONE, campaign(), NOON)
    assert person.rule == "after_conversation"
    assert machine.permitted
    assert unheard.permitted


def test_a_number_stored_with_a_wrong_zone_is_called_by_the_right_one() -> None:
    """Imported before we knew better: Chihuahua lives by the clock of the capital, not of the Pacific."""
    stale = CandidatePhone(1, "+526141234567", zones=("America/Mazatlan",))
    there = Candidate(1, 1, country="MX", phones=(stale,))
    registered = campaign("mx-collections").model_copy(update={"caller_registered": True})
    half_past_ten = datetime(2026, 11, 25, 4, 30, tzinfo=UTC)
    assert contact_gate(there, stale, registered, half_past_ten).rule == "calling_hours"
    assert contact_gate(there, stale, registered, half_past_ten - timedelta(hours=2)).permitted


def test_the_region_of_a_person_is_heeded_too() -> None:
    """A number of the capital, a home in Cancún: both clocks must permit."""
    phone = CandidatePhone(1, "+525512345678", zones=("America/Mexico_City",))
    there = Candidate(1, 1, country="MX", region="Quintana Roo", phones=(phone,))
    registered = campaign("mx-collections").model_copy(update={"caller_registered": True})
    half_past_ten = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
    assert contact_gate(there, phone, registered, half_past_ten).rule == "calling_hours"


@pytest.mark.usefixtures("outside_the_laboratory")
def test_outside_the_laboratory_nobody_is_called_by_its_pack() -> None:
    """And the why page says so, in a word of its own."""
    verdict = contact_gate(candidate(), PHONE, campaign("lab-open"), NOON)
    assert (verdict.rule, verdict.permitted, verdict.final) == ("rule_pack_lab_only", False, False)
    assert contact_gate(candidate(), PHONE, campaign("default-strict"), NOON).permitted


def test_an_attempt_that_the_network_broke_is_in_no_cap() -> None:
    key = uuid4()
    made = LedgerRow("attempt", NOON, number=PHONE.number, attempt_id=key)
    broken = LedgerRow("failed", NOON, number=PHONE.number, attempt_id=key)
    pack = campaign("lab-open")
    assert contact_gate(candidate(ledger=(made,)), PHONE, pack, NOON).rule == "attempts_per_day"
    assert contact_gate(candidate(ledger=(made, broken)), PHONE, pack, NOON).permitted
    another = replace(made, attempt_id=uuid4())
    assert (
        contact_gate(candidate(ledger=(made, broken, another)), PHONE, pack, NOON).rule == "attempts_per_day"
    )


def test_a_number_that_rests_is_asked_again_when_its_rest_is_over() -> None:
    resting = replace(PHONE, rests_until=NOON + timedelta(hours=1))
    verdict = contact_gate(candidate(), resting, campaign(), NOON)
    assert (verdict.rule, verdict.until, verdict.final) == ("number_rests", resting.rests_until, False)
    assert contact_gate(candidate(), resting, campaign(), NOON + timedelta(hours=1)).permitted


async def test_a_disk_that_hangs_costs_one_thread_and_no_reload() -> None:
    """Settings are read every 15 s: each time another thread would wait, until there are none."""
    let_go, begun = threading.Event(), []

    def hangs(name: str) -> None:
        begun.append(name)
        let_go.wait(10)

    for _ in range(3):
        with pytest.raises(StoreUnavailable, match="rule pack on-a-disk could not be read"):
            await read_pack("on-a-disk", read=hangs, patience=0.01)
    assert begun == ["on-a-disk"]
    let_go.set()
    assert await read_pack("on-a-disk", read=hangs) is None
    assert (await read_pack("on-a-disk", read=lambda name: usable_pack("default-strict"))) is not None
