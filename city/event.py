"""The envelope every event travels in, and the one place where bytes become an event.

CloudEvents 1.0, structured JSON or binary mode (https://github.com/cloudevents/spec). Two extensions are ours:
`area` (the code of the ward or commune, also the record's key) and `recordedtime` (when the publisher accepted it).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from city.instant import NS, rfc3339

AHEAD_NS: Final = 5 * NS
"""How far `time` may lie after `recordedtime`, and `recordedtime` after the record's own timestamp."""

MAX_EVENT_BYTES: Final = 65_536
"""CloudEvents asks every intermediary to forward 64 KiB; more than that nobody here needs to say."""

Headers = Sequence[tuple[str, bytes]]
"""A Kafka record's headers."""

CONTENT_TYPE: Final = "application/cloudevents+json"
TICK_TYPE: Final = "vn.hanoi.clock.v1"

_SURELY_SHALLOW_BYTES: Final = 1_024
_MAX_BRACKETS: Final = 256


class Reason(StrEnum):
    """Why a record cannot be used. The list is closed: dashboards and runbooks name each one."""

    NOT_UTF8 = "not-utf8"
    NOT_JSON = "not-json"
    WRONG_FIELD = "wrong-field"
    UNKNOWN_TYPE = "unknown-type"
    UNKNOWN_AREA = "unknown-area"
    OUT_OF_BOUNDS = "out-of-bounds"
    CLOCK_AHEAD = "clock-ahead"
    RECORDED_AHEAD = "recorded-ahead"
    WRONG_KEY = "wrong-key"
    WRONG_PARTITION = "wrong-partition"
    TOO_LARGE = "too-large"


class UnusableError(Exception):
    """A record that no rule of the fold may count; `reason` is a tag value, `detail` is for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason}: {detail}")


class Tick(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="type", tag=TICK_TYPE):
    """Somebody vouches that nothing earlier is in flight. `begin` opens a new log beside an old store."""

    specversion: Literal["1.0"] = "1.0"
    id: str
    source: str
    time: str
    recordedtime: str | None = None
    begin: bool = False


class Event(msgspec.Struct, frozen=True, gc=False, kw_only=True, tag_field="type"):
    """What a sensor, a portal or a counter says. A pack subclasses it for each `type` and types its `data`.

    `source`, `id` and `time` together identify an event.
    """

    specversion: Literal["1.0"] = "1.0"
    id: Annotated[str, Meta(min_length=1, max_length=128)]
    source: Annotated[str, Meta(min_length=1, max_length=128)]
    time: str
    recordedtime: str | None = None
    area: str
    data: Any


def observation(kind: type[Event]) -> str:
    """What a type observes, whatever its version: `flow` of `vn.hanoi.traffic.flow.v1`."""
    return str(kind.__struct_config__.tag).rsplit(".", 2)[-2]


class Decoder:
    """Bytes → `Event` or `Tick`, for the event types of one topic.

    Deterministic: the same bytes are the same event or the same reason in every process. That is why depth is
    bounded by counting brackets and not left to the interpreter's recursion limit, which depends on the caller.
    """

    def __init__(self, types: tuple[type[Event], ...]) -> None:
        self._names = {TICK_TYPE} | {str(kind.__struct_config__.tag) for kind in types}
        union: Any = Tick
        for kind in types:
            union = union | kind
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(union)
        self.parse = self._decoder.decode
        """The hot path's decoder: any exception it raises is to be explained by `decode`."""

    def decode(self, value: bytes | None, headers: Headers = ()) -> Event | Tick:
        """Decode one record of either content mode.

        Raises:
            UnusableError: with the reason from the closed list.
        """
        if value is not None and len(value) > MAX_EVENT_BYTES:
            raise UnusableError(Reason.TOO_LARGE, f"{len(value)} bytes, at most {MAX_EVENT_BYTES}")
        body = structured(value or b"", headers)
        if too_deep(body):
            raise UnusableError(Reason.NOT_JSON, f"more than {_MAX_BRACKETS} brackets")
        try:
            event: Event | Tick = self.parse(body)
        except UnicodeDecodeError as error:
            raise UnusableError(Reason.NOT_UTF8, str(error)) from None
        except msgspec.ValidationError as error:
            raise UnusableError(self._explain(str(error)), str(error)) from None
        except (msgspec.DecodeError, RecursionError) as error:
            raise UnusableError(_malformed(body), str(error)) from None
        return event

    def _explain(self, message: str) -> Reason:
        """Tell the kinds of msgspec's complaint apart. Only what is rejected ever comes here."""
        if message.startswith("Invalid value ") and message.endswith("`$.type`"):
            return Reason.UNKNOWN_TYPE
        bounded = re.match(r"Expected `\w+` (<=|>=|<|>) |Number out of range|Integer value out of range", message)
        return Reason.OUT_OF_BOUNDS if bounded else Reason.WRONG_FIELD


def too_deep(body: bytes) -> bool:
    """Whether the nesting could come near an interpreter's recursion limit; short bodies cannot."""
    return len(body) > _SURELY_SHALLOW_BYTES and body.count(b"[") + body.count(b"{") > _MAX_BRACKETS


def _malformed(body: bytes) -> Reason:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return Reason.NOT_UTF8
    return Reason.NOT_JSON


def structured(value: bytes, headers: Headers) -> bytes:
    """The structured form of a record: binary mode carries the attributes in `ce_` headers, `data` in the value.

    Raises:
        UnusableError: a header is empty or no UTF-8, or the data are not one JSON value.
    """
    attributes = {name[3:]: content for name, content in headers if name.startswith("ce_")}
    if "specversion" not in attributes:
        return value
    if None in attributes.values():  # Kafka allows it, whatever its clients' types say
        raise UnusableError(Reason.WRONG_FIELD, "a ce_ header without a value")
    try:
        named = {name: content.decode("utf-8") for name, content in attributes.items()}
    except UnicodeDecodeError as error:
        raise UnusableError(Reason.NOT_UTF8, f"a ce_ header: {error}") from None
    if too_deep(value):
        raise UnusableError(Reason.NOT_JSON, f"data with more than {_MAX_BRACKETS} brackets")
    try:  # exactly one value: what came after it would pass for attributes of the envelope
        data = msgspec.json.decode(value or b"null", type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnusableError(_malformed(value), f"data: {error}") from None
    return msgspec.json.encode({**named, "data": data})


# ------------------------------------------------------------------------------------------------------ speaking


def tick(heard: int, *, source: str = "publisher", begin: bool = False) -> bytes:
    """The record that moves a partition's clock to `heard` (ns)."""
    stamp = rfc3339(heard)
    return msgspec.json.encode(Tick(id=f"tick-{heard}", source=source, time=stamp, recordedtime=stamp, begin=begin))


def encode(event: Event | Tick) -> bytes:
    """The structured JSON form, the `type` first so that decoding need not look for it."""
    return msgspec.json.encode(event)
