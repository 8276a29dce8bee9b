"""The supervisor's console against a real server."""

import json
import os
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from dialer.model.agent import AgentState
from tests.browser.chromium import Visitor
from tests.browser.conftest import Enter
from tests.browser.scripted import agent_row, campaign, hold, why, window
from tests.browser.site import Site
from tests.eventually import eventually

CSV = """phone,name,external_id,country,language,creditor,currency,balance,days_past_due,debt_id
+34600999001,Rosa Peña,X-1,ES,es,Banco Sol,EUR,120.50,40,R1
+34123,Malo,X-2,ES,es,Banco Sol,EUR,1.00,1,R2
"""

EXPECTED = {"abandon_chance": 0.08, "price": 0.083, "live_soon": 1.4, "free_soon": 2.5}
SHOTS = os.environ.get("CADENCIA_SCREENSHOTS", "")
SAID = re.compile(r"^\d+,\d\s% ± \d+,\d · \d+(,\d)? s de espera · \d+\s% ocupación$")


@pytest.fixture
async def sol(site: Site, enter: Enter) -> Visitor:
    """The supervisor, looking at a floor with three agents."""
    site.engine.floor(
        campaigns=[campaign(site.known.campaign)],
        agents=[
            agent_row(site.known.users["ana"], "Ana", state="on_call", call_campaign="Primavera"),
            agent_row(site.known.users["bea"], "Bea"),
        ],
        alarms=1,
    )
    visitor = await enter("sol")
    await visitor.page.wait_for_selector("[data-test=campaign-spring]")
    return visitor


async def test_the_strip_shows_abandonment_with_what_it_is_worth(sol: Visitor) -> None:
    assert await sol.text("[data-test=campaign-spring] [data-test=n-ringing]") == "3"
    gauge = await sol.text("[data-test=abandonment]")
    assert "7,5 %" in gauge
    assert "3 de 40" in gauge
    assert "2,6 % – 19,9 %" in gauge
    assert "Frenada" in gauge
    assert "Queda 1 por el tope de abandono" in await sol.text("[data-test=campaign-spring]")


async def test_changes_are_merged_row_by_row(sol: Visitor, site: Site) -> None:
    bea = site.known.users["bea"]
    site.engine.floor(
        whole=False,
        campaigns=[campaign(site.known.campaign, ringing=9)],
        agents=[agent_row(bea, "Bea", state="paused", pause_code="lunch")],
    )
    await expect(sol.page.locator("[data-test=n-ringing]")).to_have_text("9")
    await expect(sol.page.locator(f"[data-test=agent-{bea}]")).to_contain_text("En pausa · Comida")
    await expect(sol.page.locator(f"[data-test=agent-{site.known.users['ana']}]")).to_contain_text(
        "En llamada"
    )


async def test_a_silent_engine_is_told_and_the_clock_turns_stale(sol: Visitor, site: Site) -> None:
    await expect(sol.page.locator("[data-test=updated]")).to_have_attribute("data-stale", "false")
    site.engine.alive = False
    await expect(sol.page.get_by_text("El motor de marcación no responde")).to_be_visible(timeout=20_000)
    await expect(sol.page.locator("[data-test=updated]")).to_have_attribute("data-stale", "true")
    site.engine.alive = True
    await expect(sol.page.locator("[data-test=updated]")).to_have_attribute("data-stale", "false")


async def test_start_reaches_database_and_engine(sol: Visitor, site: Site) -> None:
    await sol.page.click("[data-test=start]")
    await expect(sol.page.get_by_text("Primavera: en marcha")).to_be_visible()
    assert await site.value("SELECT status FROM campaigns") == "running"
    assert await site.value(
        "SELECT count(*) > 0 FROM journal WHERE kind = 'settings.changed' AND id > $1", site.known.facts
    )


