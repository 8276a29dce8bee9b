"""A supervisor's import form in a real browser: columns, sheets, lists, and rows to decide."""

from pathlib import Path

import openpyxl
from playwright.async_api import Page, expect

from tests.browser.conftest import Enter
from tests.browser.site import Site
from tests.eventually import eventually


async def test_columns_are_mapped_and_kept_as_a_template(site: Site, enter: Enter, tmp_path: Path) -> None:
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-import]")
    file = tmp_path / "cartera.csv"
    file.write_text("Nombre;Contacto;Telefono;Importe vencido\nLucía Muñoz;x;612345678;100,50\n")
    await sol.page.set_input_files("[data-test=file]", file)
    await expect(sol.page.locator("[data-test=unused]")).to_contain_text("Contacto · Importe vencido")
    await expect(sol.page.locator("[data-test=columns]")).to_contain_text("100,50")
    await sol.page.check("[data-test=dry-run]")
    await expect(sol.page.locator("[data-test=send-import]")).to_be_disabled()
    await sol.page.select_option("[data-test=import-region]", "ES")
    await sol.page.fill("[data-test=import-creditor]", "Banco Uno")
    await sol.page.click("[data-test=send-import]")
    await expect(sol.page.locator("[data-test=samples]")).to_contain_text("+34612345678")
    await expect(sol.page.locator("[data-test=ignored]")).to_contain_text("Contacto · Importe vencido")
    await sol.page.select_option("[data-test='map-Importe vencido']", "balance")
    await sol.shot("portfolio-import-es")
    await sol.page.fill("[data-test=template-name]", "Banco Uno")
    await sol.page.click("[data-test=save-template]")
    await expect(sol.page.locator("[data-test=template]")).to_have_value("Banco Uno")
    await sol.page.uncheck("[data-test=dry-run]")
    await sol.page.click("[data-test=send-import]")
    await eventually(lambda: site.one("SELECT count(*) FROM imports WHERE file_name = 'cartera.csv'"))
    assert await site.value("SELECT balance_minor FROM debts") == 10050


async def test_a_file_without_consent_is_told_so_before_it_is_sent(
    site: Site, enter: Enter, tmp_path: Path
) -> None:
    """Under rules that call only who has consented; a column that gives consent ends the warning."""
    pack = 'UPDATE campaigns SET settings = settings || \'{"rule_pack": "default-strict"}\' RETURNING id'
    await site.value(pack)
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-import]")
    file = tmp_path / "cartera.csv"
    file.write_text("Nombre;Telefono;Permiso\nLucía Muñoz;612345678;sí\n")
    await sol.page.set_input_files("[data-test=file]", file)
    warning = sol.page.locator("[data-test=look-no-consent]")
    await expect(warning).to_contain_text("este archivo no trae consentimientos")
    await expect(warning).to_be_in_viewport()
    await sol.shot("import-no-consent-es")
    assert await sol.inaccessible() == []
    await sol.page.click("[data-test=language]")
    await expect(warning).to_contain_text("this file gives no consent")
    await sol.shot("import-no-consent-en")
    assert await site.value("SELECT count(*) FROM imports") == 0
    await sol.page.select_option("[data-test=map-Permiso]", "consent_voice")
    await expect(warning).to_have_count(0)


async def test_each_file_gets_a_list_of_its_own_and_a_doubt_is_decided(
    site: Site, enter: Enter, tmp_path: Path
) -> None:
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-import]")
    first, second = tmp_path / "enero.csv", tmp_path / "febrero.csv"
    first.write_text("id_cliente;nombre;telefono\n7;Eva Pérez;612345678\n")
    second.write_text("id_cliente;nombre;telefono\n7;Rosa Nueva;612345600\n8;Pía Gil;612345601\n")
    await sol.page.select_option("[data-test=import-region]", "ES")
    await sol.page.fill("[data-test=import-creditor]", "Banco Uno")
    for file, accepted in ((first, "1 aceptada"), (second, "1 aceptada")):
        await sol.page.set_input_files("[data-test=file]", file)
        await sol.page.click("[data-test=send-import]")
        await expect(sol.page.locator("[data-test=import-report]")).to_contain_text(accepted)
    doubt = sol.page.locator("[data-test=doubtful]")
    await expect(doubt).to_contain_text("Fila 2: «Rosa Nueva» es Eva Pérez")
    await sol.shot("portfolio-import-doubt-es")
    names = "SELECT array_agg(name ORDER BY name) FROM lists WHERE name IN ('enero', 'febrero')"
    assert await site.value(names) == ["enero", "febrero"]
    known = "SELECT name FROM persons WHERE external_id = '7'"
    assert await site.value(known) == "Eva Pérez"
    await sol.page.check("[data-test=same-2]")
    await a_decision_is_of_one_reading(sol.page)
    await sol.page.click("[data-test=language]")
    await expect(doubt).to_contain_text("Row 2: “Rosa Nueva” is Eva Pérez")
    await sol.shot("portfolio-import-doubt-en")
    await sol.page.click("[data-test=send-same]")
    await expect(sol.page.locator("[data-test=import-report]")).to_contain_text("2 accepted")
    assert await site.value(known) == "Rosa Nueva"


