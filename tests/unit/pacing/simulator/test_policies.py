"""Names of policies."""

import pytest

from pacing import Pace
from pacing.simulator.pacers import Cadencia, Counting
from pacing.simulator.policies import NAMES, Named, UnknownPolicy


@pytest.mark.parametrize("text", ["predictive", "progressive", "power:3.5", "per-idle:4", "vicidial:3"])
def test_a_name_is_read_as_it_is_written(text: str) -> None:
    assert Named.parse(text).text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("magic", "no policy is called “magic”; there are predictive"),
        ("power", "power needs a number above 0, such as power:2.5"),
        ("power:0", "power needs a number above 0"),
        ("power:nan", "power needs a number above 0"),
        ("power:many", "“many” is no number"),
        ("predictive:2", "predictive takes no number"),
    ],
)
def test_what_is_no_name_is_told(text: str, said: str) -> None:
    with pytest.raises(UnknownPolicy) as caught:
        Named.parse(text)
    assert str(caught.value).startswith(said)


def test_modes_of_ours_keep_the_rest_of_the_pace() -> None:
    usual = Pace(target=0.01, boost=2.0)
    assert Named.parse("power:3").pace(usual) == Pace("power", 0.01, 3.0, 2.0)
    assert Named.parse("predictive").pace(usual) == usual


@pytest.mark.parametrize("name", NAMES)
def test_every_name_makes_a_dialer(name: str) -> None:
    named = Named(name, 2.0)
    pacer = named.pacer(Pace(), 30, limit=0.03, credit=0.0, odds=False)
    assert isinstance(pacer, Cadencia if named.ours else Counting)
