"""The register of complaints in a real browser, in both languages."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.async_api import expect

from portfolio import complaints
from portfolio.complaints import NewComplaint
from portfolio.contact_rules import Deadline
from tests.browser.conftest import Enter
from tests.browser.scripted import call, iso
from tests.browser.site import Site

SPOKEN = re.compile(r"^\d{4} \d{4}$")
SILENT_LAW = """
    UPDATE campaigns SET settings = settings || '{"rule_pack": "mx-collections"}' RETURNING id"""
"""Rules that set no day for an answer, whatever the date."""


async def due_in(site: Site, days: int, name: str) -> None:
    """A complaint with so many days left."""
    now = datetime.now(UTC)
    until = now + timedelta(days=days)
    source = "Ley 10/2025 arts. 8 and 17, by legaltoday.com (secondary sources only)"
    due = Deadline(until.date(), until, source)
    new = NewComplaint(
        text="Me llaman a deshora y a mi trabajo.",
        via="letter",
        complainant=name,
        creditor="Banco",
        campaign_id=site.known.campaign,
    )
    async with site.pool.acquire() as database:
        who = site.known.users["sol"]
        await complaints.open_complaint(database, new, due, ("es-collections", 2), who, now)


async def test_a_supervisor_opens_answers_and_closes_a_complaint(site: Site, enter: Enter) -> None:
    """Overdue ones stand first; the complainant's number is shown to be read aloud."""
    await site.value(SILENT_LAW)
    await due_in(site, 9, "Eva Ruiz")
    await due_in(site, -2, "Juan Gil")
    sol = await enter("sol")
    await sol.page.goto(f"{site.url}/portfolio")
    await sol.page.click("[data-test=tab-complaints]")
    rows = sol.page.locator("[data-test=complaint-row]")
    await expect(rows).to_have_count(2)
    await expect(rows.first).to_contain_text("Juan Gil")
    await expect(rows.first).to_contain_text("Fuera de plazo")
    await expect(sol.page.locator("[data-test=complaints]")).to_contain_text("solo en fuentes secundarias")
    await sol.page.click("[data-test=complaint-add]")
    await sol.page.fill("#complaint-who", "Luis Gil")
    await sol.page.fill("#complaint-text", "No me dicen quién llama")
    await sol.page.select_option("#complaint-via", "email")
    assert await sol.inaccessible() == []
    await sol.page.click("[data-test=complaint-save]")
    number = sol.page.locator("[data-test=case-number]")
    await expect(number).to_have_text(SPOKEN)
    await expect(sol.page.locator("[data-test=case]")).to_contain_text("Las reglas no fijan plazo.")
    await sol.shot("complaints-told-es")
    told = await number.text_content() or ""
    await sol.page.click("[data-test=complaint-done]")
    await expect(rows.last).to_contain_text(told)
    await expect(rows.last.locator("[data-test=no-deadline]")).to_be_visible()
    await rows.first.locator("[data-test=complaint-pick]").click()
    await expect(sol.page.locator("[data-test=complaint]")).to_contain_text("solo fuentes secundarias")
    await sol.shot("complaints-register-es")
    assert await sol.inaccessible() == []
    await sol.page.fill("#complaint-answer", "Pedimos disculpas; no volverá a pasar.")
    await rows.last.locator("[data-test=complaint-pick]").click()
    await expect(sol.page.locator("#complaint-answer")).to_have_value("")
    await sol.page.click("[data-test=tab-lists]")
    await sol.page.click("[data-test=tab-complaints]")
    await rows.first.locator("[data-test=complaint-pick]").click()
    await sol.page.click("[data-test=complaint-answer-save]")
    await expect(rows.first).to_contain_text("Contestada tarde")
    await sol.page.click("[data-test=language]")
    await expect(rows.first).to_contain_text("Answered late")
    await sol.shot("complaints-register-en")
    await sol.page.fill("#complaint-close", "agreed")
    await sol.page.click("[data-test=complaint-close-save]")
    await expect(sol.page.get_by_text("cannot be opened again")).to_be_visible()
    await expect(rows.first).to_contain_text("Answered late")
    await sol.page.click("[data-test=confirm]")
    await expect(rows.first).to_contain_text("Closed")
    await expect(sol.page.locator("[data-test=complaint-close-reason]")).to_have_text("agreed")
    await sol.page.select_option("[data-test=complaint-state]", "closed")
    await expect(rows).to_have_count(1)
    await sol.page.fill("[data-test=complaint-find]", told)
    await sol.page.select_option("[data-test=complaint-state]", "")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Luis Gil")
    state = "SELECT state || ' ' || answer FROM complaints WHERE complainant = 'Juan Gil'"
    assert await site.value(state) == "closed Pedimos disculpas; no volverá a pasar."


