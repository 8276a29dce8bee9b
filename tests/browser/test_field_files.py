"""Every file as people really send them gives its right result in the console's own forms."""

from typing import Any

from playwright.async_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site
from tests.field_results import FILES, NUMBERS, PEOPLE, Numbers, People, books_are_right


async def import_people(page: Page, one: People) -> None:
    """Choose a file, see what it seems to be, say its country and creditor, send it, read the report."""
    await page.set_input_files("[data-test=file]", FILES / one.file)
    await expect(page.locator("[data-test=import-header-row]")).to_have_value(str(one.header_row))
    if one.unused:
        await expect(page.locator("[data-test=unused]")).to_contain_text(one.unused)
    send = page.locator("[data-test=send-import]")
    await page.select_option("[data-test=import-region]", "")
    await expect(send).to_be_disabled()
    await page.select_option("[data-test=import-region]", one.region)
    await page.fill("[data-test=import-creditor]", one.file)
    await send.click()
    report = page.locator("[data-test=import-report]")
    counts = f"{_of(one.accepted, 'aceptada')}{_of(one.rejected, 'rechazada')}"
    await expect(report).to_contain_text(counts)
    await expect(report).to_contain_text(one.says)
    if one.warnings:
        await expect(page.locator("[data-test=warnings]")).to_have_text(f"{one.warnings} teléfonos sin usar")


async def suppress(page: Page, one: Numbers) -> None:
    """Choose a file, say its country, check it, see every number as it was understood, store it."""
    await page.set_input_files("[data-test=suppression-file]", FILES / one.file)
    await page.fill("[data-test=suppression-name]", one.file)
    check = page.locator("[data-test=suppression-check]")
    await page.select_option("[data-test=suppression-region]", "")
    await expect(check).to_be_disabled()
    await page.select_option("[data-test=suppression-region]", one.region)
    await check.click()
    for number in one.numbers:
        await expect(page.locator("[data-test=suppression-samples]")).to_contain_text(number)
    await page.click("[data-test=suppression-send]")
    await expect(page.locator("[data-test=suppression-changed]")).to_have_text(
        f"{len(one.numbers)} números nuevos"
    )


async def test_every_file_in_the_console(site: Site, enter: Enter) -> None:
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-import]")
    for one in PEOPLE:
        await import_people(sol.page, one)
    await sol.page.goto(f"{site.url}/portfolio")
    await sol.page.wait_for_selector("[data-test=lists]")
    await sol.page.keyboard.press("Alt+7")
    for numbers in NUMBERS:
        await suppress(sol.page, numbers)

    async def ask(question: str) -> Any:
        return await site.value(question)

    await books_are_right(ask)


def _of(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else one + 's'}"
