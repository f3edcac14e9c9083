"""Where what fires is written down, and who says so."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from city.errors import DataError
from city.instant import NS, nanoseconds
from city.rules.notice import FIRING_FILE
from console.alerts.firing import SEVERITIES, Firing, Posted, firing_of, instant
from runtime.part import read_json, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from city.geography import City

POSTED_FILE: Final = "posted-alerts.json"
MOST_ALERTS: Final = 5_000
MOST_FILE_BYTES: Final = 32_000_000
OVERDUE_S: Final = 60.0
"""Rules are evaluated every 10 s; after so long without a round nobody knows what fires."""
REPEATED_S: Final = 4.5 * 3_600
"""Grafana posts again what still fires every 4 h (`repeat_interval` of its policies), a little later at times."""
FORGOTTEN_S: Final = 24 * 3_600
"""What it has left out so many times has ended, and the post that said so was lost."""


@dataclass(frozen=True, slots=True)
class Page:
    """The book at a moment.

    Attributes:
        firing: the worst first, then the newest.
        told_ns: when it was last said that this is all; 0 where nobody says, and nothing is overdue.
        overdue: what is written down may be old.
    """

    firing: tuple[Firing, ...]
    told_ns: int
    overdue: bool


class Book(Protocol):
    """What pages need: what fires now."""

    def page(self) -> Page:
        """What is written down."""


@dataclass
class RoundsBook:
    """What the embedded alerting writes after each of its rounds: always all of it."""

    folder: Path
    city: City
    _seen: tuple[int, int] = field(default=(0, 0), init=False)
    _firing: tuple[Firing, ...] = field(default=(), init=False)
    _told_ns: int = field(default=0, init=False)

    def page(self) -> Page:
        """See `Book`."""
        path = self.folder / FIRING_FILE
        try:
            stat = path.stat()
        except OSError:
            return Page((), 0, overdue=True)
        if (stat.st_mtime_ns, stat.st_size) != self._seen and stat.st_size <= MOST_FILE_BYTES:
            written = read_json(path)
            if written is not None:
                self._seen = stat.st_mtime_ns, stat.st_size
                self._read(written)
        return Page(self._firing, self._told_ns, overdue=time.time() - self._told_ns / NS > OVERDUE_S)

    def _read(self, written: dict[str, Any]) -> None:
        try:
            alerts = msgspec.convert(written.get("alerts"), list[Posted])
            self._told_ns = nanoseconds(str(written.get("at")))
        except (msgspec.ValidationError, ValueError):
            return
        self._firing = in_order(firing_of(alert, self.city) for alert in alerts[:MOST_ALERTS])


class _Payload(msgspec.Struct, frozen=True):
    alerts: list[Posted]


class _Kept(Posted, frozen=True, kw_only=True):
    """An alert, and when it was posted last (ns)."""

    heard_ns: int

    def is_over(self, now_ns: int) -> bool:
        """Whether its end was stated, or has become certain. What still fires states the year 1 as its end."""
        return 0 < instant(self.endsAt) < now_ns or now_ns - self.heard_ns > FORGOTTEN_S * NS


@dataclass
class PostedBook:
    """What Grafana posts: changes, kept in a file so that a restart forgets nothing.

    Attributes:
        clock_ns: the wall clock.
    """

    path: Path
    city: City
    clock_ns: Callable[[], int] = time.time_ns
    _alerts: dict[str, _Kept] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        written = read_json(self.path) or {}
        try:
            self._alerts = msgspec.convert(written.get("alerts", {}), dict[str, _Kept])
        except msgspec.ValidationError:
            self._alerts = {}

    def page(self) -> Page:
        """See `Book`. What was not repeated in time is shown, and called overdue."""
        now_ns = self.clock_ns()
        there = [alert for alert in self._alerts.values() if not alert.is_over(now_ns)]
        oldest = min((alert.heard_ns for alert in there), default=now_ns)
        overdue = now_ns - oldest > REPEATED_S * NS
        return Page(in_order(firing_of(alert, self.city) for alert in there), oldest if overdue else 0, overdue)

    def take(self, body: bytes) -> None:
        """Write down what a webhook payload says.

        Raises:
            DataError: it is none, or would make the book too long.
            OSError: the disk does not take it.
        """
        try:
            payload = msgspec.json.decode(body, type=_Payload)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise DataError(f"no webhook payload of Grafana's: {error}") from error
        now_ns = self.clock_ns()
        alerts = {key: alert for key, alert in self._alerts.items() if not alert.is_over(now_ns)}
        for alert in payload.alerts:
            key = firing_of(alert, self.city).fingerprint
            alerts.pop(key, None)
            if alert.status == "firing":
                alerts[key] = _Kept(**msgspec.structs.asdict(alert), heard_ns=now_ns)
        if len(alerts) > MOST_ALERTS:
            raise DataError(f"more than {MOST_ALERTS} alerts at once")
        write_json(self.path, {"alerts": msgspec.to_builtins(alerts)})
        self._alerts = alerts


def in_order(firing: Iterable[Firing]) -> tuple[Firing, ...]:
    """The worst first, then the newest."""
    return tuple(sorted(firing, key=lambda one: (SEVERITIES.index(one.severity), -one.since_ns, one.fingerprint)))
