from __future__ import annotations

import os
import socket
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from embedded.parts import Part
from embedded.premises import make_private
from embedded.supervisor import Supervisor
from runtime.settings import Settings, load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from embedded.post import State, Status

DEADLINE_S = 30.0
ROOT = Path(__file__).parents[2]


def eventually(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)


def gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fake(name: str, *behaviour: str, **options: object) -> Part:
    script = str(Path(__file__).with_name("fake_part.py"))
    return Part(name, (sys.executable, script, name, *behaviour), **options)  # type: ignore[arg-type] # by name


class Run:
    """A supervisor in a thread of the test's process, over parts in miniature."""

    def __init__(self, settings: Settings, parts: list[Part]) -> None:
        self.settings = settings
        self.emptied = 0
        self.statuses: list[tuple[Status, ...]] = []
        self.error: BaseException | None = None
        self.supervisor = Supervisor(
            settings,
            plan=lambda: parts,
            environment={**os.environ, "PYTHONPATH": str(ROOT)},
            report=self.statuses.append,
            empty=self._empty,
        )
        self._thread = threading.Thread(target=self._run)
        self._seconds: float | None = None

    def start(self, seconds: float | None = None) -> None:
        self._seconds = seconds
        self._thread.start()

    def _run(self) -> None:
        try:
            self.supervisor.run(self._seconds)
        except BaseException as error:  # noqa: BLE001 — handed to the test
            self.error = error

    def _empty(self) -> None:
        self.emptied += 1

    def wait(self) -> None:
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()

    def stop(self) -> None:
        self.supervisor.ask_stop()
        self.wait()

    def await_ready(self) -> None:
        eventually(lambda: self.error or self.supervisor.ready, "all parts ready")
        assert self.error is None

    def state(self, name: str) -> State:
        return next(status.state for status in self.statuses[-1] if status.name == name)

    def pid(self, name: str) -> int:
        status = next(status for status in self.statuses[-1] if status.name == name)
        return int(status.detail.rpartition("pid ")[2])

    def history(self) -> list[str]:
        return (self.settings.data_dir / "history").read_text().splitlines()

    def restarts(self, name: str) -> int:
        return next(status.restarts for status in self.statuses[-1] if status.name == name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load(data_dir=tmp_path / "data", metrics_port=free_port())
    make_private(made.data_dir)
    return made


@pytest.fixture
def city(settings: Settings) -> Iterator[Callable[..., Run]]:
    runs: list[Run] = []
    before = {child.pid for child in psutil.Process().children(recursive=True)}

    def begin(*parts: Part, seconds: float | None = None) -> Run:
        run = Run(settings, list(parts))
        runs.append(run)
        run.start(seconds)
        return run

    yield begin
    for run in runs:
        run.stop()
    after = {child.pid for child in psutil.Process().children(recursive=True)}
    assert after <= before, "a part outlived its supervisor"


@contextmanager
def listener() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield int(server.getsockname()[1])
