"""What each odd telephone does, as a person would tell it."""

from collections.abc import Awaitable, Callable, Mapping

from sip_lab.telephones.handset import Handset

LISTENS = 8.0
"""Seconds that who was called says nothing after the greeting: whoever calls should speak."""
MUTED = 35.0
RETRY_AFTER = 25
"""Seconds that who is overloaded asks for."""
ELSEWHERE = "<sip:+34900000999@127.0.0.1>"
"""Where a call is to be sent by who was called."""

Habit = Callable[[Handset], Awaitable[None]]


async def telephone(phone: Handset) -> None:
    """Nothing odd: the measure for the others."""
    await _begins(phone)
    await phone.waits(LISTENS)
    await phone.talk_is_over()


async def vad(phone: Handset) -> None:
    """Sends no packets while nobody speaks into it, as gateways do."""
    phone.line.saves = True
    await telephone(phone)


async def moved(phone: Handset) -> None:
    """In mid-call its sound comes from another port and source, without a word of signalling."""
    await _begins(phone)
    await phone.until_odd()
    phone.line.move()
    phone.notes("moved")
    await phone.talk_is_over()


async def late_answer(phone: Handset) -> None:
    """Is picked up at the very instant at which the caller gives up."""
    await phone.rings_until_cancelled()
    phone.notes("crossed")
    await phone.picks_up()
    await phone.greets()
    await phone.talk_is_over()


async def refers(phone: Handset) -> None:
    """Asks that its caller be sent to somebody else."""
    await _begins(phone)
    await phone.until_odd()
    await phone.asks("REFER", [("Refer-To", ELSEWHERE), ("Referred-By", "<sip:called@127.0.0.1>")])
    await phone.talk_is_over()


async def replaces(phone: Handset) -> None:
    """Calls anew, and asks that the new call take the place of this one."""
    await _begins(phone)
    await phone.until_odd()
    await phone.replaces()
    await phone.talk_is_over()


async def reinvites(phone: Handset) -> None:
    """Asks for another codec in mid-call, and later for the first one again."""
    await _begins(phone)
    await phone.until_odd()
    status = await phone.reinvites(9, "G722")
    if status == 200:
        phone.line.hisses = True
        await phone.waits(LISTENS)
        await phone.reinvites(8, "PCMA")
        phone.line.hisses = False
    await phone.talk_is_over()


async def mutes(phone: Handset) -> None:
    """Greets, is mute for a while, as who looks for a paper, and talks on."""
    await _begins(phone)
    await phone.until_odd()
    phone.line.mute = True
    phone.notes("mute")
    await phone.waits(MUTED)
    phone.line.mute = False
    phone.notes("talks on")
    await phone.talk_is_over()


async def mute(phone: Handset) -> None:
    """Is answered, and never sends a packet."""
    phone.line.mute = True
    await _begins(phone)
    await phone.talk_is_over()


async def deaf(phone: Handset) -> None:
    """Names a port at which it does not listen: it hears only who answers to where it speaks from."""
    phone.hides_its_ear()
    await telephone(phone)


async def no_bye(phone: Handset) -> None:
    """Does not answer the caller's BYE."""
    phone.deaf_to_bye = True
    await telephone(phone)


async def overloaded(phone: Handset) -> None:
    """The network is full, and asks to be left alone for a while (RFC 3261, 20.33)."""
    await phone.refuses("503 Service Unavailable", ("Retry-After", f"{RETRY_AFTER} (full)"))


async def no_codec(phone: Handset) -> None:
    """Answers with a codec that nobody offered (RFC 3264, 6.1 forbids it)."""
    phone.speaks_only(18, "G729")
    await _begins(phone)
    await phone.talk_is_over()


async def _begins(phone: Handset) -> None:
    await phone.rings()
    await phone.picks_up()
    await phone.greets()


HABITS: Mapping[str, Habit] = {
    "telephone": telephone,
    "vad": vad,
    "moved": moved,
    "late-answer": late_answer,
    "refers": refers,
    "reinvites": reinvites,
    "replaces": replaces,
    "mutes": mutes,
    "mute": mute,
    "deaf": deaf,
    "no-bye": no_bye,
    "overloaded": overloaded,
    "no-codec": no_codec,
}
