"""Keeps the garbage collector from stopping the engine."""

import gc


def avoid_long_pauses() -> None:
    """Set aside what was loaded at start: to walk it again and again stops every call for 50 ms."""
    gc.collect()
    gc.freeze()
