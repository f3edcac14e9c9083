from __future__ import annotations

from collections import defaultdict

from kafka.record.memory_records import MemoryRecordsBuilder

from city import catalogue
from city.event import CONTENT_TYPE, encode
from city.instant import NS
from city.partition import partition_of
from embedded.limits import HELD_S, MOST_EVENTS_PER_S, PARTITION_BYTES, PARTITIONS
from producers.simulators import find, together

GZIP = 1
LINGER_NS = 50_000_000
START_NS = 1_763_978_400 * NS  # a Monday, 17:00 in Hanoi: the rush hour
SPAN_S = 10


def test_the_embedded_log_holds_long_enough_at_the_greatest_rate_that_up_allows() -> None:
    """As the publisher does it: gzip over the records of 50 ms, each partition by itself."""
    domains = catalogue.load().domains
    held: dict[tuple[str, int], dict[int, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    stream = together(find(domains), 2026, START_NS, START_NS + SPAN_S * NS, events_per_s=MOST_EVENTS_PER_S)
    count = 0
    for at, topic, event in stream:
        place = topic, partition_of(event.area.encode(), PARTITIONS)
        held[place][at // LINGER_NS].append(encode(event))
        count += 1
    assert count > 0.8 * MOST_EVENTS_PER_S * SPAN_S, "the simulators do not speak at the rate asked for"

    bytes_per_s = {place: sum(map(batch_bytes, batches.values())) / SPAN_S for place, batches in held.items()}
    assert max(bytes_per_s.values()) * HELD_S < PARTITION_BYTES


def batch_bytes(values: list[bytes]) -> int:
    batch = MemoryRecordsBuilder(2, GZIP, 128 * 1024)
    for value in values:
        assert batch.append(0, b"00000", value, [("content-type", CONTENT_TYPE.encode())]) is not None
    batch.close()
    return int(batch.size_in_bytes())
