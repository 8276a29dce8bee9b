"""Renders the table of behaviours as the parts of the carrier's dialplan that depend on it."""

from collections.abc import Mapping

from sip_lab.behaviours import BEHAVIOURS, VOICES, Behaviour, bounds


def codes() -> str:
    """Globals that turn a code in a number into a behaviour's name."""
    return "\n".join(f"CODE_{b.code} = {b.name}" for b in BEHAVIOURS)


def draw(mix: Mapping[str, int]) -> str:
    """The behaviour's name as an expression of DRAW: the first of the mix whose bound is above it."""
    *shares, (last, _) = bounds(mix)
    expression = last
    for name, bound in reversed(shares):
        expression = f"${{IF($[${{DRAW}} < {bound}]?{name}:{expression})}}"
    return expression


def times(tempo: float) -> str:
    """One context per behaviour that sets RING and TALK, in seconds, and goes on to what it does."""
    return "\n".join(_times_of(behaviour, behaviour.pace(tempo)) for behaviour in BEHAVIOURS)


def _times_of(behaviour: Behaviour, tempo: float) -> str:
    return "\n".join(
        (
            f"[times-{behaviour.name}]",
            f"exten => s,1,Set(RING={_expression(behaviour.ring, 4, tempo)})",
            f" same => n,Set(TALK={_expression(behaviour.talk, 7, tempo)})",
            f" same => n,Goto({'leads-on' if behaviour.telephone else f'behave-{behaviour.name}'},s,1)",
        )
    )


def _expression(span: tuple[float, float], digit: int, tempo: float) -> str:
    low, high = span[0] * tempo, span[1] * tempo
    if low == high:
        return f"{low:.6f}"
    return f"$[{low:.6f} + {(high - low) / 1000:.9f} * (1${{D:{digit}:3}} - 1000)]"


def voice_expression() -> str:
    """Which of the recorded voices speaks."""
    return f"$[${{D:10:1}} % {VOICES}]"
