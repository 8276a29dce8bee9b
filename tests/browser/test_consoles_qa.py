"""The quality desk against a real server."""

import re

import pytest
from playwright.async_api import expect

from tests.browser.chromium import Visitor
from tests.browser.conftest import Enter
from tests.browser.site import Site


@pytest.fixture
async def quim(site: Site, enter: Enter) -> Visitor:
    """The grader, with the recording open."""
    visitor = await enter("quim")
    await visitor.page.wait_for_selector(f"[data-test=rec-{site.known.recording}]")
    await visitor.page.click(f"[data-test=rec-{site.known.recording}]")
    await visitor.page.wait_for_selector("[data-test=player]")
    return visitor


async def test_the_keyboard_finds_and_opens_a_recording(site: Site, enter: Enter) -> None:
    visitor = await enter("quim")
    await visitor.page.wait_for_selector("[data-test^=rec-]")
    await visitor.page.keyboard.press("/")
    await visitor.page.keyboard.type("nadie")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.locator("[data-test^=rec-]")).to_have_count(0)
    await visitor.page.fill("[data-test=qa-query]", "muñoz")
    await visitor.page.keyboard.press("Enter")
    await visitor.page.locator("[data-test^=rec-]").first.focus()
    await visitor.page.keyboard.press("ArrowDown")
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page.locator("[data-test=recording-person]")).to_have_text("Marta Muñoz")


async def test_the_player_plays_and_obeys_the_keyboard(quim: Visitor, site: Site) -> None:
    position = quim.page.locator("[data-test=position]")
    await expect(position).to_have_text("0:00 / 0:10")
    await quim.page.keyboard.press("k")
    await expect(quim.page.locator("[data-test=player]")).to_have_attribute("data-playing", "true")
    await expect(position).not_to_contain_text("0:00")
    await quim.page.keyboard.press("k")
    await expect(quim.page.locator("[data-test=player]")).to_have_attribute("data-playing", "false")
    await quim.page.keyboard.press("j")
    await expect(position).to_have_text("0:00 / 0:10")
    await quim.page.keyboard.press("ArrowRight")
    await expect(position).to_have_text("0:03 / 0:10")
    assert await site.value("SELECT user_id FROM listening_log LIMIT 1") == site.known.users["quim"]


async def test_jumps_in_quick_succession_all_count(quim: Visitor) -> None:
    position = quim.page.locator("[data-test=position]")
    await quim.page.keyboard.press("k")
    await expect(position).not_to_contain_text("0:00")
    await quim.page.keyboard.press("k")
    await expect(quim.page.locator("[data-test=player]")).to_have_attribute("data-playing", "false")
    # No frame passes between them: the browser has not begun the first jump when the last is asked for.
    await quim.page.evaluate(
        "() => ['j', 'ArrowRight', 'ArrowRight']"
        ".forEach((key) => window.dispatchEvent(new KeyboardEvent('keydown', { key })))"
    )
    await expect(position).to_have_text("0:06 / 0:10")


async def test_silence_is_skipped(quim: Visitor) -> None:
    await quim.page.check("[data-test=skip]")
    await quim.page.keyboard.press("k")
    # From two to eight nobody speaks: the needle passes there in one leap.
    await quim.page.wait_for_function(
        "() => { const at = document.querySelector('[data-test=position]').textContent.trim().slice(0, 4);"
        " (window.seen ??= new Set()).add(at); return at >= '0:08' }"
    )
    assert {"0:04", "0:05", "0:06"}.isdisjoint(await quim.page.evaluate("[...window.seen]"))


async def test_a_comment_stays_at_its_instant(quim: Visitor, site: Site) -> None:
    await quim.page.keyboard.press("ArrowRight")
    await quim.page.keyboard.press("c")
    await quim.page.keyboard.type("Buen saludo")
    await quim.page.keyboard.press("Control+Enter")
    await expect(quim.page.locator("[data-test=comments]")).to_contain_text("Buen saludo")
    assert await site.value("SELECT offset_ms FROM qa_comments") == 3000
    await expect(quim.page.get_by_role("button", name="Ir al comentario en 0:03")).to_be_visible()
    await quim.page.get_by_role("button", name="Borrar comentario").click()
    await expect(quim.page.get_by_text("¿Borrar el comentario en 0:03?")).to_be_visible()
    assert await site.value("SELECT count(*) FROM qa_comments") == 1
    await quim.page.click("[data-test=confirm]")
    await expect(quim.page.locator("[data-test=comments]")).to_contain_text("Sin comentarios")


async def test_a_fatal_item_fails_the_call_and_the_grade_stays(quim: Visitor, site: Site) -> None:
    for radio in await quim.page.locator("[data-test$='-100']").all():
        await radio.check(force=True)
    await expect(quim.page.locator("[data-test=grade]")).to_contain_text("100,0")
    await quim.page.locator("[data-test=answer-identity-0]").check(force=True)
    await expect(quim.page.locator("[data-test=grade]")).to_contain_text("Fallo crítico")
    await quim.page.click("[data-test=score-save]")
    await expect(quim.page.get_by_text("Evaluada por Quim")).to_be_visible()
    assert await site.value("SELECT failed AND score = 0 FROM evaluations")
    await expect(quim.page.locator("[data-test=answer-identity-100]")).to_be_disabled()


async def test_the_timeline_tells_the_call(quim: Visitor) -> None:
    await quim.page.click("[data-test=tab-timeline]")
    timeline = quim.page.locator("[data-test=timeline]")
    await expect(timeline).to_contain_text("Intento creado")
    await expect(timeline).to_contain_text("Grabación en pausa")
    await expect(timeline).to_contain_text("paga el viernes")