async def test_a_campaign_stops_after_a_question(sol: Visitor, site: Site) -> None:
    site.engine.floor(campaigns=[campaign(site.known.campaign, status="running")])
    await site.value("UPDATE campaigns SET status = 'running' RETURNING id")
    await sol.page.click("[data-test=stop]")
    await expect(sol.page.get_by_text("¿Detener Primavera?")).to_be_visible()
    await sol.shot("stop-asks-es")
    await sol.page.click("[data-test=keep]")
    assert await site.value("SELECT status FROM campaigns") == "running"
    await sol.page.click("[data-test=stop]")
    await sol.page.click("[data-test=confirm]")
    await expect(sol.page.get_by_text("Primavera: detenida")).to_be_visible()
    assert await site.value("SELECT status FROM campaigns") == "stopped"


async def test_every_state_of_an_agent_has_colour_filter_and_count(sol: Visitor, site: Site) -> None:
    rows = [agent_row(100 + place, f"Agente {place}", state=str(one)) for place, one in enumerate(AgentState)]
    site.engine.floor(agents=[*rows, agent_row(200, "Otra", state="preview")])
    for place, one in enumerate(AgentState):
        row = sol.page.locator(f"[data-test=agent-{100 + place}]")
        await expect(row).to_have_class(re.compile(r"edge-(call|accent|wrap|ready|paused|offline)"))
        await expect(row.locator(".chip").first).to_have_class(re.compile(r"tone-\w+"))
        count = 2 if one is AgentState.PREVIEW else 1
        button = sol.page.locator(f"[data-test=state-{one}]")
        await expect(button).to_have_text(re.compile(rf"\D+ {count}$"))
        await button.click()
        await expect(sol.page.locator("[data-test=agents] tbody tr")).to_have_count(count)
        await expect(row).to_be_visible()
        await sol.page.get_by_role("button", name="Todos").click()
    await sol.shot("states-es")
    assert await sol.inaccessible() == []


async def test_the_pace_changes_with_a_reason_and_back(sol: Visitor, site: Site) -> None:
    ratio = "SELECT settings->>'calls_per_agent' FROM campaigns"
    await sol.page.check("[data-test=mode-power]", force=True)
    await sol.page.fill("[data-test=calls-per-agent]", "2.5")
    await sol.page.fill("[data-test=reason]", "sobran agentes")
    await sol.page.click("[data-test=apply]")
    await expect(sol.page.locator("[data-test=version]")).to_have_text("v2")
    assert await site.value(ratio) == "2.5"
    assert await site.value(
        "SELECT count(*) > 0 FROM journal WHERE kind = 'settings.changed' AND id > $1", site.known.facts
    )

    await sol.page.click("[data-test=undo]")
    await expect(sol.page.locator("[data-test=version]")).to_have_text("v3")
    assert await site.value(ratio) in (None, "1.5")
    await sol.page.click("[data-test=versions]")
    listed = sol.page.locator("[data-test=version-list] li")
    await expect(listed.nth(1)).to_contain_text("sobran agentes")
    await expect(listed.nth(1)).to_contain_text("Sol")


async def test_the_forecast_is_seen_before_a_change_is_applied(sol: Visitor, site: Site) -> None:
    card = sol.page.locator("[data-test=forecast]")
    said = sol.page.locator("[data-test=forecast-said]")
    await expect(said).to_have_text(SAID)
    await sol.page.check("[data-test=mode-predictive]", force=True)
    await sol.page.fill("[data-test=target-abandonment]", "2")
    await expect(sol.page.locator("[data-test=apply]")).to_be_disabled()
    await expect(card).to_have_attribute("data-state", "shown")
    await expect(said).to_have_text(SAID)
    await expect(sol.page.locator("[data-test=figure-idle]")).to_contain_text("▼")
    await expect(sol.page.locator("[data-test=figure-abandonment]")).to_contain_text("antes 0,0")
    assert await sol.inaccessible() == []
    assert await site.value("SELECT settings_version FROM campaigns") == 1
    await sol.page.click("[data-test=apply]")
    await expect(sol.page.locator("[data-test=version]")).to_have_text("v2")
    assert await site.value("SELECT settings->>'target_abandonment' FROM campaigns") == "0.02"
    await expect(sol.page.locator("[data-test=figure-abandonment]")).not_to_contain_text("antes")


