"""A server as a process of its own: started, found again, stopped, also by another process than its starter."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import msgspec
import psutil

from city.errors import CityopsError
from infra.native import cache as caches
from infra.native.locks import held
from infra.native.ports import LOOPBACK, free_port, is_free

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from infra.native.cache import Recipe

START_S = 90.0
STOP_S = 30.0


class Running(msgspec.Struct, frozen=True):
    """What `server.json` in the data folder says: the last process started there and where it listens."""

    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class Launch:
    """One start: the program's arguments, one of which names the data folder, and its whole environment."""

    argv: Sequence[str | Path]
    env: Mapping[str, str]


class Server(ABC):
    """A server on loopback with a data folder of its own; as a context manager, running inside it.

    Args:
        data_dir: everything this instance keeps; made with mode 0700.
        port: to listen on; 0 takes a free one at the first start and keeps it for this folder.
        cache: where servers are installed.
    """

    recipe: ClassVar[Recipe]

    def __init__(self, data_dir: Path, port: int = 0, *, cache: Path | None = None) -> None:
        self.home = Path(data_dir).absolute()
        self.cache = cache or caches.default_cache()
        self._port = port
        self._child: subprocess.Popen[bytes] | None = None

    # What a kind of server says about itself

    @abstractmethod
    def _launch(self, installed: Path, port: int) -> Launch:
        """Make the data folder ready for a start on `port`, and say what to run."""

    @abstractmethod
    def _healthy(self, port: int) -> bool:
        """Whether the server on `port` serves requests; never raises."""

    @abstractmethod
    def _set_up(self, port: int) -> None:
        """What remains to be done once the server is healthy."""

    # What everyone does with it

    @property
    def log(self) -> Path:
        """Where the server's output goes."""
        return self.home / "server.log"

    @property
    def port(self) -> int:
        """The port it listens on, or listened on last.

        Raises:
            CityopsError: it was never started.
        """
        if (known := self._known()) is None:
            raise CityopsError(f"{self.recipe.server} was never started in {self.home}")
        return known.port

    @property
    def address(self) -> str:
        """`host:port` as clients write it."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int | None:
        """The server's process, None when it does not run."""
        process = self._process()
        return process.pid if process else None

    def healthy(self) -> bool:
        """Whether it runs and serves requests."""
        return self.pid is not None and self._healthy(self.port)

    def start(self) -> None:
        """Start and wait until it serves requests; nothing to do where it does already.

        Raises:
            CityopsError: not installed, the port is taken, or it ended or said nothing in time (with the last
                lines of its log).
        """
        installed = caches.installed(self.recipe, self.cache)
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            self.home.chmod(0o700)
            with held(self.home / "lock"):
                if self._process() is None:
                    self._spawn(installed, self._choose_port())
                self._make_ready()
        except OSError as error:
            raise CityopsError(
                f"{self.recipe.server} cannot start in {self.home}: {error.strerror or error}"
            ) from error

    def stop(self) -> bool:
        """Ask it to end and wait for that, at most `STOP_S` before it is killed; False where nothing ran."""
        process = self._process()
        if process is None:
            return False
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
        if not self._ended(process, STOP_S):
            self.kill()
        return True

    def kill(self) -> None:
        """SIGKILL, as a crash: nothing is flushed, nothing said. It can be started again."""
        process = self._process()
        if process is not None:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
            self._ended(process, STOP_S)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # How

    def _known(self) -> Running | None:
        try:
            return msgspec.json.decode((self.home / "server.json").read_bytes(), type=Running)
        except (OSError, msgspec.DecodeError):
            return None

    def _process(self) -> psutil.Process | None:
        """The live process of this instance. A pid alone proves nothing: ours has our folder in its arguments."""
        known = self._known()
        if known is None:
            return None
        # Our own child needs no proof, and for a moment after its start it has no arguments yet.
        child = self._child if self._child is not None and self._child.pid == known.pid else None
        if child is not None and child.poll() is not None:
            return None
        try:
            process = psutil.Process(known.pid)
            arguments = process.cmdline()  # empty for a zombie
        except psutil.Error:
            return None
        is_ours = child is not None or any(f"{self.home}{os.sep}" in argument for argument in arguments)
        return process if is_ours else None

    def _choose_port(self) -> int:
        known = self._known()
        port = self._port or (known.port if known else 0)
        if not port:
            return free_port()
        if not is_free(port):
            raise CityopsError(f"{self.recipe.server} cannot start: port {port} of {LOOPBACK} is taken")
        return port

    def _spawn(self, installed: Path, port: int) -> None:
        launch = self._launch(installed, port)
        with self.log.open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 - the server just installed, with our own arguments
                launch.argv,
                cwd=self.home,
                env=dict(launch.env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C at the terminal is for the one who started it
            )
        written = self.home / "server.json.new"
        written.write_bytes(msgspec.json.encode(Running(self._child.pid, port)))
        written.replace(self.home / "server.json")

    def _make_ready(self) -> None:
        try:
            self._await_health()
            self._set_up(self.port)
        except BaseException:
            if self._child is not None:  # a half-started server of ours is in everybody's way
                self.kill()
            raise

    def _await_health(self) -> None:
        for _ in _until(time.monotonic() + START_S):
            if self._process() is None:
                raise CityopsError(self._failure("ended at its start"))
            if self._healthy(self.port):
                return
        raise CityopsError(self._failure(f"did not answer within {START_S:.0f} s"))

    def _failure(self, what: str) -> str:
        tail = caches.last_lines(self.log)
        return f"{self.recipe.server} {what}. Its log is {self.log}; it ends with\n{tail}"

    def _ended(self, process: psutil.Process, within_s: float) -> bool:
        """Wait for the end of `process`; a child of ours is reaped."""
        try:
            if self._child is not None and self._child.pid == process.pid:
                self._child.wait(within_s)
            else:
                process.wait(within_s)
        except (subprocess.TimeoutExpired, psutil.TimeoutExpired):
            return False
        return True


def _until(deadline: float, pause_s: float = 0.1) -> Iterator[None]:
    """Go round until `deadline` of the monotonic clock, with a pause between two rounds."""
    while True:
        yield
        if time.monotonic() >= deadline:
            return
        time.sleep(pause_s)
