"""Where keys live: as kafka-python and Kafka's Java client put them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner import default as theirs

from city.geography import HANOI
from city.partition import murmur2, partition_of


@given(st.binary(max_size=40))
def test_murmur2_is_kafka_pythons(data: bytes) -> None:
    assert murmur2(data) == theirs.murmur2(data) & 0xFFFFFFFF


class Cluster:
    """What kafka-python's partitioner asks of its metadata."""

    def __init__(self, partitions: int) -> None:
        self._everywhere = set(range(partitions))

    def topics(self) -> set[str]:
        return {"city.traffic"}

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return self._everywhere

    available_partitions_for_topic = partitions_for_topic


@pytest.mark.parametrize("partitions", [1, 2, 4, 12, 64])
def test_every_area_lives_where_kafka_pythons_own_partitioner_puts_it(partitions: int) -> None:
    place, cluster = theirs.DefaultPartitioner(), Cluster(partitions)
    for area in HANOI.zone_of:
        key = area.encode()
        assert partition_of(key, partitions) == place.partition("city.traffic", area, key, None, b"", cluster)


@pytest.mark.parametrize(
    ("data", "hashed"),
    [  # from Kafka's own UtilsTest.testMurmur2, as unsigned
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_kafkas(data: bytes, hashed: int) -> None:
    assert murmur2(data) == hashed & 0xFFFFFFFF


def test_the_areas_use_every_partition() -> None:
    for partitions in (4, 12):
        assert {partition_of(area.encode(), partitions) for area in HANOI.zone_of} == set(range(partitions))