async def test_the_target_stays_under_the_cap(sol: Visitor, site: Site) -> None:
    await sol.page.check("[data-test=mode-predictive]", force=True)
    target = sol.page.locator("[data-test=target-abandonment]")
    await sol.page.fill("[data-test=max-abandonment]", "1")
    await expect(target).to_have_value("1")
    await expect(sol.page.locator("[data-test=target-abandonment-slider]")).to_have_attribute("max", "1")
    await sol.page.click("[data-test=discard]")
    await expect(sol.page.locator("[data-test=mode-progressive]")).to_be_checked()
    assert await site.value("SELECT settings_version FROM campaigns") == 1


async def test_where_agents_start_the_calls_the_card_says_so(sol: Visitor) -> None:
    await sol.page.check("[data-test=mode-preview]", force=True)
    await expect(sol.page.locator("[data-test=forecast-said]")).to_contain_text("no hay ritmo")
    await expect(sol.page.locator("[data-test=preview-limit]")).to_have_value("60")
    await expect(sol.page.locator("[data-test=boost]")).to_have_count(0)


async def test_a_forecast_that_cannot_be_made_is_told_in_words(sol: Visitor) -> None:
    await expect(sol.page.locator("[data-test=forecast]")).to_have_attribute("data-state", "shown")
    await sol.page.check("[data-test=mode-power]", force=True)
    await sol.page.fill("#weight", "500")
    await expect(sol.page.locator("[data-test=forecast-problem]")).to_contain_text("Peso")
    sol.complaints.clear()


async def test_a_busy_server_is_asked_for_the_forecast_again_until_its_turn_comes(
    site: Site, enter: Enter
) -> None:
    """As by whoever loads the page again while the forecast of the page before is still being made."""
    site.forecasts.busy = 5
    site.engine.floor(campaigns=[campaign(site.known.campaign)])
    sol = await enter("sol")
    waits = sol.page.locator("[data-test=forecast-waits]")
    await expect(waits).to_contain_text("este se vuelve a pedir en 1 segundo.")
    await sol.shot("supervisor-forecast-waits-es")
    await expect(sol.page.locator("[data-test=forecast-said]")).to_have_text(SAID)
    await expect(waits).to_have_count(0)
    assert site.forecasts.busy == 0
    sol.complaints.clear()


async def test_the_windows_of_the_law_stand_with_the_tightest_first(sol: Visitor, site: Site) -> None:
    windows = [window("rolling_30d", 1000, 10), window("calendar_day", 100, 2, screened_out=0.5)]
    learned = {"answer_rate": 0.312, "human_share": 0.72, "talk_mean": 151, "wrap_mean": 24}
    site.engine.floor(
        campaigns=[
            campaign(
                site.known.campaign,
                capped=False,
                windows=windows,
                idle_seconds=11.4,
                target=0.025,
                learned={**learned, "ring_mean": 13.8, "calls_seen": 4123},
                why=why(cancels=2, held_by="calls per agent"),
                forecast=EXPECTED,
            )
        ]
    )
    row = sol.page.locator("[data-test=campaign-spring]")
    await expect(row.locator("[data-test=abandonment]")).to_contain_text(re.compile(r"Hoy\s*2,5\s%"))
    await expect(row.locator("[data-test=abandonment-of]")).to_have_text("2,5 de 101")
    await expect(row.locator("[data-test=windows]")).to_contain_text(re.compile(r"30 d\s*1,0\s%"))
    await expect(row.locator("[data-test=idle]")).to_have_text("11 s")
    await expect(row).to_contain_text("Se sueltan 2 que suenan. Queda 1 por el máximo por agente.")
    await sol.page.click("[data-test=learned]")
    card = sol.page.locator("[data-test=learned-card]")
    await expect(card).to_contain_text("4.123")
    await sol.page.keyboard.press("Escape")
    await expect(card).to_be_hidden()


