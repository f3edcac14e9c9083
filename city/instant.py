"""Instants: RFC 3339 text and integer nanoseconds since 1970, UTC. The only place that turns one into the other."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

from city.remembered import Remembered

NS: Final = 1_000_000_000
"""Nanoseconds in a second. All times are integer nanoseconds since 1970, UTC."""

_CLOCK = re.compile(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)", re.ASCII)
_TAIL = re.compile(r"(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_TO_SECONDS: Final = slice(19)
_AFTER_SECONDS: Final = slice(19, None)
_SHOWN: Final = 64
_MOST: Final = 8_192
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def nanoseconds(text: str) -> int:
    """RFC 3339 with a zone → nanoseconds since 1970, exactly; from 1971 to 2261, as InfluxDB can hold.

    Two memories carry the hot path: a second's nineteen characters and the fraction with its zone both recur.

    Raises:
        ValueError: when the text is no such time.
    """
    try:
        return _WHOLE_SECONDS[text[_TO_SECONDS]] + _FRACTION_AND_ZONE[text[_AFTER_SECONDS]]
    except ValueError:
        raise ValueError(f"not an RFC 3339 time with a zone: {text[:_SHOWN]!r}") from None


def _whole_seconds(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if not found:
        raise ValueError(text)
    year, month, day, hour, minute, second = map(int, found.groups())
    if not 1970 < year < 2262:
        raise ValueError(text)
    elapsed = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH
    return (elapsed.days * 86_400 + elapsed.seconds) * NS


def _fraction_and_zone(text: str) -> int:
    found = _TAIL.fullmatch(text)
    if not found:
        raise ValueError(text)
    fraction, sign, hours, minutes = found.groups()
    ns = int(fraction.ljust(9, "0")) if fraction else 0
    if sign is None:
        return ns
    if int(hours) > 23 or int(minutes) > 59:
        raise ValueError(text)
    offset = (int(hours) * 3_600 + int(minutes) * 60) * NS
    return ns - offset if sign == "+" else ns + offset


_WHOLE_SECONDS: Final = Remembered(_whole_seconds, _MOST)
_FRACTION_AND_ZONE: Final = Remembered(_fraction_and_zone, _MOST)


_MILLIS: Final = tuple(f".{millis:03d}Z" for millis in range(1_000))


def rfc3339(ns: int) -> str:
    """Nanoseconds → `2026-11-22T05:00:00.123Z`; digits only as far as they are not zero."""
    seconds, rest = divmod(ns, NS)
    millis, finer = divmod(rest, 1_000_000)
    if not finer:
        return _second_text(seconds) + _MILLIS[millis]
    return f"{_second_text(seconds)}.{f'{rest:09d}'.rstrip('0')}Z"


@lru_cache(maxsize=8_192)
def _second_text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=UTC).strftime("%Y-%m-%dT%H:%M:%S")
