"""One experiment's city: a voice, a recorder, a proxy before the store, and workers that one may treat badly."""

from __future__ import annotations

import asyncio
import sys
import time
from contextlib import suppress
from subprocess import TimeoutExpired
from typing import TYPE_CHECKING

import psutil

from runtime.part import EX_CONFIG
from stream_app.core.checkpoint import Checkpoint, parse
from stream_app.truth import Truth, compute
from tests.chaos.recorder import Recorder
from tests.stream.town import Run, committed
from tests.whole.city import CATALOGUE, free_port
from tests.whole.proxy import Proxy

if TYPE_CHECKING:
    import signal
    import threading
    from contextlib import ExitStack
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path
    from random import Random
    from subprocess import Popen

    from runtime.connect import Store
    from tests.chaos.ground import Ground
    from tests.chaos.scripts import Slow
    from tests.chaos.voice import Voice

SESSION_S = 6
"""The least that Kafka takes."""
START_S = 120.0
"""How long a worker may take to its first partitions where many things run."""


class Stage:
    """Everything runs but the workers: acts start them.

    Args:
        ground: the servers, cleared.
        folder: logs and data of the workers.
        stack: what ends with the experiment.
        store: where the workers' points go.
        dice: for what acts leave to chance.
        voice: who speaks.
        process: of an embedded store.

    Attributes:
        workers: those that should be running, by number.
        ended: those that were ended or ended themselves, in order.
        before: how often each other worker had been assigned when one was frozen.
        thawing: requests that wait for a frozen worker to be thawed.
        slow: what holds writes now.
        notes: what is told of the run beside its figures.
        faults: what must not have happened.
    """

    def __init__(
        self,
        ground: Ground,
        folder: Path,
        stack: ExitStack,
        *,
        store: Store,
        dice: Random,
        voice: Voice,
        process: Popen[bytes] | None = None,
    ) -> None:
        self.ground = ground
        self.store = store
        self.dice = dice
        self.voice = voice
        self.process = process
        self.group = store.org
        self.proxy = Proxy(store.url)
        stack.callback(self.proxy.close)
        self.recorder = Recorder(ground.broker)
        stack.callback(self.recorder.close)
        self.workers: dict[int, Run] = {}
        self.ended: list[Run] = []
        self.before: dict[int, int] = {}
        self.thawing: list[threading.Event] = []
        self.slow: Slow | None = None
        self.notes: list[str] = []
        self.faults: list[str] = []
        self.folder = folder
        self._stack = stack
        self._started = 0
        (folder / "store-token").write_text(store.token)

    # --------------------------------------------------------------------------------------------------- workers

    def start(self, who: int, **settings: object) -> Run:
        """Start a worker as `up` does; it is not waited for."""
        self._started += 1
        folder = self.folder / f"worker-{self._started}"
        here = {
            "data_dir": folder / "data",
            "store_token_file": self.folder / "store-token",
            "broker": self.ground.broker,
            "store_url": self.proxy.url,
            "store_org": self.store.org,
            "metrics_port": free_port(),
            "session_seconds": SESSION_S,
            "flush_seconds": 0.5,
            "group": self.group,
        }
        run = self.workers[who] = Run((sys.executable, "-m", "stream_app"), here | settings, folder)
        self._stack.callback(run.kill)
        return run

    def kill(self, who: int) -> None:
        """SIGKILL."""
        run = self.workers.pop(who)
        run.kill()
        self.ended.append(run)

    def stop(self, who: int) -> None:
        """SIGTERM; it must end in order."""
        run = self.workers.pop(who)
        if (code := run.stop()) != 0:
            self.faults.append(f"worker {who} ended with {code} when it was asked to")
        self.ended.append(run)

    def gives_up(self, who: int, saying: str, limit_s: float = 90) -> None:
        """The worker must end itself, for a person, with these words on its last line."""
        run = self.workers.pop(who)
        with suppress(TimeoutExpired):
            run.ends(limit_s)
        code, last = run.process.poll(), run.log.rstrip().splitlines()[-1]
        run.kill()
        if code != EX_CONFIG or saying not in last:
            self.faults.append(f"worker {who} ended with {code} and {last!r}, not with {EX_CONFIG} and {saying!r}")
        self.ended.append(run)

    def ready(self, who: int) -> None:
        """Wait until a worker has partitions."""
        self.workers[who].says("assigned city.", START_S)

    def others(self, who: int) -> list[int]:
        """The workers beside one."""
        return [one for one in self.workers if one != who]

    def assignments(self, who: int) -> int:
        """How often a worker was told what it owns."""
        return self.workers[who].log.count(" assigned ")

    def sender(self, request: BaseHTTPRequestHandler) -> int | None:
        """Which worker a request to the proxy comes from."""
        port = request.client_address[1]
        for who, run in list(self.workers.items()):
            if any(one.laddr.port == port for one in psutil.Process(run.process.pid).net_connections("tcp")):
                return who
        return None

    def signal(self, who: int, number: signal.Signals) -> None:
        """Send a signal."""
        self.workers[who].process.send_signal(number)

    # ------------------------------------------------------------------------------------------------ the truth

    def truth(self) -> Truth:
        """Of everything that was ever in the log, lost again or not."""
        true = Truth()
        for domain in CATALOGUE.domains:
            part = compute(self.recorder.lines, domain, CATALOGUE.city)
            true.points |= part.points
            true.counts += part.counts
        return true

    def is_read(self) -> bool:
        """Whether the workers have decided everything that is in the log."""
        committed = self.committed()
        return all(at in committed and committed[at].pos >= end for at, end in self.ground.ends().items())

    def committed(self) -> dict[tuple[str, int], Checkpoint]:
        """What the group has committed, of each partition where it is a statement of ours."""
        found = asyncio.run(committed(self.ground.broker, self.group, self.recorder.read))
        said = {at: parse(*one) for at, one in found.items()}
        return {at: one for at, one in said.items() if one is not None}

    def pause(self, seconds: float) -> None:
        """Let the city live on."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.2))
            self._look_after()

    def _look_after(self) -> None:
        """A worker that ends by itself is a fault, and is started again as a supervisor would."""
        for who, run in list(self.workers.items()):
            if (code := run.process.poll()) is not None:
                self.faults.append(f"worker {who} ended by itself with {code}: {run.log[-600:]}")
                self.ended.append(run)
                self.start(who)
