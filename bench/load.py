"""The load of the benches: the simulator's traffic, told in full and at a city's rate, put into Kafka beforehand.

Each event states what a road sensor of the model states (about 500 bytes), and keeps the simulator's disorder,
late reports and repeated ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic
from msgspec.structs import replace

from city.catalogue import SIDE_TOPICS, load
from city.domains.traffic.simulator import simulate
from city.event import CONTENT_TYPE, encode, tick
from city.instant import NS, nanoseconds, rfc3339
from city.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.domains.traffic.events import TrafficFlow

TOPIC: Final = "city.traffic"
HEADERS: Final[list[tuple[str, str | bytes | None]]] = [("content-type", CONTENT_TYPE.encode())]

_SEED: Final = 2026
_SENSORS_PER_S: Final = 200.0  # 2,000 sensors, each every 10 s: as much as the simulator says without repeating itself
_RUSH: Final = 1_772_497_800 * NS  # Tuesday, 3 March 2026, 07:30 in Hanoi
_MS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What stands in the topic.

    Attributes:
        events: events, repeated and late ones included.
        records: events and ticks.
        bytes: of the events' values.
        span_s: city time from the first to the last.
    """

    events: int
    records: int
    bytes: int
    span_s: float


def told(begin: int, events_per_s: float) -> Iterator[tuple[int, TrafficFlow]]:
    """Traffic without end that is first heard at `begin` (ns): when each event is heard, and the event.

    The rush hour of 2,000 sensors, told so much faster that it makes `events_per_s`; how old a report is when it
    is heard stays as it was.
    """
    faster = events_per_s / _SENSORS_PER_S
    for event in simulate(_SEED, _RUSH, _RUSH + 10**9 * NS, events_per_s=_SENSORS_PER_S):
        was_heard = nanoseconds(event.recordedtime or event.time)
        age = was_heard - nanoseconds(event.time)
        heard = begin + round((was_heard - _RUSH) / faster) // _MS * _MS
        yield heard, _in_full(event, heard, heard - age)


def _in_full(event: TrafficFlow, heard: int, time: int) -> TrafficFlow:
    """The event at another time, with the attributes that the simulator leaves away."""
    road = event.source.removeprefix("traffic/")
    lane = int(event.id) % 4
    data = replace(
        event.data,
        laneId=lane,
        laneDirection="forward" if lane < 2 else "backward",
        refRoadSegment=f"urn:ngsi-ld:RoadSegment:hanoi:{road}",
        dateObservedFrom=rfc3339(time - 10 * NS),
        dateObservedTo=rfc3339(time),
    )
    return replace(event, time=rfc3339(time), recordedtime=rfc3339(heard), data=data)


def preload(address: str, partitions: int, events: int, events_per_s: float, now: int) -> Loaded:
    """Make the city's topics, and fill one with events, the last heard a little before `now` (ns); a tick each second.

    Raises:
        SystemExit: the broker did not take them.
    """
    span = round(events / events_per_s * NS)
    producer = make_topics(address, partitions)
    size = ticks = sent = last = 0
    begin = now - span - 5 * NS
    next_tick = begin
    for heard, event in told(begin, events_per_s):
        if heard >= next_tick:
            ticks += _tick(producer, partitions, heard)
            next_tick += NS
        key, value = event.area.encode(), encode(event)
        _put(producer, value, key, partition_of(key, partitions), heard)
        size += len(value)
        sent, last = sent + 1, heard
        if sent == events:
            break
    if producer.flush(60):
        raise SystemExit("bench: the broker did not take the load within 60 s")
    return Loaded(sent, sent + ticks, size, (last - begin) / NS)


def make_topics(address: str, partitions: int) -> Producer:
    """Make all topics, for one that appears later rebalances whoever reads; gives a producer.

    Raises:
        SystemExit: the broker refuses.
    """
    admin = AdminClient({"bootstrap.servers": address})  # its answers end with it
    names = (*(domain.topic for domain in load().domains), *SIDE_TOPICS)
    for name, made in admin.create_topics([NewTopic(name, partitions) for name in names]).items():
        try:
            made.result(30)
        except KafkaException as error:
            raise SystemExit(f"bench: no topic {name}: {error}") from error
    return Producer(
        {
            "bootstrap.servers": address,
            "compression.type": "lz4",
            "linger.ms": 50,
            "enable.idempotence": True,
            "queue.buffering.max.messages": 200_000,
        }
    )


def _tick(producer: Producer, partitions: int, heard: int) -> int:
    """What the publisher sends each second: a tick to every partition; gives their number."""
    value = tick(heard)
    for partition in range(partitions):
        _put(producer, value, None, partition, heard)
    return partitions


def _put(producer: Producer, value: bytes, key: bytes | None, partition: int, heard: int) -> None:
    while True:
        try:
            producer.produce(TOPIC, value, key, partition, headers=HEADERS, timestamp=heard // _MS)
        except BufferError:
            producer.poll(0.1)
        else:
            producer.poll(0)
            return
