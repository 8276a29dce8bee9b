"""A decision is made again, bit for bit, from what was stored of it, by another interpreter."""

import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import orjson

from pacing import Decision, Floor, Pace, Window, decide
from tests.unit.pacing.worlds import LEARNERS, open_floor

ROOT = Path(__file__).resolve().parents[3]
AGAIN = """
import sys
from dataclasses import asdict
import orjson
from pacing import Floor, Model, Pace, decide
for line in sys.stdin.buffer:
    pace, model, floor = orjson.loads(line)
    made = decide(Pace(**pace), Model.from_record(model), Floor.from_record(floor))
    sys.stdout.buffer.write(orjson.dumps(asdict(made)) + b"\\n")
"""


def floors() -> list[Floor]:
    """Floors of all sizes, on both laws of chances, bound and free."""
    draw = np.random.default_rng(4)
    found = []
    for number in range(120):
        agents = int(draw.integers(1, 120))
        ready = int(draw.binomial(agents, 0.15))
        ringing = draw.uniform(0, 25, int(draw.integers(0, agents + 1)))
        window = Window("calendar_day", 0.03, live=900, abandoned=int(draw.integers(0, 40)))
        found.append(
            replace(
                open_floor(ready=ready, on_call=agents - ready),
                on_call=draw.uniform(0, 300, agents - ready),
                ringing=ringing,
                rung=ringing * 0.9,
                screening=draw.uniform(0, 3, int(draw.integers(0, 4))),
                ringing_odds=draw.uniform(0.3, 2, ringing.size) if number % 3 == 0 else np.zeros(0),
                windows=(window,),
                dialed=5000,
                live_answers=900,
                trim=LEARNERS[number % len(LEARNERS)].trim(),
            )
        )
    return found


def test_a_fresh_interpreter_decides_the_same_to_the_last_bit() -> None:
    lines, made = [], []
    for number, floor in enumerate(floors()):
        pace, model = Pace(target=0.02 + 0.0001 * number), LEARNERS[number % len(LEARNERS)].model()
        lines.append(orjson.dumps([pace.as_record(), model.as_record(), floor.as_record()]))
        made.append(decide(pace, model, floor))
    done = subprocess.run(
        [sys.executable, "-c", AGAIN],
        input=b"\n".join(lines),
        capture_output=True,
        cwd=ROOT,
        check=True,
        timeout=60,
    )
    again = [orjson.loads(line) for line in done.stdout.splitlines()]
    assert again == [written(decision) for decision in made]
    assert len({decision.calls for decision in made}) > 5
    assert any(decision.cancel for decision in made)


def written(decision: Decision) -> object:
    """As JSON has it."""
    return orjson.loads(orjson.dumps(asdict(decision)))
