from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from city import catalogue
from city.event import encode, tick
from city.instant import NS, nanoseconds
from producers.files import Text
from producers.plan import FASTEST, Survey, keep_time
from producers.publisher import Publisher
from producers.replay import Clock, Progress, Replay
from producers.spoken import Reader, Spoken
from tests.producers.doubles import START, FakeProducer, FakeTime, Sent, event

if TYPE_CHECKING:
    from collections.abc import Callable

CATALOGUE = catalogue.load()
CLOSING = 95 * NS
LATER = START + 10_000 * NS


def _read(*lines: bytes) -> list[Spoken]:
    reader = Reader(CATALOGUE)
    return [reader.read(Text(number, line, len(line))) for number, line in enumerate(lines, start=1)]


class Run:
    """A replay of some lines with kept times, on a clock that moves when somebody waits."""

    def __init__(
        self,
        *lines: bytes,
        speed: float = 1.0,
        stop_after: int | None = None,
        room: Callable[[tuple[str, int], int], None] = lambda _at, _size: None,
    ) -> None:
        self.time = FakeTime(LATER)
        self.time.stop_at = None if stop_after is None else LATER + stop_after
        self.producer = FakeProducer()
        self.sent_at: list[int] = []
        self.progress: list[Progress] = []
        publisher = Publisher(lambda: self.producer, ["city.traffic"], 4, clock=self.time.now)
        spoken = _read(*lines)
        survey = Survey()
        for one in spoken:
            survey.add(one)
        self.plan = keep_time(survey, LATER, None, closing=CLOSING, speed=speed)

        def note(at: tuple[str, int], size: int) -> None:
            self.sent_at.append(self.time.now() - LATER)
            room(at, size)

        replay = Replay(
            publisher,
            self.plan,
            Clock(self.time.now, self.time.stopped),
            ordered=not survey.disordered,
            room=note,
            report=self.progress.append,
        )
        self.whole = replay.run(spoken)

    @property
    def events(self) -> list[Sent]:
        return [sent for sent in self.producer.sent if b"clock.v1" not in sent.value]

    @property
    def ticks(self) -> list[tuple[int, int]]:
        """Partition and heard."""
        return [
            (sent.partition, nanoseconds(msgspec.json.decode(sent.value)["recordedtime"]))
            for sent in self.producer.sent
            if b"clock.v1" in sent.value
        ]


def _at(*seconds: float) -> list[bytes]:
    return [encode(event(n, heard=START + round(s * NS))) for n, s in enumerate(seconds)]


def test_lines_go_out_in_their_order_with_disorder_and_poison_as_they_are() -> None:
    lines = [*_at(0, 3, 1), b"{poison", *_at(2)]
    run = Run(*lines, speed=FASTEST)
    assert run.whole
    assert [sent.value for sent in run.events] == lines


def test_at_speed_one_each_event_waits_for_its_moment() -> None:
    run = Run(*_at(0, 1.5, 4))
    assert run.sent_at == [0, 3 * NS // 2, 4 * NS]


def test_at_speed_sixty_a_minute_takes_a_second() -> None:
    run = Run(*_at(0, 60, 240), speed=60)
    assert run.sent_at == [0, NS, 4 * NS]


def test_at_full_speed_nothing_waits() -> None:
    run = Run(*_at(0, 60, 3_600), speed=FASTEST)
    assert run.sent_at == [0, 0, 0]
    assert run.time.now() == LATER


def test_the_end_is_a_tick_past_the_last_window_in_every_partition() -> None:
    for speed in (1.0, 60.0, FASTEST):
        run = Run(*_at(0, 2), speed=speed)
        assert run.ticks[-4:] == [(partition, START + 2 * NS + CLOSING) for partition in range(4)]


def test_ticks_go_on_through_a_gap_and_never_pass_the_next_event() -> None:
    run = Run(*_at(0, 20))
    heard = [at - START for _, at in run.ticks]
    during = [at for at in heard if at <= 20 * NS]
    assert len(during) >= 4 * 15
    assert heard == sorted(heard)
    order = [b"clock.v1" in sent.value for sent in run.producer.sent]
    before_the_second_event = order[: order.index(False, 1)]
    assert all(at <= 20 * NS for at in heard[: before_the_second_event.count(True)])


def test_nothing_is_heard_in_the_log_before_it_was_said() -> None:
    run = Run(*_at(0, 1, 2), speed=60)
    assert all(at <= run.time.now() for _, at in run.ticks)


def test_a_file_whose_hearing_goes_back_gets_no_tick_before_its_end() -> None:
    run = Run(*_at(0, 30, 10))
    assert [at for _, at in run.ticks[:4]] == [START + 30 * NS] * 4
    position = [b"clock.v1" in sent.value for sent in run.producer.sent]
    assert position[:3] == [False] * 3


def test_the_files_own_ticks_are_left_out() -> None:
    run = Run(tick(START - 50 * NS), *_at(0), speed=FASTEST)
    assert START - 50 * NS not in [at for _, at in run.ticks]


def test_a_stop_ends_it_without_the_last_tick() -> None:
    run = Run(*_at(0, 100), stop_after=10 * NS)
    assert not run.whole
    assert len(run.events) == 1
    assert all(at < START + 100 * NS for _, at in run.ticks)


def test_progress_ends_at_the_end() -> None:
    run = Run(*_at(0, 1), speed=FASTEST)
    assert run.progress[-1] == Progress(2, run.plan.end, closing=True)
