"""Acts on the servers: the broker and the store go away, and the store answers badly."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS

from city.instant import NS
from stream_app.keeper import SETTLED
from tests.chaos.scripts import Cutting, Slow, Unauthorized
from tests.whole.proxy import busy, wait_until

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

_LANDS_S = 120.0
STORE_FOLDER = "store"
_HOUR_NS = 3_600 * NS


# -------------------------------------------------------------------------------------------------------- broker


def broker_stops(stage: Stage, _: int) -> None:
    """SIGTERM to Kafka."""
    stage.ground.kafka.stop()


def broker_dies(stage: Stage, _: int) -> None:
    """SIGKILL to Kafka."""
    stage.ground.kafka.kill()


def broker_starts(stage: Stage, _: int) -> None:
    """Kafka serves again."""
    stage.ground.kafka.start()


# --------------------------------------------------------------------------------------------------------- store


def store_stops(stage: Stage, _: int) -> None:
    """SIGTERM to InfluxDB."""
    stage.ground.influxdb.stop()


def store_dies(stage: Stage, _: int) -> None:
    """SIGKILL to InfluxDB."""
    stage.ground.influxdb.kill()


def store_starts(stage: Stage, _: int) -> None:
    """InfluxDB serves again, and a worker has tried again."""
    stage.ground.influxdb.start()
    before = stage.proxy.writes
    wait_until(lambda: stage.proxy.writes > before, _LANDS_S, "a worker tries again")


def store_is_slow(stage: Stage, most_s: int) -> None:
    """Half of the writes take up to so many seconds, longer than a worker waits among them."""
    stage.slow = Slow(stage.dice, 0.5, most_s)
    stage.proxy.do(stage.slow)


def store_is_busy(stage: Stage, _: int) -> None:
    """503 with Retry-After."""
    stage.proxy.do(busy)


def store_is_well(stage: Stage, _: int) -> None:
    """Writes pass; those that are held land first."""
    stage.proxy.do(None)
    if stage.slow is not None:
        slow = stage.slow
        wait_until(lambda: not slow.under_way, _LANDS_S, "every held write has landed")
        stage.notes.append(f"{slow.held} writes held")
        stage.slow = None


def token_is_wrong(stage: Stage, who: int) -> None:
    """401: the worker ends with a clear line and commits nothing more; then it is well again and another starts."""
    script = Unauthorized()
    stage.proxy.do(script)
    wait_until(script.asked.is_set, 60, "the worker writes")
    before = stage.committed()
    stage.gives_up(who, "refuses us (401")
    if stage.committed() != before:
        stage.faults.append("something was committed after the store had refused the token")
    stage.proxy.do(None)
    stage.start(who)


def answers_are_cut(stage: Stage, percent: int) -> None:
    """Of so many writes in a hundred the answer is cut off after the store has taken them."""
    stage.proxy.do(Cutting(stage.proxy, stage.dice, percent / 100))


def writes_are_held(stage: Stage, seconds: int) -> None:
    """A third of the writes is held for up to so many seconds and let through when its windows have long settled."""
    stage.slow = Slow(stage.dice, 0.3, seconds)
    stage.proxy.do(stage.slow)


def disk_is_full(stage: Stage, kilobytes: int) -> None:
    """The embedded store's log can grow by so much and no further, and nothing can be written beyond that place."""
    assert stage.process is not None, "only an embedded store is a process of ours"
    wal = stage.folder / STORE_FOLDER / "store.duckdb.wal"
    most = (wal.stat().st_size if wal.exists() else 0) + kilobytes * 1024
    resource.prlimit(stage.process.pid, resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))


def disk_has_room(stage: Stage, _: int) -> None:
    """They can grow again, once a write has failed."""
    wait_until(lambda: any("the store is away" in run.log for run in stage.workers.values()), _LANDS_S, "a write fails")
    assert stage.process is not None
    resource.prlimit(stage.process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def type_conflicts(stage: Stage, _: int) -> None:
    """A field of one series has another type in the store: it refuses those lines of a batch and takes the rest."""
    store = stage.store
    earlier = (stage.voice.now() - _HOUR_NS) // NS * NS  # in the same shard, and not among what is compared
    line = f'traffic_site,area=none count="text" {earlier}'
    with InfluxDBClient(store.url, store.token, org=store.org) as client:
        client.write_api(write_options=SYNCHRONOUS).write(bucket=SETTLED, record=line)
