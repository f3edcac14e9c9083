"""Writes lines to InfluxDB, through influxdb-client, and says plainly what became of them.

One attempt a call; who calls decides when to try again. Lines the server refuses are isolated by halving and set
aside durably, and the rest is written.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from influxdb_client.client.influxdb_client import InfluxDBClient
from influxdb_client.client.write_api import SYNCHRONOUS
from influxdb_client.domain.write_precision import WritePrecision
from influxdb_client.rest import ApiException
from urllib3.exceptions import HTTPError

from city.errors import CityopsError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from runtime.connect import Store

_log = logging.getLogger(__name__)

MAX_LINES: Final = 5_000
_LONGEST_ASKED_S: Final = 300.0
_TIMEOUT_MS: Final = 10_000
_REFUSED: Final = (400, 422)
_WRONG_SETTING: Final = (401, 403, 404)
_SECONDS: Final[Any] = WritePrecision.S  # the library types its constants as plain text


class StoreAwayError(Exception):
    """The store did not take it, or did not say so. It may be written all the same, now or later: send it again."""

    def __init__(self, why: str, retry_after_s: float | None = None) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(why)


@dataclass
class SinkFigures:
    """What the sink has done since it was made."""

    points: int = 0
    refused: int = 0
    retries: int = 0
    write_s: float = 0.0
    answered: float = 0.0
    """When a request last ended, however it did, on the monotonic clock."""


class Sink:
    """A store to write to.

    Args:
        store: where and with what token.
        refused_dir: where refused lines are kept.
    """

    def __init__(self, store: Store, refused_dir: Path) -> None:
        self._store = store
        self._refused_dir = refused_dir
        self._client = InfluxDBClient(
            store.url, store.token, org=store.org, timeout=_TIMEOUT_MS, enable_gzip=not _on_this_machine(store.url)
        )
        self._write = self._client.write_api(write_options=SYNCHRONOUS).write
        self.figures = SinkFigures()

    async def write(self, bucket: str, lines: Sequence[str]) -> None:
        """Write all lines, in requests of at most `MAX_LINES`; returns when every one is durable or set aside.

        Raises:
            StoreAwayError: try again later, with all of them.
            CityopsError: only a person can help: token, organisation or bucket are wrong.
        """
        for at in range(0, len(lines), MAX_LINES):
            await asyncio.to_thread(self._request, bucket, lines[at : at + MAX_LINES])

    def close(self) -> None:
        """Close the connections."""
        self._client.close()  # type: ignore[no-untyped-call]  # influxdb-client leaves it untyped

    def _request(self, bucket: str, lines: Sequence[str]) -> None:
        began = time.perf_counter()
        try:
            self._write(bucket=bucket, record="\n".join(lines), write_precision=_SECONDS)
        except ApiException as error:
            self._answered(bucket, lines, error)
        except (HTTPError, OSError, UnicodeDecodeError) as error:  # the last: an answer that is not even text
            self.figures.retries += 1
            raise StoreAwayError(f"{self._store.url}: {_short(error)}") from error
        else:
            self.figures.points += len(lines)
        finally:
            self.figures.write_s = time.perf_counter() - began
            self.figures.answered = time.monotonic()

    def _answered(self, bucket: str, lines: Sequence[str], error: ApiException) -> None:
        """The server said no: to these lines, to us, or for now."""
        if error.status in _WRONG_SETTING:
            raise CityopsError(
                f"the store at {self._store.url} refuses us ({error.status} {error.reason}): check the token, "
                f"the organisation {self._store.org!r} and the bucket {bucket!r}"
            ) from error
        if error.status in _REFUSED and (len(lines) == 1 or _dropped(error) >= len(lines)):
            self._set_aside(bucket, lines, error)
        elif error.status in (*_REFUSED, 413) and len(lines) > 1:
            middle = len(lines) // 2
            self._request(bucket, lines[:middle])
            self._request(bucket, lines[middle:])
        else:
            self.figures.retries += 1
            raise StoreAwayError(f"{self._store.url}: {error.status} {error.reason}", _retry_after(error)) from error

    def _set_aside(self, bucket: str, lines: Sequence[str], error: ApiException) -> None:
        """Keep refused lines for a person; they count as written once they are on the disk."""
        path = self._refused_dir / f"{bucket}.lp"
        try:
            self._refused_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            with path.open("a", encoding="utf-8") as file:
                file.write("\n".join([f"# {error.status} {_short(error)}", *lines, ""]))
                file.flush()
                os.fsync(file.fileno())
        except OSError as fault:
            raise StoreAwayError(f"refused lines cannot be kept in {path}: {fault.strerror or fault}") from fault
        self.figures.refused += len(lines)
        _log.error("the store refused %d lines for good, kept in %s: %s", len(lines), path, _short(error))


def _on_this_machine(url: str) -> bool:
    """Whether it is reached without a network: then compressing would cost more than it saves."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(error: ApiException) -> float | None:
    """The seconds of `Retry-After`; its date form is not used by InfluxDB."""
    headers: Mapping[str, str] = error.headers or {}
    said = headers.get("Retry-After", "")
    return float(said) if said.isdecimal() else None


def _dropped(error: ApiException) -> int:
    """How many lines of a partial write InfluxDB says it dropped."""
    said = re.search(r"dropped=(\d+)", _said(error))
    return int(said[1]) if said else 0


def _short(error: BaseException) -> str:
    return " ".join(_said(error).split())[:200]


def _said(error: BaseException) -> str:
    return str(getattr(error, "body", None) or str(error) or type(error).__name__)


@dataclass
class BackOff:
    """How long to wait before the next try: doubling to half a minute, or what the server asks."""

    shortest_s: float = 0.5
    longest_s: float = 30.0
    _next_s: float = field(default=0.0, repr=False)

    def after(self, error: StoreAwayError) -> float:
        """Seconds to wait after this failure."""
        self._next_s = min(self.longest_s, max(self.shortest_s, self._next_s * 2))
        return max(self._next_s, min(error.retry_after_s or 0.0, _LONGEST_ASKED_S))

    def reset(self) -> None:
        """It went well."""
        self._next_s = 0.0
