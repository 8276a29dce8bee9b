"""The call table as a Mermaid state diagram; docs/reference/call.md holds it and a test keeps it true."""

from dialer.model.call import TRANSITIONS, CallState


def mermaid() -> str:
    """State diagram of the call, one arrow for each pair of states with all its events and effects."""
    arrows: dict[tuple[CallState, CallState], list[str]] = {}
    for (state, event), (to, effects) in TRANSITIONS.items():
        told = f" / {', '.join(effect.value for effect in effects)}" if effects else ""
        arrows.setdefault((state, to), []).append(f"{event.value}{told}")
    lines = ["stateDiagram-v2", "    [*] --> dialing: placed / originate", "    [*] --> screening: arrived"]
    lines += [f"    {a.value} --> {b.value}: {'<br/>'.join(why)}" for (a, b), why in arrows.items()]
    return "\n".join([*lines, "    ended --> [*]"])