async def a_decision_is_of_one_reading(page: Page) -> None:
    """Under another creditor or country the row is somebody else's: it is asked about again."""
    send = page.locator("[data-test=send-same]")
    for change in (
        page.fill("[data-test=import-creditor]", "Banco Dos"),
        page.select_option("[data-test=import-region]", "AR"),
    ):
        await expect(send).to_have_text("Importar con 1 marcada")
        await change
        await expect(page.locator("[data-test=import-report]")).to_have_count(0)
        await page.fill("[data-test=import-creditor]", "Banco Uno")
        await page.select_option("[data-test=import-region]", "ES")
        await page.check("[data-test=dry-run]")
        await page.click("[data-test=send-import]")
        await expect(send).to_have_text("Marque alguna")
        await expect(page.locator("[data-test=doubtful]")).to_contain_text("Marcar la fila de esta página")
        await page.check("[data-test=same-2]")
        await expect(send).to_have_text("Comprobar con 1 marcada")
        await page.uncheck("[data-test=dry-run]")


async def test_sheet_and_row_of_the_titles_are_chosen_before_a_file_is_sent(
    site: Site, enter: Enter, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Notas"
    book.active.append(["Nada que importar"])
    people = book.create_sheet("Cartera")
    for row in (
        ["Cartera noviembre"], ["nombre", "telefono"], ["muestra", 612003009], [],
        ["Quién", "Tel", "Debe"], ["Ana Prueba", 612003001, 12.5], ["Luis Prueba", 612003002, 3],
    ):  # fmt: skip
        people.append(row)
    file = tmp_path / "cartera.xlsx"
    book.save(file)
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-import]")
    await sol.page.select_option("[data-test=import-region]", "ES")
    await sol.page.fill("[data-test=import-creditor]", "Banco Uno")
    await sol.page.set_input_files("[data-test=file]", file)
    await expect(sol.page.locator("[data-test=look-refused]")).to_contain_text("faltan columnas")
    await sol.page.select_option("[data-test=import-sheet]", "Cartera")
    titles = sol.page.locator("[data-test=import-header-row]")
    await expect(titles).to_have_value("2")
    await titles.select_option("5")
    await expect(sol.page.locator("[data-test=unused]")).to_contain_text("Quién · Debe")
    await sol.page.select_option("[data-test='map-Quién']", "name")
    await sol.page.select_option("[data-test='map-Debe']", "balance")
    await expect(sol.page.locator("[data-test=unused]")).to_have_count(0)
    await sol.shot("portfolio-import-sheet-es")
    assert await sol.inaccessible() == []
    await sol.page.click("[data-test=send-import]")
    await expect(sol.page.locator("[data-test=import-report]")).to_contain_text("2 aceptadas")
    await sol.page.click("[data-test=language]")
    await sol.shot("portfolio-import-sheet-en")
    owed = "SELECT array_agg(balance_minor ORDER BY balance_minor) FROM debts"
    assert await site.value(owed) == [300, 1250]


async def test_columns_with_one_title_or_none_are_told_apart_by_their_place(
    site: Site, enter: Enter, tmp_path: Path
) -> None:
    file = tmp_path / "gemelas.csv"
    file.write_text(
        "Cartera de noviembre\n"
        "Nombre;Dato;Dato;;Telefono;Telefono\n"
        "Ana Prueba;77;100,50;ref-1;612003001;912003001\n"
        "Luis Prueba;78;3,25;ref-2;612003002;912003002\n"
    )
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-import]")
    await sol.page.select_option("[data-test=import-region]", "ES")
    await sol.page.fill("[data-test=import-creditor]", "Banco Uno")
    await sol.page.set_input_files("[data-test=file]", file)
    await expect(sol.page.locator("[data-test=unused]")).to_contain_text("Dato · Dato · #4")
    for place, meaning in (("#2", "external_id"), ("#3", "balance"), ("#4", "debt_reference"), ("#5", "")):
        await sol.page.select_option(f"[data-test='map-{place}']", meaning)
    await expect(sol.page.locator("[data-test=unused]")).to_contain_text("Telefono")
    await sol.shot("portfolio-import-places-es")
    await sol.page.fill("[data-test=template-name]", "Gemelas")
    await sol.page.click("[data-test=save-template]")
    await expect(sol.page.locator("[data-test=template]")).to_have_value("Gemelas")
    await sol.page.click("[data-test=send-import]")
    await expect(sol.page.locator("[data-test=import-report]")).to_contain_text("2 aceptadas")
    found = "SELECT array_agg(array[p.external_id, f.number, d.reference, d.balance_minor::text] ORDER BY 1)"
    joined = " FROM persons p JOIN phones f ON f.person_id = p.id JOIN debts d ON d.person_id = p.id"
    whose = " WHERE p.external_id IN ('77', '78')"
    assert await site.value(found + joined + whose) == [
        ["77", "+34912003001", "ref-1", "10050"],
        ["78", "+34912003002", "ref-2", "325"],
    ]
    # The template knows the places, and the line of the titles that they are places under.
    await sol.page.set_input_files("[data-test=file]", file)
    await expect(sol.page.locator("[data-test='map-#3']")).to_have_value("balance")
    await sol.page.click("[data-test=language]")
    await expect(sol.page.locator("[data-test=unused]")).to_contain_text("Telefono")
    await sol.shot("portfolio-import-places-en")


