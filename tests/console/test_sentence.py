from __future__ import annotations

from typing import Any

import pytest

from city import catalogue
from city.domain import Text
from city.geography import HANOI
from city.instant import nanoseconds
from city.language import Language
from city.standing import State
from console.alerts.book import Page
from console.alerts.firing import Firing
from console.wall.sentence import sentence
from console.wall.situation import DomainNow, Situation, Tile

AT = nanoseconds("2026-11-22T07:00:00Z")
DOMAINS = catalogue.load().domains
SEEN = tuple(DomainNow(domain, 1.0, ()) for domain in DOMAINS)


def firing(rule: str = "traffic_area_slow", *, zone: str = "", **changes: Any) -> Firing:
    made: dict[str, Any] = {
        "fingerprint": "1",
        "rule": rule,
        "title": Text("Giao thông chậm", "Slow traffic"),
        "summary": Text("", ""),
        "severity": "critical",
        "domain": "traffic",
        "area": "",
        "zone": zone,
        "since_ns": AT,
        "value": "",
        "unit": "",
        "target": "",
        "runbook": "",
        "fault": False,
    }
    return Firing(**(made | changes))


def situation(*alerts: Firing, overdue: bool = False, **changes: Any) -> Situation:
    made: dict[str, Any] = {
        "at_ns": AT,
        "domains": SEEN,
        "places": {"00070": State.GOOD, "00004": State.GOOD},
        "alerts": Page(alerts, AT - 120 * 10**9, overdue=overdue),
    }
    return Situation(**(made | changes))


ONE = firing(zone="cau-giay")
TWO = firing(zone="dong-da")
MINOR = firing("services_late", severity="warning", title=Text("Tỷ lệ đúng hạn thấp", "Few on time"))
BLIND = (*SEEN[:2], DomainNow(DOMAINS[2], None, ()))

CASES = [
    (situation(), State.GOOD, "Thành phố vận hành bình thường"),
    (situation(places_old=True), State.BLIND, "Chưa đánh giá lại được các phường, xã"),
    (situation(places={}, places_old=True), State.BLIND, "Đang chờ số liệu đầu tiên"),
    (situation(ONE, TWO), State.ALARM, "2 cảnh báo nghiêm trọng · giao thông chậm ở Cầu Giấy, Đống Đa"),
    (situation(ONE, MINOR), State.ALARM, "1 cảnh báo nghiêm trọng · giao thông chậm ở Cầu Giấy · tỷ lệ đúng hạn thấp"),
    (situation(MINOR), State.ATTENTION, "1 cảnh báo · tỷ lệ đúng hạn thấp"),
    (
        situation(*(firing(zone=zone.slug) for zone in HANOI.zones[:5])),
        State.ALARM,
        "5 cảnh báo nghiêm trọng · giao thông chậm ở Ba Đình, Hoàn Kiếm, Tây Hồ và 2 nơi khác",
    ),
    (situation(firing(fault=True)), State.ALARM, "1 cảnh báo nghiêm trọng · luật “Giao thông chậm” không có dữ liệu"),
    (situation(domains=BLIND), State.BLIND, "Mất dữ liệu giao thông"),
    (situation(overdue=True), State.BLIND, "Luật cảnh báo không được đánh giá từ 13:58"),
    (
        situation(ONE, away_ns=AT - 60 * 10**9),
        State.BLIND,
        "Không đọc được kho dữ liệu từ 13:59 · đang thử lại, số liệu bên dưới đã cũ",
    ),
    (
        situation(places={"00070": State.ALARM, "00004": State.GOOD}),
        State.ATTENTION,
        "1 trên 2 phường, xã chưa đạt mục tiêu · không có cảnh báo",
    ),
    (situation(places={}), State.BLIND, "Đang chờ số liệu đầu tiên"),
    (Situation(), State.BLIND, "Đang chờ số liệu đầu tiên"),
]


@pytest.mark.parametrize(("now", "level", "words"), CASES)
def test_the_city_is_said_in_one_sentence(now: Situation, level: State, words: str) -> None:
    assert sentence(now, HANOI, Language.VI) == (level, words)


@pytest.mark.parametrize("now", [case[0] for case in CASES])
def test_it_is_as_grave_in_english_and_has_no_vietnamese_in_it(now: Situation) -> None:
    level, words = sentence(now, HANOI, Language.EN)
    assert level == sentence(now, HANOI, Language.VI)[0]
    assert words.replace("·", "").replace("“", "").replace("”", "").isascii()


def test_a_trend_needs_an_hour_and_says_which_way() -> None:
    kpi = DOMAINS[0].kpis[0]
    assert Tile(kpi, 1.0, None, (1.0,) * 11).trend is None
    assert Tile(kpi, 1.0, None, (10.0,) * 6 + (11.0,) * 6).trend == pytest.approx(10.0)
    assert Tile(kpi, 1.0, None, (None, *(10.0,) * 6, *(5.0,) * 6)).trend == pytest.approx(-50.0)
    assert Tile(kpi, 1.0, None, (0.0,) * 12).trend is None
