"""A question in InfluxQL to a store, as InfluxDB 1.x and 2.x answer it at `/query`."""

from __future__ import annotations

import http.client
import json
import time
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlencode, urlsplit

from city.errors import CityopsError, UnreachableError

if TYPE_CHECKING:
    from runtime.connect import Store

PATIENCE_S = 60.0
MAX_ANSWER_BYTES = 64_000_000
_CHUNK = 1_000_000


def ask(
    store: Store, db: str, influxql: str, patience_s: float = PATIENCE_S, epoch: Literal["", "ms"] = ""
) -> list[dict[str, Any]]:
    """The store's answer: one result a statement, as InfluxDB's JSON has it; times as text, or in `epoch` since 1970.

    Raises:
        UnreachableError: the store does not answer, or refuses the token.
        CityopsError: it refuses the question, or the answer is larger than `MAX_ANSWER_BYTES`.
    """
    until = time.monotonic() + patience_s
    where = urlsplit(store.url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=patience_s)
    headers = {
        "Authorization": f"Token {store.token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Accept": "application/json",
    }
    parameters = {"db": db, "q": influxql} | ({"epoch": epoch} if epoch else {})
    try:
        connection.request("POST", "/query", urlencode(parameters), headers)
        response = connection.getresponse()
        return _results(store, response.status, _body(response, store, until))
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(f"no answer from the store at {store.url}: {reason}") from error
    finally:
        connection.close()


def _body(response: http.client.HTTPResponse, store: Store, until: float) -> bytes:
    """All of the answer, as long as it has an end within time and memory."""
    parts, size = [], 0
    while part := response.read1(_CHUNK):
        parts.append(part)
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            raise CityopsError(
                f"the answer of {store.url} is longer than {MAX_ANSWER_BYTES / 1e6:.0f} MB: ask for less at a time"
            )
        if time.monotonic() > until:
            raise TimeoutError("timed out")
    return b"".join(parts)


def _results(store: Store, status: int, body: bytes) -> list[dict[str, Any]]:
    if status in {401, 403}:
        raise UnreachableError(f"the store at {store.url} refuses our token ({status}): see store_token_file")
    try:
        answer = json.loads(body)
        fault = answer.get("error") or answer.get("message")
        results: list[dict[str, Any]] = answer.get("results", [])
        faults = [fault, *(result.get("error") for result in results)]
    except (ValueError, AttributeError, TypeError) as error:
        raise CityopsError(f"{store.url} answers {status}, and not as InfluxDB does") from error
    if any(faults):
        raise CityopsError(f"the store: {' '.join(next(filter(None, faults)).split())}")
    if status != 200:
        raise CityopsError(f"the store at {store.url} answers {status}")
    return results
