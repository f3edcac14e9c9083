"""Setting an InfluxDB up over its HTTP API: organisation, token, buckets. Done twice, it changes nothing."""

from __future__ import annotations

import http.client
import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from city.errors import UnreachableError
from infra.native.ports import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Mapping

_TIMEOUT_S = 30.0


def is_healthy(port: int) -> bool:
    """Whether the InfluxDB on `port` of loopback says that it is ready."""
    try:
        answer = _ask(port, "GET", "/health")
    except UnreachableError:
        return False
    return answer.get("status") == "pass"


def set_up(port: int, token: str, org: str, buckets: Mapping[str, int]) -> None:
    """Make `org`, an operator whose token is `token`, and each bucket with its retention in seconds (0: for ever).

    Raises:
        UnreachableError: the server refuses, for instance because it was set up with another token.
    """
    first, *_ = buckets
    if _ask(port, "GET", "/api/v2/setup")["allowed"]:
        wish = {
            "username": "operator",
            "password": secrets.token_urlsafe(32),  # nobody signs in: the token is the way in
            "org": org,
            "bucket": first,
            "retentionPeriodSeconds": buckets[first],
            "token": token,
        }
        _ask(port, "POST", "/api/v2/setup", wish)
    org_id = _ask(port, "GET", f"/api/v2/orgs?org={quote(org)}", token=token)["orgs"][0]["id"]
    there = {
        bucket["name"]
        for bucket in _ask(port, "GET", f"/api/v2/buckets?orgID={org_id}&limit=100", token=token)["buckets"]
    }
    for name, retention_s in buckets.items():
        if name not in there:
            rules = [{"type": "expire", "everySeconds": retention_s}] if retention_s else []
            _ask(port, "POST", "/api/v2/buckets", {"orgID": org_id, "name": name, "retentionRules": rules}, token=token)


def _ask(port: int, method: str, path: str, body: object = None, token: str = "") -> dict[str, Any]:
    """One request with a JSON answer."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=_TIMEOUT_S)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Token {token}"} if token else {})
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        answer: dict[str, Any] = json.loads(text)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UnreachableError(f"InfluxDB at {LOOPBACK}:{port} does not answer {method} {path}: {error}") from error
    finally:
        connection.close()
    if response.status >= http.HTTPStatus.BAD_REQUEST:
        raise UnreachableError(
            f"InfluxDB at {LOOPBACK}:{port} refused {method} {path}: {response.status} {answer.get('message', text)}"
        )
    return answer