async def test_an_agent_opens_one_in_the_call_and_reads_the_number_aloud(site: Site, enter: Enter) -> None:
    ana = await enter("ana")
    await ana.page.click("[data-test=device-done]")
    talking = call(person_id=site.known.person)
    site.engine.show(site.known.users["ana"], state="on_call", pause_code="", since=iso(3), call=talking)
    await ana.page.click("[data-test=complaint]")
    await ana.page.fill("#complaint-text", "Ya pagué y me siguen llamando")
    await ana.page.keyboard.press("Control+Enter")
    await expect(ana.page.locator("[data-test=case-number]")).to_have_text(SPOKEN)
    await expect(ana.page.locator("[data-test=case]")).to_contain_text("Léalo en voz alta")
    await ana.shot("complaints-agent-es")
    # The call is over and another page is shown: the number can be read to its end.
    site.engine.show(site.known.users["ana"], state="paused", pause_code="lunch", call=None)
    await expect(ana.page.locator("[data-test=disposition]")).to_be_hidden()
    await expect(ana.page.locator("[data-test=case-number]")).to_have_text(SPOKEN)
    assert not site.engine.asked("agent.dispose")
    assert await ana.inaccessible() == []
    row = "SELECT person_id FROM complaints WHERE attempt_id = $1 AND via = 'phone'"
    assert await site.value(row, site.known.attempt) == site.known.person


async def test_what_was_written_is_not_lost_by_escape_a_click_beside_or_a_selection(
    site: Site, enter: Enter
) -> None:
    ana = await enter("ana")
    await ana.page.click("[data-test=device-done]")
    talking = call(person_id=site.known.person, id=str(site.known.attempt))
    site.engine.show(site.known.users["ana"], state="on_call", pause_code="", since=iso(3), call=talking)
    await ana.page.click("[data-test=complaint]")
    text, asked = ana.page.locator("#complaint-text"), ana.page.locator("[data-test=unsaved]")
    await text.fill("Tres años de historia")
    box = await text.bounding_box()
    assert box is not None
    await ana.page.mouse.move(box["x"] + 20, box["y"] + 10)
    await ana.page.mouse.down()
    await ana.page.mouse.move(5, box["y"] + 10)
    await ana.page.mouse.up()
    await expect(text).to_have_value("Tres años de historia")
    await expect(asked).to_be_hidden()
    for _ in range(2):
        await ana.page.keyboard.press("Escape")
        await expect(asked).to_be_visible()
        await ana.page.keyboard.press("Escape")
        await expect(asked).to_be_hidden()
    await ana.page.mouse.click(5, 5)
    await expect(asked).to_contain_text("Lo escrito no se ha guardado.")
    assert await ana.inaccessible() == []
    await ana.page.click("[data-test=keep-writing]")
    await ana.page.click("[data-test=complaint-save]")
    await expect(ana.page.locator("[data-test=case-number]")).to_have_text(SPOKEN)
    await ana.page.keyboard.press("Escape")
    await expect(ana.page.locator("[data-test=case]")).to_be_hidden()
    await ana.page.click("[data-test=complaint]")
    await text.fill("Me equivoqué")
    await ana.page.click("[data-test=complaint-done]")
    await ana.page.click("[data-test=discard]")
    await expect(text).to_be_hidden()