async def test_hundreds_of_rows_to_decide_are_paged(site: Site, enter: Enter, tmp_path: Path) -> None:
    """Beside more problems than are shown."""
    sol = await enter("sol")
    await sol.page.click("[data-test=tab-import]")
    first, second = tmp_path / "enero.csv", tmp_path / "febrero.csv"
    ids = range(10_000_001, 10_000_131)
    first.write_text("id;nombre;telefono\n" + "".join(f"{n};Uno Dos;6{n}\n" for n in ids))
    bad = "".join(f"x{n};Mal;12\n" for n in ids)
    second.write_text("id;nombre;telefono\n" + bad + "".join(f"{n};Otra Gente;7{n}\n" for n in ids))
    await sol.page.select_option("[data-test=import-region]", "ES")
    await sol.page.fill("[data-test=import-creditor]", "Banco Uno")
    for file in (first, second):
        await sol.page.set_input_files("[data-test=file]", file)
        await sol.page.click("[data-test=send-import]")
        await expect(sol.page.locator("[data-test=import-report]")).to_be_visible()
    doubt = sol.page.locator("[data-test=doubtful]")
    await expect(doubt).to_contain_text("130 filas por decidir")
    await sol.page.check("[data-test=same-all]")
    for page in range(2, 7):
        await sol.page.click("[data-test=doubts-after]")
        await expect(sol.page.locator("[data-test=doubts-page]")).to_have_text(f"Página {page} de 6")
    await sol.shot("portfolio-import-doubts-es")
    await sol.page.check("[data-test=same-261]")
    await sol.page.click("[data-test=send-same]")
    await expect(sol.page.locator("[data-test=import-report]")).to_contain_text("104 filas por decidir")
    assert await site.value("SELECT count(*) FROM persons WHERE name = 'Otra Gente'") == 26


async def test_an_import_goes_on_without_its_page_and_is_seen_by_everybody(
    site: Site, enter: Enter, tmp_path: Path
) -> None:
    """It waits, is cancelled from the list of jobs by another, put back, and taken up by the page again."""
    await site.value("INSERT INTO jobs (kind, due_at) VALUES ('import', now() + interval '1 h') RETURNING id")
    taken = (
        "UPDATE jobs SET state = 'running', worker = 'x', heartbeat_at = now() + interval '1 h' RETURNING id"
    )
    await site.value(taken)
    sol, root = await enter("sol"), await enter("root", viewport={"width": 1366, "height": 768})
    await sol.page.click("[data-test=tab-import]")
    file = tmp_path / "cartera.csv"
    file.write_text("Nombre;Telefono\nLucía Muñoz;612345678\n")
    await sol.page.set_input_files("[data-test=file]", file)
    await sol.page.select_option("[data-test=import-region]", "ES")
    await sol.page.fill("[data-test=import-creditor]", "Banco Uno")
    await sol.page.click("[data-test=send-import]")
    await expect(sol.page.locator("[data-test=import-progress]")).to_contain_text("En cola")
    await root.page.goto(f"{site.url}/portfolio")
    await root.page.click("[data-test=tab-jobs]")
    row = root.page.locator("[data-test=job-2]")
    await expect(row).to_contain_text("cartera.csv")
    await expect(row.locator("[data-test=job-state]")).to_have_text("En cola")
    await root.shot("portfolio-jobs-es")
    assert await root.inaccessible() == []
    await row.locator("[data-test=job-cancel]").click()
    await expect(sol.page.get_by_text("Importación cancelada")).to_be_visible()
    await row.locator("[data-test=job-retry]").click()
    await expect(row.locator("[data-test=job-state]")).to_have_text("En cola")
    await sol.page.reload()
    await sol.page.click("[data-test=tab-import]")
    await expect(sol.page.locator("[data-test=import-progress]")).to_contain_text("En cola")
    # Whoever had the worker's only place is dead.
    dies = "UPDATE jobs SET heartbeat_at = '-infinity', tries = most_tries WHERE id = 1 RETURNING id"
    await site.value(dies)
    await expect(sol.page.locator("[data-test=import-report]")).to_contain_text("1 aceptada")
    await root.page.click("[data-test=language]")
    await expect(row.locator("[data-test=job-state]")).to_have_text("Done")
    await expect(root.page.locator("[data-test=job-1]").locator("[data-test=job-state]")).to_have_text(
        "Failed"
    )
    await root.shot("portfolio-jobs-en")
