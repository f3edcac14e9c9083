from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from city.catalogue import load
from city.domain import Freshness, Site
from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.event import Event, encode, tick
from city.instant import NS, nanoseconds, rfc3339
from city.partition import partition_of
from embedded.store import serve
from embedded.store.line_protocol import parse, series_key
from runtime.ask import ask
from runtime.connect import Store
from stream_app.core import PartitionFold, Said
from stream_app.core.aggregate import readers
from stream_app.core.checkpoint import NEVER, Start
from stream_app.core.lineprotocol import escape
from stream_app.operations import EXPIRED, FROZEN, OK, SLOW, Roll, known_sources, pipeline_lines
from tests.store.web import Client

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CATALOGUE = load()
CITY = CATALOGUE.city
AREAS = sorted(CITY.zone_of)
HERE = partition_of(AREAS[0].encode(), 4)
NEAR = AREAS[0]
FAR = next(area for area in AREAS if partition_of(area.encode(), 4) != HERE)
SITE = f"traffic/{NEAR}/001"
DOMAIN = replace(
    CATALOGUE.domain("traffic"),
    sites=(Site(SITE, NEAR, 21.0, 105.8), Site(f"traffic/{FAR}/001", FAR, 21.0, 105.8)),
)
FRESH = DOMAIN.freshness
NOW = 1_795_305_600 * NS
DUE = NOW + (FRESH.expired_s + 1) * NS
"""When who has not spoken since NOW is silent."""
DAY = 86_400 * NS


def roll(partitions: Sequence[int] = (HERE,), most: int = 1_000) -> Roll:
    made = Roll(DOMAIN, CITY, most)
    made.own(partitions, 4, NOW)
    return made


def said(source: str = SITE, *, at: int = NOW, area: str = NEAR, speed: float = 30.0) -> dict[str, Said]:
    return words(event(source, at=at, area=area, speed=speed))


def event(source: str = SITE, *, at: int = NOW, area: str = NEAR, speed: float = 30.0) -> TrafficFlow:
    data = TrafficFlowObserved(averageVehicleSpeed=speed, intensity=10)
    return TrafficFlow(id="1", source=source, time=rfc3339(at), area=area, data=data)


def words(*events: Event) -> dict[str, Said]:
    """What a fold keeps of these events."""
    read = {kind: reader.read for kind, reader in readers(TWO_PACES).items()}
    return {
        said.source: (type(said), said.area, nanoseconds(said.time), read[type(said)](said.data)) for said in events
    }


def told(lines: Any, now: int = NOW) -> dict[str, dict[str, Any]]:
    """What the lines say, by source, after the store's own parser: fields, and tags beside them."""
    rows = {}
    for point in parse("\n".join(lines).encode(), NS, 0):
        key = series_key(point.series)
        assert key.measurement == "sources"
        assert point.time == now // (10 * NS) * 10 * NS
        tags: dict[str, Any] = dict(key.tags)
        rows[tags["source"]] = tags | dict(zip(point.names, point.values, strict=True))
    return rows


# ------------------------------------------------------------------------------------------------------ sources


def test_of_a_site_that_has_had_no_time_to_speak_nothing_is_told() -> None:
    assert list(roll().lines(NOW + FRESH.expired_s * NS)) == []


def test_a_known_site_that_never_spoke_is_silent_and_has_no_age() -> None:
    assert told(roll().lines(DUE), DUE) == {
        SITE: {
            "area": NEAR,
            "domain": "traffic",
            "observation": "flow",
            "source": SITE,
            "zone": CITY.zone_of[NEAR],
            "state": EXPIRED,
            "silent": 1.0,
            "frozen": 0.0,
            "late": 0,
            "duplicate": 0,
            "rejected": 0,
        }
    }


