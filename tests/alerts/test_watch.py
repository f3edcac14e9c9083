"""The alerting of one machine: rounds over a store's answers, what is remembered, what is posted."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from city.errors import CityopsError, UnreachableError
from city.geography import HANOI
from city.instant import NS
from city.rules import AlertingFile, Group, State
from dashboards.alerting import alerting
from embedded.alerting.memory import Memory, keep, recall
from embedded.alerting.outbox import Outbox, deliver
from embedded.alerting.watch import Watch
from tests.alerts.test_notice import SLOW, notice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from city.rules.notice import Notice

NOW = 1_795_334_400 * NS
FAST = msgspec.structs.replace(SLOW, for_="0s", keepFiringFor="0s")
SHARED = msgspec.structs.replace(FAST, uid="the_same_again", title="Lại nữa · Again")


@dataclass
class Store:
    """Answers by what is asked: speeds by area, and that all sources speak."""

    speeds: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fault: CityopsError | None = None

    def __call__(self, bucket: str, influxql: str, _patience_s: float) -> list[dict[str, Any]]:
        assert bucket in {"city_live", "city_rollup"}
        self.asked.append(influxql)
        if self.fault:
            raise self.fault
        fresh = "silent" in influxql
        series = [
            {
                "tags": {"area": area, "zone": HANOI.zone_of[area]},
                "columns": ["time", "value"],
                "values": [[0, 1.0 if fresh else speed]],
            }
            for area, speed in self.speeds.items()
        ]
        return [{"series": series} if series else {}]


@dataclass
class Receiver:
    """Takes what is posted, or does not."""

    took: list[list[Notice]] = field(default_factory=list)
    away: bool = False

    def __call__(self, url: str, group: Sequence[Notice]) -> None:
        assert url == "http://receiver"
        if self.away:
            raise UnreachableError("the webhook does not answer")
        self.took.append(list(group))


def watch(store: Store, receiver: Receiver, *rules: Any, memory: Memory | None = None) -> tuple[Watch, list[str]]:
    said: list[str] = []
    group = Group(orgId=1, name="g", folder="Cảnh báo", interval="10s", rules=rules or (FAST,))
    outbox = Outbox("http://receiver", receiver)
    made = Watch(AlertingFile(apiVersion=1, groups=(group,)), store, memory or Memory(), outbox, said.append)
    return made, said


def test_an_alert_is_said_and_posted_once_and_its_end_once() -> None:
    store, receiver = Store({"00070": 8.0, "00004": 30.0}), Receiver()
    made, said = watch(store, receiver)
    for _ in range(3):
        made.round(NOW)
    store.speeds["00070"] = 30.0
    for _ in range(3):
        made.round(NOW + 10 * NS)
    assert said == [
        "▲ báo warning  traffic_area_slow: Tốc độ trung bình ở phường Hoàn Kiếm là 8.0 km/h (mục tiêu trên 20).",
        "✔ hết warning  traffic_area_slow: Tốc độ trung bình ở phường Hoàn Kiếm là 30.0 km/h (mục tiêu trên 20).",
    ]
    begun, ended = receiver.took
    assert [(dict(one.labels)["area"], one.ended_ns) for one in begun] == [("00070", None)]
    assert [(dict(one.labels)["area"], one.started_ns, one.ended_ns) for one in ended] == [
        ("00070", NOW, NOW + 10 * NS)
    ]


def test_alerts_of_one_rule_in_one_zone_are_one_post_and_those_that_still_fire_are_in_it() -> None:
    store, receiver = Store({"00070": 8.0, "00082": 30.0, "00004": 7.0}), Receiver()
    made, _ = watch(store, receiver)
    made.round(NOW)
    assert sorted(len(group) for group in receiver.took) == [1, 1]
    store.speeds["00082"] = 5.0
    made.round(NOW + 10 * NS)
    assert {dict(one.labels)["area"] for one in receiver.took[2]} == {"00070", "00082"}
    assert len(receiver.took) == 3


def test_a_receiver_that_was_away_is_told_when_it_is_back_and_once() -> None:
    store, receiver = Store({"00070": 8.0}), Receiver(away=True)
    made, said = watch(store, receiver)
    made.round(NOW)
    made.round(NOW + 10 * NS)
    assert (len(said), receiver.took) == (1, [])
    receiver.away = False
    for step in range(2, 5):
        made.round(NOW + step * 10 * NS)
    assert [[one.started_ns for one in group] for group in receiver.took] == [[NOW]]


def test_what_ended_while_the_receiver_was_away_and_was_never_told_is_not_told() -> None:
    store, receiver = Store({"00070": 8.0}), Receiver(away=True)
    made, _ = watch(store, receiver)
    made.round(NOW)
    store.speeds["00070"] = 30.0
    receiver.away = False
    made.round(NOW + 10 * NS)
    assert receiver.took == []


def test_a_question_that_two_rules_share_is_asked_once_a_round() -> None:
    store = Store({"00070": 8.0})
    made, said = watch(store, Receiver(), FAST, SHARED)
    made.round(NOW)
    assert len(store.asked) == 2  # the value and the freshness
    assert len(said) == 2


def test_all_compiled_rules_ask_far_fewer_questions_than_they_have_steps() -> None:
    from city import catalogue  # noqa: PLC0415 - all rules, for this alone

    store = Store()
    file = alerting(catalogue.load().domains, HANOI)
    made = Watch(file, store, Memory(), Outbox(""), lambda _: None)
    made.round(NOW)
    assert len(set(store.asked)) == len(store.asked)
    assert len(store.asked) < sum(len(rule.data) for group in file.groups for rule in group.rules) / 2


def test_a_store_that_is_away_is_asked_once_a_round_and_told_once_a_rule() -> None:
    store = Store(fault=UnreachableError("no answer"))
    made, said = watch(store, Receiver(), FAST, SHARED)
    made.round(NOW)
    assert len(store.asked) == 1
    assert said == [
        "▲ báo warning  traffic_area_slow: kho dữ liệu không trả lời câu hỏi của luật này",
        "▲ báo warning  traffic_area_slow: kho dữ liệu không trả lời câu hỏi của luật này",
    ]


def test_a_store_that_refuses_one_question_is_asked_the_others() -> None:
    store = Store(fault=CityopsError("the store: error parsing query"))
    made, _ = watch(store, Receiver())
    made.round(NOW)
    assert len(store.asked) == 2


def test_no_series_at_all_is_no_data_and_said_to_be() -> None:
    made, said = watch(Store(), Receiver())
    made.round(NOW)
    assert said == ["▲ báo warning  traffic_area_slow: không có dữ liệu để đánh giá"]


# ---------------------------------------------------------------------------------------------------- a restart


def test_a_restart_neither_forgets_what_fires_nor_tells_it_again(tmp_path: Path) -> None:
    store, receiver = Store({"00070": 8.0}), Receiver()
    first, _ = watch(store, receiver)
    first.round(NOW)
    keep(tmp_path / "state", first.memory, first.rules)

    again, said = watch(store, receiver, memory=recall(tmp_path / "state", first.rules))
    again.round(NOW + 30 * NS)
    assert said == []
    store.speeds["00070"] = 30.0
    again.round(NOW + 40 * NS)
    assert len(said) == 1
    assert [group[0].started_ns for group in receiver.took] == [NOW, NOW]
    assert receiver.took[1][0].ended_ns == NOW + 40 * NS


def test_a_dwell_goes_on_over_a_restart(tmp_path: Path) -> None:
    store = Store({"00070": 8.0})
    first, _ = watch(store, Receiver(), SLOW)
    first.round(NOW)
    keep(tmp_path / "state", first.memory, first.rules)
    again, said = watch(store, Receiver(), SLOW, memory=recall(tmp_path / "state", first.rules))
    again.round(NOW + 110 * NS)
    assert said == []
    again.round(NOW + 120 * NS)
    assert len(said) == 1


def test_a_rule_that_was_changed_begins_anew(tmp_path: Path) -> None:
    first, _ = watch(Store({"00070": 8.0}), Receiver())
    first.round(NOW)
    keep(tmp_path / "state", first.memory, first.rules)
    changed = msgspec.structs.replace(FAST, for_="1m")
    found = recall(tmp_path / "state", {changed.uid: changed})
    assert found.states == {}
    assert len(found.told) == 1  # its end will be told


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"version": 99, "rules": {}, "told": []}'])
def test_a_file_that_cannot_be_read_is_as_good_as_none(content: str, tmp_path: Path) -> None:
    path = tmp_path / "state"
    path.write_text(content)
    assert recall(path, {}) == Memory()


def test_all_but_what_is_normal_is_written_and_read_back(tmp_path: Path) -> None:
    made, _ = watch(Store({"00070": 8.0, "00004": 30.0}), Receiver())
    made.round(NOW)
    keep(tmp_path / "state", made.memory, made.rules)
    found = recall(tmp_path / "state", made.rules)
    firing = {labels: alert for labels, alert in made.memory.states[FAST.uid].items() if alert.state != State.NORMAL}
    assert len(firing) == 1
    assert found == Memory({FAST.uid: firing}, made.memory.told)


# ------------------------------------------------------------------------------------------------- the webhook


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, _Server)
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.took.append((self.path, dict(self.headers), msgspec.json.decode(body)))
        self.send_response(server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    status = 200
    took: list[tuple[str, dict[str, str], Any]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def server() -> Iterator[_Server]:
    made = _Server(("127.0.0.1", 0), _Handler)
    made.took = []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_a_group_is_posted_as_json_to_the_path_of_the_address(server: _Server) -> None:
    deliver(f"{server.url}/hook/s3cret?x=1", [notice()])
    ((path, headers, body),) = server.took
    assert path == "/hook/s3cret?x=1"
    assert headers["Content-Type"] == "application/json"
    assert body["alerts"][0]["labels"]["area"] == "00070"


def test_a_receiver_that_refuses_is_said_so_without_the_secret_in_its_address(server: _Server) -> None:
    server.status = 500
    with pytest.raises(UnreachableError, match=r"the webhook at http://127\.0\.0\.1:\d+ answers 500") as found:
        deliver(f"{server.url}/hook/s3cret", [notice()])
    assert "s3cret" not in str(found.value)


def test_nobody_listening_is_one_line() -> None:
    with pytest.raises(UnreachableError, match=r"the webhook at http://127\.0\.0\.1:9 does not answer"):
        deliver("http://127.0.0.1:9/s3cret", [notice()])


def test_without_an_address_everything_counts_as_told() -> None:
    assert len(Outbox("").send([[notice()]])) == 1
