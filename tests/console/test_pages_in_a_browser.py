from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from city import catalogue
from console.app import THEME_COOKIE
from console.cycle import LEAST_S
from console.pages import PAGES
from embedded.alerting import __main__ as alerting
from runtime.settings import load
from tests.alerts.test_alerting_part import rules_file
from tests.console.town import DEADLINE_S, HOSTILE, USUAL, Town, chromium

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

PATIENCE_MS = DEADLINE_S * 1000
NAMED = {"uid": "traffic-{language}", "code": "00070"}
PATHS = [re.sub(r"\{(\w+)\}", lambda found: NAMED[found[1]], page.path) for page in PAGES]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Town]:
    _ = browser  # without one, no servers are started
    town = Town(tmp_path_factory.mktemp("town"))
    try:
        town.start("embedded.store")
        town.fill()
        town.start("console")
        yield town
    finally:
        town.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1366, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def faults(page: Page, town: Town) -> list[str]:
    """What a browser complains of: errors, answers that are none, and whatever comes from another host."""
    found: list[str] = []

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            found.append(f"{answer.status} {answer.url}")

    def asked(request: Request) -> None:
        if not request.url.startswith((town.url, "data:", "blob:")):
            found.append(request.url)

    def said(message: ConsoleMessage) -> None:
        if message.type == "error":
            found.append(message.text)

    page.on("response", answered)
    page.on("request", asked)
    page.on("console", said)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("dialog", lambda dialog: found.append(dialog.message))
    return found


def opened(page: Page, town: Town, path: str) -> None:
    page.goto(town.url + path)
    expect(page.locator("h1").first).not_to_be_empty(timeout=PATIENCE_MS)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_opens_for_everybody(page: Page, town: Town, faults: list[str], path: str, language: str) -> None:
    if language == "en":  # and in the dark: the same elements in other words and colours
        page.context.add_cookies([{"name": THEME_COOKIE, "value": "dark", "url": town.url}])
    opened(page, town, ("/en" if language == "en" else "") + path.replace("{language}", language))
    assert (page.locator("html").get_attribute("lang") or "")[:2] == language
    page.wait_for_load_state("networkidle")
    expect(page.locator("body.body--dark")).to_have_count(1 if language == "en" else 0)
    grave = [one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}]
    assert not grave, [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in grave]
    page.set_viewport_size({"width": 360, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 360, f"{wide} px wide on a telephone"
    assert not faults


def test_the_wall_says_what_the_store_says(page: Page, town: Town, faults: list[str]) -> None:
    opened(page, town, "/wall")
    count = 126
    speed = (USUAL * (count - 1) + 8.0) / count
    tile = page.locator("article", has_text="Tốc độ trung bình")
    expect(tile).to_contain_text(f"{speed:.1f}".replace(".", ",") + "km/h", timeout=PATIENCE_MS)
    expect(tile).to_contain_text("✔ Đạt mục tiêu")
    expect(page.locator(".wall-legend")).to_contain_text("✖ Báo động: 1")
    expect(page.locator(".wall-legend")).to_contain_text("✔ Đạt mục tiêu: 125")
    assert not faults


def test_a_place_is_found_without_marks_and_followed_down_to_a_source(
    page: Page, town: Town, faults: list[str]
) -> None:
    opened(page, town, "/areas")
    rows = page.locator("tbody tr")
    expect(rows.first).to_contain_text("An Khánh")
    names = page.locator("tbody th").all_inner_texts()
    assert names.index("Cửa Nam") < names.index("Dân Hoà") < names.index("Đa Phúc") < names.index("Hà Đông")
    page.get_by_role("searchbox").fill("hoan kiem")
    expect(rows.first).to_contain_text("Hoàn Kiếm")
    page.locator("tbody th").get_by_role("link", name="Hoàn Kiếm").click()
    expect(page.locator("h1")).to_have_text(re.compile("Hoàn Kiếm"))
    speed = page.get_by_role("row", name=re.compile("^Tốc độ trung bình"))
    expect(speed).to_contain_text("8,0 km/h", timeout=PATIENCE_MS)
    expect(speed).to_contain_text("✖ Báo động")
    page.get_by_role("link", name="traffic/00070/001").click()
    expect(page.locator(".path")).to_contain_text("traffic/00070/001")
    assert not faults


def test_a_name_that_is_markup_is_shown_as_it_is_written(page: Page, town: Town, faults: list[str]) -> None:
    opened(page, town, "/sources")
    link = page.get_by_role("link", name=HOSTILE)
    expect(link).to_be_visible(timeout=PATIENCE_MS)
    link.click()
    expect(page.locator(".path")).to_contain_text(HOSTILE)
    opened(page, town, '/areas/00070?source=<script>alert(1)</script>&domain="><img src=x onerror=alert(2)>')
    assert page.locator("img[src=x]").count() == 0
    expect(page.locator(".notice", has_text="Không nghe thấy nguồn nào có tên này")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator(".path")).not_to_contain_text("script")
    opened(page, town, "/areas/<svg onload=alert(3)>")
    assert not [fault for fault in faults if not fault.startswith("404")]


def test_a_source_says_how_many_of_its_records_were_not_counted(page: Page, town: Town, faults: list[str]) -> None:
    opened(page, town, "/sources?area=00070")
    row = page.locator("tbody tr", has_text="traffic/00070/001")
    expect(row.locator("[data-title='Đến muộn']")).to_have_text("3", timeout=PATIENCE_MS)
    expect(row.locator("[data-title='Trùng']")).to_have_text("0")
    unheard = page.locator("tbody tr", has_text=HOSTILE)
    expect(unheard.locator("[data-title='Bị loại']")).to_have_text("–")  # nothing says a number: not the same as none
    assert not faults


def test_everything_is_reached_by_the_keyboard(page: Page, town: Town) -> None:
    opened(page, town, "/map")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Đến nội dung chính")
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    cell = page.locator("svg.cells a[tabindex='0']")
    expect(cell).to_have_count(1, timeout=PATIENCE_MS)
    cell.focus()
    before = cell.get_attribute("aria-label")
    page.keyboard.press("ArrowRight")
    expect(page.locator("svg.cells a:focus")).not_to_have_attribute("aria-label", before or "")
    name = page.locator("svg.cells a:focus").get_attribute("aria-label") or ""
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text(name.partition(":")[0])
    opened(page, town, "/sources")
    header = page.get_by_role("columnheader", name="Nguồn", exact=True).last.get_by_role("button")
    header.press("Enter")
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("Nguồn")


def test_language_and_theme_are_one_click_away_and_keep_what_was_chosen(page: Page, town: Town) -> None:
    opened(page, town, "/boards/traffic-vi?var-zone=ba-dinh&var-zone=tay-ho")
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(r"/en/boards/traffic-\w\w\?var-zone=ba-dinh&var-zone=tay-ho"))
    opened(page, town, "/map?kpi=traffic_mean_speed")
    expect(page.locator("tbody tr").first).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_role("slider").press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"/map\?kpi=traffic_mean_speed&back=5$"))
    page.get_by_role("link", name="English").click()
    expect(page).to_have_url(re.compile(r"/en/map\?kpi=traffic_mean_speed&back=5$"))
    page.get_by_role("link", name="Dark").click()
    expect(page).to_have_url(re.compile(r"/en/map\?kpi=traffic_mean_speed&back=5$"))
    expect(page.locator(".slider output")).to_have_text("5 minutes ago")
    expect(page.locator("body.body--dark")).to_be_attached()
    expect(page.locator(".map-side h2")).to_have_text("Mean speed")


