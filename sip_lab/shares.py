"""How much of a busy machine a container gets, beside processes that are in none.

Linux divides a processor among control groups, and a group weighs as much as it was given, however many
processes are in it and whatever their niceness. An engine without systemd puts all of its containers into one
group that weighs as one ordinary process: with ten busy ones beside it, two Asterisks, PostgreSQL and Valkey
share a tenth, sound comes seconds late, and people are left in silence.
"""

THREADS = 4
"""Busy threads that a service may have at a time: so many weigh as much in place."""
_ONE = 1024
_STEP = 1.25
"""Each step of niceness makes a process lighter by so much (`sched_prio_to_weight` of the kernel)."""
_LEAST, _MOST = 2, 262_144
PARENT = "/"
"""The control group under which containers stand: beside everybody else, each with its own weight."""


def shares(niceness: int) -> int:
    """`--cpu-shares` of a container that weighs as its service would in place, started with that niceness."""
    return max(_LEAST, min(_MOST, round(THREADS * _ONE * _STEP**-niceness)))
