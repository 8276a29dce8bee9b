"""A container's weight is that of so many processes, by the kernel's own table."""

import pytest

from sip_lab.shares import THREADS, shares

KERNEL = {-20: 88761, -15: 29154, -10: 9548, -5: 3121, 0: 1024, 5: 335, 10: 110, 15: 36, 19: 15}
"""Some of `sched_prio_to_weight` (kernel/sched/core.c): weight of a process by its niceness."""
MOST = 262_144


@pytest.mark.parametrize(("niceness", "weight"), KERNEL.items())
def test_a_container_weighs_as_its_threads_would_outside(niceness: int, weight: int) -> None:
    assert shares(niceness) == pytest.approx(min(MOST, THREADS * weight), rel=0.03)