def test_a_wall_goes_round_the_boards(page: Page, town: Town, faults: list[str]) -> None:
    opened(page, town, f"/wall?cycle={LEAST_S}")
    first = next(iter(catalogue.load().by_name))
    page.wait_for_url(f"**/boards/{first}-vi?cycle={LEAST_S}", timeout=PATIENCE_MS)
    expect(page.locator("article").first).to_be_visible(timeout=PATIENCE_MS)
    assert page.locator("header.top").count() == 0, "nobody sits at it"
    assert not faults


def test_what_the_rules_find_appears_on_the_wall(
    page: Page, town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "WARM_UP_S", 0)
    monkeypatch.setattr(alerting, "EVERY_S", 1)
    (tmp_path / "token").write_text("token")
    settings = load(
        data_dir=town.data_dir,
        store_url=town.store.url,
        store_token_file=tmp_path / "token",
        alert_rules=rules_file(tmp_path),
    )
    opened(page, town, "/wall")
    stop = threading.Event()
    thread = threading.Thread(target=alerting.watch_forever, args=(settings, stop))
    thread.start()
    try:
        expect(page.locator(".wall-alerts")).to_contain_text("Hoàn Kiếm", timeout=PATIENCE_MS)
        expect(page.locator("h1")).to_contain_text(re.compile(r"1 cảnh báo · .* ở Hoàn Kiếm"))
        opened(page, town, "/alerts")
        expect(page.locator("tbody tr")).to_contain_text("Hoàn Kiếm")
    finally:
        stop.set()
        thread.join(DEADLINE_S)


def test_an_open_wall_outlives_the_store_and_the_console(page: Page, town: Town) -> None:
    opened(page, town, "/wall")
    sentence = page.locator("h1")
    expect(sentence).not_to_contain_text("Đang chờ", timeout=PATIENCE_MS)
    town.kill("embedded.store")
    expect(sentence).to_contain_text("Không đọc được kho dữ liệu từ", timeout=PATIENCE_MS)
    town.start("embedded.store")
    expect(sentence).not_to_contain_text("Không đọc được", timeout=PATIENCE_MS)
    town.kill("console")
    expect(page.locator("#popup")).to_be_visible(timeout=PATIENCE_MS)
    town.start("console")
    expect(page.locator("#popup")).to_be_hidden(timeout=PATIENCE_MS)
    expect(page.locator("article", has_text="Tốc độ trung bình")).to_contain_text("km/h", timeout=PATIENCE_MS)
