"""What a trunk can carry, and how its carrier wants numbers."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class TrunkLimits:
    """What a trunk can carry, for all campaigns on it together, and the form of its numbers."""

    name: str
    max_lines: int | None = None
    """Calls at once; None = no limit."""
    max_cps: float | None = None
    """New calls per second; None = no limit."""
    plus: bool = True
    """Whether an international number begins with its plus."""
    strip: str = ""
    """Digits to take off the front where they stand there, such as the country code of a national trunk."""
    prefix: str = ""
    """Digits to put before, such as 00 or the carrier's own."""

    def dialled(self, number: str) -> str:
        """An E.164 number (with plus) as this trunk wants it; a plus only before an untouched one."""
        digits = number.removeprefix("+")
        left = digits.removeprefix(self.strip)
        plus = "+" if self.plus and not self.prefix and left == digits else ""
        return f"{plus}{self.prefix}{left}"


@dataclass(frozen=True, slots=True)
class Launch:
    """A committed attempt is handed to the PBX on a trunk."""

    attempt_id: UUID
    trunk: str
