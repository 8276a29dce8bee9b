"""The garbage collector leaves alone what was there at the start."""

import gc

from dialer.engine.pauses import avoid_long_pauses


def test_what_was_loaded_is_set_aside() -> None:
    try:
        avoid_long_pauses()
        assert gc.get_freeze_count() > 1_000
        assert gc.isenabled()
    finally:
        gc.unfreeze()
