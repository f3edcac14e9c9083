"""The embedded store under load, through HTTP: points a second with overwrites, a day's panel, memory.

    python -m bench.store [--points 5000000] [--seconds 20]

One table on standard output. The store runs as a process of its own on a folder that is removed afterwards.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterator

AREAS, KINDS = 126, ("motorcycle", "car", "bus", "lorry", "bicycle")
SERIES = AREAS * len(KINDS)
WINDOW_S = 10
LINES = 5_000
OPEN_WINDOWS = 4
QUERY = (
    'SELECT sum("speed_wsum") / sum("intensity_sum") AS speed FROM traffic_flow '
    "WHERE time >= now() - 24h AND time < now() GROUP BY time({step}), area fill(null)"
)


class Client:
    """A kept connection to the store."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        assert parts.hostname is not None
        self._connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=120)
        self._headers = {"Authorization": f"Token {token}"}

    def write(self, body: bytes, bucket: str = "city") -> None:
        """Write lines with times in seconds; anything but 204 ends the bench."""
        self._ask("POST", f"/api/v2/write?org=cityops&bucket={bucket}&precision=s", body, 204)

    def query(self, text: str, bucket: str = "city") -> bytes:
        """The JSON of an answer, times in ms as Grafana asks for."""
        return self._ask("GET", "/query?" + urlencode({"db": bucket, "q": text, "epoch": "ms"}), b"", 200)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: bytes, wanted: int) -> bytes:
        self._connection.request(method, path, body, self._headers)
        response = self._connection.getresponse()
        answer = response.read()
        if response.status != wanted:
            sys.exit(f"bench: {method} {path}: {response.status} {answer[:200]!r}")
        return answer


def lines(windows: range, turn: int) -> list[str]:
    """Every series' point in each window (starts in s); `turn` changes the values."""
    text = []
    for start in windows:
        for area in range(AREAS):
            for place, kind in enumerate(KINDS):
                n = (area * 7 + place * 3 + start // WINDOW_S + turn) % 60 + 1
                text.append(
                    f"traffic_flow,area={area + 1:05d},vehicle={kind},zone=z{area % 30:02d} "
                    f"count={n}i,final={turn % 2}i,"
                    f"speed_sum={n * 31.25},speed_min={n / 4},speed_max={n + 20.5},speed_wsum={n * n * 1.5},"
                    f"intensity_sum={n * 12.5},occupancy_sum={n / 64} {start}"
                )
    return text


def batches(text: list[str]) -> Iterator[bytes]:
    """Bodies of at most LINES lines."""
    for first in range(0, len(text), LINES):
        yield "\n".join(text[first : first + LINES]).encode()


def fill(client: Client, points: int, last: int) -> float:
    """Write so many points, the newest window starting at `last`; points a second, this program's work included."""
    windows = points // SERIES
    started = time.perf_counter()
    for first in range(0, windows, 16):
        some = range(first, min(first + 16, windows))
        oldest = last - (windows - 1) * WINDOW_S
        starts = range(oldest + some.start * WINDOW_S, oldest + some.stop * WINDOW_S, WINDOW_S)
        for body in batches(lines(starts, 0)):
            client.write(body)
    return windows * SERIES / (time.perf_counter() - started)


def overwrite(clients: list[Client], last: int, seconds: float) -> tuple[float, list[float]]:
    """Write the open windows over and over, as a worker does; points a second, and each write's seconds."""
    bodies = []
    for turn in range(1, 9):
        start = last + (turn // 2) * WINDOW_S
        bodies.append(list(batches(lines(range(start - (OPEN_WINDOWS - 1) * WINDOW_S, start + 1, WINDOW_S), turn))))
    points = OPEN_WINDOWS * SERIES
    written, took = [0] * len(clients), []
    end = time.perf_counter() + seconds

    def work(number: int) -> None:
        turn = number
        while time.perf_counter() < end:
            for body in bodies[turn % len(bodies)]:
                before = time.perf_counter()
                clients[number].write(body)
                took.append(time.perf_counter() - before)
            written[number] += points
            turn += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(clients))]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(written) / (time.perf_counter() - started), took


def panel(client: Client, step: str, times: int) -> list[float]:
    """Seconds that a day's panel takes, each time."""
    took = []
    for _ in range(times):
        before = time.perf_counter()
        answer = client.query(QUERY.format(step=step))
        took.append(time.perf_counter() - before)
        assert answer.count(b'"tags"') == AREAS, answer[:300]
    return took


def shown(seconds: list[float]) -> str:
    """Median and worst, in ms."""
    return f"median {statistics.median(seconds) * 1e3:.0f} ms, worst {max(seconds) * 1e3:.0f} ms"


@contextmanager
def store() -> Iterator[tuple[str, str, psutil.Process, Path]]:
    """A store of its own: URL, token, process, folder."""
    with tempfile.TemporaryDirectory(prefix="cityops-bench-") as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        token = secrets.token_urlsafe()
        (Path(folder) / "token").write_text(token)
        environment = {
            **os.environ,
            "CITYOPS_DATA_DIR": folder,
            "CITYOPS_STORE_PORT": str(port),
            "CITYOPS_STORE_TOKEN_FILE": str(Path(folder) / "token"),
        }
        process = subprocess.Popen([sys.executable, "-m", "embedded.store"], env=environment)
        try:
            while not (Path(folder) / "run" / "store.json").exists():
                if process.poll() is not None:
                    sys.exit("bench.store: the store did not start")
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}", token, psutil.Process(process.pid), Path(folder)
        finally:
            process.terminate()
            process.wait()


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__, allow_abbrev=False)
    parser.add_argument("--points", type=int, default=5_000_000, help="points stored before measuring")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to overwrite")
    options = parser.parse_args()
    with store() as (url, token, process, folder):
        client, other = Client(url, token), Client(url, token)
        last = int(time.time()) // WINDOW_S * WINDOW_S - 300
        rows = [("new points, one writer", f"{fill(client, options.points, last):,.0f} points/s")]
        used = sum(process.cpu_times()[:2])
        rate, took = overwrite([client, other], last, options.seconds)
        used = sum(process.cpu_times()[:2]) - used
        each = f"{rate * options.seconds / used:,.0f} per CPU second of the store"
        rows.append(("overwrites, two writers", f"{rate:,.0f} points/s, {each}"))
        rows.append(("  one write of 2,520 points", shown(took)))
        for step in ("5m", "1m"):
            seconds = panel(client, step, 7)
            rows.append((f"a day's panel, {step}, {AREAS} areas", shown(seconds)))
        writing = threading.Thread(target=overwrite, args=([other], last, 6.0))
        writing.start()
        seconds = panel(client, "5m", 7)
        writing.join()
        rows.append(("  the 5m panel beside a writer", shown(seconds)))
        memory = process.memory_info()
        rows.append(("resident memory", f"{memory.rss / 1e6:,.0f} MB"))
        peak = re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{process.pid}/status").read_text())
        rows.append(("  its peak", f"{int(peak[1]) / 1e3:,.0f} MB" if peak else "unknown"))
        rows.append(("file", f"{(folder / 'store.duckdb').stat().st_size / 1e6:,.0f} MB"))
        for name, figure in rows:
            sys.stdout.write(f"{name:32} {figure}\n")


if __name__ == "__main__":
    main()
