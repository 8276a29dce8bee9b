"""Who gets whom."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from routing import Activity, FreeAgent, Occupancy, WaitingPerson, Weights, assign, qualified, shrunk_success
from routing.assign import FAIR, STARVED
from routing.fit import parts_of, score_of
from tests.premises import premise

CODES = ["es", "en", "legal", "stage-insist"]
SKILLS = st.dictionaries(st.sampled_from(CODES), st.integers(1, 100), max_size=3)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def person(call: str = "c", waiting: float = 1.0, **more: object) -> WaitingPerson:
    return WaitingPerson(call, 1, waiting, **{"required": {}, **more})  # type: ignore[arg-type]


def agent(number: int, idle: float = 0.0, *, occupancy: float = 0.5, **skills: int) -> FreeAgent:
    return FreeAgent(number, frozenset({1}), skills, idle, occupancy=occupancy)


def chosen(who: WaitingPerson, *crew: FreeAgent) -> int:
    """The agent whom one person gets."""
    (made,) = assign([who], crew)
    return made.agent_id


def test_required_skill_comes_first() -> None:
    made = assign([person(required={"en": 40})], [agent(1, 200, es=90), agent(2, 1, en=40)])
    assert [(a.agent_id, a.reason["parts"]["skills"]) for a in made] == [(2, 0.4)]


def test_then_the_level_then_the_longest_idle() -> None:
    crew = [agent(1, 5, es=50), agent(2, 1, es=80), agent(3, 9, es=80)]
    assert chosen(person(required={"es": 10}), *crew) == 3


def test_the_same_agent_as_before_is_preferred() -> None:
    assert chosen(person(same_agent=1), agent(1, 0), agent(2, 99)) == 1


def test_who_knows_the_segment_is_preferred() -> None:
    asked = person(wanted={"stage-insist": 1.0, "creditor-uno": 1.0})
    assert (
        chosen(asked, agent(1, 99), FreeAgent(2, frozenset({1}), {"stage-insist": 60}, 0, occupancy=0.5)) == 2
    )


def test_success_counts_as_far_as_it_is_proven() -> None:
    lucky, proven = shrunk_success(2, 2, 0.2), shrunk_success(90, 300, 0.2)
    assert 0.5 < lucky < proven
    assert shrunk_success(0, 0, 0.2) == 0.5
    crew = [
        FreeAgent(number, frozenset({1}), {}, 0, success=success)
        for number, success in enumerate((lucky, proven, 0.5))
    ]
    assert chosen(person(), *crew) == 1


def test_the_longest_waiting_person_is_served_first() -> None:
    made = assign([person("young", 1), person("old", 5)], [agent(1)])
    assert [a.call_id for a in made] == ["old"]


def test_another_campaign_is_no_candidate() -> None:
    assert assign([person()], [FreeAgent(1, frozenset({2}), {}, 0)]) == []


def test_two_persons_are_not_left_to_one_agent() -> None:
    """Greedily, the older person would take the only agent who speaks English, as the better one."""
    persons = [person("old", 9), person("english", 1, required={"en": 1})]
    crew = [FreeAgent(1, frozenset({1}), {"en": 100}, 0, success=0.9), agent(2)]
    assert {a.call_id: a.agent_id for a in assign(persons, crew)} == {"old": 2, "english": 1}


def test_the_fits_are_the_best_together() -> None:
    """Each would like agent 1; together they are better off when the one who loses less gives way."""
    persons = [person("a", 2, wanted={"x": 1.0}), person("b", 1, wanted={"y": 1.0})]
    crew = [agent(1, x=90, y=80), agent(2, x=85, y=10)]
    assert {a.call_id: a.agent_id for a in assign(persons, crew)} == {"a": 2, "b": 1}


def test_an_agent_who_starves_comes_before_a_better_one() -> None:
    assert chosen(person(wanted={"es": 1.0}), agent(1, STARVED), agent(2, 10, es=100)) == 1


def test_an_agent_who_works_more_than_the_others_comes_after_them() -> None:
    busy = agent(1, 0, occupancy=0.9, es=100)
    assert chosen(person(wanted={"es": 1.0}), busy, agent(2, 0, occupancy=0.9 - FAIR - 0.01)) == 2
    assert chosen(person(wanted={"es": 1.0}), busy, agent(2, 0, occupancy=0.9 - FAIR + 0.01)) == 1


def test_occupancy_is_the_share_of_the_time_at_work() -> None:
    one = Occupancy(0.5, NOON, Activity.BUSY)
    assert one.at_time(NOON + timedelta(minutes=30)) == 0.75
    rested = one.turned(Activity.OUT, NOON + timedelta(minutes=30))
    assert rested.at_time(NOON + timedelta(hours=5)) == 0.75
    free = rested.turned(Activity.IDLE, NOON + timedelta(hours=5))
    assert free.at_time(NOON + timedelta(hours=5, minutes=30)) == 0.375


floors = st.tuples(
    st.lists(
        st.builds(
            person,
            call=st.uuids().map(str),
            waiting=st.floats(0, 30),
            required=SKILLS,
            wanted=st.dictionaries(st.sampled_from(CODES), st.floats(0.1, 2), max_size=2),
            same_agent=st.none() | st.integers(0, 7),
            weights=st.builds(Weights, *[st.floats(0, 3)] * 4),
        ),
        max_size=7,
    ),
    st.lists(
        st.builds(
            lambda skills, idle, success, occupancy: (skills, idle, success, occupancy),
            SKILLS,
            st.floats(0, 299) | st.floats(0, 600),
            st.floats(0, 1),
            st.floats(0, 1),
        ),
        max_size=7,
    ),
)


@given(floors)
def test_what_holds_of_every_assignment(
    floor: tuple[list[WaitingPerson], list[tuple[dict[str, int], float, float, float]]],
) -> None:
    persons = {p.call_id: p for p in floor[0]}
    crew = {i: FreeAgent(i, frozenset({1}), *told) for i, told in enumerate(floor[1])}
    made = assign(list(persons.values()), list(crew.values()))
    assert len({a.agent_id for a in made}) == len(made) == len({a.call_id for a in made})
    free = [one for one in crew.values() if one.id not in {a.agent_id for a in made}]
    for a in made:
        who, to = persons[a.call_id], crew[a.agent_id]
        assert qualified(who, to)
        assert a.reason["score"] == score_of(parts_of(who, to), who.weights)
        assert abs(a.reason["score"] - _from_explanation(a.reason)) < 0.01
        if premise(to.idle < STARVED):
            assert not any(one.idle >= STARVED and qualified(who, one) for one in free)
    served = {a.call_id for a in made}
    for left in (p for p in persons.values() if p.call_id not in served):
        assert not any(qualified(left, one) for one in free)
        for a in made:
            younger = persons[a.call_id].waiting < left.waiting
            assert not (younger and qualified(left, crew[a.agent_id]))


def _from_explanation(reason: dict[str, dict[str, float]]) -> float:
    """The score as anybody may work it out from what is stored."""
    return sum(reason["weights"][name] * part for name, part in reason["parts"].items())