async def test_the_reason_of_the_routing_is_read_not_dumped(quim: Visitor, site: Site) -> None:
    await site.value("""UPDATE attempts SET routing = '{"required": {"collections": 1}}' RETURNING 1""")
    await quim.page.click(f"[data-test=rec-{site.known.recording}]")
    await quim.page.click("[data-test=tab-timeline]")
    timeline = quim.page.locator("[data-test=timeline]")
    await expect(timeline).to_contain_text("Habilidades pedidas")
    await expect(timeline).to_contain_text("≥ 1")
    await expect(timeline).not_to_contain_text("{")


SCREENED = [
    # What the call came to, what was heard (stage, verdict, audited), the step, and the word of both.
    ("audit", [("answer", "machine", True)], "audit", "Contestador, auditado"),
    ("doubted", [("answer", "machine", True)], "unsure", "Contestador, a un agente: cribado detenido"),
    ("tone", [("answer", "fax", False)], "heard", "Fax"),
    ("unsure", [("answer", "unsure", False), ("late", "machine", False)], "unsure", "No seguro: persona"),
    ("unsure", [], "unsure", "No seguro: persona"),
    ("human", [], "human", "Sin cribado"),
]


@pytest.mark.parametrize(("verdict", "heard", "step", "word"), SCREENED)
async def test_verdicts_and_timeline_say_the_same(
    quim: Visitor, site: Site, verdict: str, heard: list[tuple[str, str, bool]], step: str, word: str
) -> None:
    attempt = site.known.attempt
    await site.value("UPDATE attempts SET verdict = $2 WHERE id = $1 RETURNING 1", attempt, verdict)
    await site.value(
        "INSERT INTO attempt_events (attempt_id, version, at, event, from_state, to_state, detail) "
        "VALUES ($1, 2, now(), $2, 'screening', $4, $3::text::jsonb) RETURNING 1",
        attempt,
        step,
        '{"reason": "not clear, and an agent is idle"}',
        "ended" if step == "heard" else "waiting",
    )
    for stage, said, audited in heard:
        await site.value(
            "INSERT INTO call_verdicts (attempt_id, stage, campaign_id, at, source, verdict, cause, p, "
            "after, model, features, audited) "
            "VALUES ($1, $2, $3, now(), 'progress', $4, 'waited', 0.93, 1.24, 'm', '{}', $5) RETURNING 1",
            attempt,
            stage,
            site.known.campaign,
            said,
            audited,
        )
    await quim.page.click(f"[data-test=rec-{site.known.recording}]")
    await quim.page.click("[data-test=tab-verdict]")
    items = quim.page.locator("[data-test=verdict]")
    await expect(items).to_have_count(max(1, len(heard)))
    at_the_answer = items.filter(has_text="Al contestar")
    await expect(at_the_answer.locator("[data-test=verdict-word]")).to_have_text(word)
    if heard:
        await expect(at_the_answer).to_contain_text(re.compile(r"contestador al 93\s%"))
        await at_the_answer.locator("[data-test=truth-person]").click()
        await expect(at_the_answer).to_contain_text("Corregido: persona")
    elif word != "Sin cribado":
        await expect(at_the_answer).to_contain_text("no estaba claro y había un agente libre")
    await quim.shot(f"verdict-{verdict}-{len(heard)}")
    told = [
        " ".join(text.split()) for text in await items.locator("[data-test=verdict-word]").all_inner_texts()
    ]
    await quim.page.click("[data-test=tab-timeline]")
    timeline = quim.page.locator("[data-test=timeline]")
    await expect(timeline.locator("li").filter(has_text=f"Cribado: {word}")).to_have_count(1)
    below = timeline.locator("[data-test=answered] p")
    await expect(below).to_have_count(len(told))
    for line, each in zip(await below.all_inner_texts(), told, strict=True):
        assert f" · {each}" in line
    if heard:
        await expect(below.filter(has_text="Al contestar")).to_contain_text("Corregido: persona")
    await quim.shot(f"timeline-{verdict}-{len(heard)}")


async def test_an_identity_that_was_verified_is_in_the_timeline(quim: Visitor, site: Site) -> None:
    await site.value(
        "INSERT INTO recording_marks (attempt_id, at, kind, actor_id) "
        "VALUES ($1, now(), 'verified', $2) RETURNING 1",
        site.known.attempt,
        site.known.users["ana"],
    )
    await quim.page.click(f"[data-test=rec-{site.known.recording}]")
    await quim.page.click("[data-test=tab-timeline]")
    await expect(quim.page.locator("[data-test=timeline]")).to_contain_text("Identidad verificada")


async def test_a_promise_is_in_the_currency_of_the_debt(quim: Visitor, site: Site) -> None:
    await site.value(
        "INSERT INTO debts (person_id, reference, creditor, currency, balance_minor) "
        "VALUES ($1, 'R-9', 'Telefonía Norte', 'CLP', 9000) RETURNING id",
        site.known.person,
    )
    await quim.page.click(f"[data-test=rec-{site.known.recording}]")
    await quim.page.click("[data-test=tab-timeline]")
    # A peso has no cents: five thousand of them, not fifty.
    await expect(quim.page.locator("[data-test=timeline]")).to_contain_text(
        re.compile(r"Promesa: 5\.000\sCLP")
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_the_desk_is_accessible(quim: Visitor, theme: str) -> None:
    await quim.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    assert await quim.inaccessible() == []
