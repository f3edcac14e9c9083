"""A store with a small city in it, a console over it, and a browser: for tests of pages as people see them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from bench import browser
from city.errors import CityopsError
from city.geography import HANOI
from tests.servers import cannot
from tests.store.web import Client
from tests.supervisor.conftest import ROOT, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

DEADLINE_S: Final = 60.0
HOSTILE: Final = "traffic/00070/<img src=x onerror=alert(1)>"
SPEED: Final = {"00070": 8.0}
"""Area → its speed now; that of every other is `USUAL`."""
USUAL: Final = 32.0


@contextmanager
def chromium() -> Iterator[Browser]:
    """The machine's own Chromium; without one, the test ends here."""
    with ExitStack() as stack:
        try:
            found = stack.enter_context(browser.chromium())
        except CityopsError as error:
            cannot(str(error))
        yield found


class Town:
    """The processes of a small city, each to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "data"
        self._store_port, self._port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.store = Client(f"http://127.0.0.1:{self._store_port}")
        (folder / "token").write_text("token")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")},
            "CITYOPS_DATA_DIR": str(self.data_dir),
            "CITYOPS_STORE_PORT": str(self._store_port),
            "CITYOPS_STORE_URL": self.store.url,
            "CITYOPS_STORE_TOKEN_FILE": str(folder / "token"),
            "CITYOPS_CONSOLE_PORT": str(self._port),
        }
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, part: str) -> None:
        """Start `embedded.store` or `console`, and wait until it answers."""
        with (self._folder / f"{part}.log").open("ab") as log:
            self._running[part] = subprocess.Popen(
                [sys.executable, "-m", part], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
        url = f"{self.url}/health" if part == "console" else f"{self.store.url}/ping"
        deadline = time.monotonic() + DEADLINE_S
        while True:
            with suppress(OSError), urllib.request.urlopen(url, timeout=5):  # noqa: S310 - a server of this test
                return
            assert time.monotonic() < deadline, (self._folder / f"{part}.log").read_text()
            assert self._running[part].poll() is None, (self._folder / f"{part}.log").read_text()
            time.sleep(0.1)

    def kill(self, part: str) -> None:
        """End it as a power cut does."""
        process = self._running.pop(part)
        process.kill()
        process.wait()

    def fill(self) -> None:
        """A quarter of an hour about now: some of it is still to come, so that a test's now has figures as well."""
        assert self.store.write("\n".join(lines(int(time.time()))), bucket="city_live", precision="s").status == 204

    def stop(self) -> None:
        """End all."""
        for part in [*self._running]:
            self.kill(part)

    @property
    def log(self) -> str:
        """What the console has said."""
        return (self._folder / "console.log").read_text(encoding="utf-8")


def lines(now_s: int) -> Iterator[str]:
    """The town's points: traffic of every area, its sources, and how each place stands."""
    now = now_s // 10 * 10
    for area, zone in HANOI.zone_of.items():
        if area not in HANOI.units:
            continue
        speed = SPEED.get(area, USUAL)
        state, flag = (3, "alarm") if speed < 20 else (0, "good")
        for at in range(now - 400, now + 400, 10):
            flow = f"count=10i,speed_wsum={speed * 10},speed_weight_sum=10.0,congested_sum=0.0,congested_count=10i"
            yield f"traffic_flow,area={area},vehicle_type=car,zone={zone} {flow},intensity_sum=10.0 {at}"
            tags = f"area={area},domain=traffic,observation=flow,source=traffic/{area}/001,zone={zone}"
            uncounted = f"late={int(area in SPEED and at == now - 300) * 3}i,duplicate=0i,rejected=0i"
            yield f"sources,{tags} last_event_s={at - 5}.0,age_s=5.0,state=0i,silent=0.0,frozen=0.0,{uncounted} {at}"
        for at in range(now // 60 * 60 - 420, now + 420, 60):
            stands = f"value={speed},state={state}i {at}"
            yield f"standings,area={area},domain=traffic,kpi=traffic_mean_speed,zone={zone} {stands}"
            flags = ",".join(f"{name}={float(name == flag)}" for name in ("good", "attention", "blind", "alarm"))
            yield f"places,area={area},zone={zone} state={state}i,{flags} {at}"
    hostile = HOSTILE.replace(" ", r"\ ").replace("=", r"\=").replace(",", r"\,")
    for at in range(now - 60, now + 400, 10):
        tags = f"area=00070,domain=traffic,observation=flow,source={hostile},zone=hoan-kiem"
        yield f"sources,{tags} last_event_s={at - 900}.0,age_s=900.0,state=3i,silent=1.0,frozen=0.0 {at}"
