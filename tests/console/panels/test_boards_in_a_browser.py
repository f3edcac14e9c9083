"""Boards as people use them: what they show is what the store has, and what is chosen stands in the address."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from console.boards.library import library, provisioned
from tests.console.town import DEADLINE_S, HOSTILE, USUAL

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, WebSocket

    from tests.console.town import Town

PATIENCE_MS = DEADLINE_S * 1000
NAMES = sorted({uid.rpartition("-")[0] for uid in library(provisioned()).boards})
ZOOMED = """() => { const own = document.querySelector(".of-timeseries .chart");
  const zooms = getElement(Number(own.id.slice(1))).chart.getOption().dataZoom;
  return zooms.every((zoom) => zoom.end - zoom.start < 100); }"""


def panel(page: Page, title: str) -> Locator:
    """The panel of that title, in sight."""
    found = page.locator("article", has=page.get_by_role("heading", name=title, exact=True))
    found.first.scroll_into_view_if_needed()
    return found


def parameters(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


@pytest.mark.parametrize("name", NAMES)
def test_boards_fill_what_is_in_sight(page: Page, town: Town, faults: list[str], name: str) -> None:
    page.goto(f"{town.url}/boards/{name}")
    expect(page.locator("article").first).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("article").first.get_by_text("Đang hỏi kho dữ liệu")).to_be_hidden(timeout=PATIENCE_MS)
    assert not [text for text in page.locator("article:not(.of-alertlist) .panel-trouble").all_inner_texts() if text]
    assert not faults


def test_a_figure_is_what_the_store_says_and_follows_a_choice_made_by_keyboard(
    page: Page, town: Town, faults: list[str]
) -> None:
    page.goto(f"{town.url}/boards/traffic?from=now-1h&to=now")
    speed = panel(page, "Tốc độ trung bình (mục tiêu ≥ 20 km/h)")
    mean = f"{(USUAL * 125 + 8) / 126:.1f}".replace(".", ",")
    expect(speed).to_contain_text(f"{mean} km/h", timeout=PATIENCE_MS)
    expect(speed).to_contain_text("✔ Đạt mục tiêu")
    page.get_by_role("button", name="Phường, xã:").focus()
    page.keyboard.press("Enter")
    page.keyboard.type("hoan kiem")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_role("button", name="Áp dụng").press("Enter")
    page.wait_for_url("**var-area=00070**")
    assert parameters(page) == {"var-area": ["00070"], "from": ["now-1h"], "to": ["now"]}
    expect(panel(page, "Tốc độ trung bình (mục tiêu ≥ 20 km/h)")).to_contain_text("8,0 km/h", timeout=PATIENCE_MS)
    expect(page.get_by_role("button", name="Phường, xã: Hoàn Kiếm")).to_be_visible()
    assert not faults


def test_a_line_of_a_table_leads_on_and_keeps_what_is_chosen_and_when(
    page: Page, town: Town, faults: list[str]
) -> None:
    page.goto(f"{town.url}/boards/traffic?var-vehicle_type=car&from=now-1h&to=now")
    expect(page.locator(".panels").first).to_be_visible(timeout=PATIENCE_MS)
    row = panel(page, "Phường, xã").get_by_role("row", name=re.compile("Hoàn Kiếm.*8,0 km"))
    row.get_by_role("link", name="Hoàn Kiếm", exact=True).last.click(timeout=PATIENCE_MS)
    page.wait_for_url("**var-area=00070**")
    assert parameters(page) == {
        "var-area": ["00070"],
        "var-vehicle_type": ["car"],
        "from": ["now-1h"],
        "to": ["now"],
    }
    assert not faults


def test_a_picture_is_a_table_and_a_file_as_well(page: Page, town: Town, faults: list[str]) -> None:
    page.goto(f"{town.url}/boards/traffic?from=now-15m&to=now")
    expect(page.locator(".panels").first).to_be_visible(timeout=PATIENCE_MS)
    course = panel(page, "Tốc độ trung bình")
    expect(course.locator("canvas")).to_be_visible(timeout=PATIENCE_MS)
    menu = course.get_by_label("Thao tác với “Tốc độ trung bình”")
    menu.click()
    course.get_by_role("button", name="Bảng số").click()
    expect(course.get_by_role("columnheader").first).to_contain_text("Thời điểm")
    expect(course.locator("tbody tr").first).to_contain_text("31,8 km/h")
    menu.click()
    with page.expect_download() as download:
        course.get_by_role("button", name="Tải CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        head, first, *_ = csv.reader(file)
    assert head == ["Thời điểm", "Bây giờ"]
    assert float(first[1]) == pytest.approx((USUAL * 125 + 8) / 126)
    assert not faults


def test_a_chart_is_zoomed_by_the_wheel_and_stays_so_when_it_is_refreshed(
    page: Page, town: Town, faults: list[str]
) -> None:
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto(f"{town.url}/boards/traffic?from=now-15m&to=now")
    expect(page.locator(".panels").first).to_be_visible(timeout=PATIENCE_MS)
    chart = page.locator(".of-timeseries .chart").first
    chart.scroll_into_view_if_needed()
    expect(chart.locator("canvas")).to_be_visible(timeout=PATIENCE_MS)
    chart.hover()
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(ZOOMED, timeout=PATIENCE_MS)
    number = (chart.get_attribute("id") or "").removeprefix("c")
    sockets[-1].wait_for_event("framereceived", lambda frame: f'"{number}":' in str(frame), timeout=PATIENCE_MS)
    page.wait_for_function(ZOOMED, timeout=PATIENCE_MS)
    assert not faults


def test_what_an_address_asks_for_in_vain_is_said_and_shown_as_it_is_written(
    page: Page, town: Town, faults: list[str]
) -> None:
    page.goto(f"{town.url}/boards/traffic?var-zone=%3Cimg src=x onerror=alert(1)%3E&from='; DROP&refresh=1ms")
    refused = page.get_by_role("alert")
    expect(refused).to_have_count(3, timeout=PATIENCE_MS)
    expect(refused.last).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.get_by_role("button", name="Khu vực: Tất cả")).to_be_visible()
    assert not faults


def test_a_hostile_source_is_a_text_of_its_table(page: Page, town: Town, faults: list[str]) -> None:
    page.goto(f"{town.url}/boards/traffic")
    expect(page.locator(".panels").first).to_be_visible(timeout=PATIENCE_MS)
    expect(panel(page, "Nguồn chậm hoặc im lặng")).to_contain_text(HOSTILE, timeout=PATIENCE_MS)
    assert page.locator("img[src=x]").count() == 0
    assert not faults