@pytest.mark.parametrize(
    ("quiet_s", "state"),
    [
        (0, OK),
        (FRESH.slow_s, OK),
        (FRESH.slow_s + 1, SLOW),
        (FRESH.expired_s, SLOW),
        (FRESH.expired_s + 1, EXPIRED),
        (10 * FRESH.expired_s, EXPIRED),
    ],
)
def test_a_source_is_called_what_its_silence_is(quiet_s: int, state: int) -> None:
    made = roll()
    made.hear(said(), NOW)
    now = NOW + quiet_s * NS
    row = told(made.lines(now), now)[SITE]
    assert (row["state"], row["silent"]) == (state, float(state == EXPIRED))
    assert (row["last_event_s"], row["age_s"]) == (NOW / NS, quiet_s)


def test_a_source_that_speaks_again_is_well_again() -> None:
    made = roll()
    made.hear(said(), NOW)
    later = NOW + 3_600 * NS
    assert told(made.lines(later), later)[SITE]["state"] == EXPIRED
    made.hear(said(at=later, speed=31), later)
    assert told(made.lines(later), later)[SITE]["state"] == OK


def test_a_source_that_says_the_same_for_too_long_is_frozen_until_it_says_something_else() -> None:
    made = roll()
    states = []
    steps = range(0, FRESH.frozen_s + 21, 10)
    for after in steps:
        now = NOW + after * NS
        made.hear(said(at=now), now)
        states.append(told(made.lines(now), now)[SITE]["state"])
    assert states == [FROZEN if after > FRESH.frozen_s else OK for after in steps]
    assert told(made.lines(now), now)[SITE]["frozen"] == 1.0

    now = NOW + (FRESH.frozen_s + 30) * NS
    made.hear(said(at=now, speed=31), now)
    assert told(made.lines(now), now)[SITE]["state"] == OK


def test_an_event_that_comes_out_of_order_makes_nobody_older() -> None:
    made = roll()
    made.hear(said(at=NOW), NOW)
    made.hear(said(at=NOW - 60 * NS), NOW)
    assert told(made.lines(NOW))[SITE]["last_event_s"] == NOW / NS


def test_an_unknown_source_is_remembered_for_a_day_and_then_forgotten() -> None:
    made = roll()
    made.hear(said("bus/29-A 1,2=3"), NOW)
    assert told(made.lines(NOW + DAY), NOW + DAY)["bus/29-A 1,2=3"]["state"] == EXPIRED
    assert set(told(made.lines(NOW + DAY + NS), NOW + DAY + NS)) == {SITE}


def test_of_sources_beyond_the_most_it_remembers_nothing_is_told_and_they_are_counted() -> None:
    made = roll(most=3)
    for number in range(5):
        made.hear(said(f"bus/{number}"), NOW)
    assert set(told(made.lines(DUE), DUE)) == {SITE, "bus/0", "bus/1"}
    assert made.overlooked == 3
    made.hear(said(), NOW)
    assert told(made.lines(NOW))[SITE]["state"] == OK


def test_a_site_of_the_pack_is_never_forgotten() -> None:
    made = roll()
    made.hear(said(), NOW)
    row = told(made.lines(NOW + 30 * DAY), NOW + 30 * DAY)[SITE]
    assert (row["state"], row["age_s"]) == (EXPIRED, 30 * 86_400)


def test_a_worker_speaks_for_the_sources_of_its_own_partitions_only() -> None:
    made = roll(range(4))
    assert set(told(made.lines(DUE), DUE)) == {SITE, f"traffic/{FAR}/001"}
    made.hear(said("bus/far", area=FAR), NOW)

    made.own([HERE], 4, NOW)
    assert set(told(made.lines(DUE), DUE)) == {SITE}
    made.own([partition_of(FAR.encode(), 4)], 4, NOW)
    assert set(told(made.lines(DUE), DUE)) == {f"traffic/{FAR}/001"}


def test_a_roll_that_owns_nothing_says_nothing() -> None:
    assert list(Roll(DOMAIN, CITY, 1_000).lines(NOW)) == []


