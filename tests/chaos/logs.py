"""Acts on Kafka's log and on what the group has committed, done while nobody of the group reads."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import msgspec
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewPartitions
from kafka import KafkaAdminClient, TopicPartition
from kafka.errors import KafkaError, NoError
from kafka.structs import OffsetAndMetadata

from city.errors import CityopsError
from city.event import encode
from city.instant import rfc3339
from city.partition import partition_of
from producers.log import Log
from producers.topics import ensure
from runtime.connect import Broker
from tests.chaos.ground import DOMAINS
from tests.chaos.stage import START_S
from tests.stream.brokers import PARTITIONS, configure, delete_records, produce, send_in_a_transaction
from tests.stream.town import TOPIC
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from stream_app.core.checkpoint import Checkpoint
    from tests.chaos.stage import Stage
    from tests.stream.town import Run

_SOON_S = 120.0
_LOOK_EVERY_S = 3.0
BEFORE, AT, BETWEEN, PAST = range(4)
"""Where a log is cut: before or at the committed offset, between it and the position, past the position."""


def cut_the_log(stage: Stage, where: int) -> None:
    """The worker is killed, its topic loses its oldest records, and another worker begins; it says what was lost."""
    wait_until(lambda: _some_are_open(stage.committed()), _SOON_S, "windows are open in what is committed")
    stage.kill(0)
    left = {at: one for at, one in stage.committed().items() if at[0] == TOPIC}
    cuts = {at: _cut(one, where) for at, one in left.items()}
    stage.recorder.reach({at: cut + 1 for at, cut in cuts.items()})
    for (topic, number), cut in cuts.items():
        delete_records(stage.ground.broker, topic, cut, number)
    run = stage.start(0).says("assigned city.", START_S)
    lost = sum(max(0, cut - left[at].offset) for at, cut in cuts.items())
    wait_until(lambda: _counts(run, lost), _SOON_S, f"{lost} lost records are counted")
    if ("the log lost" in run.log) != bool(lost):
        stage.faults.append(f"{lost} records are lost, and the worker says: {run.log[-500:]}")
    stage.notes.append(f"{lost} records cut away")


def _counts(run: Run, lost: int) -> bool:
    with suppress(OSError):  # its figures can be asked a moment after its assignment
        return run.figure("cityops_truncated_total") == lost
    return False


def _some_are_open(said: dict[tuple[str, int], Checkpoint]) -> bool:
    ours = [one for (topic, _), one in said.items() if topic == TOPIC]
    return len(ours) == PARTITIONS and all(one.offset < one.pos for one in ours)


def _cut(said: Checkpoint, where: int) -> int:
    return (max(0, said.offset - 1), said.offset, (said.offset + said.pos) // 2 + 1, said.pos + 3)[where]


def group_is_deleted(stage: Stage, who: int) -> None:
    """Nothing is committed any more: a worker reads the whole log again."""
    stage.kill(who)
    admin = KafkaAdminClient(bootstrap_servers=stage.ground.broker)
    try:
        wait_until(
            lambda: admin.delete_groups([stage.group])[stage.group] == "OK", _SOON_S, "the dead member is forgotten"
        )
    finally:
        admin.close()
    stage.start(who)


def metadata_is_lost(stage: Stage, who: int) -> None:
    """The group's offsets are set again by a tool that knows nothing of metadata."""
    stage.kill(who)
    admin = KafkaAdminClient(bootstrap_servers=stage.ground.broker)
    bare = {TopicPartition(*at): OffsetAndMetadata(one.offset, "", -1) for at, one in stage.committed().items()}
    try:
        wait_until(
            lambda: all(fault is NoError for fault in _altered(admin, stage.group, bare)), _SOON_S, "offsets are set"
        )
    finally:
        admin.close()
    stage.start(who)


def _altered(
    admin: KafkaAdminClient, group: str, offsets: dict[TopicPartition, OffsetAndMetadata]
) -> list[type[KafkaError]]:
    try:
        return list(admin.alter_group_offsets(group, offsets).values())
    except KafkaError as error:
        return [type(error)]


def topic_grows(stage: Stage, who: int) -> None:
    """A fifth partition: keys live elsewhere now. The worker ends with a clear line."""
    admin = AdminClient({"bootstrap.servers": stage.ground.broker, "log_level": 4})
    for one in admin.create_partitions([NewPartitions(TOPIC, PARTITIONS + 1)]).values():
        one.result(30)
    stage.gives_up(who, f"the topic has {PARTITIONS + 1} partitions and had {PARTITIONS}")
    _is_refused(stage, "partitions")


def topic_is_compacted(stage: Stage, who: int) -> None:
    """Kafka keeps the last record of each key alone: publishers end, none starts, and a worker that starts ends too."""
    configure(stage.ground.broker, TOPIC, cleanup_policy="compact", segment_ms="1000", min_cleanable_dirty_ratio="0.01")
    _is_refused(stage, "cleanup.policy=compact")
    wait_until(lambda: isinstance(stage.voice.fault, CityopsError), _SOON_S, "the publisher ends")
    stage.notes.append(f"the publisher says: {stage.voice.fault}")
    wait_until(lambda: _is_thinned(stage), _SOON_S, "the log is compacted")
    stage.kill(who)
    stage.start(who)
    stage.gives_up(who, "cleanup.policy")
    configure(stage.ground.broker, TOPIC, cleanup_policy="delete")
    stage.voice.again()


def _is_thinned(stage: Stage) -> bool:
    """Whether records are gone; says some more, for a segment ends when another record comes."""
    stage.pause(_LOOK_EVERY_S)
    stamp = stage.voice.now() // 1_000_000
    produce(stage.ground.broker, TOPIC, [(*raw, stamp) for raw in _events(stage, 20)])
    ends = {at: end for at, end in stage.ground.ends().items() if at[0] == TOPIC}
    log = Log(Broker(stage.ground.broker, embedded=False), [TOPIC], group="chaos-kept")
    try:
        kept = sum(1 for _ in log.read(dict.fromkeys(ends, 0), ends))
    finally:
        log.close()
    return kept < sum(ends.values()) // 2


def _is_refused(stage: Stage, saying: str) -> None:
    try:
        ensure(Broker(stage.ground.broker, embedded=False), DOMAINS, PARTITIONS)
    except CityopsError as error:
        if saying in str(error):
            return
    stage.faults.append(f"a publisher starts on a topic that it must refuse: {saying}")


def transaction(stage: Stage, count: int) -> None:
    """Events in a transaction that is committed, which leaves a control record in each partition."""
    send_in_a_transaction(stage.ground.broker, TOPIC, _events(stage, count))


def aborted_transaction(stage: Stage, count: int) -> None:
    """Events in a transaction that is aborted."""
    send_in_a_transaction(stage.ground.broker, TOPIC, _events(stage, count), abort=True)


def _events(stage: Stage, count: int) -> Iterator[tuple[int, bytes, bytes]]:
    """The town's last events said again now: partition, key, value."""
    heard = rfc3339(stage.voice.now())
    for number, event in enumerate(stage.recorder.latest(TOPIC, count)):
        again = msgspec.structs.replace(event, id=f"again-{heard}-{number}", time=heard, recordedtime=heard)
        key = event.area.encode()
        yield partition_of(key, PARTITIONS), key, encode(again)
