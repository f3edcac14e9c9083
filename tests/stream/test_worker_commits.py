"""What a worker's commits promise across stops, rebalances, lost records and control records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec
import pytest

from city.partition import partition_of
from runtime.ask import ask
from runtime.part import EX_CONFIG
from tests.stream.brokers import PARTITIONS, configure, delete_records, real_kafka, send_in_a_transaction
from tests.stream.town import TOPIC, town_in
from tests.whole.city import truth_of
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from stream_app.core.checkpoint import Checkpoint
    from tests.stream.town import Town


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with (
        real_kafka(tmp_path_factory.mktemp("kafka")) as server,
        town_in(tmp_path_factory.mktemp("town"), server.address) as made,
    ):
        yield made


@pytest.fixture
def kafka(shared: Town) -> Iterator[Town]:
    yield shared
    shared.end_workers()


@pytest.mark.live
def test_a_commit_s_metadata_survives_a_rebalance_a_stop_and_faust_s_shutdown(kafka: Town) -> None:
    first = kafka.start(group="two").ready()
    kafka.city.settles_to(kafka.publish_hour())

    second = kafka.start(group="two").ready()
    first.says("assigned city.", times=2)
    kafka.city.settles_to(kafka.publish_hour())
    assert kafka.read_to_the_end("two").keys() == set(range(PARTITIONS))

    assert second.stop() == 0
    first.says("assigned city.", times=3)
    lines, over = kafka.hour()
    kafka.city.say(lines)
    kafka.city.tick(over)
    kafka.city.settles_to(truth_of(lines))
    assert first.stop() == 0
    for partition, end in kafka.ends().items():
        checkpoint = kafka.checkpoints("two")[partition]
        assert (checkpoint.pos, checkpoint.offset) == (end, end), "no window is open after the hour's end"
        assert (checkpoint.clock, checkpoint.partitions) == (over, PARTITIONS)
        assert len(checkpoint.prints) == len(kafka.series())


def just_before(of: Checkpoint) -> int:
    return max(0, of.offset - 1)  # to a broker -1 is the log's end


def in_the_middle(of: Checkpoint) -> int:
    return (of.offset + of.pos) // 2 + 1


@pytest.mark.live
@pytest.mark.parametrize(
    ("place", "lossy"),
    [
        pytest.param(just_before, False, id="before-the-committed-offset"),
        pytest.param(lambda of: of.offset, False, id="at-the-committed-offset"),
        pytest.param(in_the_middle, True, id="inside-what-is-read-again"),
        pytest.param(lambda of: of.pos + 3, True, id="past-all-that-was-read"),
    ],
)
def test_a_log_cut_while_the_worker_is_away_is_counted_as_loss_and_no_point_is_ever_wrong(
    kafka: Town, request: pytest.FixtureRequest, place: Callable[[Checkpoint], int], *, lossy: bool
) -> None:
    group = request.node.callspec.id
    lines, over = kafka.hour(minutes=3, events_per_s=20)
    half = len(lines) // 2
    worker = kafka.start(group=group).ready()
    kafka.city.say(lines[:half])
    kafka.read_to_the_end(group)
    assert worker.stop() == 0
    left = kafka.checkpoints(group)
    assert all(one.offset < one.pos for one in left.values()), "windows are open"

    kafka.city.say(lines[half:])
    kafka.city.tick(over)
    cuts = {partition: place(checkpoint) for partition, checkpoint in left.items()}
    for partition, cut in cuts.items():
        delete_records(kafka.address, TOPIC, cut, partition)

    again = kafka.start(group=group).ready()
    kafka.read_to_the_end(group)
    difference = kafka.city.difference(truth_of(lines))
    assert (difference.different, difference.extra) == (0, 0), difference.examples
    assert bool(difference.missing) == lossy, str(difference)
    lost = sum(max(0, cut - left[partition].offset) for partition, cut in cuts.items())
    wait_until(lambda: again.figure("cityops_truncated_total") == lost, 20, f"{lost} lost records are counted")
    assert bool(again.figure("cityops_damaged_total")) == lossy
    assert ("the log lost" in again.log) == lossy

    assert kafka.city.proxy.second_values() == {}


@pytest.mark.live
def test_after_a_loss_and_two_crashes_no_point_has_a_second_value(kafka: Town) -> None:
    lines, over = kafka.hour(minutes=3, events_per_s=20)
    half = len(lines) // 2
    worker = kafka.start(group="crashing").ready()
    kafka.city.say(lines[:half])
    kafka.read_to_the_end("crashing")
    for partition, left in kafka.checkpoints("crashing").items():
        delete_records(kafka.address, TOPIC, in_the_middle(left), partition)
    for _ in range(2):
        worker.kill()
        worker = kafka.start(group="crashing").ready()
    kafka.city.say(lines[half:])
    kafka.city.tick(over)
    kafka.read_to_the_end("crashing")
    difference = kafka.city.difference(truth_of(lines))
    assert difference.missing
    assert (difference.different, difference.extra) == (0, 0), difference.examples
    assert kafka.city.proxy.second_values() == {}


@pytest.mark.live
def test_control_records_at_the_end_of_the_log_do_not_keep_a_worker_in_recovery(kafka: Town) -> None:
    lines, over = kafka.hour()
    keys = [msgspec.json.decode(line)["area"].encode() for line in lines]
    records = [(partition_of(key, PARTITIONS), key, line) for key, line in zip(keys, lines, strict=True)]
    send_in_a_transaction(kafka.address, TOPIC, records)
    kafka.start(group="transactional").ready()
    series = 'SELECT count("count") FROM traffic_flow WHERE "final" = 0 AND time >= {} AND time < {}'
    asked = series.format(over - 3_600 * 10**9, over)

    def live() -> bool:
        (result,) = ask(kafka.city.store, "city_live", asked)
        return bool(result.get("series"))

    wait_until(live, 30, "open windows are shown")
    kafka.city.tick(over)
    kafka.city.settles_to(truth_of(lines))


@pytest.mark.live
def test_a_worker_that_the_group_does_not_take_says_why_and_tries_again(kafka: Town) -> None:
    run = kafka.start(session_seconds=2, broker_embedded=True)  # a setting that Kafka itself does not take
    run.says("Attempt to join group failed", times=2).says("no member of group")
    assert "InvalidSessionTimeoutError" in run.log
    assert "Traceback" not in run.log


@pytest.mark.live
def test_a_worker_does_not_start_on_a_compacted_log(kafka: Town) -> None:
    configure(kafka.address, TOPIC, cleanup_policy="compact,delete")
    try:
        run = kafka.start(group="compacted")
        assert run.ends() == EX_CONFIG
    finally:
        configure(kafka.address, TOPIC, cleanup_policy="delete")
    assert re.fullmatch(rf"cityops: topic {TOPIC} has cleanup.policy=\S+, .* set it to delete; .*\n", run.log)
