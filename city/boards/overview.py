"""The wall: the whole city on one screen of 1920 × 1080, to be read at five metres.

A screen holds 26 steps of the grid below Grafana's bar; nothing here scrolls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.boards.parts import AREA_BOARD, OVERVIEW, PIPELINE_BOARD, main_kpis
from city.domain import Text
from city.layout import GRID_WIDTH, Layout, Panel, Row, Way

if TYPE_CHECKING:
    from city.domain import Domain, Kpi

SCREEN_HEIGHT: Final = 26
_STATE: Final = 3
_TILE: Final = 4
_NONE: Final = Text("", "")


def overview_board(domains: tuple[Domain, ...]) -> Layout:
    """The city in one look."""
    tiles = tuple(tile for domain in domains for tile in _tiles(domain))
    about = Text(
        "Cả thành phố trên một màn hình: tình hình chung, chỉ số chính của từng lĩnh vực, bản đồ, cảnh báo.",
        "The whole city on one screen: how it stands, each domain's main figures, the map, what fires.",
    )
    below = max(9, SCREEN_HEIGHT - _STATE - _TILE * len(domains))
    return Layout(
        OVERVIEW,
        Text("Toàn cảnh thành phố", "City overview"),
        about,
        domains,
        (
            Row("state", _NONE, (_state(), _counts())),
            Row("now", _NONE, tiles),
            Row("where", _NONE, (_map(below), _worst(below), _alerts(below))),
        ),
        range="now-3h",
        choices="none",
        ways=(
            *(Way(domain.name, domain.title) for domain in domains),
            Way(AREA_BOARD, Text("Phường, xã", "Ward or commune")),
            Way(PIPELINE_BOARD, Text("Dòng dữ liệu", "Pipeline")),
        ),
    )


def _tiles(domain: Domain) -> tuple[Panel, ...]:
    """The domain's main figures, in one line of the wall."""
    kpis = main_kpis(domain)
    return tuple(_tile(kpi, domain, GRID_WIDTH // max(1, len(kpis))) for kpi in kpis)


def _tile(kpi: Kpi, domain: Domain, width: int) -> Panel:
    title = Text(f"{domain.title.vi} · {kpi.title.vi}", f"{domain.title.en} · {kpi.title.en}")
    return Panel(f"now_{kpi.name}", "value", title, kpi.about, width, _TILE, (kpi,))


def _state() -> Panel:
    about = Text(
        "Nơi xấu nhất cho biết tình hình chung. Mất dữ liệu không bao giờ là tốt.",
        "The worst place says how the city stands. No data is never good.",
    )
    return Panel("state", "state", Text("Tình hình chung", "How the city stands"), about, 10, _STATE)


def _counts() -> Panel:
    about = Text(
        "Số phường, xã theo chỉ số xấu nhất của từng nơi, trong số các nơi có nguồn đã biết.",
        "Wards and communes by their worst figure, of those where a source is known.",
    )
    return Panel("counts", "counts", Text("Số phường, xã", "Wards and communes"), about, 14, _STATE)


def _map(height: int) -> Panel:
    about = Text(
        "Mỗi điểm một phường, xã, theo chỉ số xấu nhất của nơi đó: ● đạt, ▲ chú ý, ■ mất dữ liệu, ✖ báo động.",
        "A point for each ward or commune, by its worst figure: ● on target, ▲ attention, ■ no data, ✖ alarm.",
    )
    return Panel("map", "map", Text("Bản đồ", "Map"), about, 10, height)


def _worst(height: int) -> Panel:
    about = Text(
        "Những nơi không đạt mục tiêu hoặc mất dữ liệu, nặng nhất ở trên. Bảng trống khi mọi nơi đều đạt.",
        "The places that are off target or blind, the worst on top. Empty when all are on target.",
    )
    return Panel("worst", "worst", Text("Nơi cần chú ý nhất", "Worst places now"), about, 8, height)


def _alerts(height: int) -> Panel:
    about = Text("Cảnh báo đang bật, mới nhất ở trên.", "Alerts that fire, the newest on top.")
    return Panel("alerts", "alerts", Text("Cảnh báo đang bật", "Active alerts"), about, 6, height)
