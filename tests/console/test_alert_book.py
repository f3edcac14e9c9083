from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from starlette.requests import Request

from city.domain import Text
from city.errors import DataError
from city.geography import HANOI
from city.instant import NS, rfc3339
from city.rules import labels_of
from city.rules.notice import FIRING_FILE, Notice
from console.alerts.book import FORGOTTEN_S, MOST_ALERTS, REPEATED_S, PostedBook, RoundsBook
from console.alerts.door import MOST_BYTES, door
from console.alerts.firing import MOST_CHARACTERS, Posted, firing_of
from embedded.alerting.outbox import deliver
from tests.alerts.test_notice import SLOW
from tests.console.asgi import Answer, ask

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.types import Receive, Scope, Send


NOW_NS = 1_795_320_000 * NS


def alert(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {
        "status": "firing",
        "labels": {
            "alertname": "Giao thông chậm · Slow traffic",
            "area": "00070",
            "zone": "hoan-kiem",
            "severity": "warning",
            "rule": "traffic_area_slow",
            "domain": "traffic",
        },
        "annotations": {
            "summary": "Ở 00070 chậm, traffic/00070/003.",
            "value": "10.0",
            "unit": "km/h",
            "target": "≥ 20 km/h",
        },
        "startsAt": "2026-11-22T05:00:00.000Z",
        "fingerprint": f"{number:016x}",
        **changes,
    }


def posted(*alerts: dict[str, Any]) -> bytes:
    return json.dumps({"receiver": "cityops-console", "alerts": alerts}).encode()


def test_an_alert_is_told_in_the_words_and_places_of_operators() -> None:
    one = firing_of(Posted(**{name: alert()[name] for name in ("status", "labels", "annotations", "startsAt")}), HANOI)
    assert one.title == Text("Giao thông chậm", "Slow traffic")
    assert one.summary.vi == "Ở Hoàn Kiếm chậm, traffic/00070/003."
    assert (one.area, one.zone, one.severity, one.value, one.unit) == ("00070", "hoan-kiem", "warning", "10.0", "km/h")


@pytest.mark.parametrize(
    "labels",
    [
        {},
        {
            "alertname": "<img src=x onerror=alert(1)>",
            "area": "../../etc/passwd",
            "zone": "' OR 1=1",
            "severity": "harmless",
        },
        {"alertname": "x" * 10_000, "severity": "\x00\x1b[2J\u202e"},
        {f"label{number}": "x" for number in range(10_000)},
    ],
)
def test_whatever_labels_hold_is_short_plain_text_and_names_no_place_that_is_none(labels: dict[str, str]) -> None:
    one = firing_of(Posted("firing", labels), HANOI)
    assert (one.area, one.zone, one.severity) == ("", "", "warning")
    assert len(one.title.vi) <= MOST_CHARACTERS
    assert one.title.vi.isprintable()


def rounds(folder: Path, *alerts: dict[str, Any], at_s: float | None = None) -> RoundsBook:
    at_ns = int((time.time() if at_s is None else at_s) * NS)
    (folder / FIRING_FILE).write_text(json.dumps({"at": rfc3339(at_ns), "alerts": alerts}), encoding="utf-8")
    return RoundsBook(folder, HANOI)


def test_what_the_rounds_write_is_shown_the_worst_first(tmp_path: Path) -> None:
    critical = alert(2, labels={"alertname": "Tê liệt", "severity": "critical"})
    page = rounds(tmp_path, alert(1), critical).page()
    assert [one.severity for one in page.firing] == ["critical", "warning"]
    assert not page.overdue


def test_rules_that_nobody_evaluates_are_never_quiet(tmp_path: Path) -> None:
    assert RoundsBook(tmp_path, HANOI).page().overdue, "no round yet"
    assert rounds(tmp_path, at_s=time.time() - 3600).page().overdue, "the last one is an hour old"


@pytest.mark.parametrize("text", ["", "[]", "{", '{"alerts": 7}', '{"alerts": [{"status": 1}]}'])
def test_a_broken_file_is_no_book(tmp_path: Path, text: str) -> None:
    (tmp_path / FIRING_FILE).write_text(text)
    assert RoundsBook(tmp_path, HANOI).page().overdue


def test_what_is_posted_is_kept_over_a_restart_until_it_ends(tmp_path: Path) -> None:
    path = tmp_path / "posted.json"
    PostedBook(path, HANOI).take(posted(alert(1), alert(2)))
    book = PostedBook(path, HANOI)
    assert len(book.page().firing) == 2
    book.take(posted(alert(1, status="resolved")))
    assert [one.fingerprint for one in PostedBook(path, HANOI).page().firing] == [f"{2:016x}"]


def test_what_is_not_repeated_is_overdue_and_forgotten_at_last(tmp_path: Path) -> None:
    now = [NOW_NS]
    book = PostedBook(tmp_path / "posted.json", HANOI, lambda: now[0])
    book.take(posted(alert(1), alert(2)))
    heard = now[0]
    now[0] += int(REPEATED_S - 60) * NS
    book.take(posted(alert(1)))
    assert not book.page().overdue
    now[0] += 120 * NS
    page = PostedBook(book.path, HANOI, book.clock_ns).page()
    assert (len(page.firing), page.overdue, page.told_ns) == (2, True, heard), "a restart forgets nothing of it"
    now[0] = heard + int(FORGOTTEN_S + 1) * NS
    assert [one.fingerprint for one in book.page().firing] == [f"{1:016x}"]


@pytest.mark.parametrize(
    ("ends", "fires"), [("0001-01-01T00:00:00Z", True), ("", True), (rfc3339(NOW_NS - 5 * NS), False), ("soon", True)]
)
def test_an_end_that_is_over_ends_an_alert(tmp_path: Path, ends: str, fires: bool) -> None:  # noqa: FBT001 - a case
    book = PostedBook(tmp_path / "posted.json", HANOI, lambda: NOW_NS)
    book.take(posted(alert(endsAt=ends)))
    assert bool(book.page().firing) is fires


@pytest.mark.parametrize("body", [b"", b"null", b'{"alerts": null}', b'{"alerts": [{}]}', b"\xff", b"[" * 100_000])
def test_what_is_no_payload_is_refused_and_changes_nothing(tmp_path: Path, body: bytes) -> None:
    book = PostedBook(tmp_path / "posted.json", HANOI)
    book.take(posted(alert()))
    with pytest.raises(DataError):
        book.take(body)
    assert len(book.page().firing) == 1


def test_a_flood_does_not_fill_the_disk(tmp_path: Path) -> None:
    book = PostedBook(tmp_path / "posted.json", HANOI)
    with pytest.raises(DataError, match=str(MOST_ALERTS)):
        book.take(posted(*(alert(number) for number in range(MOST_ALERTS + 1))))


def post(tmp_path: Path, body: bytes, **headers: str) -> Answer:
    take = door(PostedBook(tmp_path / "posted.json", HANOI), "secret")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (await take(Request(scope, receive)))(scope, receive, send)

    return ask(app, "/api/alerts", method="POST", body=body, headers=headers)


@pytest.mark.parametrize(
    "said", ["", "secret", "Bearer", "Bearer ", "Bearer secre", "Bearer secret2", "Basic secret", "bearer secrét"]
)
def test_without_the_token_nothing_is_taken(tmp_path: Path, said: str) -> None:
    assert post(tmp_path, posted(alert()), authorization=said).status == 401
    assert not (tmp_path / "posted.json").exists()


def test_with_the_token_it_is(tmp_path: Path) -> None:
    assert post(tmp_path, posted(alert()), authorization="Bearer secret").status == 200
    assert post(tmp_path, b"{}", authorization="Bearer secret").status == 400
    assert post(tmp_path, b"x" * (MOST_BYTES + 1), authorization="Bearer secret").status == 413
    assert len(PostedBook(tmp_path / "posted.json", HANOI).page().firing) == 1


def test_the_embedded_alerting_posts_to_a_console_as_grafana_does(tmp_path: Path) -> None:
    book = PostedBook(tmp_path / "posted.json", HANOI)
    took: list[str] = []

    class Console(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            took.append(self.headers["Authorization"])
            book.take(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Console) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        told = Notice(SLOW, labels_of({"alertname": "x", "area": "00070"}), {}, 0)
        deliver(f"http://127.0.0.1:{server.server_port}/api/alerts", [told], token="secret")
        thread.join()
    assert took == ["Bearer secret"]
    assert [one.area for one in book.page().firing] == ["00070"]