async def test_no_red_figure_stands_without_its_reason(sol: Visitor, site: Site) -> None:
    """Nor one above nought that only the audits make; and one person rests where many do."""
    row = sol.page.locator("[data-test=campaign-spring]")

    def floor(**now: Any) -> None:
        site.engine.floor(campaigns=[campaign(site.known.campaign, **{"waiting": 0, "capped": False, **now})])

    floor(windows=[window("rolling_24h", 3, 0, screened_out=0.02)], leads_resting=1)
    await expect(row.locator("[data-test=abandonment-of]")).to_have_text("0,02 de 3")
    await expect(row.locator("[data-test=audited]")).to_contain_text("Incluye 0,02 por quienes el cribado")
    await expect(row.locator("[data-test=resting]")).to_have_text("1 descansa")
    await expect(row.locator("[data-test=waiting-why]")).to_have_count(0)
    reds: dict[str, dict[str, Any]] = {
        "over-why": {"windows": [window("rolling_24h", 40, 3)]},
        "capped-why": {"capped": True},
        "waiting-why": {"waiting": 1},
        "exhausted": {"leads_left": 0, "status": "running"},
    }
    for reason, now in reds.items():
        floor(**now)
        await expect(row.locator(f"[data-test={reason}]")).to_be_visible()
    await sol.page.click("[data-test=language]")
    floor(leads_resting=2, waiting=2)
    await expect(row.locator("[data-test=resting]")).to_have_text("2 rest")
    await expect(row.locator("[data-test=waiting-why]")).to_have_text("2 who answered have no agent yet.")


async def test_at_night_the_strip_says_until_when(sol: Visitor, site: Site) -> None:
    row = sol.page.locator("[data-test=campaign-spring]")
    until = "2026-12-01T08:00:00+00:00"
    night = hold("outside_hours", until)
    site.engine.floor(campaigns=[campaign(site.known.campaign, why=None, hold=night)])
    await expect(row).to_contain_text(re.compile(r"fuera de horario hasta 1 dic"))
    held = hold("waits", until, rule="attempts_per_day", held=30, leads=42)
    site.engine.floor(campaigns=[campaign(site.known.campaign, why=None, hold=held)])
    await expect(row).to_contain_text("Intentos del día agotados (30 de 42)")


async def test_why_lists_the_decisions_with_what_they_expected(sol: Visitor, site: Site) -> None:
    await site.value(
        "INSERT INTO pacing_decisions (campaign_id, at, calls, reason, inputs, forecast, why) "
        "VALUES ($1, now(), 3, 'a sentence', '{}', $2::text::jsonb, $3::text::jsonb) RETURNING id",
        site.known.campaign,
        json.dumps(EXPECTED),
        json.dumps(why(calls=3)),
    )
    await sol.page.click("[data-test=decisions]")
    row = sol.page.locator("[data-test=decision-list] tbody tr")
    await expect(row).to_contain_text("2 disponibles, 2,5 a punto; 6 en el aire, contestarán 1,4.")
    await expect(row).to_contain_text(re.compile(r"8,0\s%\s*límite 8,3\s%"))
    assert await sol.inaccessible() == []
    one = json.dumps(why(ready=1, in_flight=1, held_by="line limit"))
    expected = json.dumps(EXPECTED | {"live_soon": 1, "free_soon": 1})
    update = "UPDATE pacing_decisions SET why = $1::text::jsonb, forecast = $2::text::jsonb RETURNING id"
    await site.value(update, one, expected)
    await sol.page.click("[data-test=trend]")
    await sol.page.click("[data-test=decisions]")
    await expect(row).to_contain_text("1 disponible, 1 a punto; 1 en el aire, contestará 1. Queda 1 por")
    await sol.page.click("[data-test=trend]")
    await expect(sol.page.locator("[data-test=pacing-chart]")).to_contain_text(re.compile(r"Tope\s*3,0\s%"))
    assert await sol.inaccessible() == []


