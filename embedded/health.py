"""Whether a part that runs is also well."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

PATIENCE_S = 1.0


def answers(url: str) -> bool:
    """Whether the health URL answers 200; no URL, no question. Loopback only, so no proxy is asked."""
    if not url:
        return True
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
