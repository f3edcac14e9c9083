"""How fast the console is with two days of the whole city stored: `python -m bench.console [--data-dir DIR] [PAGE …]`.

Fills a data folder (or takes the one that is named, which keeps what was filled), runs a city over it at its own pace,
and opens the wall and every board (or these pages) in Chromium. Of each page: the first contentful paint; when all in
sight has its figures; how long after the begin of a period the last of it was fresh again, and what store and console
worked in a period, whatever else they do. On the wall: how long after an event was sent the tile of its KPI says so.

Run it again on the same folder and the store has aged: fill a new one for figures to compare.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil
from playwright.sync_api import TimeoutError as NeverHappenedError

from bench.browser import WAITS_FOR_NOTHING, chromium
from bench.contender import await_parts, free_port, process
from bench.machine import machine
from bench.two_days import PARTITIONS, fill
from city.catalogue import load as packs
from city.domains.traffic.events import TrafficFlow, TrafficFlowObserved
from city.errors import CityopsError
from city.instant import rfc3339
from console.boards.library import library, provisioned
from console.boards.span import duration_ms
from producers.opening import open_publisher
from producers.simulators import find
from runtime.connect import find_broker
from runtime.part import read_json, run_file
from runtime.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from playwright.sync_api import Browser, Page, WebSocket

    from producers.publisher import Publisher

WARM_UP_S: Final = 90.0
"""Places are judged once a minute; what counts as now is five minutes long."""
PERIODS: Final = 2
PROBES: Final = 10
PERIOD_S: Final = 10.0
_PATIENCE_MS: Final = 60_000
_READY_S: Final = 180.0
_TILE: Final = ".wall-tile:has(h3:text-is('Tốc độ trung bình')) .wall-value span >> nth=0"
_FILLED: Final = """[...document.querySelectorAll(".wall-value > span:first-child")].every((one) => one.textContent)"""
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
_STEP_KMH: Final = 0.8
"""No second of a city changes its mean speed by so much; a probe does."""


HEAD: Final = """| page | first paint | all in sight | store + console | refreshed, median | at worst | a period |
|---|---:|---:|---:|---:|---:|---:|"""


Worked = tuple[float, float]
"""Milliseconds of CPU of the store, and of the console."""


@dataclass
class Seen:
    """One page as a browser saw it.

    Attributes:
        paint_ms: from its address to its first paint.
        filled_ms: until all in sight has its figures.
        cpu_ms: what store and console worked until then, whatever else they do beside it.
        refreshed_s: from the begin of each period until the last change of it.
        period_cpu_ms: what store and console worked in a period.
    """

    name: str
    paint_ms: float = 0.0
    filled_ms: float = 0.0
    cpu_ms: Worked = (0.0, 0.0)
    refreshed_s: list[float] = field(default_factory=list)
    period_cpu_ms: Worked = (0.0, 0.0)


@contextmanager
def city(data_dir: Path) -> Iterator[tuple[str, Publisher]]:
    """A city at its own pace over what is stored: the console's address, and a publisher into it."""
    ports = {"store": free_port(), "metrics": free_port(), "console": free_port()}
    rate = sum(simulator.full_rate for simulator in find(packs().domains))
    arguments = [f"--{name}-port={port}" for name, port in ports.items()]
    with process(
        ["cli.main", "up", "--data-dir", str(data_dir), f"--rate={rate}", *arguments], data_dir / "logs" / "up.log", {}
    ):
        await_parts(data_dir, "producers", "console", log=data_dir / "logs", limit_s=_READY_S)
        settings = load(data_dir=data_dir)
        publisher = open_publisher(find_broker(settings), [domain.topic for domain in packs().domains], PARTITIONS)
        time.sleep(WARM_UP_S)
        yield f"http://127.0.0.1:{ports['console']}", publisher
        publisher.close(5)


