"""A whole city, from its simulators to a wall: what a scenario does is seen there, and what dies comes back."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import psutil
import pytest
from playwright.sync_api import expect

from runtime.part import read_json, run_file
from tests.alerts.test_alerting_part import rules_file
from tests.console.test_pages_in_a_browser import browser, page
from tests.console.town import DEADLINE_S
from tests.supervisor.conftest import ROOT, free_port, gone
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

__all__ = ["browser", "page"]

PATIENCE_S = 3 * DEADLINE_S
"""A city begins within seconds; its rules are first evaluated after a minute."""
STOP_S = 30


class City:
    """`./cityops up` with a scenario, and rules that fire at once."""

    def __init__(self, folder: Path, scenario: str) -> None:
        self.data_dir = folder / "data"
        self._log = folder / "up.log"
        ports = [f"--{name}-port={free_port()}" for name in ("store", "metrics", "console")]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")}
        with self._log.open("wb") as log:
            self._up = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "cli.main",
                    "up",
                    f"--data-dir={self.data_dir}",
                    f"--scenario={scenario}",
                    *ports,
                ],
                cwd=ROOT,
                env=environment | {"CITYOPS_ALERT_RULES": str(rules_file(folder))},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def told(self, part: str) -> dict[str, object]:
        """What a part has announced, once it has."""
        found: list[dict[str, object]] = []

        def ready() -> bool:
            assert self._up.poll() is None, self._log.read_text()
            told = read_json(run_file(self.data_dir, part))
            if told is not None and not gone(told["pid"]):
                found.append(told)
            return bool(found)

        wait_until(ready, DEADLINE_S, f"{part} is ready")
        return found[0]

    def stop(self) -> None:
        """Ctrl-C."""
        self._up.send_signal(signal.SIGTERM)
        try:
            self._up.wait(STOP_S)
        finally:
            if self._up.poll() is None:
                self._up.kill()


@pytest.fixture
def city(tmp_path: Path, browser: Browser) -> Iterator[City]:
    _ = browser  # without one, no city is started
    city = City(tmp_path, "flood-rush-hour")
    try:
        yield city
    finally:
        city.stop()


@pytest.mark.timeout(420)
def test_a_flood_is_seen_on_the_wall_which_outlives_the_broker(page: Page, city: City) -> None:
    page.goto(f"{city.told('console')['url']}/wall")
    sentence, speed = page.locator("h1"), page.locator("article", has_text="Tốc độ trung bình").locator(".wall-value")
    expect(page.locator(".wall-alerts")).to_contain_text("Giao thông chậm", timeout=PATIENCE_S * 1_000)
    expect(sentence).to_contain_text(re.compile(r"cảnh báo · .*giao thông chậm ở "), timeout=PATIENCE_S * 1_000)
    expect(speed).to_contain_text(re.compile(r"\d+,\d km/h|\d+,\dkm/h"))
    broker, worker = (city.told(part)["pid"] for part in ("broker", "worker"))
    assert isinstance(broker, int)
    psutil.Process(broker).kill()
    wait_until(lambda: city.told("worker")["pid"] != worker, PATIENCE_S, "a worker on another broker")
    assert city.told("broker")["pid"] != broker
    # The supervisor has emptied no store: the wall goes on from what it knew, and the new worker's sources speak.
    expect(page.locator(".wall-fresh")).to_have_text([re.compile("● 100|● 9")] * 3, timeout=PATIENCE_S * 1_000)
    before = speed.inner_text()
    expect(speed).not_to_have_text(before, timeout=PATIENCE_S * 1_000)
    expect(sentence).not_to_contain_text("Không đọc được")
    expect(page.locator("#popup")).to_be_hidden()
