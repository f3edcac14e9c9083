"""Grafana's HTTP API through grafana-api: the only module that knows that library, so that its fork can take over.

Whatever goes wrong becomes one line that says what to do.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from city.errors import CityopsError, UnreachableError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

OLDEST: Final = (12, 0)
"""The first Grafana with rules that keep firing and with recovery for series that are missing."""
PATIENCE_S: Final = 15.0
_SAID: Final = 300
_VERIFIED: Final = re.compile(r"certificate verify failed: (.*?)\.? \(_ssl")


class RefusedError(CityopsError):
    """Grafana refused a request; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class Grafana:
    """One Grafana.

    Args:
        url: where it is, a path prefix included.
        token: of a service account.
        ca_file: certificates to trust instead of the system's.
        patience_s: how long it may leave a request without a sign.

    Raises:
        UsageError: the address is none.
    """

    def __init__(self, url: str, token: str, ca_file: Path | None = None, patience_s: float = PATIENCE_S) -> None:
        from grafana_api.grafana_api import GrafanaAPI  # noqa: PLC0415 - only who publishes needs it

        where = urlsplit(url)
        if where.scheme not in {"http", "https"} or not where.hostname or where.username or where.query:
            raise UsageError(f"{url!r} is no address of a Grafana; write https://HOST[:PORT][/PREFIX]")
        self.url = url.rstrip("/")
        prefix = where.path.strip("/")
        self._api = GrafanaAPI(
            token,
            host=where.hostname,
            port=where.port,
            url_path_prefix=f"{prefix}/" if prefix else "",
            protocol=where.scheme,
            verify=str(ca_file) if ca_file else True,
            timeout=patience_s,
        )
        self._patience_s = patience_s
        self._api.s.hooks["response"].append(self._as_json)

    def greet(self) -> str:
        """Its version.

        Raises:
            CityopsError: nobody answers, it is no Grafana, or it is too old.
        """
        health = self.get("/health")
        version = str(health.get("version", "")) if isinstance(health, dict) else ""
        found = re.match(r"(\d+)\.(\d+)", version)
        if found is None:
            raise CityopsError(f"who answers at {self.url} does not say a Grafana's version: is it one?")
        if (int(found[1]), int(found[2])) < OLDEST:
            raise CityopsError(
                f"the Grafana at {self.url} is {version}; the alert rules need {OLDEST[0]}.{OLDEST[1]} or later"
            )
        return version

    def get(self, path: str) -> Any:
        """What is there.

        Raises:
            RefusedError: with the status.
            UnreachableError: nobody answers.
        """
        return self._send("GET", path)

    def find(self, path: str) -> Any:
        """What is there; None where nothing is."""
        try:
            return self.get(path)
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def post(self, path: str, body: Any) -> Any:
        """Make it."""
        return self._send("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """Replace it."""
        return self._send("PUT", path, body)

    def delete(self, path: str) -> None:
        """Remove it; gone already is as good."""
        try:
            self._send("DELETE", path)
        except RefusedError as error:
            if error.status != 404:
                raise

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        from grafana_api.grafana_api import GrafanaException  # noqa: PLC0415 - as above
        from requests.exceptions import RequestException, SSLError, Timeout  # noqa: PLC0415

        try:
            return getattr(self._api, method)(path, json=body)
        except GrafanaException as error:
            raise self._refused(method, path, error.status_code, error.response) from error
        except SSLError as error:
            untrusted = _VERIFIED.search(str(error))
            way = (
                f"its certificate is not trusted ({untrusted[1]}): "
                "name its authority by --ca-file, and the host as the certificate does"
                if untrusted
                else "nobody speaks TLS there: check the port, and http or https"
            )
            raise UnreachableError(f"TLS with {self.url} fails: {way}") from error
        except RequestException as error:
            # What times out within an answer comes as a lost connection.
            if isinstance(error, Timeout) or "timed out" in str(error).lower():
                raise UnreachableError(
                    f"the Grafana at {self.url} did not answer within {self._patience_s:g} s: "
                    "see whether it is well and nothing in between holds requests back, or give it longer by --timeout"
                ) from error
            raise UnreachableError(f"no Grafana answers at {self.url}: check address and port") from error

    def _as_json(self, response: Any, **_: Any) -> None:
        """Before grafana-api reads an answer: an empty one is null, and a page is said to be one."""
        kind = response.headers.get("Content-Type", "")
        if not response.content.strip():
            response._content = b"null" if response.status_code < 400 else b"{}"  # noqa: SLF001 - the library reads no other
        elif "json" not in kind and (response.status_code < 400 or "html" in kind):
            raise RefusedError(
                response.status_code,
                f"{self.url} answers {response.status_code} with a page, not as Grafana's API does: "
                "check the address and its path prefix, or a login page in front of it",
            )

    def _refused(self, method: str, path: str, status: int, response: Any) -> RefusedError:
        said = response.get("message") if isinstance(response, dict) else response
        said = " ".join(str(said or "").split())[:_SAID]
        what = f"{method} {path.partition('?')[0]}"
        ways = {
            401: f"{self.url} does not know the token (401): make one for a service account, and name its file",
            403: f"the token may not {what} at {self.url} (403: {said}): give its service account the role Admin, or "
            "the roles to write data sources, folders, dashboards and alert provisioning",
            404: f"{self.url} has no {path.partition('?')[0]} (404: {said}): check its path prefix",
            409: f"{what} clashes with what is at {self.url} (409: {said}): it was made or changed by somebody else",
            412: f"{what}: it was changed at {self.url} meanwhile (412: {said}): run this again",
            429: f"{self.url} is asked too much (429): try again in a minute",
        }
        if status in ways:
            return RefusedError(status, ways[status])
        if status >= 500:
            return RefusedError(status, f"the Grafana at {self.url} fails at {what} ({status}: {said}): see its log")
        return RefusedError(status, f"{self.url} refuses {what} ({status}: {said})")
