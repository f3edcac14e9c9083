"""A contender of the throughput bench: a process that reads the topic, watched from outside."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil

from bench.progress import Progress
from bench.store import store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE_S: Final = 300.0


class Look(NamedTuple):
    """What was seen of a contender at a moment: seconds, events, CPU seconds, bytes."""

    at: float
    events: int
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of the topic by one contender; its steady part is from the first look to the last."""

    looks: tuple[Look, ...]

    @property
    def events_per_s(self) -> float:
        """Events for each second of the clock."""
        return self._events / (self.looks[-1].at - self.looks[0].at)

    @property
    def events_per_cpu_s(self) -> float:
        """Events for each second of CPU of the process."""
        return self._events / (self.looks[-1].cpu - self.looks[0].cpu)

    @property
    def peak(self) -> int:
        """Bytes of memory at the most."""
        return max(look.memory for look in self.looks)

    @property
    def _events(self) -> int:
        return self.looks[-1].events - self.looks[0].events

    def memory_at(self, part: float) -> int:
        """Bytes of memory when so much of the topic was read."""
        wanted = part * self.looks[-1].events
        return next(look.memory for look in self.looks if look.events >= wanted)


@dataclass(frozen=True, slots=True)
class Contender:
    """A process under way.

    Attributes:
        process: its handle.
        counted: asks how many events it has counted.
        every_s: how often it may be asked.
        log: where its output goes.
    """

    process: psutil.Process
    counted: Callable[[], int]
    every_s: float
    log: Path

    def watch(self, until: int, limit_s: float = _PATIENCE_S) -> Run:
        """Look whenever its count has moved, until it has counted `until` or has been at it for `limit_s`.

        Raises:
            SystemExit: it ended, or did not get there in time.
        """
        looks: list[Look] = []
        began = time.monotonic()
        while time.monotonic() - began < _PATIENCE_S and self.process.is_running():
            events = self.counted()
            if events and (not looks or events != looks[-1].events):
                cpu = self.process.cpu_times()
                memory = self.process.memory_info().rss
                looks.append(Look(time.perf_counter(), events, cpu.user + cpu.system, memory))
                if events >= until or (len(looks) > 1 and looks[-1].at - looks[0].at > limit_s):
                    return Run(tuple(looks))
            time.sleep(self.every_s)
        raise SystemExit(
            f"bench.throughput: only {looks[-1].events if looks else 0} of {until} events; its log ends with\n"
            + "\n".join(self.log.read_text(errors="replace").splitlines()[-10:])
        )


@contextmanager
def module(name: str, broker: str) -> Iterator[Contender]:
    """A contender of this folder."""
    with tempfile.TemporaryDirectory(prefix="cityops-bench-") as folder:
        path = Path(folder, "progress")
        progress = Progress.make(path)
        with _process([f"bench.{name}", broker, _group(), str(path)], Path(folder, "log"), {}) as (process, log):
            yield Contender(process, progress.read, 0.02, log)


@contextmanager
def worker(broker: str) -> Iterator[Contender]:
    """Our worker beside an embedded store, as a city runs it. It answers over HTTP, so it is not asked too often."""
    with store() as (url, _, _, folder):
        port = free_port()
        environment = {
            "CITYOPS_DATA_DIR": str(folder),
            "CITYOPS_STORE_TOKEN_FILE": str(folder / "token"),
            "CITYOPS_STORE_URL": url,
            "CITYOPS_BROKER": broker,
            "CITYOPS_METRICS_PORT": str(port),
            "CITYOPS_GROUP": _group(),
            "CITYOPS_LOG_LEVEL": "ERROR",
        }
        with _process(["stream_app"], folder / "worker.log", environment) as (process, log):
            yield Contender(process, lambda: _told(port), 0.25, log)


@contextmanager
def _process(
    module_and_arguments: list[str], log: Path, settings: dict[str, str]
) -> Iterator[tuple[psutil.Process, Path]]:
    """A Python module as a process with its output in a file; ended afterwards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")} | settings
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-m", *module_and_arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield psutil.Process(process.pid), log
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _told(port: int) -> int:
    """Events that the worker says it has counted or rejected."""
    try:
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    except (urllib.error.URLError, OSError):
        return 0
    lines = (line for line in text.splitlines() if line.startswith(("cityops_in_total", "cityops_rejected_total")))
    return round(sum(float(line.rpartition(" ")[2]) for line in lines))


def _group() -> str:
    return f"bench-{secrets.token_hex(4)}"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
