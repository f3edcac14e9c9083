"""Late, duplicate and rejected records by source: what fold and roll tell, what a flood can do."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from city.catalogue import load
from city.event import MAX_EVENT_BYTES
from city.instant import NS, rfc3339
from city.partition import partition_of
from embedded.store.line_protocol import parse, series_key
from stream_app.core import PartitionFold
from stream_app.core.checkpoint import NEVER, Start
from stream_app.core.tally import NOBODY, Tally, claimed
from stream_app.operations import Roll, next_round

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKS = load()
CITY = PACKS.city
DOMAIN = PACKS.domain("traffic")
SITE = DOMAIN.sites_in(CITY)[0]
HERE = partition_of(SITE.area.encode(), 4)
NOW = 1_795_305_600 * NS


@dataclass
class Told:
    """A record of the log."""

    value: bytes | None
    key: bytes | None = SITE.area.encode()
    headers: Sequence[tuple[str, bytes]] = ()
    offset: int = 0
    timestamp: int = NOW // 1_000_000


def said(source: str = SITE.source, **other: Any) -> bytes:
    envelope = {
        "type": "vn.hanoi.traffic.flow.v1",
        "specversion": "1.0",
        "id": "1",
        "source": source,
        "time": rfc3339(NOW),
        "area": SITE.area,
        "data": {"averageVehicleSpeed": 30.0, "intensity": 10},
    }
    return msgspec.json.encode(envelope | other)


def folded(*records: Told, resume: int = 0) -> PartitionFold:
    fold = PartitionFold(DOMAIN, CITY, HERE, Start(0, NEVER, resume, 0, 4))
    for offset, record in enumerate(records):
        record.offset = offset
        fold.feed([record])
    return fold


def roll(most: int = 1_000) -> Roll:
    made = Roll(DOMAIN, CITY, most)
    made.own(range(4), 4, NOW)
    return made


def told(made: Roll) -> dict[str, dict[str, Any]]:
    """The fields of the sources that say anything, by source."""
    points = parse("\n".join(made.lines(NOW)).encode(), NS, 0)
    return {
        dict(series_key(point.series).tags)["source"]: dict(zip(point.names, point.values, strict=True))
        for point in points
    }


def test_a_copy_and_what_is_late_are_their_sources() -> None:
    late = rfc3339(NOW - 3_600 * NS)
    fold = folded(Told(said()), Told(said()), Told(said(id="2", time=late)))
    assert fold.tally.take() == {SITE.source: Counter(duplicate=1, late=1)}
    assert fold.tally.take() == {}, "taken once"


def test_what_a_former_owner_has_counted_is_not_counted_again() -> None:
    assert folded(Told(said()), Told(said()), Told(b"no"), resume=9).tally.take() == {}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(said(time=rfc3339(NOW + 60 * NS)), id="a fast clock"),
        pytest.param(said(area="99999"), id="an area that there is not"),
        pytest.param(said(data={"averageVehicleSpeed": -5}), id="out of bounds"),
        pytest.param(said(data={"averageVehicleSpeed": "fast"}), id="a wrong field"),
        pytest.param(said(type="vn.hanoi.traffic.unheard.v1"), id="an unknown type"),
        pytest.param(b'{"source": "%s"}' % SITE.source.encode(), id="nothing but a source"),
    ],
)
def test_a_rejected_record_is_his_whom_it_names(value: bytes) -> None:
    assert folded(Told(value)).tally.take() == {SITE.source: Counter(rejected=1)}


def test_in_binary_mode_the_header_names_the_source() -> None:
    headers = [("ce_specversion", b"1.0"), ("ce_source", SITE.source.encode())]
    assert claimed(Told(b"\xff", headers=headers)) == SITE.source


@pytest.mark.parametrize(
    "record",
    [
        Told(None),
        Told(b""),
        Told(b"no"),
        Told(b"\xff\xfe"),
        Told(b"[1]"),
        Told(b'{"id": "1"}'),
        Told(b'{"source": 7}'),
        Told(b'{"source": null}'),
        Told(said('<script>alert("x")</script>')),
        Told(said("a b\n,c=d")),
        Told(said("xã/đông anh")),
        Told(said("s" * 129)),
        Told(said()[:-1]),
        Told(said(note="n" * MAX_EVENT_BYTES)),
        Told(b'{"a":' * 5_000 + b'{"source": "x"}' + b"}" * 5_000),
        Told(b"{}", headers=[("ce_specversion", b"1.0"), ("ce_source", b"\xff")]),
        Told(b"{}", headers=[("ce_specversion", b"1.0")]),
        Told(b"{}", headers=[("ce_specversion", b"1.0"), ("ce_source", None)]),  # type: ignore[list-item]  # Kafka allows it
    ],
    ids=range(18),
)
def test_a_record_that_states_no_source_or_none_that_could_be_a_tag_is_nobodys(record: Told) -> None:
    assert claimed(record) == NOBODY


def test_a_flood_of_invented_sources_fills_neither_the_tally_nor_the_roll() -> None:
    tally = Tally(most=3)
    for number in range(1_000):
        tally.add("rejected", f"bus/{number}")
    taken = tally.take()
    assert len(taken) == 4
    assert taken[NOBODY] == Counter(rejected=997)
    made = roll()
    assert made.blame(taken) == 1_000
    assert told(made) == {}


def test_a_source_tells_what_of_it_was_not_counted_since_its_last_point_and_zeros_otherwise() -> None:
    made, fold = roll(), folded(Told(said()), Told(said()), Told(said(data={"laneId": "x"})))
    made.hear(fold.latest, NOW)
    assert made.blame(fold.tally.take()) == 0
    counts = ("late", "duplicate", "rejected")
    assert [told(made)[SITE.source][name] for name in counts] == [0, 1, 1]
    assert [told(made)[SITE.source][name] for name in counts] == [0, 1, 1], "until they are durable"
    made.told()
    assert [told(made)[SITE.source][name] for name in counts] == [0, 0, 0]


@pytest.mark.parametrize("begin", [1_000.0, 1_004.5, 1_009.999])
def test_a_round_has_one_report_even_where_timers_fire_early(begin: float) -> None:
    now = begin

    async def early(seconds: float) -> None:
        nonlocal now
        now += seconds - 0.001 if seconds > 0.001 else seconds

    asyncio.run(next_round(lambda: now, early))
    assert 1_010 <= now < 1_010.01


def test_a_clock_that_is_set_back_holds_no_report_up() -> None:
    now = 10_005.0

    async def back(seconds: float) -> None:
        nonlocal now
        now += seconds - 3_600

    asyncio.run(next_round(lambda: now, back))
    assert now < 10_000


def test_what_a_lost_round_would_have_told_is_told_under_its_time_with_what_came_since() -> None:
    made = roll()
    made.blame({SITE.source: Counter(late=2)})
    later = NOW + 10 * NS
    assert [line.rsplit(" ", 2)[1:] for line in made.lines(NOW)] == [
        ["late=2i,duplicate=0i,rejected=0i", str(NOW // NS)]
    ]
    made.blame({SITE.source: Counter(late=1)})
    first, then = made.lines(later)
    assert first.endswith(f" late=3i,duplicate=0i,rejected=0i {NOW // NS}")
    assert then.endswith(f" late=0i,duplicate=0i,rejected=0i {later // NS}")
    made.told()
    made.blame({SITE.source: Counter(late=1)})
    (again,) = made.lines(later + 10 * NS)
    assert again.endswith(f" late=1i,duplicate=0i,rejected=0i {later // NS + 10}")


def test_of_a_site_of_which_only_rejected_records_came_no_state_is_told_before_it_is_due() -> None:
    made = roll()
    made.blame({SITE.source: Counter(rejected=2)})
    assert told(made) == {SITE.source: {"late": 0, "duplicate": 0, "rejected": 2}}
