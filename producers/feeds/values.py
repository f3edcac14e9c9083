"""Values as data sets write them: numbers, units and local times. What is no value is dirt, by name."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from city.errors import UsageError
from city.instant import NS, nanoseconds
from producers.feeds.model import Dirt, DirtyError

KMH_PER: Final = {"mph": Decimal("1.609344"), "km/h": Decimal(1)}
"""Exact by definition: the international mile is 1,609.344 m."""

SPEED_STEP: Final = Decimal("0.01")
SHARE_STEP: Final = Decimal("0.0001")
"""The smallest steps of the traffic pack (a test holds them against it)."""

Data = TypeVar("Data", bound=msgspec.Struct)

_FAR_BEYOND: Final = 1_000_000_000
_NUMBER = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_LOCAL = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d))?", re.ASCII)


def number(text: str) -> Decimal:
    """A plain decimal number, exactly as written.

    Raises:
        DirtyError: there is none, it is something else (NaN and infinity are no numbers here), or beyond a thousand
            million, which nothing measured here is.
    """
    text = text.strip()
    if not text:
        raise DirtyError(Dirt.EMPTY)
    if not _NUMBER.fullmatch(text):
        raise DirtyError(Dirt.NOT_A_NUMBER)
    value = Decimal(text)
    if abs(value) > _FAR_BEYOND:
        raise DirtyError(Dirt.OUT_OF_BOUNDS)
    return value


def whole(text: str) -> int:
    """A number of things, as `number` reads it.

    Raises:
        DirtyError: it is no number, or none without a fraction.
    """
    value = number(text)
    if value != value.to_integral_value():
        raise DirtyError(Dirt.NOT_WHOLE)
    return int(value)


def observed(kind: type[Data], **attributes: object) -> Data:
    """An observation (the `data` of an event) that its pack accepts.

    Raises:
        DirtyError: an attribute lies outside the pack's bounds.
    """
    try:
        return msgspec.convert(attributes, kind)
    except msgspec.ValidationError:
        raise DirtyError(Dirt.OUT_OF_BOUNDS) from None


def speed_kmh(value: Decimal, unit: str) -> float:
    """A speed in km/h, rounded to the pack's step."""
    return float((value * KMH_PER[unit]).quantize(SPEED_STEP))


def known_unit(unit: str) -> str:
    """The unit itself.

    Raises:
        UsageError: nobody here knows it.
    """
    if unit not in KMH_PER:
        raise UsageError(f"--unit {unit!r}: speeds are in {' or '.join(KMH_PER)}")
    return unit


def known_zone(name: str) -> ZoneInfo:
    """The zone of that name.

    Raises:
        UsageError: there is none.
    """
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        raise UsageError(f"--zone {name!r}: no such time zone; write for example America/Los_Angeles") from None


def local_ns(text: str, zone: ZoneInfo) -> int:
    """A local time without zone, `2012-03-01 00:05:00`, as ns since 1970 (UTC).

    Raises:
        DirtyError: it is no time, the zone's clocks skipped it, or they showed it twice.
    """
    found = _LOCAL.fullmatch(text.strip())
    if not found:
        raise DirtyError(Dirt.NOT_A_TIME)
    try:
        local = datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone)  # type: ignore[arg-type,misc]  # six ints: year to second
    except ValueError:
        raise DirtyError(Dirt.NOT_A_TIME) from None
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        there_and_back = local.astimezone(UTC).astimezone(zone)
        raise DirtyError(Dirt.AMBIGUOUS_TIME if there_and_back == local else Dirt.NO_SUCH_TIME)
    return int(local.timestamp()) * NS


def start_ns(text: str, zone: ZoneInfo) -> int:
    """The time of `--start`: RFC 3339 with its own zone, or local in `zone`; a date is its midnight.

    Raises:
        UsageError: it is neither.
    """
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        text += " 00:00:00"
    try:
        return nanoseconds(text)
    except ValueError:
        pass
    try:
        return local_ns(text, zone)
    except DirtyError as error:
        raise UsageError(f"--start {text!r}: {error.reason}; write for example 2012-03-01T00:00:00-08:00") from None