async def test_two_supervisors_do_not_overwrite_each_other(sol: Visitor, site: Site, enter: Enter) -> None:
    other = await enter("root")
    await other.page.fill("#max-lines", "20")
    await sol.page.fill("#max-lines", "30")
    await other.page.click("[data-test=apply]")
    await expect(other.page.locator("[data-test=version]")).to_have_text("v2")
    await sol.page.click("[data-test=apply]")
    await expect(sol.page.get_by_text("Otra persona cambió esta campaña")).to_be_visible()
    await expect(sol.page.locator("#max-lines")).to_have_value("20")
    assert await site.value("SELECT settings->>'max_lines' FROM campaigns") == "20"


async def test_an_agent_is_paused_after_a_question(sol: Visitor, site: Site) -> None:
    bea = site.known.users["bea"]
    await sol.page.click(f"[data-test=agent-{bea}] [data-test=force-pause]")
    await sol.page.click("[data-test=confirm]")
    await eventually(lambda: [c["agent_id"] for c in site.engine.asked("agent.force_pause")] == [bea])


async def test_the_table_filters_and_sorts(sol: Visitor) -> None:
    rows = sol.page.locator("[data-test=agents] tbody tr")
    await sol.page.keyboard.press("/")
    await sol.page.keyboard.type("bea")
    await expect(rows).to_have_count(1)
    await sol.page.fill("input[type=search]", "")
    await sol.page.get_by_role("button", name="Agente", exact=True).click()
    await expect(rows.first).to_contain_text("Ana")
    await sol.page.get_by_role("button", name="Agente", exact=True).click()
    await expect(rows.first).to_contain_text("Bea")


async def test_an_alarm_that_repeats_is_one_line_and_one_that_is_over_says_since_when(
    sol: Visitor, site: Site
) -> None:
    raised = "SELECT raise_alarm($1, $2, $3, now() - $4 * interval '1 minute')"
    for minutes in (30, 20, 10):
        await site.pool.execute(
            raised, "trunk_open", "carrier", f"SIP 503: 5 of 8; rests until {RESTS}", minutes
        )
    await site.pool.execute("UPDATE alarms SET ended_at = now()")
    for kind, subject, detail in (
        ("spool_low", "spool", "80 MB free"),
        ("order_given_again", "x", "Bridge"),
        ("call_in_refused", "+34910000001", "no campaign answers this number"),
        ("clock_in_doubt", "clock", "this machine and the database differ by 3000 s"),
    ):
        await site.pool.execute(raised, kind, subject, detail, 5)
    await sol.page.click("[data-test=tab-alarms]")
    rows = sol.page.locator("[data-test=alarms] tbody tr")
    await expect(rows).to_have_count(5)
    await expect(rows.last).to_contain_text("3 veces desde")
    await expect(rows.last).to_contain_text("Resuelta desde")
    await expect(sol.page.locator("[data-test=tab-alarms]")).to_contain_text("4")
    for told in (
        "Quedan 80 MB libres.",
        "Se repitió «unir la llamada»",
        "difieren en 3000 s",
        "disco de grabación",
    ):
        await expect(sol.page.locator("[data-test=alarms]")).to_contain_text(told)
    await sol.shot("supervisor-alarms-es")
    assert await sol.inaccessible() == []
    await sol.page.click("[data-test=language]")
    for told in ("80 MB are free.", "3 times since", "Over since", "No campaign answers this number"):
        await expect(sol.page.locator("[data-test=alarms]")).to_contain_text(told)
    await sol.shot("supervisor-alarms-en")


