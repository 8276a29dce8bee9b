"""What the doctor says: one finding per check, with its cure in the reader's language."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dialer.doctor.texts import TEXTS
from dialer.time_limit import time_limit

_LONGEST_DETAIL = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `cadencia check`."""

    name: str
    """Stable code of the check."""
    ok: bool
    detail: str
    """What was seen."""
    cure: str = ""
    """What to do; empty when all is well."""


@dataclass(frozen=True, slots=True)
class Speaker:
    """Makes findings in one language."""

    locale: str

    def well(self, name: str, text: str, **values: object) -> Finding:
        """A check that passed; `text` names its detail."""
        return Finding(name, True, self.say(text, **values))

    def ill(self, name: str, text: str, cure: str, **values: object) -> Finding:
        """A check that failed; `cure` names what to do."""
        return Finding(name, False, self.say(text, **values), self.say(cure, **values))

    def say(self, text: str, **values: object) -> str:
        """A text in the reader's language, Spanish unless English is asked for."""
        spanish, english = TEXTS[text]
        return (english if self.locale == "en" else spanish).format(**values)[:_LONGEST_DETAIL]


async def guarded(
    speaker: Speaker, name: str, limit: float, check: Callable[[], Awaitable[list[Finding]]]
) -> list[Finding]:
    """The findings of one check, whatever happens in it; a doctor must not die of what it finds."""
    try:
        async with time_limit(limit):
            return await check()
    except TimeoutError:
        return [speaker.ill(name, "timed_out", "cure_timed_out", seconds=limit)]
    # A supervision point: a check nobody thought could fail is a finding too; the others must still be made.
    except Exception as error:  # noqa: BLE001
        return [speaker.ill(name, "broke", "cure_broke", error=describe(error))]


def describe(error: BaseException) -> str:
    """An error in one line, with its kind when it says nothing."""
    words = " ".join(str(error).split())
    return words or type(error).__name__
