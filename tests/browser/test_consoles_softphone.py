"""The agent's browser as a telephone: a real PBX, real people of the lab, real audio."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Page, expect

from dialer.cli.demo import PASSWORD
from tests.browser.chromium import MICROPHONE, Visitor, chromium, visit
from tests.lab.whole import Whole

NO_NEWS = "[data-test=hang-up][data-new=false]"
"""The call is old enough that the hang-up key means it."""
LEG = "[data-test=leg][data-leg=up][data-phone=leg_up]"
CALL_LIMIT = 90_000
"""Milliseconds: several people do not answer before one does."""


@pytest.fixture(scope="module")
def whole() -> Iterator[Whole]:
    """The whole product without bots: every person who answers is for our agent."""
    with Whole("--bots", "0", "--tempo", "0.5", "--screening", "off") as running:
        running.login()
        running.campaign("start")
        yield running


@dataclass(frozen=True, slots=True)
class Desk:
    """An agent's browser."""

    visitor: Visitor

    @property
    def page(self) -> Page:
        """The window."""
        return self.visitor.page

    async def becomes(self, state: str, limit: int = 15_000) -> None:
        """Wait for a state."""
        shown = self.page.locator("[data-test=state]")
        await expect(shown).to_have_attribute("data-state", state, timeout=limit)

    async def talks(self) -> str:
        """Be ready and wait for a person; the name."""
        await self.page.keyboard.press("F2")
        await self.becomes("on_call", CALL_LIMIT)
        return await self.page.inner_text("[data-test=person-name]")

    async def dispose(self, key: str) -> None:
        """Hang up and save, into a pause: a desk that is ready may be in the next call at once."""
        await self.page.keyboard.press("F2")
        await self.page.click("[data-test^=pause-]:has-text('Descanso')")
        await expect(self.page.get_by_text("Después:")).to_be_visible()
        await self.page.wait_for_selector(NO_NEWS)
        await self.page.keyboard.press("F9")
        await self.becomes("wrap_up")
        await self.page.keyboard.press(key)
        await self.page.keyboard.press("Control+Enter")
        await self.becomes("paused")


@pytest.fixture
async def desk(whole: Whole) -> AsyncIterator[Desk]:
    """Ana at her desk, devices checked, the leg up."""
    async with chromium(MICROPHONE) as browser:
        visitor = await visit(browser, whole.web)
        await visitor.log_in("ana", PASSWORD)
        await visitor.page.click("[data-test=device-done]")
        await visitor.page.wait_for_selector(LEG)
        yield Desk(visitor)
        await visitor.page.click("[data-test=log-out]")
        await visitor.page.wait_for_selector("#login")
        assert visitor.complaints == []


async def test_the_keypad_sends_tones_by_keyboard(desk: Desk) -> None:
    await desk.page.keyboard.press("F7")
    await expect(desk.page.locator("[data-test=dtmf-1]")).to_be_focused()
    for key in "12#":
        await desk.page.keyboard.press(key)
    await expect(desk.page.locator("[data-test=dialled]")).to_have_text("12#")
    await desk.page.keyboard.press("F7")
    await expect(desk.page.locator("[data-test=pad]")).to_have_count(0)


async def test_a_person_is_heard_held_and_disposed(desk: Desk, whole: Whole) -> None:
    name = await desk.talks()
    await expect(desk.page.locator("[data-test=quality]")).to_be_visible(timeout=10_000)
    await desk.page.keyboard.press("F6")
    await expect(desk.page.locator("[data-test=state-name]")).to_have_text("En espera")
    await desk.page.keyboard.press("F6")
    await expect(desk.page.locator("[data-test=state-name]")).to_have_text("En llamada")
    await desk.page.keyboard.press("F4")
    await expect(desk.page.locator("[data-test=mute]")).to_have_attribute("aria-pressed", "true")
    await desk.page.keyboard.press("F4")
    await desk.dispose("Alt+3")
    told = await whole.rows(
        "SELECT d.code, p.name FROM call_dispositions d JOIN attempts a ON a.id = d.attempt_id "
        "JOIN persons p ON p.id = a.person_id ORDER BY d.id DESC LIMIT 1"
    )
    assert [tuple(row) for row in told] == [("cannot_pay", name)]


async def test_a_reload_in_mid_call_loses_neither_screen_nor_person(desk: Desk) -> None:
    name = await desk.talks()
    await desk.page.reload()
    await expect(desk.page.locator("[data-test=person-name]")).to_have_text(name)
    await desk.page.wait_for_selector(LEG)
    await desk.becomes("on_call")
    await expect(desk.page.locator("[data-test=quality]")).to_be_visible(timeout=10_000)
    await desk.dispose("Alt+4")


async def test_a_second_tab_takes_the_call_over(desk: Desk, whole: Whole) -> None:
    name = await desk.talks()
    second = await desk.visitor.second_page()
    await second.goto(f"{whole.web}/agent")
    await second.click("[data-test=take-over]")
    await second.wait_for_selector(LEG)
    await expect(second.locator("[data-test=person-name]")).to_have_text(name)
    await expect(desk.page.locator("[data-test=elsewhere]")).to_be_visible()
    await second.wait_for_selector(NO_NEWS)
    await second.keyboard.press("F9")
    await expect(second.locator("[data-test=state]")).to_have_attribute("data-state", "wrap_up")
    await second.keyboard.press("Alt+4")
    await second.keyboard.press("Control+Enter")
    await second.close()
