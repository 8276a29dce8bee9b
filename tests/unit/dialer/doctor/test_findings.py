"""A doctor does not die of what it finds."""

import asyncio

from dialer.doctor.findings import Finding, Speaker, describe, guarded

SPEAKER = Speaker("en")


async def test_a_check_that_raises_is_a_finding() -> None:
    async def check() -> list[Finding]:
        raise ValueError("two\nlines")

    [found] = await guarded(SPEAKER, "x", 5.0, check)
    assert (found.name, found.ok, found.detail) == ("x", False, "the check itself failed: two lines")
    assert found.cure


async def test_a_check_that_hangs_is_a_finding() -> None:
    async def check() -> list[Finding]:
        await asyncio.Event().wait()
        return []

    [found] = await guarded(SPEAKER, "x", 0.01, check)
    assert (found.ok, found.detail) == (False, "no answer within 0.01 s")


async def test_findings_pass_through() -> None:
    well = Finding("x", True, "fine")

    async def check() -> list[Finding]:
        return [well]

    assert await guarded(SPEAKER, "x", 5.0, check) == [well]


def test_an_error_without_words_is_named_by_its_kind() -> None:
    assert describe(TimeoutError()) == "TimeoutError"
    assert len(SPEAKER.say("broke", error="x" * 5000)) == 300
