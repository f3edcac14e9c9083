"""One InfluxDB 2 server on loopback."""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING, ClassVar

from city.errors import CityopsError
from infra.native.influxdb.recipe import RECIPE
from infra.native.influxdb.setup import is_healthy, set_up
from infra.native.ports import LOOPBACK, answers
from infra.native.server import Launch, Server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from infra.native.cache import Recipe

ORG = "cityops"
_DAY_S = 86_400
#: Each bucket and how long it keeps a point, in seconds.
BUCKETS: Mapping[str, int] = {"city": 90 * _DAY_S, "city_live": 7 * _DAY_S, "city_rollup": 731 * _DAY_S}


class InfluxDB(Server):
    """InfluxDB on loopback with `org`, `token` and `buckets`; InfluxQL finds each bucket by `/query?db=<bucket>`.

    Args:
        data_dir: everything of this instance, its token among it (mode 0600).
        port: to listen on; 0 takes a free one and keeps it for this folder.
        cache: where servers are installed.
        buckets: name → retention in seconds, 0 for ever; a point older than that is refused.
    """

    recipe: ClassVar[Recipe] = RECIPE
    org = ORG

    def __init__(
        self,
        data_dir: Path,
        port: int = 0,
        *,
        cache: Path | None = None,
        buckets: Mapping[str, int] = BUCKETS,
    ) -> None:
        super().__init__(data_dir, port, cache=cache)
        self.buckets = dict(buckets)

    @property
    def url(self) -> str:
        """`http://host:port`."""
        return f"http://{self.address}"

    @property
    def token_file(self) -> Path:
        """Where the token is."""
        return self.home / "token"

    @property
    def token(self) -> str:
        """The operator token of this instance.

        Raises:
            CityopsError: it was never started.
        """
        try:
            return self.token_file.read_text(encoding="ascii")
        except FileNotFoundError as error:
            raise CityopsError(f"InfluxDB was never started in {self.home}: there is no token yet") from error

    def _launch(self, installed: Path, port: int) -> Launch:
        self._make_token()
        argv: list[str | Path] = [
            installed / "influxd",
            "run",
            "--reporting-disabled",
            "--log-level=error",
            f"--http-bind-address={LOOPBACK}:{port}",
            f"--bolt-path={self.home / 'influxd.bolt'}",
            f"--sqlite-path={self.home / 'influxd.sqlite'}",
            f"--engine-path={self.home / 'engine'}",
        ]
        # A variable of the user's own InfluxDB would steer this one.
        env = {name: value for name, value in os.environ.items() if not name.startswith("INFLUXD_")}
        return Launch(argv, env)

    def _make_token(self) -> None:
        """Write the token before the server learns it, so that a start cut short in between can be repeated."""
        if not self.token_file.exists():
            written = self.home / "token.new"
            written.touch(mode=0o600)
            written.write_text(secrets.token_urlsafe(32), encoding="ascii")
            written.replace(self.token_file)

    def _healthy(self, port: int) -> bool:
        return answers(port) and is_healthy(port)

    def _set_up(self, port: int) -> None:
        set_up(port, self.token, self.org, self.buckets)