def look(browser: Browser, url: str, parts: Sequence[psutil.Process], path: str, *, stay: bool) -> Seen:
    """Open a page, and `stay` for some periods."""
    seen, changes = Seen(path), list[float]()

    def connected(socket: WebSocket) -> None:
        socket.on("framereceived", lambda frame: changes.append(time.time()) if '"update"' in str(frame) else None)

    with opened(browser) as page:
        page.on("websocket", connected)
        worked = _worked_ms(parts)
        page.goto(url + path)
        page.wait_for_function(
            _FILLED if path == "/wall" else f'document.querySelector("article") && {WAITS_FOR_NOTHING}'
        )
        seen.filled_ms, seen.cpu_ms = page.evaluate("performance.now()"), _since(worked, parts)
        seen.paint_ms = page.wait_for_function(_PAINT).json_value()
        if stay:
            begin = (time.time() // PERIOD_S + 1) * PERIOD_S
            page.wait_for_timeout((begin - time.time()) * 1_000)
            worked = _worked_ms(parts)
            page.wait_for_timeout((begin + PERIODS * PERIOD_S - time.time()) * 1_000)
            seen.period_cpu_ms = _since(worked, parts, PERIODS)
            for start in (begin + number * PERIOD_S for number in range(PERIODS)):
                of_period = [at - start for at in changes if start <= at < start + PERIOD_S]
                seen.refreshed_s += [max(of_period)] if of_period else []
    return seen


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """A page of a browser that knows nothing yet."""
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    context.set_default_timeout(_PATIENCE_MS)
    yield context.new_page()
    context.close()


def delays(browser: Browser, url: str, publisher: Publisher) -> list[float]:
    """Seconds from sending an event until the wall's tile has moved, for each probe."""
    found: list[float] = []
    with opened(browser) as page:
        page.goto(f"{url}/wall")
        page.wait_for_function(_FILLED)
        for number in range(PROBES):
            before = _speed(page)
            publisher.accept("city.traffic", _probe(number, fast=number % 2 == 0))
            sent = time.monotonic()
            while abs(_speed(page) - before) < _STEP_KMH:
                if time.monotonic() - sent > _PATIENCE_MS / 1_000:
                    raise CityopsError(f"the wall never showed probe {number}")
                page.wait_for_timeout(20)
            found.append(time.monotonic() - sent)
            page.wait_for_timeout(2_500 + 170 * number)  # not always at the same moment of a second
    return found


def _worked_ms(parts: Sequence[psutil.Process]) -> Worked:
    store, console = (sum(part.cpu_times()[:2]) * 1e3 for part in parts)
    return store, console


def _since(before: Worked, parts: Sequence[psutil.Process], periods: int = 1) -> Worked:
    store, console = _worked_ms(parts)
    return (store - before[0]) / periods, (console - before[1]) / periods


def _speed(page: Page) -> float:
    return float(page.locator(_TILE).inner_text().replace(".", "").replace(",", "."))


def _probe(number: int, *, fast: bool) -> TrafficFlow:
    data = TrafficFlowObserved(intensity=10_000, averageVehicleSpeed=200.0 if fast else 0.0, vehicleType="car")
    return TrafficFlow(id="0", source=f"probe/{number}", time=rfc3339(time.time_ns()), area="00070", data=data)


def line(one: Seen) -> str:
    """The page's line of the table."""
    again = [statistics.median(one.refreshed_s), max(one.refreshed_s)] if one.refreshed_s else []
    told = [*(f"{value * 1e3:.0f} ms" for value in again), "–", "–"][:2]
    told.append(_cpu(one.period_cpu_ms) if again else "–")
    return (
        f"| `{one.name}` | {one.paint_ms:.0f} ms | {one.filled_ms:.0f} ms | {_cpu(one.cpu_ms)} | {' | '.join(told)} |"
    )


def _cpu(worked: Worked) -> str:
    return f"{worked[0]:.0f} + {worked[1]:.0f} ms"


def pages() -> dict[str, bool]:
    """The wall, and every board: its path, and whether it is refreshed every period."""
    boards = {uid: board for uid, board in library(provisioned()).boards.items() if uid.endswith("-vi")}
    return {"/wall": False} | {
        f"/boards/{uid}": duration_ms(board.refresh) == PERIOD_S * 1_000 for uid, board in sorted(boards.items())
    }


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__, allow_abbrev=False)
    parser.add_argument("--data-dir", type=Path, help="keep what is filled there, or take what is there")
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="these alone, such as /wall or /boards/traffic-vi")
    asked = parser.parse_args()
    before = os.getloadavg()[0]
    try:
        with ExitStack() as stack:
            data_dir = asked.data_dir or Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="cityops-bench-")), "city"
            )
            if not (data_dir / "store.duckdb").exists():
                print(f"{fill(data_dir, int(time.time())):,} points stored", flush=True)
            url, publisher = stack.enter_context(city(data_dir))
            browser = stack.enter_context(chromium())
            parts = [
                psutil.Process((read_json(run_file(data_dir, part)) or {})["pid"]) for part in ("store", "console")
            ]
            print(f"{machine(before)}\n\n{HEAD}", flush=True)
            for path, stay in pages().items():
                if asked.pages and path not in asked.pages:
                    continue
                print(line(look(browser, url, parts, path, stay=stay)), flush=True)
            took = sorted(delays(browser, url, publisher))
            print(f"\nevent to wall: median {statistics.median(took):.2f} s, most {took[-1]:.2f} s of {len(took)}")
    except (CityopsError, NeverHappenedError) as error:
        sys.exit(f"bench.console: {error}")


if __name__ == "__main__":
    main()
