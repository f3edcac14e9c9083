"""A plain HTTP client for a store: what comes back, refusals too."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def rows(self) -> list[list[Any]]:
        """The rows of the only series of the only statement; none when there is no series."""
        (result,) = self.json["results"]
        series = result.get("series", [])
        assert len(series) <= 1, series
        return [row for one in series for row in one["values"]]


@dataclass(frozen=True, slots=True)
class Client:
    url: str
    token: str = "token"

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        given = {"Authorization": f"Token {self.token}"} if self.token else {}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, data=body, method=method, headers=given)  # noqa: S310 - a store of this test
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
                return Reply(answer.status, answer.read(), dict(answer.headers))
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.read(), dict(error.headers))

    def write(self, lines: str | bytes, bucket: str = "city", precision: str = "ns", **headers: str) -> Reply:
        parameters = urllib.parse.urlencode({"org": "cityops", "bucket": bucket, "precision": precision})
        body = lines if isinstance(lines, bytes) else lines.encode()
        return self.ask("POST", f"/api/v2/write?{parameters}", body, **headers)

    def query(self, text: str, db: str = "city", **parameters: str) -> Reply:
        return self.ask("GET", "/query?" + urllib.parse.urlencode({"db": db, "q": text, **parameters}))
