"""A data folder whose embedded store holds two days of the whole city: every area, series and known source.

A quarter of an hour is simulated at the city's own pace, settled as the truth has it and rolled up by the very job of a
city; inside the store's file it is then repeated: what a query has to read is what two real days would leave it.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

import duckdb

from bench.contender import await_parts, free_port, process
from city.boards.parts import local_kpis
from city.catalogue import load as packs
from city.event import encode, observation
from city.instant import NS
from city.lines import Line
from city.rollup import is_count
from city.standing import EVERY_S as JUDGED_S
from city.standing import State
from embedded.premises import make_private, make_token
from producers.simulators import find, together
from runtime.connect import Store
from runtime.settings import load
from stream_app.core.lineprotocol import escape
from stream_app.operations import EVERY_S, Roll
from stream_app.truth import compute
from summary.rollup import RollUps, steps_of
from summary.standings import Finding, lines
from summary.store import LIVE, SETTLED, StoreOverHttp

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Sequence
    from pathlib import Path

    from city.catalogue import Catalogue
    from city.domain import Domain
    from stream_app.truth import Key, Value

PIECE_S: Final = 900
PIECES: Final = 192
PARTITIONS: Final = 4
SEED: Final = 11
_SPOKEN_S: Final = 1_772_503_200
"""Tuesday, 3 March 2026, 09:00 in Hanoi: all offices are open."""
_AT_ONCE: Final = 5_000


def fill(data_dir: Path, now_s: int) -> int:
    """Fill a data folder that is new; the number of points.

    Raises:
        CityopsError: the folder or the store cannot be used.
    """
    settings = load(data_dir=data_dir, store_port=free_port())
    make_private(data_dir)
    make_token(settings.token_file)
    told = {"CITYOPS_DATA_DIR": str(data_dir), "CITYOPS_STORE_PORT": str(settings.store_port)}
    with process(["embedded.store"], data_dir / "logs" / "filling.log", told):
        await_parts(data_dir, "store", log=data_dir / "logs" / "filling.log")
        address = f"http://127.0.0.1:{settings.store_port}"
        store = StoreOverHttp(Store(address, settings.store_org, settings.store_token()), data_dir / "refused")
        _one_piece(packs(), store, now_s // PIECE_S * PIECE_S - PIECES * PIECE_S)
        store.close()
    return _repeat(data_dir / "store.duckdb", set(_of_more(packs())))


def _one_piece(catalogue: Catalogue, store: StoreOverHttp, begin_s: int) -> None:
    simulators = find(catalogue.domains, catalogue.city)
    whole = sum(simulator.full_rate for simulator in simulators)
    heard = [*together(simulators, SEED, _SPOKEN_S * NS, (_SPOKEN_S + PIECE_S) * NS, events_per_s=whole)]
    for domain in catalogue.domains:
        said = (Line(encode(one.event)) for one in heard if one.topic == domain.topic)
        points = compute(said, domain, catalogue.city).points
        own = (key for key in points if _SPOKEN_S * NS <= key.start < (_SPOKEN_S + PIECE_S) * NS)
        later_s = begin_s - _SPOKEN_S
        settled = [_line(domain, key, points[key], later_s) for key in sorted(own, key=lambda key: key.start)]
        _write(store, SETTLED, settled)
        _write(store, LIVE, settled)
        _write(store, LIVE, _operational(domain, catalogue, begin_s))
        for series in domain.series:
            RollUps(store, catalogue.city).bring_up(series)
    for at in range(begin_s, begin_s + PIECE_S, JUDGED_S):
        _write(store, LIVE, lines(_findings(catalogue), catalogue.city, at))


def _write(store: StoreOverHttp, bucket: str, written: Sequence[str]) -> None:
    for first in range(0, len(written), _AT_ONCE):
        store.write(bucket, written[first : first + _AT_ONCE])


def _line(domain: Domain, key: Key, fields: dict[str, Value], later_s: int) -> str:
    series = next(one for one in domain.series if one.name == key.measurement)
    tags = "".join(f",{name}={escape(value)}" for name, value in key.tags)
    whole = (name == "final" or is_count(name, series) for name in fields)
    held = (
        f"{name}={value}i" if i else f"{name}={float(value)!r}"
        for (name, value), i in zip(fields.items(), whole, strict=True)
    )
    return f"{key.measurement}{tags} {','.join(held)} {key.start // NS + later_s}"


def _operational(domain: Domain, catalogue: Catalogue, begin_s: int) -> list[str]:
    """What the worker says of sources and of itself, every ten seconds."""
    roll, rng = Roll(domain, catalogue.city, 50_000), random.Random(SEED)
    roll.own(range(PARTITIONS), PARTITIONS, begin_s * NS)
    written: list[str] = []
    for number, at in enumerate(range(begin_s, begin_s + PIECE_S, EVERY_S)):
        for site in domain.sites_in(catalogue.city):
            kind = site.event or domain.events[0]
            age_s = rng.uniform(0, 1.2 * domain.freshness_of(kind).period_s)
            roll.remember(site.source, site.area, round((at - age_s) * NS), observation(kind))
        written += roll.lines(at * NS)
        for partition in range(PARTITIONS):
            counters = ",".join(
                f"{name}={500 * number}i" for name in ("in", "late", "duplicate", "unusable", "damaged")
            )
            gauges = "open_windows=900i,pending_points=30i,lag=8.0,write_s=0.05,retries=0.0,watermark_delay_s=1.0"
            written.append(f"pipeline,domain={domain.name},partition={partition} {counters},{gauges} {at}")
    return written


def _findings(catalogue: Catalogue) -> list[Finding]:
    """Every KPI of every place, none of them judged: how they stand is the running city's to say."""
    rng, city = random.Random(SEED), catalogue.city
    return [
        Finding(domain.name, kpi.name, (area, city.zone_of[area]), State(rng.randrange(4)), rng.uniform(0, 100), 50.0)
        for domain in catalogue.domains
        for kpi in local_kpis(domain)
        for area in city.units
    ]


def _of_more(catalogue: Catalogue) -> Iterator[str]:
    """Roll-ups of more than a piece: the city's own job makes them when it runs."""
    for domain in catalogue.domains:
        for step in (step for series in domain.series for step in steps_of(series)):
            if step.resolution.seconds > PIECE_S:
                yield from (step.target, step.week_later, step.quantiles)


def _repeat(path: Path, of_more: Container[str]) -> int:
    """Repeat the piece in the store's file until it is two days; the number of points."""
    with duckdb.connect(str(path)) as database:
        tables = database.execute("SELECT id, name FROM measurements").fetchall()
        for ident, name in tables:
            columns = [row[0] for row in database.execute(f"DESCRIBE p{ident}").fetchall()]
            if name in of_more:
                database.execute(f"DELETE FROM p{ident}")  # noqa: S608 - an integer of the store's
                continue
            later = ", ".join(f"time + {{0}} * {PIECE_S * NS}" if one == "time" else one for one in columns)
            database.execute(f"CREATE TEMP TABLE piece AS FROM p{ident} ORDER BY time")
            for piece in range(1, PIECES):
                database.execute(f"INSERT INTO p{ident} SELECT {later.format(piece)} FROM piece")  # noqa: S608 - an integer of the store's
            database.execute("DROP TABLE piece")
        counts = (database.execute(f"SELECT count(*) FROM p{ident}").fetchone() for ident, _ in tables)  # noqa: S608 - an integer of the store's
        return sum(row[0] for row in counts if row)