async def test_an_alarm_is_acknowledged(sol: Visitor, site: Site) -> None:
    alarm = await site.value(
        "INSERT INTO alarms (kind, subject) VALUES ('recording_missing', 'x') RETURNING id"
    )
    await sol.page.click("[data-test=tab-alarms]")
    row = sol.page.locator(f"[data-test=alarm-{alarm}]")
    await expect(row).to_contain_text("Llamada sin grabación entera")
    silent = "INSERT INTO alarms (kind, subject) VALUES ('agent_silent', $1) RETURNING id"
    named = await site.value(silent, str(site.known.users["bea"]))
    await row.locator("[data-test=acknowledge]").click()
    await expect(row).to_have_count(0)
    # That list was read again: of an agent it tells the name.
    await expect(sol.page.locator(f"[data-test=alarm-{named}] .about")).to_have_text("Bea")
    of = "SELECT acknowledged_by FROM alarms WHERE kind = 'recording_missing'"
    assert await site.value(of) == site.known.users["sol"]


async def test_a_dead_number_is_revived_with_a_reason(sol: Visitor, site: Site) -> None:
    phone = await site.value(
        "UPDATE phones SET status = 'dead', refused_on = '2026-11-23', refused_trunk = 'carrier' RETURNING id"
    )
    await site.value("UPDATE attempts SET trunk = 'carrier' RETURNING 1")
    await sol.page.click("[data-test=tab-persons]")
    await sol.page.fill("[data-test=persons] input", "+34 600 111 222")
    await sol.page.keyboard.press("Enter")
    shown = sol.page.locator(f"[data-test=phone-{phone}]")
    await expect(shown).to_contain_text("no existe")
    await expect(shown).to_contain_text("por carrier")
    await expect(sol.page.locator("[data-test=trunk]").first).to_have_text("carrier")
    await sol.page.click(f"[data-test=revive-{phone}]")
    await expect(sol.page.get_by_text("se dio por inexistente o por fax")).to_be_visible()
    await sol.page.fill("#revive-reason", "de otro número")
    await sol.page.keyboard.press("Escape")
    await sol.page.click(f"[data-test=revive-{phone}]")
    await expect(sol.page.locator("#revive-reason")).to_have_value("")
    await sol.page.fill("#revive-reason", "lo confirma su hija")
    await sol.page.click("[data-test=confirm-revive]")
    await expect(shown).to_contain_text("sin verificar")
    await expect(shown).to_contain_text("Reactivado el")
    await expect(sol.page.locator(f"[data-test=revive-{phone}]")).to_have_count(0)
    assert await site.value("SELECT reason FROM audit WHERE action = 'phone.revive'") == "lo confirma su hija"


async def test_a_person_is_found_explained_and_stopped(sol: Visitor, site: Site) -> None:
    await sol.page.click("[data-test=tab-persons]")
    await sol.page.fill("[data-test=persons] input", "+34 600 111 222")
    await sol.page.keyboard.press("Enter")
    await expect(sol.page.locator("[data-test=why]")).to_contain_text("Primavera")
    await sol.page.click("[data-test=stop-person]")
    await sol.page.fill("#stop-reason", "lo pidió")
    await sol.page.click("[data-test=confirm-stop]")
    await expect(sol.page.locator("[data-test=why]")).to_contain_text("lo pidió")
    assert await site.value("SELECT stopped_at IS NOT NULL FROM persons")
    assert await site.value(
        "SELECT count(*) = 1 FROM journal WHERE kind = 'person.changed' AND id > $1", site.known.facts
    )
    gate = sol.page.locator("[data-test=gate] tbody tr")
    await expect(gate).to_have_attribute("data-verdict", "refused")
    await expect(gate).to_contain_text("Contacto detenido sin fecha de fin")
    await expect(gate.locator("[data-test=gate-next]")).to_have_text("Nunca por sí solo")
    await expect(sol.page.get_by_text("No se contactará más con Marta Muñoz.")).to_be_visible()