async def test_a_supervisor_opens_one_on_the_page_of_a_person(site: Site, enter: Enter) -> None:
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-persons]")
    await sol.page.fill("[data-test=persons] input", "C-1")
    await sol.page.keyboard.press("Enter")
    await sol.page.click("[data-test=complaint]")
    await sol.page.fill("#complaint-text", "Quiere la grabación")
    await sol.page.click("[data-test=complaint-save]")
    await expect(sol.page.locator("[data-test=case-number]")).to_have_text(SPOKEN)
    await sol.shot("complaints-person-es")
    assert await site.value("SELECT person_id FROM complaints") == site.known.person


async def test_the_register_goes_on_to_its_last_line_and_is_taken_away_as_a_file(
    site: Site, enter: Enter
) -> None:
    await site.pool.execute(
        "WITH given AS (INSERT INTO case_numbers"
        "   SELECT lpad(n::text, 8, '0'), now() FROM generate_series(1, 230) n RETURNING number)"
        " INSERT INTO complaints (case_number, complainant, via, body, opened_at, due_on, due_at, near_at)"
        " SELECT number, 'Eva Ruiz ' || number::int, 'web', 'x', now(), current_date - 2, at, at FROM given,"
        "   LATERAL (SELECT now() - interval '2 days' + number::int * interval '1 minute' AS at) d"
    )
    await due_in(site, 2, "Rosa Gil")
    await due_in(site, 30, "Juan Gil")
    sol = await enter("sol")
    await sol.page.goto(f"{site.url}/portfolio")
    await sol.page.click("[data-test=tab-complaints]")
    rows = sol.page.locator("[data-test=complaint-row]")
    more = sol.page.locator("[data-test=complaint-more]")
    await expect(rows).to_have_count(100)
    await more.click()
    await expect(rows).to_have_count(200)
    await more.click()
    await expect(rows).to_have_count(232)
    await expect(more).to_be_hidden()
    await expect(rows.nth(230)).to_contain_text("Plazo cerca")
    await sol.shot("complaints-long-es")
    assert await sol.inaccessible() == []
    await sol.page.select_option("[data-test=complaint-due]", "near")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Rosa Gil")
    await sol.page.select_option("[data-test=complaint-due]", "overdue")
    await expect(rows).to_have_count(100)
    await sol.page.fill("[data-test=complaint-find]", "0000 0229")
    await sol.page.keyboard.press("Enter")
    await expect(rows).to_have_count(1)
    async with sol.page.expect_download() as download:
        await sol.page.click("[data-test=complaint-file]")
    file = Path(await (await download.value).path()).read_text("utf-8-sig").splitlines()
    assert len(file) == 2
    assert "Eva Ruiz 229" in file[1]
    audited = "SELECT after ->> 'lines' FROM audit WHERE action = 'complaint.export'"
    assert await site.value(audited) == "1"
    await sol.page.click("[data-test=language]")
    await expect(sol.page.locator("[data-test=complaint-file]")).to_contain_text("CSV for an inspector")
    await sol.shot("complaints-long-en")


async def test_who_called_in_has_a_number_on_the_agents_screen_at_once(site: Site, enter: Enter) -> None:
    ana = await enter("ana")
    await ana.page.click("[data-test=device-done]")
    who = site.known.users["ana"]
    talking: dict[str, Any] = {"state": "on_call", "pause_code": "", "since": iso(3)}
    came = call(person_id=site.known.person, inbound=True, case_number="12345674", case_told=False)
    site.engine.show(who, **talking, call=came)
    case = ana.page.locator("[data-test=call-case]")
    await expect(case).to_contain_text("1234 5674")
    await expect(case).to_contain_text("Dígaselo")
    await ana.shot("inbound-call-es")
    assert await ana.inaccessible() == []
    site.engine.show(who, **talking, call={**came, "case_told": True})
    await expect(case).to_contain_text("Lo oyó en la espera")
    await ana.page.click("[data-test=language]")
    await expect(case).to_contain_text("They heard it while waiting")
    await ana.shot("inbound-call-en")
    site.engine.show(who, **talking, call={**came, "inbound": False, "case_number": ""})
    await expect(case).to_be_hidden()
