"""The second administrator finds in a real browser what waits, in both languages."""

from typing import Any

from playwright.async_api import expect

from tests.browser.conftest import Enter
from tests.browser.site import Site
from tests.integration.consoles.test_looser_packs import LOOSE

SECOND = (
    "INSERT INTO users (login, name, role, password_hash, locale)"
    " SELECT 'rosa', 'Rosa', 'admin', password_hash, 'es' FROM users WHERE login = 'root'"
)


async def asks(visitor: Any, site: Site) -> str:
    """An administrator publishes a loose pack and wants it for the campaign, in the browser's own session."""
    told: str = await visitor.page.evaluate(
        """async (body) => {
            const session = await (await fetch('/api/v1/session')).json()
            const headers = { 'Content-Type': 'application/json' }
            headers['X-CSRF-Token'] = session.csrf
            const send = (method, path, what, more) =>
                fetch('/api/v1' + path, {
                    method, headers: { ...headers, ...more }, body: JSON.stringify(what) })
            await send('POST', '/rule-packs', { body })
            const version = (await fetch('/api/v1/campaigns/1')).headers.get('etag')
            const wish = { settings: { rule_pack: 'casa-floja' }, reason: 'lo pide el acreedor' }
            return (await (await send('PATCH', '/campaigns/1', wish, { 'If-Match': version })).json()).code
        }""",
        LOOSE,
    )
    return told


async def test_the_second_administrator_finds_the_wish_and_agrees(site: Site, enter: Enter) -> None:
    await site.pool.execute(SECOND)
    root = await enter("root")
    assert await asks(root, site) == "second_person"
    root.complaints.clear()  # the browser's own, of the refusal
    rosa = await enter("rosa")
    await rosa.page.goto(f"{site.url}/portfolio")
    await expect(rosa.page.locator("[data-test=wishes-waiting]")).to_have_text("1")
    await rosa.page.click("[data-test=tab-wishes]")
    wish = rosa.page.locator("[data-test=wish]")
    await expect(wish).to_contain_text("Lo pidió Root")
    await expect(wish).to_contain_text("lo pide el acreedor")
    await expect(wish).to_contain_text("8 % (la ley: 3 %)")
    await expect(wish.locator("[data-test=wish-until]")).to_contain_text("vale hasta el")
    await expect(wish.locator("[data-test=wish-agree]")).to_be_disabled()
    await rosa.shot("portfolio-wishes-es")
    assert await rosa.inaccessible() == []
    await rosa.page.click("[data-test=language]")
    await expect(wish).to_contain_text("Asked for by Root")
    await rosa.shot("portfolio-wishes-en")
    await wish.locator("[data-test=wish-why]").fill("seen by the lawyer")
    await wish.locator("[data-test=wish-agree]").click()
    await expect(rosa.page.locator("[data-test=no-wishes]")).to_be_visible()
    await expect(rosa.page.locator("[data-test=wishes-waiting]")).to_have_count(0)
    assert await site.value("SELECT settings ->> 'rule_pack' FROM campaigns WHERE id = 1") == "casa-floja"
    why = "SELECT reason FROM audit WHERE action = 'looser_rules.agreed'"
    assert await site.value(why) == "seen by the lawyer"


async def test_whoever_asked_takes_it_back(site: Site, enter: Enter) -> None:
    root = await enter("root")
    assert await asks(root, site) == "second_person"
    root.complaints.clear()  # the browser's own, of the refusal
    await root.page.goto(f"{site.url}/portfolio")
    await root.page.click("[data-test=tab-wishes]")
    wish = root.page.locator("[data-test=wish]")
    await expect(wish).to_contain_text("Es suya")
    await expect(wish.locator("[data-test=wish-agree]")).to_have_count(0)
    await wish.locator("[data-test=wish-why]").fill("un error")
    await wish.locator("[data-test=wish-take-back]").click()
    await expect(root.page.locator("[data-test=no-wishes]")).to_be_visible()
    assert await site.value("SELECT count(*) FROM audit WHERE action = 'looser_rules.refused'") == 1