async def test_why_names_every_rule_that_refuses_and_when_the_next_call_may_be(
    sol: Visitor, site: Site
) -> None:
    await site.value(
        "INSERT INTO contacts (person_id, kind, at, channel, number) "
        "VALUES ($1, 'conversation', now(), 'voice', '+34600111222') RETURNING id",
        site.known.person,
    )
    # As the strictest rules have it: who consented, from a number that is registered.
    await site.value("UPDATE persons SET granted = '{voice}' RETURNING true")
    await site.value("INSERT INTO caller_ids (number) VALUES ('+34910000000') RETURNING true")
    await sol.page.click("[data-test=tab-persons]")
    await sol.page.fill("[data-test=persons] input", "C-1")
    await sol.page.keyboard.press("Enter")
    gate = sol.page.locator("[data-test=gate] tbody tr")
    await expect(gate).to_contain_text("No se puede llamar")
    await expect(gate).to_contain_text("Tras una conversación hasta")
    zone = await site.value("SELECT coalesce(zone, 'Europe/Madrid') FROM persons")
    await expect(gate.locator("[data-test=gate-next]")).to_contain_text(f"({zone})")
    await sol.page.get_by_role("button", name="Switch to English").click()
    await expect(gate).to_contain_text("After a conversation until")


async def test_the_strip_says_what_in_list_and_stop_mean(sol: Visitor, site: Site) -> None:
    row = sol.page.locator("[data-test=campaign-spring]")
    await expect(sol.page.get_by_role("columnheader", name="En lista")).to_be_visible()
    await expect(row.locator("[data-test=leads-left]")).to_have_attribute("title", re.compile("descansan"))
    await expect(row.locator("[data-test=stop]")).to_have_attribute(
        "title", re.compile("no se corta a nadie")
    )
    site.engine.floor(whole=False, campaigns=[campaign(site.known.campaign, status="running")])
    await row.locator("[data-test=stop]").click()
    await sol.page.get_by_role("dialog").locator("[data-test=confirm]").click()
    await expect(sol.page.get_by_text("Primavera: detenida. Lo que ya timbra")).to_be_visible()


