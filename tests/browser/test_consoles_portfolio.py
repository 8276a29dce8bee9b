"""Lists, what holds people back, callbacks, rules and skills in a real browser, in both languages."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from dialer.model.campaign import CampaignSettings, RetryRule
from dialer.model.outcomes import Outcome
from tests.browser.chromium import AXE, Visitor
from tests.browser.conftest import Enter
from tests.browser.scripted import CALL, call, campaign, iso
from tests.browser.site import Site
from tests.eventually import eventually


@pytest.fixture
async def sol(site: Site, enter: Enter) -> Visitor:
    """A supervisor on the portfolio page, with something on it."""
    agent = site.known.users["ana"]
    await site.pool.execute(
        "UPDATE leads SET held_by = 'attempts_per_day', next_at = now() + interval '3 hours'"
    )
    await site.pool.execute(
        "INSERT INTO callbacks (lead_id, campaign_id, person_id, agent_id, at, open_at, made_at)"
        " SELECT id, campaign_id, person_id, $1, at, at + interval '10 minutes', now()"
        " FROM leads, (SELECT now() + interval '2 hours' AS at) AS later",
        agent,
    )
    visitor = await enter("sol")
    await visitor.page.goto(f"{site.url}/portfolio")
    await visitor.page.wait_for_selector("[data-test=lists]")
    return visitor


async def test_a_list_is_changed_where_it_stands(sol: Visitor, site: Site) -> None:
    await expect(sol.page.locator("[data-test=lists]")).to_contain_text("one")
    await sol.page.fill("[data-test=weight]", "7")
    await sol.page.keyboard.press("Tab")
    await expect(sol.page.get_by_text("«one» cambiada; vale desde la próxima llamada.")).to_be_visible()
    assert await site.value("SELECT weight FROM lists") == 7
    await sol.page.select_option("[data-test=order]", "balance")
    await sol.page.click("[data-test=toggle]")
    await expect(sol.page.locator("[data-test=toggle]")).to_contain_text("Reanudar")
    await sol.shot("portfolio-lists-es")
    await sol.page.click("[data-test=language]")
    await expect(sol.page.locator("[data-test=toggle]")).to_contain_text("Resume")
    await expect(sol.page.locator("[data-test=tab-held]")).to_contain_text("Held back")
    await sol.shot("portfolio-lists-en")


async def test_a_list_is_paused_without_a_step_aside_on_a_small_screen(site: Site, enter: Enter) -> None:
    """Also one with a long name whose people rest."""
    await site.value("UPDATE lists SET name = 'cartera_vencida_noviembre_2026_norte' RETURNING id")
    await site.value("UPDATE leads SET next_at = now() + interval '3 hours' RETURNING id")
    root = await enter("root", viewport={"width": 1280, "height": 720})
    for language in ("Pausar", "Pause"):
        await root.page.goto(f"{site.url}/portfolio")
        button = root.page.locator("[data-test=toggle]")
        await expect(button).to_have_text(language)
        await root.shot(f"portfolio-lists-1280-{language}")
        table = root.page.locator("[data-test=lists]")
        assert await table.evaluate("one => one.scrollWidth <= one.clientWidth")
        tops = await root.page.locator("[role=tab]").evaluate_all(
            "all => new Set(all.map(one => one.offsetTop)).size"
        )
        assert tops == 1
        await root.page.click("[data-test=language]")


async def test_who_is_held_back_and_by_what(sol: Visitor) -> None:
    await sol.page.keyboard.press("Alt+2")
    await expect(sol.page.locator("[data-test=held-attempts_per_day]")).to_contain_text(
        "Intentos del día agotados"
    )
    await sol.page.click("[data-test=held-attempts_per_day] button")
    await expect(sol.page.locator("[data-test=held-persons]")).to_contain_text("Marta Muñoz")
    await sol.shot("portfolio-held-es")


async def test_a_callback_is_moved_in_the_persons_time_and_withdrawn(sol: Visitor, site: Site) -> None:
    await site.pool.execute('UPDATE campaigns SET settings = \'{"rule_pack": "lab-open"}\'')
    await sol.page.keyboard.press("Alt+3")
    row = sol.page.locator("[data-test=callbacks] tbody tr")
    await expect(row).to_contain_text("Marta Muñoz")
    await expect(row).to_contain_text("Europe/Madrid")
    await sol.shot("portfolio-callbacks-es")
    await sol.page.click("[data-test=move]")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT10:30")
    await sol.page.fill("#move-at", tomorrow)
    await sol.page.select_option("#move-agent", label="cualquiera")
    await sol.page.click("[data-test=save-move]")
    await expect(row).to_contain_text("cualquiera")
    moved = "SELECT (at AT TIME ZONE 'Europe/Madrid')::text FROM callbacks"
    assert (await site.value(moved)).startswith(tomorrow.replace("T", " "))
    await sol.page.click("[data-test=withdraw]")
    await expect(sol.page.get_by_text("¿Retirar la rellamada a Marta Muñoz?")).to_be_visible()
    await sol.shot("callback-withdraw-es")
    await sol.page.click("[data-test=keep]")
    assert await site.value("SELECT count(*) FROM callbacks") == 1
    await sol.page.click("[data-test=withdraw]")
    await sol.page.fill("#withdraw-reason", "ya pagó")
    await sol.page.click("[data-test=confirm]")
    await expect(sol.page.get_by_text("No hay rellamadas pendientes.")).to_be_visible()


async def test_a_callback_is_not_moved_to_where_the_rules_refuse_it(sol: Visitor, site: Site) -> None:
    """The dialog stays, with the rule and the first time, which is taken with one press."""
    under = "UPDATE campaigns SET settings = jsonb_build_object('rule_pack', $1::text)"
    await site.pool.execute(under, "lab-open")
    await site.pool.execute("UPDATE persons SET granted = '{voice}'")
    before = await site.value("SELECT at FROM callbacks")
    await sol.page.keyboard.press("Alt+3")
    await sol.page.click("[data-test=move]")
    told = sol.page.locator("[data-test=foreseen]")
    await sol.page.fill("#move-at", (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT03:00"))
    await expect(told).to_have_text("Las reglas dejan llamar a esa hora.")
    await site.pool.execute(under, "es-collections")
    await sol.page.click("[data-test=save-move]")
    await expect(told).to_contain_text("A esa hora las reglas no dejan llamar: ")
    await expect(sol.page.get_by_text("Las reglas no dejan llamar a esa hora.")).to_be_visible()
    assert await site.value("SELECT at FROM callbacks") == before
    await sol.shot("callback-move-later-es")
    sol.complaints = [one for one in sol.complaints if "422" not in one]
    await sol.page.click("[data-test=take-first]")
    await expect(told).to_have_text("Las reglas dejan llamar a esa hora.")
    await sol.page.click("[data-test=save-move]")
    await expect(sol.page.locator("#move-form")).to_have_count(0)
    moved = "SELECT extract(hour FROM at AT TIME ZONE 'Europe/Madrid')::int FROM callbacks"
    assert await site.value(moved) == 9


async def test_rules_are_read_with_their_sources_and_tried(sol: Visitor) -> None:
    await sol.page.keyboard.press("Alt+4")
    await sol.page.click("[data-test=pack-co-collections]")
    pack = sol.page.locator("[data-test=pack]")
    await expect(pack).to_contain_text("lun 07:00–19:00")
    await expect(pack).to_contain_text("Ley 2300 de 2023")
    await expect(pack).to_contain_text("Exige consentimiento")
    await sol.shot("portfolio-rules-es")
    await sol.page.click("[data-test=write-pack]")
    body = await sol.page.input_value("[data-test=pack-body]")
    assert body.splitlines()[1] == "name: mi-co-collections"
    await sol.page.click("[data-test=check-pack]")
    await expect(sol.page.locator("[data-test=pack-problems]")).to_contain_text("Cumple sus")
    await sol.page.fill("[data-test=pack-body]", body.replace('end: "19:00"', 'end: "23:00"'))
    await sol.page.click("[data-test=check-pack]")
    await expect(sol.page.locator("[data-test=pack-problems]")).to_contain_text("evening: got")
    await expect(sol.page.locator("[data-test=publish-pack]")).to_be_disabled()


async def test_an_administrator_publishes_rules(site: Site, enter: Enter) -> None:
    root = await enter("root")
    await root.page.goto(f"{site.url}/portfolio")
    await root.page.click("[data-test=tab-rules]")
    await root.page.click("[data-test=pack-es-collections]")
    await root.page.click("[data-test=write-pack]")
    await root.page.click("[data-test=check-pack]")
    await root.page.click("[data-test=publish-pack]")
    await expect(root.page.locator("[data-test=pack-mi-es-collections]")).to_contain_text("Propias")
    assert await site.value("SELECT count(*) FROM rule_packs") == 1


async def test_skills_are_changed_by_a_cell(sol: Visitor, site: Site) -> None:
    await sol.page.keyboard.press("Alt+5")
    await sol.page.fill("[data-test=new-skill]", "lang-en")
    await sol.page.keyboard.press("Enter")
    ana = site.known.users["ana"]
    await sol.page.fill(f"[data-test=skills-{ana}] [data-test=level-lang-en]", "80")
    await sol.page.keyboard.press("Tab")
    await expect(sol.page.get_by_text("Habilidades de Ana cambiadas")).to_be_visible()
    level = "SELECT k.level FROM agent_skills k JOIN skills s ON s.id = k.skill_id WHERE s.code = 'lang-en'"
    assert await site.value(level) == 80
    await sol.shot("portfolio-skills-es")


async def test_a_campaign_is_set_in_one_version(sol: Visitor, site: Site) -> None:
    before = await site.value("SELECT settings_version FROM campaigns WHERE id = 1")
    await site.pool.execute("INSERT INTO trunks (name) VALUES ('backup'), ('tercera')")
    await sol.page.keyboard.press("Alt+6")
    await expect(sol.page.locator("[data-test=settings-apply]")).to_be_disabled()
    for name, value in (
        ("set-max_attempts", "8"),
        ("set-best_hour", "1.5"),
        ("set-routing.same_agent", "2"),
        ("set-inbound_wait", "300"),
        ("set-spare_trunks", "backup  tercera,backup"),
        ("retry-minutes-busy", "5"),
        ("retry-most-no_answer", "4"),
    ):
        await sol.page.fill(f"[data-test='{name}']", value)
        await sol.page.keyboard.press("Tab")
    await sol.page.uncheck("[data-test=set-inbound]")
    await sol.page.select_option("[data-test=set-rule_pack]", "es-collections")
    await expect(sol.page.locator("[data-test=set-spare_trunks]")).to_have_value("backup, tercera")
    await sol.page.fill("[data-test=settings-reason]", "más reintentos")
    await sol.shot("portfolio-settings-es")
    await sol.page.click("[data-test=settings-apply]")
    await expect(sol.page.locator("[data-test=settings-version]")).to_have_text(f"v{before + 1}")
    await expect(sol.page.locator("[data-test=settings-apply]")).to_be_disabled()
    held = await site.value("SELECT settings::text FROM campaigns WHERE id = 1")
    now = CampaignSettings.model_validate_json(held)
    assert (now.max_attempts, now.best_hour, now.routing.same_agent, now.routing.skills) == (8, 1.5, 2.0, 1.0)
    assert (now.inbound, now.inbound_wait, now.rule_pack) == (False, 300.0, "es-collections")
    assert now.spare_trunks == ("backup", "tercera")
    assert now.retry == {Outcome.BUSY: RetryRule(minutes=5), Outcome.NO_ANSWER: RetryRule(most=4)}
    await sol.page.fill("[data-test=set-max_attempts]", "")
    await sol.page.keyboard.press("Tab")
    await sol.page.click("[data-test=language]")
    await expect(sol.page.locator("[data-test=settings-apply]")).to_contain_text("Apply 1 change")
    await sol.shot("portfolio-settings-en")
    await sol.page.click("[data-test=settings-discard]")
    await expect(sol.page.locator("[data-test=set-max_attempts]")).to_have_value("8")
    await sol.page.goto(f"{site.url}/supervisor")
    await sol.page.click("[data-test=versions]")
    versions = sol.page.locator("[data-test=version-list]")
    await expect(versions).to_contain_text("Same agent as before: 1 → 2")
    await expect(versions).to_contain_text("Spare trunks: — → backup, tercera")
    await expect(versions).to_contain_text("Retries, Busy: Rest (min): — → 5")
    await expect(versions).to_contain_text("Take calls that come in: yes → no")
    await expect(versions).not_to_contain_text("Level of skills")


async def test_what_cannot_be_is_not_set_and_who_was_slower_sees_it(sol: Visitor, site: Site) -> None:
    await sol.page.keyboard.press("Alt+6")
    await sol.page.fill("[data-test=set-zone]", "Europe/Atlantis")
    await sol.page.keyboard.press("Tab")
    await sol.page.click("[data-test=settings-apply]")
    await expect(sol.page.get_by_text("Revise estos valores: Zona horaria de la campaña.")).to_be_visible()
    await site.pool.execute(
        "UPDATE campaigns SET settings_version = settings_version + 1,"
        " settings = settings || '{\"ring_limit\": 40}' WHERE id = 1"
    )
    await sol.page.fill("[data-test=set-zone]", "Europe/Lisbon")
    await sol.page.keyboard.press("Tab")
    await sol.page.click("[data-test=settings-apply]")
    await expect(sol.page.locator("[data-test=set-ring_limit]")).to_have_value("40")
    await expect(sol.page.locator("[data-test=set-zone]")).to_have_value("Europe/Madrid")
    sol.complaints.clear()  # the browser's own, of both refusals


async def test_an_administrator_says_how_a_trunk_wants_numbers(
    sol: Visitor, site: Site, enter: Enter
) -> None:
    await site.pool.execute("UPDATE campaigns SET trunk = 'carrier'")
    await sol.page.keyboard.press("Alt+9")
    row = "[data-test=trunk-row-carrier]"
    await expect(sol.page.locator(f"{row} [data-test=dialled]")).to_have_text("+34910000000")
    await expect(sol.page.locator(f"{row} [data-test=prefix]")).to_be_disabled()
    root = await enter("root")
    await root.page.goto(f"{site.url}/portfolio")
    await root.page.click("[data-test=tab-trunks]")
    for name, value in (("prefix", "00"), ("max_lines", "30"), ("max_cps", "2.5")):
        await root.page.fill(f"{row} [data-test={name}]", value)
        await root.page.keyboard.press("Tab")
        if name == "prefix":
            await expect(root.page.locator("[data-test=trunk-then]")).to_have_text("0034910000000")
            await root.page.click("[data-test=trunk-sure]")
    await expect(root.page.get_by_text("Troncal carrier: vale en quince segundos.").first).to_be_visible()
    await expect(root.page.locator(f"{row} [data-test=dialled]")).to_have_text("0034910000000")
    await eventually(lambda: site.one("SELECT count(*) FROM trunks WHERE max_cps = 2.5"))
    held = "SELECT concat_ws(' ', name, max_lines, max_cps, plus, strip, prefix) FROM trunks"
    assert await site.value(held) == "carrier 30 2.5 t  00"
    await root.page.fill(f"{row} [data-test=strip]", "3a")
    await root.page.keyboard.press("Tab")
    await root.page.fill(f"{row} [data-test=max_lines]", "")
    await root.page.keyboard.press("Tab")
    await eventually(lambda: site.one("SELECT count(*) FROM trunks WHERE max_lines IS NULL"))
    assert await site.value("SELECT strip FROM trunks") == ""
    for name, value in (("max_lines", "0"), ("strip", "34")):
        await root.page.fill(f"{row} [data-test={name}]", value)
        await root.page.keyboard.press("Tab")
        await expect(root.page.locator("[data-test=trunk-sure]")).to_be_visible()
        assert await root.inaccessible() == []
        await root.page.click("[data-test=trunk-keep]")
        await expect(root.page.locator(f"{row} [data-test={name}]")).to_have_value("")
    assert await site.value(held) == "carrier 2.5 t  00"
    assert await root.inaccessible() == []
    await root.shot("portfolio-trunks-es")
    await root.page.click("[data-test=language]")
    await root.shot("portfolio-trunks-en")


async def test_numbers_that_are_not_called_come_from_a_file_and_go(
    sol: Visitor, site: Site, tmp_path: Path
) -> None:
    await sol.page.keyboard.press("Alt+7")
    file = tmp_path / "robinson-2026.csv"
    file.write_text("telefono;alta\n612345678;2026-01-01\n+34 600 111 222;2026-01-01\nnadie;\n")
    await sol.page.set_input_files("[data-test=suppression-file]", file)
    await expect(sol.page.locator("[data-test=suppression-name]")).to_have_value("robinson-2026")
    await sol.page.fill("[data-test=suppression-source]", "Lista Robinson")
    check = sol.page.locator("[data-test=suppression-check]")
    await expect(check).to_be_disabled()
    await sol.page.select_option("[data-test=suppression-region]", "ES")
    await check.click()
    report = sol.page.locator("[data-test=suppression-report]")
    await expect(report).to_contain_text("entrarían 2 números nuevos")
    await expect(report).to_contain_text("ese teléfono no existe")
    await expect(sol.page.locator("[data-test=suppression-samples]")).to_contain_text("+34600111222")
    assert await site.value("SELECT count(*) FROM suppression_lists") == 0
    await sol.shot("portfolio-suppression-check-es")
    await sol.page.fill("[data-test=suppression-name]", "Robinson")
    await expect(sol.page.locator("[data-test=suppression-send]")).to_have_count(0)
    await check.click()
    await sol.page.click("[data-test=suppression-send]")
    changed = sol.page.locator("[data-test=suppression-changed]")
    await expect(changed).to_have_text("2 números nuevos")
    assert await site.value("SELECT is_suppressed('+34600111222', now())")
    await sol.page.fill("[data-test=caller-number]", "+34 910 000 000")
    await sol.page.fill("[data-test=caller-registry]", "REDECO 12/2026")
    await sol.page.click("[data-test=caller-save]")
    await expect(sol.page.get_by_role("button", name="+34910000000", exact=True)).to_be_visible()
    await sol.shot("portfolio-numbers-es")
    file = tmp_path / "bajas.csv"
    file.write_text("600111222\n600111223\n")
    await sol.page.set_input_files("[data-test=suppression-file]", file)
    await sol.page.select_option("[data-test=suppression-action]", "remove")
    await check.click()
    await expect(report).to_contain_text("saldría 1 número")
    await sol.page.fill("[data-test=suppression-reason]", "pidió volver")
    await sol.page.click("[data-test=suppression-send]")
    await expect(changed).to_have_text("1 número quitado")
    assert not await site.value("SELECT is_suppressed('+34600111222', now())")
    assert await site.value("SELECT is_suppressed('+34612345678', now())")
    file = tmp_path / "sin-titulos.csv"
    file.write_text("600000123;612006001\n600000124;612006002\n")
    await sol.page.set_input_files("[data-test=suppression-file]", file)
    await sol.page.select_option("[data-test=suppression-action]", "add")
    await check.click()
    await expect(sol.page.locator("[data-test=suppression-refused]")).to_contain_text("diga cuál: 1, 2")
    await sol.page.select_option("[data-test=suppression-column]", "2")
    await expect(sol.page.locator("[data-test=suppression-samples]")).to_contain_text("+34612006002")
    await sol.page.click("[data-test=language]")
    await sol.shot("portfolio-suppression-check-en")
    await sol.page.click("[data-test=language]")
    await sol.page.select_option("[data-test=suppression-action]", "replace")
    await check.click()
    await expect(sol.page.locator("[data-test=suppression-leaves]")).to_have_text(
        "saldrá 1 número, que podrá volver a llamarse"
    )
    await expect(sol.page.locator("[data-test=suppression-comes]")).to_have_text("entrarán 2 números")
    await sol.page.click("[data-test=suppression-drop]")
    await sol.page.fill("#suppression-drop-reason", "contrato terminado")
    await sol.page.click("[data-test=suppression-drop-sure]")
    await expect(sol.page.get_by_text("No hay listas de exclusión.")).to_be_visible()
    assert not await site.value("SELECT is_suppressed('+34600111222', now())")
    await sol.page.click("[data-test=caller-drop]")
    await expect(sol.page.get_by_text("dejarán de llamar enseguida")).to_be_visible()
    await expect(sol.page.locator("button.link", has_text="+34910000000")).to_be_visible()
    await sol.page.click("[data-test=confirm]")
    await expect(sol.page.get_by_text("No hay números inscritos.")).to_be_visible()
    await sol.page.click("[data-test=language]")
    await expect(sol.page.get_by_text("Numbers that are not called").first).to_be_visible()


async def test_every_tab_can_be_used_by_everybody(sol: Visitor) -> None:
    """axe finds no serious fault."""
    for key in range(1, 8):
        await sol.page.keyboard.press(f"Alt+{key}")
        await sol.page.wait_for_timeout(150)
        await sol.page.evaluate(AXE.read_text())
        found = await sol.page.evaluate("axe.run({resultTypes: ['violations']})")
        serious = [
            (one["id"], one["nodes"][0]["html"])
            for one in found["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert serious == [], f"tab {key}"


async def test_why_says_what_else_holds_a_call_back(sol: Visitor, site: Site) -> None:
    await sol.page.goto(f"{site.url}/supervisor")
    await sol.page.click("[data-test=tab-persons]")
    await sol.page.fill("[data-test=persons] input", "C-1")
    await sol.page.keyboard.press("Enter")
    why = sol.page.locator("[data-test=why]")
    await expect(why).to_contain_text("Rellamada:")
    await expect(why).to_contain_text("En descanso")
    await sol.shot("portfolio-why-es")


async def test_debts_are_hidden_until_the_identity_is_verified(site: Site, enter: Enter) -> None:
    ana = await enter("ana")
    await ana.page.click("[data-test=device-done]")
    agent = site.known.users["ana"]
    hidden = call(debts=[], debts_hidden=True, verified=False)
    site.engine.show(agent, state="on_call", pause_code="", since=iso(3), call=hidden)
    await expect(ana.page.locator("[data-test=debts-hidden]")).to_be_visible()
    await ana.page.click("[data-test=verified]")
    await eventually(lambda: [c["call_id"] for c in site.engine.asked("agent.verify_identity")] == [CALL])
    site.engine.show(agent, state="on_call", since=iso(3), call=call(verified=True, flags=["paid"]))
    await expect(ana.page.locator("[data-test=person]")).to_contain_text("1.234,56 €")
    await expect(ana.page.locator("[data-test=paid]")).to_be_visible()
    await ana.shot("portfolio-agent-paid-es")


async def test_a_person_is_handed_on_to_somebody_who_is_free(site: Site, enter: Enter) -> None:
    ana = await enter("ana")
    await ana.page.click("[data-test=device-done]")
    agent = site.known.users["ana"]
    to = [
        {"skill": "legal", "agent_id": None, "name": "legal", "free": 2},
        {"skill": "", "agent_id": 77, "name": "Luis Gil", "free": 1},
    ]
    talking: dict[str, Any] = {"state": "on_call", "pause_code": "", "since": iso(3)}
    site.engine.show(agent, **talking, call=call(verified=True), transfer_to=[])
    await ana.page.click("[data-test=transfer] summary")
    await expect(ana.page.locator("[data-test=transfer]")).to_contain_text("Nadie está libre")
    site.engine.show(agent, **talking, call=call(verified=True), transfer_to=to)
    await expect(ana.page.locator("[data-test=transfer] li").first).to_contain_text("2 libres")
    await ana.page.keyboard.press("Alt+4")
    await ana.page.fill("#notes", "no quiere pagar hoy")
    await ana.page.fill("[data-test=note]", "espera su nómina el día 10")
    await ana.shot("portfolio-transfer-es")
    await ana.page.click("[data-test=language]")
    await expect(ana.page.locator("[data-test=transfer] summary")).to_contain_text("Transfer")
    await ana.page.click("[data-test=to-77]")
    along = {"note": "espera su nómina el día 10", "code": "refuses", "notes": "no quiere pagar hoy"}
    wanted = {"call_id": CALL, "agent_id": 77, "skill": "", **along}
    await eventually(lambda: site.engine.asked("agent.transfer") == [wanted])
    await ana.shot("portfolio-transfer-en")


async def test_who_gets_a_person_handed_over_sees_by_whom_and_what_was_said(site: Site, enter: Enter) -> None:
    ana = await enter("ana")
    await ana.page.click("[data-test=device-done]")
    agent, told = site.known.users["ana"], ana.page.locator("[data-test=handed-over]")
    along = {"note": "espera su nómina", "code": "refuses", "notes": "no quiere pagar hoy"}
    over = {"name": "Luis Gil", **along}
    talking: dict[str, Any] = {"state": "on_call", "pause_code": "", "since": iso(3)}
    site.engine.show(agent, **talking, call=call(verified=True, handover=over))
    await expect(told).to_contain_text("Se la pasa Luis Gil: espera su nómina")
    await expect(told).to_contain_text("Se niega a pagar")
    await expect(told).to_contain_text("no quiere pagar hoy")
    await ana.shot("portfolio-handed-over-es")
    await ana.page.click("[data-test=language]")
    await expect(told).to_contain_text("Handed over by Luis Gil")
    await ana.shot("portfolio-handed-over-en")
    guest = {"name": "Luis Gil", "guest": True, "three": False}
    site.engine.show(agent, **talking, call=call(verified=True, handover=over, consult=guest))
    await expect(told).to_contain_text("Luis Gil is asking you: espera su nómina")
    site.engine.show(agent, **talking, call=call(verified=True, handover=None))
    await expect(told).to_have_count(0)


async def test_a_colleague_is_asked_first_and_three_may_speak(site: Site, enter: Enter) -> None:
    ana = await enter("ana")
    await ana.page.click("[data-test=device-done]")
    agent = site.known.users["ana"]
    to = [{"skill": "", "agent_id": 77, "name": "Luis Gil", "free": 1}]
    talking: dict[str, Any] = {"state": "on_call", "pause_code": "", "since": iso(3)}
    site.engine.show(agent, **talking, call=call(verified=True, inbound=True), transfer_to=to)
    await expect(ana.page.locator("[data-test=inbound]")).to_contain_text("Llama la persona")
    await ana.page.click("[data-test=transfer] summary")
    await ana.page.fill("[data-test=note]", "pide un plazo")
    await ana.page.click("[data-test=ask-77]")
    along = {"note": "pide un plazo", "code": "", "notes": ""}
    wanted = {"call_id": CALL, "agent_id": 77, "skill": "", **along}
    await eventually(lambda: site.engine.asked("agent.consult") == [wanted])
    aside = {"name": "Luis Gil", "guest": False, "three": False}
    site.engine.show(agent, **talking, call=call(verified=True, inbound=True, consult=aside))
    await expect(ana.page.locator("[data-test=consult]")).to_contain_text("la persona oye música")
    await ana.shot("portfolio-consult-es")
    for button in ("join", "complete", "end"):
        await ana.page.click(f"[data-test=consult-{button}]")
        kind = f"agent.consult_{button}"
        await eventually(lambda kind=kind: len(site.engine.asked(kind)) == 1)
    assert site.engine.asked("agent.consult_complete")[0]["note"] == "pide un plazo"
    guest = {"name": "Luis Gil", "guest": True, "three": True}
    site.engine.show(agent, **talking, call=call(verified=True, consult=guest))
    await expect(ana.page.locator("[data-test=guest]")).to_be_visible()
    await ana.page.keyboard.press("F9")
    await eventually(lambda: len(site.engine.asked("agent.consult_end")) == 2)
    await ana.page.click("[data-test=language]")
    await expect(ana.page.locator("[data-test=consult]")).to_contain_text("Three on the line")
    await ana.shot("portfolio-consult-guest-en")


async def test_who_waits_in_the_queue_is_seen_on_the_floor(sol: Visitor, site: Site) -> None:
    await sol.page.goto(f"{site.url}/supervisor")
    site.engine.floor(campaigns=[campaign(1, queued=3, queued_since=iso(80), kept_places=2)])
    await expect(sol.page.locator("[data-test=queue]")).to_contain_text("En cola: 3")
    await expect(sol.page.locator("[data-test=queue]")).to_contain_text("2 por devolver")
    await sol.shot("portfolio-queue-es")


async def test_rules_looser_than_the_law_are_told_in_red_and_asked_of_an_administrator(
    sol: Visitor, site: Site
) -> None:
    loose = 'UPDATE campaigns SET settings = settings || \'{"rule_pack": "us-collections", "region": "ES"}\''
    await site.value(f"{loose} WHERE id = 1 RETURNING id")
    await sol.page.keyboard.press("Alt+6")
    told = sol.page.locator("[data-test=looser]")
    await expect(told).to_contain_text("más laxas que la ley del país de la campaña: llamadas abandonadas")
    await expect(told).to_have_css("color", "rgb(179, 38, 30)")
    await sol.page.click("[data-test=looser-more]")
    await expect(sol.page.locator("[data-test=looser-hours]").first).to_contain_text(
        "lunes: 08:00–21:00 (la ley: 09:00–21:00) (es-collections)"
    )
    await expect(told).to_contain_text("por día natural: — (la ley: 3 %)")
    await expect(told).to_contain_text("Falta algo tan estricto como «Siete intentos por persona en 7 días»")
    await expect(told).to_contain_text("debe estar: a la vista (la ley: inscrito)")
    await sol.shot("portfolio-looser-es")
    await sol.page.select_option("[data-test=set-rule_pack]", "es-collections")
    await sol.page.click("[data-test=settings-apply]")
    await expect(told).to_have_count(0)
    await sol.page.select_option("[data-test=set-rule_pack]", "us-collections")
    await sol.page.click("[data-test=settings-apply]")
    await expect(sol.page.get_by_text("solo un administrador puede pedirlas")).to_be_visible()
    sol.complaints.clear()  # the browser's own, of the refusal
