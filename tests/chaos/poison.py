"""Acts that say what no sensor should: what every reason rejects, monsters, and text made to be misread."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from city.event import encode
from city.instant import rfc3339
from city.partition import partition_of
from tests.chaos.ground import DOMAINS
from tests.stream.brokers import PARTITIONS, produce
from tests.stream.poison import poisons
from tests.stream.town import TOPIC
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from city.event import Event
    from tests.chaos.stage import Stage
    from tests.stream.brokers import Raw

_MS: Final = 1_000_000
_MB: Final = 1 << 20
_MANY: Final = 300
INJECTED: Final = (
    "a,b=c d=1i 0",
    "x count=999i 1\ntraffic_flow,area=00004 count=999i 1",
    "one\\",
    "two\\\\ ",
    '"quoted" \\"',
    "' OR 1=1; DROP MEASUREMENT traffic_flow",
    "#",
    "=",
    "Hà Nội \u202e\u0000",
)


def every_reason(stage: Stage, _: int) -> None:
    """One record for each reason that there is."""
    (good,) = _latest(stage, TOPIC, 1)
    heard = stage.voice.now()
    produce(
        stage.ground.broker,
        TOPIC,
        [(one.partition, one.key, one.value, one.timestamp_ms) for one in poisons(encode(good), heard)],
    )


def monsters(stage: Stage, _: int) -> None:
    """Values of 1 MB and 20 MB, nesting without end, numbers that are none or too large."""
    (good,) = _latest(stage, TOPIC, 1)
    area = good.area.encode()
    text = encode(good)
    number = re.search(rb'"data":\{.*?:(-?\d[\d.]*)', text)
    assert number is not None
    numbers = (b"NaN", b"Infinity", b"-1e400", b"9223372036854775808", b"-9223372036854775809", b"1" * 5_000, b"1e-400")
    values = [
        *(text[: number.start(1)] + one + text[number.end(1) :] for one in numbers),
        *(b'"' + b"x" * (size * _MB) + b'"' for size in (1, 20)),
        text[:-1] + b',"more":"' + b"x" * _MB + b'"}',
        b"[" * _MB,
        b'{"data":' * 100_000,
        text[:-1] + b',"deep":' + b"[" * 500 + b"]" * 500 + b"}",
    ]
    here = partition_of(area, PARTITIONS)
    produce(stage.ground.broker, TOPIC, [(here, area, value, stage.voice.now() // _MS) for value in values])


def injections(stage: Stage, _: int) -> None:
    """In every text field of every type of event, text that line protocol and InfluxQL would read otherwise."""
    for topic in DOMAINS:
        kinds = {type(event): event for event in _latest(stage, topic, _MANY)}
        produce(stage.ground.broker, topic, [raw for event in kinds.values() for raw in _injected(stage, event)])


def _latest(stage: Stage, topic: str, count: int) -> list[Event]:
    wait_until(lambda: stage.recorder.latest(topic, 1), 30, f"{topic} has events")
    return stage.recorder.latest(topic, count)


def _injected(stage: Stage, event: Event) -> Iterator[Raw]:
    key = event.area.encode()
    heard = rfc3339(stage.voice.now())
    good = encode(msgspec.structs.replace(event, time=heard, recordedtime=heard))
    for number, path in enumerate(_texts(msgspec.json.decode(good))):
        for text in INJECTED:
            changed = msgspec.json.decode(good) | {"id": f"injected-{heard}-{number}-{text}"[:100]}
            part = changed
            for name in path[:-1]:
                part = part[name]
            part[path[-1]] = text
            yield partition_of(key, PARTITIONS), key, msgspec.json.encode(changed), stage.voice.now() // _MS


def _texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, str):
        yield path
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*path, name))