async def test_a_list_is_imported_and_its_bad_rows_come_back(
    sol: Visitor, site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "cartera.csv"
    file.write_text(CSV, "utf-8")
    await sol.page.click("[data-test=tab-import]")
    await sol.page.set_input_files("[data-test=file]", file)
    await sol.page.select_option("[data-test=import-region]", "ES")
    await sol.page.fill("[data-test=import-creditor]", "Banco Uno")
    await sol.page.click("[data-test=send-import]")
    report = sol.page.locator("[data-test=import-report]")
    await expect(report).to_contain_text("1 aceptada")
    await expect(report).to_contain_text("1 rechazada")
    async with sol.page.expect_download() as download:
        await sol.page.click("[data-test=rejects]")
    rejects = Path(await (await download.value).path()).read_text("utf-8-sig")
    assert "+34123" in rejects
    assert await site.value("SELECT count(*) FROM persons WHERE external_id LIKE 'X-%'") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_floor_is_accessible(site: Site, sol: Visitor, enter: Enter, theme: str) -> None:
    visitor = await enter("root", color_scheme=theme)
    await visitor.page.wait_for_selector("[data-test=campaign-spring]")
    await visitor.page.wait_for_selector("[data-test=control]")
    assert await visitor.inaccessible() == []


async def test_calls_that_came_in_are_shown_with_how_many_were_answered_in_time(
    sol: Visitor, site: Site
) -> None:
    """The share never stands without its denominator; below what the law asks it is red."""
    calls = """
        INSERT INTO attempts (id, campaign_id, lead_id, person_id, number, state, version, limits, screened,
            placed_at, answered_at, connected_at, ended_at, outcome, direction)
        SELECT gen_random_uuid(), campaign_id, lead_id, person_id, number, 'ended', 5, '{}', false,
            at, at, at + make_interval(secs => n * 60), at + interval '1 hour', 'conversation', 'inbound'
        FROM attempts, generate_series(1, 4) AS n, (SELECT now() - interval '3 days' AS at) AS came
        WHERE direction = 'outbound'"""
    await site.pool.execute(calls)
    pack = 'UPDATE campaigns SET settings = settings || \'{"rule_pack": "es-collections"}\''
    await site.pool.execute(pack)
    await sol.page.reload()
    figure = sol.page.locator("[data-test=inbound-service]")
    await expect(figure).to_contain_text(
        re.compile(r"Entrantes atendidas en 3 min: 30 días 75,0\s% 3 de 4; la ley pide 95\s%")
    )
    await expect(sol.page.locator("[data-test=inbound-month]")).to_have_class("low")
    await expect(figure).to_have_attribute("title", re.compile("La ley pide 95"))
    if SHOTS:
        await sol.page.screenshot(path=Path(SHOTS) / "inbound-es.png")
    await sol.page.click("[data-test=language]")
    await expect(figure).to_contain_text(re.compile(r"Calls in, answered in 3 min: 30 days 75\.0% 3 of 4"))
    if SHOTS:
        await sol.page.screenshot(path=Path(SHOTS) / "inbound-en.png")


RESTS = datetime(2026, 11, 23, 10, 0, 10).astimezone().isoformat()
"""Ten seconds past ten where this machine and its browser are."""


def trunk(name: str, state: str = "closed", why: str = "", until: str | None = None) -> dict[str, str | None]:
    """A trunk, as the engine tells of it."""
    return {"name": name, "state": state, "why": why, "until": until}


async def test_every_trunk_stands_with_its_state_what_broke_it_and_until_when_it_rests(
    sol: Visitor, site: Site
) -> None:
    seen = sol.page.locator("[data-test=trunks]")
    await expect(seen).to_have_count(0)  # nobody asked about trunks: no empty line
    rows = [trunk("carrier", "open", "SIP 503: 5 of 8", RESTS), trunk("backup")]
    bar = hold("trunk_rests", RESTS)
    site.engine.floor(campaigns=[campaign(site.known.campaign, why=None, hold=bar)], trunks=rows, alarms=2)
    carrier, backup = (sol.page.locator(f"[data-test=trunk-{name}]") for name in ("carrier", "backup"))
    await expect(carrier).to_have_attribute("data-state", "open")
    await expect(carrier).to_have_text("carrier: en reposo · hasta las 10:00:10 · motivo: SIP 503, 5 de 8")
    await expect(backup).to_have_text("backup: en servicio")
    strip = sol.page.locator("[data-test=campaign-spring]")
    await expect(strip).to_contain_text("No se llama: troncal en reposo hasta las 10:00:10.")
    await _trunk_alarms(sol, site)
    assert await sol.inaccessible() == []
    if SHOTS:
        await sol.page.screenshot(path=Path(SHOTS) / "trunks-es.png")
    await sol.page.click("[data-test=language]")
    resting = re.compile(r"carrier: resting · until 10:00:10\sAM · why: SIP 503, 5 of 8")
    await expect(carrier).to_have_text(resting)
    if SHOTS:
        await sol.page.screenshot(path=Path(SHOTS) / "trunks-en.png")
    site.engine.floor(whole=False, trunks=[trunk("carrier", "half_open", "failed: 5 of 8"), trunk("backup")])
    await expect(carrier).to_have_text("carrier: being tried, call by call · why: calls failed, 5 of 8")
    site.engine.floor(whole=False, trunks=[trunk("carrier"), trunk("backup")])
    await expect(carrier).to_have_text("carrier: in service")


async def _trunk_alarms(sol: Visitor, site: Site) -> None:
    """They are told in the reader's language, times in the reader's zone."""
    for kind, subject, detail in (
        ("trunk_open", "carrier", f"SIP 503: 5 of 8; rests until {RESTS}"),
        ("caller_id_blocked", "+34910000000", "on trunk carrier: SIP 608"),
    ):
        await site.pool.execute(
            "INSERT INTO alarms (kind, subject, detail) VALUES ($1, $2, $3)", kind, subject, detail
        )
    await sol.page.click("[data-test=tab-alarms]")
    table = sol.page.locator("[data-test=alarms]")
    await expect(table).to_contain_text("Troncal en reposo: falla")
    await expect(table).to_contain_text("SIP 503, 5 de 8; en reposo hasta las 10:00:10")
    await expect(table).to_contain_text("por la troncal carrier: SIP 608")