def test_what_was_heard_before_a_restart_is_remembered_unless_it_is_older_or_another_worker_s() -> None:
    made = roll()
    made.remember("bus/1", NEAR, NOW - 3_600 * NS)
    made.remember("bus/2", FAR, NOW)
    made.remember(SITE, NEAR, NOW - 7 * NS)
    made.remember(SITE, NEAR, NOW - 9 * NS)
    rows = told(made.lines(NOW))
    assert {name: row["age_s"] for name, row in rows.items()} == {"bus/1": 3_600, SITE: 7}
    assert rows["bus/1"]["state"] == EXPIRED
    assert rows[SITE]["state"] == OK


def test_a_source_of_an_area_that_the_city_no_longer_has_is_not_remembered() -> None:
    made = roll(range(4))
    made.remember("traffic/99999/001", "99999", NOW)
    assert "traffic/99999/001" not in told(made.lines(NOW))


def test_what_a_roll_has_written_is_what_the_next_one_remembers(tmp_path: Path) -> None:
    before = roll()
    before.hear(said(at=NOW - 60 * NS), NOW)
    with serve(tmp_path / "store.duckdb", "token", clock_ns=lambda: NOW + NS) as url:
        lines = "\n".join(before.lines(NOW))
        assert Client(url).write(lines, bucket="city_live", precision="s").status == 204
        (result,) = ask(Store(url, "cityops", "token"), "city_live", known_sources("traffic"))
    (series,) = result["series"]
    assert series["tags"] == {"source": SITE, "area": NEAR, "observation": "flow"}
    assert series["values"][0][1] == NOW / NS - 60


class Slow(Event, frozen=True, tag="vn.hanoi.traffic.slow.v1"):
    """Another event of the same domain: said once an hour, and not said to vary."""

    data: TrafficFlowObserved


TWO_PACES = replace(
    DOMAIN,
    events=(*DOMAIN.events, Slow),
    freshness_by={Slow: Freshness(3_600, 7_200, 10_800, 300, ())},
    sites=(Site(SITE, NEAR, 21.0, 105.8), Site("slow/1", NEAR, 21.0, 105.8, Slow)),
)


def test_a_source_is_judged_by_the_pace_of_what_it_says() -> None:
    made = Roll(TWO_PACES, CITY, 1_000)
    made.own([HERE], 4, NOW)
    spoken = event()
    slow = Slow(id="1", source="slow/1", time=spoken.time, area=NEAR, data=spoken.data)
    made.hear(words(spoken, slow), NOW)
    later = NOW + 3_600 * NS
    rows = told(made.lines(later), later)
    assert {name: (row["observation"], row["state"]) for name, row in rows.items()} == {
        SITE: ("flow", EXPIRED),
        "slow/1": ("slow", OK),
    }


def test_a_source_that_states_nothing_it_could_vary_is_not_frozen() -> None:
    closed = TrafficFlow(id="1", source=SITE, time=rfc3339(NOW), area=NEAR, data=TrafficFlowObserved(laneId=1))
    made = roll()
    made.hear(said(), NOW)
    for after in range(0, 2 * FRESH.frozen_s, 10):
        at = NOW + after * NS
        made.hear(words(msgspec.structs.replace(closed, time=rfc3339(at))), at)
        assert told(made.lines(at), at)[SITE]["state"] == OK


def test_a_source_that_need_not_vary_is_never_frozen() -> None:
    made = Roll(TWO_PACES, CITY, 1_000)
    made.own([HERE], 4, NOW)
    spoken = event()
    for after in range(0, 2 * FRESH.frozen_s, 10):
        now = NOW + after * NS
        slow = Slow(id="1", source="slow/1", time=rfc3339(now), area=NEAR, data=spoken.data)
        made.hear(words(slow), now)
    assert told(made.lines(now), now)["slow/1"]["state"] == OK


