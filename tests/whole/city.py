"""A small city of real processes for one test: a broker, a store, a proxy before it, and workers one may kill."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from city.catalogue import load
from city.lines import Line
from cli.truth import _stored
from embedded.broker import Broker
from producers.files import Text
from producers.opening import open_publisher
from producers.spoken import Reader
from runtime.connect import Broker as Address
from runtime.connect import Store
from runtime.part import read_json, run_file
from stream_app.truth import Difference, Truth, compare, compute
from tests.whole.proxy import Proxy, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

TOKEN = "a token of a test"
CATALOGUE = load()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class SmallCity:
    """Broker and store are up; start workers and publish."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder = folder
        self._stack = stack
        self._workers = 0
        (folder / "secrets").mkdir(parents=True)
        (folder / "secrets" / "store-token").write_text(TOKEN)
        self._broker = Broker()
        self._broker.make([*(domain.topic for domain in CATALOGUE.domains), "city.late", "city.rejected"])
        self.store_port = free_port()
        self.store_process = self.start("embedded.store", "store", store_port=self.store_port)
        self.store = Store(f"http://127.0.0.1:{self.store_port}", "cityops", TOKEN)
        self.proxy = Proxy(self.store.url)
        stack.callback(self.proxy.close)
        self.publisher = open_publisher(
            Address(self._broker.address, embedded=True), [domain.topic for domain in CATALOGUE.domains], 4
        )
        stack.callback(self.publisher.close, 1.0)
        self._reader = Reader(CATALOGUE)

    def start(self, module: str, part: str, **settings: object) -> subprocess.Popen[bytes]:
        """Start a part and wait until it says that it is ready."""
        run_file(self._folder, part).unlink(missing_ok=True)
        environment = {
            **os.environ,
            "CITYOPS_DATA_DIR": str(self._folder),
            "CITYOPS_STORE_TOKEN_FILE": str(self._folder / "secrets" / "store-token"),
            **{f"CITYOPS_{name.upper()}": str(value) for name, value in settings.items()},
        }
        log = self._stack.enter_context((self._folder / f"{part}.log").open("ab"))
        process = subprocess.Popen(
            [sys.executable, "-m", module], env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
        self._stack.callback(_end, process)

        def ready() -> bool:
            assert process.poll() is None, f"{module} ended:\n{(self._folder / f'{part}.log').read_text()[-2000:]}"
            told = read_json(run_file(self._folder, part))
            return told is not None and told["pid"] == process.pid

        wait_until(ready, 60, f"{module} is ready")
        return process

    def worker(self, **settings: object) -> subprocess.Popen[bytes]:
        """Start a worker that writes through the proxy."""
        return self.start(
            "stream_app",
            "worker",
            broker=self._broker.address,
            broker_embedded=True,
            store_url=self.proxy.url,
            metrics_port=free_port(),
            **{"session_seconds": 3, **settings},
        )

    def say(self, lines: Iterable[bytes]) -> None:
        """Publish plain lines, each to its area's partition, garbage included."""
        for number, line in enumerate(lines, start=1):
            spoken = self._reader.read(Text(number, line, len(line)))
            self.publisher.put(self.publisher.addressed(spoken.topic, line, spoken.key))

    def tick(self, heard: int) -> None:
        """Move the clock of every partition."""
        self.publisher.tick(heard)
        assert self.publisher.flush(30) == 0

    def difference(self, true: Truth) -> Difference:
        """How the store's settled points stand to the truth's, now."""
        return compare(true.points, _stored(self.store, CATALOGUE, true))

    def settles_to(self, true: Truth, limit_s: float = 90) -> None:
        """Wait until nothing is missing; then all must be equal, and no point ever had a second value."""
        until = time.monotonic() + limit_s
        while (difference := self.difference(true)).missing and time.monotonic() < until:
            time.sleep(0.5)
        assert difference.none, "\n".join([str(difference), *difference.examples])
        assert self.proxy.second_values() == {}


def truth_of(lines: Sequence[bytes]) -> Truth:
    """The truth of a plain file's lines."""
    return compute([Line(line) for line in lines], CATALOGUE.domain("traffic"), CATALOGUE.city)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
    process.wait(10)


@contextmanager
def small_city(folder: Path) -> Iterator[SmallCity]:
    """A small city in a folder, ended afterwards."""
    with ExitStack() as stack:
        yield SmallCity(folder, stack)
