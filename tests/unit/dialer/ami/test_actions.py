"""Orders as headers, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.ami import actions
from dialer.exceptions import Unsendable
from dialer.ports import AdmitOrder, QueueNews
from tests.unit.dialer.ami.talk import ATTEMPT, LEG, call_order, leg_order


def test_call_to_a_person() -> None:
    assert actions.originate(call_order()) == {
        "Action": "Originate",
        "ActionID": ATTEMPT,
        "ChannelId": ATTEMPT,
        "Channel": "PJSIP/+34600100200@carrier",
        "Context": "cadencia-customer",
        "Exten": "s",
        "Priority": "1",
        "Timeout": "25000",
        "CallerID": "Cobros <+34910000000>",
        "Async": "true",
        "Variable": [
            "CADENCIA_REC=/spool/a",
            "CADENCIA_SCREEN=amd",
            "CADENCIA_LANG=es",
            "CADENCIA_FALLBACK=4",
        ],
    }


def test_call_without_screening_or_recording() -> None:
    headers = actions.originate(call_order(screen="off", recording="", fallback=2.5))
    assert headers["Variable"] == [
        "CADENCIA_REC=",
        "CADENCIA_SCREEN=off",
        "CADENCIA_LANG=es",
        "CADENCIA_FALLBACK=2.5",
    ]


def test_call_to_an_agent() -> None:
    headers = actions.originate_leg(leg_order())
    assert (headers["Channel"], headers["Context"], headers["ChannelId"]) == (
        "PJSIP/bot1",
        "cadencia-agent",
        LEG,
    )
    assert headers["Variable"] == []


def test_orders_to_channels() -> None:
    assert actions.bridge("a", "b") == {"Action": "Bridge", "Channel1": "a", "Channel2": "b", "Tone": "no"}
    assert actions.hang_up("a") == {"Action": "Hangup", "Channel": "a", "Cause": "16"}
    assert actions.play_message("a")["Context"] == "cadencia-safe-harbour"
    assert actions.park("a")["Context"] == "cadencia-hold"
    assert [actions.pause_recording("a", paused)["State"] for paused in (True, False)] == ["1", "0"]


def test_a_call_that_came_in_is_told_everything_before_it_goes_on() -> None:
    order = AdmitOrder(ATTEMPT, "/spool/a", "es", longest=600.0)
    assert [(h["Action"], h.get("Variable"), h.get("Value")) for h in actions.admit("1.2", order)] == [
        ("Setvar", "CADENCIA_REC", "/spool/a"),
        ("Setvar", "CADENCIA_LANG", "es"),
        ("Setvar", "CADENCIA_ROUNDS", "121"),
        ("Redirect", None, None),
    ]
    assert {h["Channel"] for h in actions.admit("1.2", order)} == {"1.2"}


@pytest.mark.parametrize(("offer", "value"), [(True, "1"), (False, "")])
def test_who_waits_is_told_place_wait_and_offer(offer: bool, value: str) -> None:
    told = actions.announce("1.2", QueueNews(ATTEMPT, 3, 7, offer, "12345674"))
    assert [h.get("Value") for h in told] == ["3", "7", value, "12345674", None]
    assert told[-1]["Context"] == "cadencia-announce"


@pytest.mark.parametrize("number", ["1234567", "123456789", "1234567a", "1&SoftHangup()"])
def test_a_case_number_that_is_none(number: str) -> None:
    with pytest.raises(Unsendable):
        actions.announce("1.2", QueueNews(ATTEMPT, 3, 7, offer=False, case_number=number))


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "1",
        "600 100 200",
        "+34600100200@evil",
        "600/x",
        "6001&SIP/2",
        "٦٠٠١٠٠",
        "+34600100200\n",
        "6" * 21,
    ],
)
def test_number_that_is_none(number: str) -> None:
    with pytest.raises(Unsendable) as refused:
        actions.originate(call_order(number=number))
    assert not number or number not in str(refused.value)


@pytest.mark.parametrize("trunk", ["", "a/b", "a b", "a&b", "a@b", "carrier\n"])
def test_trunk_or_endpoint_that_is_none(trunk: str) -> None:
    with pytest.raises(Unsendable):
        actions.originate(call_order(trunk=trunk))
    with pytest.raises(Unsendable):
        actions.originate_leg(leg_order(endpoint=trunk))


@pytest.mark.parametrize("path", ["/a,B=1", '/a"b', "/a\\b"])
def test_value_that_would_become_two_variables(path: str) -> None:
    with pytest.raises(Unsendable):
        actions.originate(call_order(recording=path))


@given(
    text=st.text(),
    trap=st.characters(categories=["Cc", "Cs"]),
    rest=st.text(),
)
def test_no_control_character_anywhere(text: str, trap: str, rest: str) -> None:
    """Defect 3, for every key and value."""
    bad = text + trap + rest
    for headers in ({"Key": bad}, {bad: "value"}, {"Key": ["good", bad]}):
        with pytest.raises(Unsendable):
            actions.checked(headers)


def test_spanish_text_is_welcome() -> None:
    assert actions.originate(call_order(caller_id="Señora Muñoz — €"))["CallerID"] == "Señora Muñoz — €"


def test_line_longer_than_asterisk_reads() -> None:
    with pytest.raises(Unsendable):
        actions.checked({"Channel": "ñ" * 500})


def test_the_beat_is_a_global_variable_and_nothing_else() -> None:
    assert actions.beat("7.12") == {"Action": "Setvar", "Variable": "CADENCIA_BEAT", "Value": "7.12"}
    with pytest.raises(Unsendable):
        actions.beat("${SHELL(x)}")
