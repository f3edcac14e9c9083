"""A contender of the throughput bench: a process that reads the topic, watched from outside."""

from __future__ import annotations

import math
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import psutil
from prometheus_client.parser import text_string_to_metric_families

from bench.progress import Progress
from bench.store import store
from city.errors import CityopsError
from runtime.part import read_json, run_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_PATIENCE_S: Final = 300.0
_READY_S: Final = 120.0


class Look(NamedTuple):
    """What was seen of a contender at a moment: seconds, events, CPU seconds, bytes."""

    at: float
    events: int
    cpu: float
    memory: int


@dataclass(frozen=True, slots=True)
class Run:
    """One reading of the topic by one contender.

    Its steady part is from the first look to the last but one: at the last it may have stood still for a while, for
    our worker tells its figures once a second.
    """

    looks: tuple[Look, ...]

    @property
    def events_per_s(self) -> float:
        """Events for each second of the clock."""
        first, last = self._steady
        return _rate(last.events - first.events, last.at - first.at)

    @property
    def events_per_cpu_s(self) -> float:
        """Events for each second of CPU of the process."""
        first, last = self._steady
        return _rate(last.events - first.events, last.cpu - first.cpu)

    @property
    def peak(self) -> int:
        """Bytes of memory at the most."""
        return max(look.memory for look in self.looks)

    @property
    def _steady(self) -> tuple[Look, Look]:
        return self.looks[0], self.looks[-2 if len(self.looks) > 2 else -1]

    def memory_at(self, part: float) -> int:
        """Bytes of memory when so much of the topic was read."""
        wanted = part * self.looks[-1].events
        return next(look.memory for look in self.looks if look.events >= wanted)


def _rate(events: int, seconds: float) -> float:
    return events / seconds if seconds > 0 else math.nan


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
                if events >= until or looks[-1].at - looks[0].at > limit_s:
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
        log = Path(folder, "log")
        with process([f"bench.{name}", broker, _group(), str(path)], log, {}) as theirs:
            yield Contender(theirs, progress.read, 0.02, log)


@contextmanager
def worker(broker: str) -> Iterator[Contender]:
    """Our worker beside an embedded store, as a city runs it. It answers over HTTP, so it is not asked too often."""
    with store() as (url, _, _, folder):
        port = free_port()
        log = folder / "worker.log"
        with process(["stream_app"], log, worker_settings(broker, url, folder, port)) as ours:
            yield Contender(ours, lambda: counted(figures(port)), 0.25, log)


def worker_settings(broker: str, store_url: str, folder: Path, metrics_port: int) -> dict[str, str]:
    """A worker's settings, as environment; the store's token lies in its folder."""
    return {
        "CITYOPS_DATA_DIR": str(folder),
        "CITYOPS_STORE_TOKEN_FILE": str(folder / "token"),
        "CITYOPS_STORE_URL": store_url,
        "CITYOPS_BROKER": broker,
        "CITYOPS_METRICS_PORT": str(metrics_port),
        "CITYOPS_GROUP": _group(),
        "CITYOPS_LOG_LEVEL": "ERROR",
    }


def await_parts(data_dir: Path, *names: str, log: Path, limit_s: float = _READY_S) -> None:
    """Return when each of these parts has announced itself in its data folder.

    Raises:
        CityopsError: one of them has not in time.
    """
    until = time.monotonic() + limit_s
    while missing := [name for name in names if read_json(run_file(data_dir, name)) is None]:
        if time.monotonic() > until:
            raise CityopsError(f"not ready within {limit_s:.0f} s: {', '.join(missing)}; see {log}")
        time.sleep(0.1)


@contextmanager
def process(module_and_arguments: list[str], log: Path, settings: dict[str, str]) -> Iterator[psutil.Process]:
    """A Python module as a process with its output in a file; ended afterwards."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")} | settings
    with log.open("wb") as output:
        child = subprocess.Popen(  # noqa: S603 - a module of ours
            [sys.executable, "-m", *module_and_arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def figures(port: int) -> dict[str, float]:
    """A worker's figures, each summed over its labels; none while it does not answer."""
    try:
        text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
    except (urllib.error.URLError, OSError):
        return {}
    families = text_string_to_metric_families(text)
    told: dict[str, float] = defaultdict(float)
    for sample in (sample for family in families for sample in family.samples):
        told[sample.name] += sample.value
    return told


def counted(told: Mapping[str, float]) -> int:
    """Events that a worker says it has counted or rejected."""
    return round(told.get("cityops_in_total", 0) + told.get("cityops_rejected_total", 0))


def _group() -> str:
    return f"bench-{secrets.token_hex(4)}"


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
