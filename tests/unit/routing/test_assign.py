"""Who gets whom."""

from hypothesis import given
from hypothesis import strategies as st

from routing import FreeAgent, WaitingPerson, assign
from routing.assign import qualified

SKILLS = st.dictionaries(st.sampled_from(["es", "en", "legal"]), st.integers(1, 100), max_size=3)


def person(call: str = "c", waiting: float = 1.0, **more: object) -> WaitingPerson:
    return WaitingPerson(call, 1, waiting, **{"required": {}, **more})  # type: ignore[arg-type]


def agent(number: int, idle: float = 0.0, **skills: int) -> FreeAgent:
    return FreeAgent(number, frozenset({1}), skills, idle)


def test_required_skill_comes_first() -> None:
    made = assign([person(required={"en": 40})], [agent(1, 500, es=90), agent(2, 1, en=40)])
    assert [(a.agent_id, a.reason["level"]) for a in made] == [(2, 40)]


def test_then_the_level_then_the_longest_idle() -> None:
    crew = [agent(1, 5, es=50), agent(2, 1, es=80), agent(3, 9, es=80)]
    assert assign([person(required={"es": 10})], crew)[0].agent_id == 3


def test_the_same_agent_as_before_is_preferred() -> None:
    assert assign([person(same_agent=1)], [agent(1, 0), agent(2, 99)])[0].agent_id == 1


def test_the_longest_waiting_person_is_served_first() -> None:
    made = assign([person("young", 1), person("old", 5)], [agent(1)])
    assert [a.call_id for a in made] == ["old"]


def test_another_campaign_is_no_candidate() -> None:
    assert assign([person()], [FreeAgent(1, frozenset({2}), {}, 0)]) == []


@given(
    st.lists(st.tuples(st.floats(0, 30), SKILLS), max_size=8),
    st.lists(st.tuples(st.floats(0, 300), SKILLS), max_size=8),
)
def test_nobody_twice_and_never_without_a_hard_skill(
    waiting: list[tuple[float, dict[str, int]]], free: list[tuple[float, dict[str, int]]]
) -> None:
    persons = [person(str(i), w, required=r) for i, (w, r) in enumerate(waiting)]
    crew = [FreeAgent(i, frozenset({1}), skills, idle) for i, (idle, skills) in enumerate(free)]
    made = assign(persons, crew)
    assert len({a.agent_id for a in made}) == len(made) == len({a.call_id for a in made})
    for a in made:
        assert qualified(persons[int(a.call_id)], crew[a.agent_id])
    left = [p for p in persons if p.call_id not in {a.call_id for a in made}]
    idle = [c for c in crew if c.id not in {a.agent_id for a in made}]
    assert not any(qualified(p, c) for p in left for c in idle)
