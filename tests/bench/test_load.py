from __future__ import annotations

from collections import Counter
from itertools import islice

from bench.load import HEADERS, told
from city.catalogue import load
from city.event import UnusableError, encode
from city.gate import Gate
from city.instant import NS, nanoseconds

_BEGIN = 1_780_000_000 * NS


def test_the_load_is_a_citys_stream_at_the_rate_that_was_asked_for() -> None:
    said = list(islice(told(_BEGIN, 5_000), 5_000))
    heard = [at for at, _ in said]
    assert heard == sorted(heard)
    assert heard[0] >= _BEGIN
    assert 0.9 < (heard[-1] - heard[0]) / NS < 1.1
    assert all(event.recordedtime is not None and nanoseconds(event.recordedtime) == at for at, event in said)
    assert any(nanoseconds(event.time) < at - 30 * NS for at, event in said), "some come late"


def test_its_events_are_about_five_hundred_bytes_and_nearly_all_are_admitted() -> None:
    catalogue = load()
    gate = Gate(catalogue.domain("traffic").events, catalogue.city.zone_of)
    reasons: Counter[str] = Counter()
    sizes = []
    for at, event in islice(told(_BEGIN, 5_000), 3_000):
        value = encode(event)
        sizes.append(len(value))
        try:
            gate.admit(value, event.area.encode(), [(name, str(text).encode()) for name, text in HEADERS], at)
        except UnusableError as error:
            reasons[error.reason] += 1
    assert 450 < sum(sizes) / len(sizes) < 600
    assert reasons.total() < 30, reasons
    assert set(reasons) <= {"clock-ahead"}, "the simulator's fast clocks, and nothing else"