def test_what_a_remembered_source_says_is_remembered_too() -> None:
    made = Roll(TWO_PACES, CITY, 1_000)
    made.own([HERE], 4, NOW)
    made.remember("slow/2", NEAR, NOW - 3_600 * NS, "slow")
    made.remember("old/1", NEAR, NOW - 3_600 * NS)
    rows = told(made.lines(NOW))
    assert (rows["slow/2"]["state"], rows["old/1"]["state"]) == (OK, EXPIRED)


# ----------------------------------------------------------------------------------------------------- pipeline


class Told:
    """A record of the log."""

    headers: Sequence[tuple[str, bytes]] = ()
    timestamp = NOW // 1_000_000

    def __init__(self, offset: int, value: bytes | None, key: bytes | None = None) -> None:
        self.offset = offset
        self.value = value
        self.key = key


def fold_of(*records: Told, truncated: int = 0) -> PartitionFold:
    fold = PartitionFold(DOMAIN, CITY, HERE, Start(0, NEVER, 0, 0, 4, truncated=truncated))
    fold.feed(records)
    return fold


def pipeline(fold: PartitionFold) -> dict[str, dict[str, Any]]:
    """By reason, "" for the partition's own."""
    lines = pipeline_lines("traffic", HERE, fold, {"lag": 7, "write_s": 0.25}, NOW)
    rows = {}
    for point in parse("\n".join(lines).encode(), NS, 0):
        key = series_key(point.series)
        tags = dict(key.tags)
        assert key.measurement == "pipeline"
        assert (tags.pop("domain"), tags.pop("partition")) == ("traffic", str(HERE))
        rows[tags.pop("reason", "")] = dict(zip(point.names, point.values, strict=True))
        assert tags == {}
    return rows


ZEROS = (
    "in",
    "late",
    "duplicate",
    "unattributed",
    "truncated",
    "unusable",
    "clock_trouble",
    "damaged",
    "open_windows",
    "pending_points",
)


def test_a_partition_that_has_heard_nothing_has_no_clock_and_only_zeros() -> None:
    assert pipeline(fold_of()) == {
        "": {
            **dict.fromkeys(ZEROS, 0),
            "lag": 7.0,
            "write_s": 0.25,
        }
    }


def test_a_partition_tells_what_it_counted_and_how_far_its_clock_lies_behind() -> None:
    event = TrafficFlow(id="1", source=SITE, time=rfc3339(NOW - 3 * NS), area=NEAR, data=TrafficFlowObserved())
    body = encode(event)
    row = pipeline(fold_of(Told(0, body, NEAR.encode()), Told(1, tick(NOW - 2 * NS)), truncated=5))[""]
    assert (row["in"], row["truncated"]) == (1, 5)
    assert row["open_windows"] == len(DOMAIN.series)
    assert row["clock_s"] == NOW / NS
    assert row["watermark_delay_s"] == 0


def test_rejects_are_told_by_their_reason() -> None:
    fold = fold_of(Told(0, b"no"), Told(1, b"no"), Told(2, b"\xff"), Told(3, b"x" * 70_000))
    rows = pipeline(fold)
    assert {reason: row["rejected"] for reason, row in rows.items() if reason} == {
        "not-json": 2,
        "not-utf8": 1,
        "too-large": 1,
    }
    assert (rows[""]["in"], rows[""]["unusable"], rows[""]["clock_trouble"]) == (0, 4, 0)


def test_rejects_for_a_clock_are_told_apart() -> None:
    ahead = TrafficFlow(id="1", source=SITE, time=rfc3339(NOW + 60 * NS), area=NEAR, data=TrafficFlowObserved())
    row = pipeline(fold_of(Told(0, b"no"), Told(1, encode(ahead), NEAR.encode())))[""]
    assert (row["unusable"], row["clock_trouble"]) == (2, 1)


def test_a_tag_may_hold_what_the_syntax_uses_for_itself() -> None:
    point = parse(f"sources,source={escape('a b,c=d')} state=0i 1".encode(), NS, 0)[0]
    assert dict(series_key(point.series).tags) == {"source": "a b,c=d"}
