"""What `make mutants` tells of its runs: what is open, what never ended, which reasons are none any more."""

from dataclasses import replace

from tests.mutants.areas import AREAS
from tests.mutants.results import (
    IN_PROCESS,
    SURVIVED,
    TIMED_OUT,
    UNDECIDED,
    Mutant,
    Reason,
    Result,
    page,
    reasons,
    unexplained,
)

SHORTER = Mutant("m.x_f__mutmut_1", SURVIVED, "if a <= b:", "if a < b:")
LOGGED = Mutant("m.x_f__mutmut_2", SURVIVED, 'log.info("gone")', 'log.info("XXgoneXX")')
ENDLESS = Mutant("m.x_g__mutmut_1", TIMED_OUT, "low = middle", "low = None")
UNCLEAR = Mutant("m.x_g__mutmut_2", UNDECIDED, "low = 1", "low = 2")
RUN = Result("gate", "2026-01-01", "abc", 10, (SHORTER, LOGGED, ENDLESS, UNCLEAR))
ONE_BREAK = Reason("m.x_f", "the same", was="if a <= b:", now="if a < b:")
ALL_LOGS = Reason("m.x_*", "a log's text", lines=r"log\.info\(.*\)")


def test_a_survivor_without_a_reason_is_open_and_so_is_what_was_not_decided() -> None:
    assert unexplained(RUN, []) == (SHORTER, LOGGED, UNCLEAR)


def test_a_reason_holds_for_its_one_break_or_for_every_line_that_its_pattern_matches_whole() -> None:
    assert unexplained(RUN, [ONE_BREAK]) == (LOGGED, UNCLEAR)
    assert unexplained(RUN, [ALL_LOGS]) == (SHORTER, UNCLEAR)
    assert unexplained(RUN, [Reason("m.x_f", "", lines="log")]) == (SHORTER, LOGGED, UNCLEAR)
    assert unexplained(RUN, [Reason("m.x_g", "", was="if a <= b:", now="if a < b:")]) == (
        SHORTER,
        LOGGED,
        UNCLEAR,
    )


def test_what_timed_out_is_told_apart_from_what_was_noticed() -> None:
    told = page({"gate": [ONE_BREAK, ALL_LOGS]}, {"gate": RUN}, {"gate": "abc"})
    assert "10 mutants, 6 noticed, 1 timed out, 2 with a reason, **1 open**.\n" in told
    assert "timed out, m.x_g__mutmut_1" in told


def test_the_page_tells_how_they_were_run() -> None:
    runs = {"gate": RUN, "guard": replace(RUN, area="guard", how=IN_PROCESS)}
    told = page({"gate": [], "guard": []}, runs, {"gate": "abc", "guard": "abc"})
    assert "2026-01-01, a process each: 10 mutants" in told
    assert "2026-01-01, in one process: 10 mutants" in told


def test_the_page_tells_changed_code_a_reason_of_nothing_and_an_area_never_run() -> None:
    old = Reason("m.x_f", "gone", was="if a != b:", now="if a == b:")
    told = page({"gate": [old], "guard": []}, {"gate": RUN}, {"gate": "abd", "guard": "abc"})
    assert "The code has changed since." in told
    assert "A reason that explains nothing any more, m.x_f: if a == b:" in told
    assert "## guard\n\nNever run." in told


def test_every_reason_belongs_to_an_area() -> None:
    strays = [row for row in reasons() if not any(row.function.startswith(area.modules) for area in AREAS)]
    assert strays == []
