"""Telling people: a line for the terminal, a POST for the webhook. What could not be posted is tried again."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from city.errors import UnreachableError
from city.rules.notice import payload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from city.rules.evaluation import Labels
    from city.rules.notice import Notice

RECEIVER: Final = "cityops-console"
PATIENCE_S: Final = 3.0
"""For one POST. `BUDGET_S` is for those of one round, so that a slow receiver delays no evaluation."""
BUDGET_S: Final = 6.0

_SIGNS: Final = {"critical": "✖", "warning": "▲", "info": "●"}


def groups(notices: Iterable[Notice]) -> dict[Labels, list[Notice]]:
    """Those that are told together."""
    found: dict[Labels, list[Notice]] = {}
    for notice in notices:
        found.setdefault(notice.group, []).append(notice)
    return found


def deliver(url: str, group: Sequence[Notice], patience_s: float = PATIENCE_S, token: str = "") -> None:
    """Post what Grafana would, with a token where the receiver wants one.

    Raises:
        UnreachableError: nobody took it; says who answered what, and never the path, which may hold a secret.
    """
    where = urlsplit(url)
    kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
    connection = kind(where.hostname or "", where.port, timeout=patience_s)
    target = (where.path or "/") + (f"?{where.query}" if where.query else "")
    receiver = f"{where.scheme}://{where.hostname}{f':{where.port}' if where.port else ''}"
    try:
        body = json.dumps(payload(group, RECEIVER), ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json", "User-Agent": "Grafana"}
        headers |= {"Authorization": f"Bearer {token}"} if token else {}
        connection.request("POST", target, body, headers)
        status = connection.getresponse().status
    except ssl.SSLError as error:
        raise UnreachableError(f"the webhook at {receiver}: TLS: {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise UnreachableError(f"the webhook at {receiver} does not answer: {reason}") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise UnreachableError(f"the webhook at {receiver} answers {status}")


class Outbox:
    """Posts groups to a webhook, within a bound of time a round.

    Args:
        url: where; empty: nowhere, and all is delivered.
        post: how one group is sent.
    """

    def __init__(self, url: str, post: Callable[[str, Sequence[Notice]], Any] = deliver) -> None:
        self._url = url
        self._post = post
        self.fault = ""
        """Why the last POST did not arrive; empty after one that did."""

    def send(self, waiting: Iterable[Sequence[Notice]]) -> list[Sequence[Notice]]:
        """The groups that arrived, of those that wait; the first that does not ends the round."""
        until = time.monotonic() + BUDGET_S
        arrived: list[Sequence[Notice]] = []
        for group in waiting:
            if time.monotonic() > until:
                break
            try:
                if self._url:
                    self._post(self._url, group)
            except UnreachableError as error:
                self.fault = str(error)
                return arrived
            arrived.append(group)
            self.fault = ""
        return arrived


def line(notice: Notice) -> str:
    """One alert for a terminal, in the operators' own language."""
    labels = dict(notice.labels)
    sign, word = ("✔", "hết") if notice.ended_ns is not None else (_SIGNS.get(labels["severity"], "●"), "báo")
    said = _REASONS.get(labels["alertname"]) or notice.text("summary")
    return f"{sign} {word} {labels['severity']:<8} {labels['rule']}: {said}"


_REASONS: Final = {
    "DatasourceNoData": "không có dữ liệu để đánh giá",
    "DatasourceError": "kho dữ liệu không trả lời câu hỏi của luật này",
}
