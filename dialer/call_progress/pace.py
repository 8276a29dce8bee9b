"""Real time beside the audio of one call. Pure.

Telephones and gateways send nothing while nobody speaks (voice-activity detection), audio may begin late or
never, and a stream may break. Whoever listens counts time in frames, so for the frames that are missing
silence is filled in. A burst that comes late stands for time that was filled in, and counts only once.
"""

from dataclasses import dataclass

FRAME = 0.02
"""Seconds of one frame."""
JITTER = 0.12
"""Seconds by which a frame may be late before silence stands for it."""


@dataclass(slots=True)
class Pace:
    """How far the audio of a call is, and how far it should be; times in seconds of one clock."""

    began: float
    frames: int = 0
    """Heard and filled in, since the begin."""
    filled: int = 0
    """Filled in, and not taken up by a frame that came late."""
    skipped: int = 0
    """Came too late: silence stood for them."""

    def connected(self) -> None:
        """The stream is there: what the other side has kept of the time until now is heard all the same."""
        self.filled = 0

    def hears(self, now: float) -> bool:
        """A frame came: whether it is to be heard, or its time has passed in silence."""
        if self.filled and self.began + self.frames * FRAME >= now:
            self.filled -= 1
            self.skipped += 1
            return False
        self.frames += 1
        return True

    def missing(self, until: float) -> int:
        """How many frames of silence to hear, since none has come for the time before `until`."""
        due = int((until - JITTER - self.began) / FRAME) - self.frames
        if due <= 0:
            return 0
        self.frames += due
        self.filled += due
        return due
