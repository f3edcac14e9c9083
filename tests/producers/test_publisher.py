from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kafka.errors import InvalidTimestampError, OutOfOrderSequenceNumberError

from city.errors import CityopsError, UnreachableError
from city.event import CONTENT_TYPE
from city.geography import HANOI
from city.instant import NS, nanoseconds
from city.partition import partition_of
from producers.publisher import MAX_RECORD_BYTES, Interrupted, Publisher
from tests.producers.doubles import START, FakeProducer, FakeTime, event

TOPIC = "city.traffic"


def _heard(value: bytes) -> int:
    return nanoseconds(msgspec.json.decode(value)["recordedtime"])


def _publisher(
    producer: FakeProducer, time: FakeTime | None = None, max_waiting: int = 50_000, max_waiting_bytes: int = 1 << 26
) -> Publisher:
    clock = time or FakeTime()
    return Publisher(
        lambda: producer,
        [TOPIC],
        4,
        max_waiting=max_waiting,
        max_waiting_bytes=max_waiting_bytes,
        clock=clock.now,
        sleep=clock.stopped,
    )


def test_an_event_is_stamped_when_it_is_accepted_and_goes_to_its_areas_partition() -> None:
    producer = FakeProducer()
    _publisher(producer).accept(TOPIC, event(area="00004"))
    (sent,) = producer.sent
    assert _heard(sent.value) == START
    assert sent.key == b"00004"
    assert sent.partition == partition_of(b"00004", 4)
    assert sent.headers == (("content-type", CONTENT_TYPE.encode()),)
    assert sent.timestamp_ms == START // 1_000_000


@given(st.lists(st.integers(min_value=-5 * NS, max_value=5 * NS), min_size=1, max_size=30))
def test_what_is_heard_never_decreases_however_the_clock_jumps(jumps: list[int]) -> None:
    producer, time = FakeProducer(), FakeTime()
    publisher = _publisher(producer, time)
    for number, jump in enumerate(jumps):
        time.at += jump
        if number % 3:
            publisher.accept(TOPIC, event(number))
        else:
            publisher.tick_now()
    heard = [_heard(sent.value) for sent in producer.sent]
    assert heard == sorted(heard)


def test_a_record_is_never_stamped_by_its_log_before_it_was_heard() -> None:
    producer, time = FakeProducer(), FakeTime()
    publisher = _publisher(producer, time)
    publisher.tick_now()
    time.at -= 3_600 * NS
    publisher.accept(TOPIC, event())
    publisher.tick_now()
    assert all(sent.timestamp_ms is not None for sent in producer.sent)
    assert all(_heard(sent.value) <= (sent.timestamp_ms or 0) * 1_000_000 for sent in producer.sent)


def test_a_tick_goes_to_every_partition_of_every_topic() -> None:
    producer = FakeProducer()
    Publisher(lambda: producer, ["city.a", "city.b"], 3).tick(START)
    assert [(sent.topic, sent.partition) for sent in producer.sent] == [
        (topic, partition) for topic in ("city.a", "city.b") for partition in range(3)
    ]
    assert {_heard(sent.value) for sent in producer.sent} == {START}
    assert {sent.key for sent in producer.sent} == {None}


@pytest.mark.parametrize(("records", "size"), [(3, 1 << 26), (50_000, 3 * 100)])
def test_when_the_buffer_is_full_the_next_event_waits_and_none_is_dropped(records: int, size: int) -> None:
    producer, time = FakeProducer(), FakeTime()
    waits = 0

    def answer_the_second_time(seconds: float) -> None:
        nonlocal waits
        waits += 1
        time.stopped(seconds)
        if waits % 2 == 0:
            producer.answer(1)

    publisher = Publisher(
        lambda: producer,
        [TOPIC],
        4,
        max_waiting=records,
        max_waiting_bytes=size,
        clock=time.now,
        sleep=answer_the_second_time,
    )
    for number in range(10):
        publisher.put(publisher.addressed(TOPIC, b"%0100d" % number, b"00070"))
        assert publisher.waiting <= 3
    assert [int(sent.value) for sent in producer.sent] == list(range(10))
    assert waits == 14


def test_a_stop_ends_the_wait_for_room() -> None:
    producer = FakeProducer()
    publisher = Publisher(lambda: producer, [TOPIC], 4, max_waiting=1, stopping=lambda: True)
    publisher.accept(TOPIC, event(1))
    with pytest.raises(Interrupted):
        publisher.accept(TOPIC, event(2))


def test_a_lost_session_sends_again_in_order_what_is_not_stored_and_nothing_else() -> None:
    producers: list[FakeProducer] = []

    def connect() -> FakeProducer:
        producers.append(FakeProducer())
        return producers[-1]

    publisher = Publisher(connect, [TOPIC], 4, sleep=lambda _: None)
    for number in range(6):
        publisher.put(publisher.addressed(TOPIC, b"%d" % number, b"00070"))
    first = producers[0]
    first.answer(2)
    first.answer(1, OutOfOrderSequenceNumberError())
    first.answer(1)  # a batch after the lost one may have been stored all the same
    assert publisher.flush(5) == 0
    assert first.closed
    assert [sent.value for sent in producers[1].sent] == [b"2", b"4", b"5"]


def test_a_new_session_is_tried_until_the_broker_answers() -> None:
    producers = [FakeProducer(), FakeProducer()]
    answers = iter([producers[0], None, None, producers[1]])

    def connect() -> FakeProducer:
        if (producer := next(answers)) is None:
            raise UnreachableError("nobody there")
        return producer

    publisher = Publisher(connect, [TOPIC], 4, sleep=lambda _: None)
    publisher.put(publisher.addressed(TOPIC, b"1", b"00070"))
    producers[0].answer(1, OutOfOrderSequenceNumberError())
    assert publisher.flush(5) == 0
    assert [sent.value for sent in producers[1].sent] == [b"1"]


def test_a_record_refused_for_good_is_an_error_that_names_its_place() -> None:
    producer = FakeProducer()
    publisher = _publisher(producer)
    publisher.put(publisher.addressed(TOPIC, b"1", b"00070"))
    producer.answer(1, InvalidTimestampError())
    with pytest.raises(CityopsError, match=r"city\.traffic/\d: InvalidTimestampError"):
        publisher.flush(1)


def test_garbage_has_a_partition_of_its_own_choosing_and_is_cut_to_what_a_broker_takes() -> None:
    publisher = _publisher(FakeProducer())
    record = publisher.addressed(None, b"x" * (MAX_RECORD_BYTES + 7), None)
    assert record == publisher.addressed(None, b"x" * (MAX_RECORD_BYTES + 7), None)
    assert (record.topic, len(record.value), record.key) == (TOPIC, MAX_RECORD_BYTES, None)


def test_the_close_tells_how_many_records_were_not_stored() -> None:
    class Deaf(FakeProducer):
        def flush(self, timeout: float | None = None) -> None:
            _ = timeout

    publisher = _publisher(Deaf())
    for number in range(3):
        publisher.accept(TOPIC, event(number, area=sorted(HANOI.zone_of)[number]))
    assert publisher.close(0.1) == 3
