"""Where installed servers live, and how one gets there: built beside its place, then moved in whole.

A folder is named after the digest of its recipe, so it is either there and complete or not there at all: an
interrupted install leaves only a `.building-` folder, which the next one throws away.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import deque
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from city.errors import CityopsError
from infra.native.locks import held

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

_LAST_LINES = 15


def default_cache() -> Path:
    """`CITYOPS_SERVERS_DIR`, else `cityops/servers` in the user's cache folder."""
    if chosen := os.environ.get("CITYOPS_SERVERS_DIR"):
        return Path(chosen).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - HOME may be unset: `Path.home` would raise
    return Path(base).absolute() / "cityops" / "servers"


@dataclass(frozen=True)
class Recipe:
    """How one server is installed.

    Args:
        server: what people call it, `Kafka`.
        locks: the files that decide what is installed; their digest names the folder.
        pin: a pattern that finds the version in the first of them.
        takes: how long the first time takes, for people.
        build: fills a folder; its steps go through the `Steps` it is given.
    """

    server: str
    locks: tuple[Path, ...]
    pin: str
    takes: str
    build: Callable[[Path, Steps], None]

    @property
    def version(self) -> str:
        """The version that the locks pin.

        Raises:
            CityopsError: they pin none.
        """
        found = re.search(self.pin, self.locks[0].read_text(encoding="utf-8"))
        if found is None:
            raise CityopsError(f"{self.locks[0]} pins no version of {self.server}")
        return found[1]

    def place(self, cache: Path) -> Path:
        """The folder of this very recipe in `cache`, there or not."""
        digest = hashlib.sha256(b"\0".join(lock.read_bytes() for lock in self.locks)).hexdigest()
        return cache / f"{self.server.lower()}-{self.version}-{digest[:10]}"

    def log(self, cache: Path) -> Path:
        """What the last install of this server said."""
        return cache / f"{self.server.lower()}-install.log"


class Steps:
    """The commands of one install: all they say goes to a log, and a failure shows its last lines."""

    def __init__(self, server: str, log: Path) -> None:
        self._server = server
        self._log = log

    def run(self, argv: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> None:
        """Run one command in `cwd`, with `env` added to this process's environment.

        Raises:
            CityopsError: it failed, or could not be started.
        """
        with self._log.open("ab") as log:
            log.write(f"$ {' '.join(map(str, argv))}\n".encode())
            log.flush()
            # A session of its own: what the command starts ends with it when we are interrupted.
            child = None
            try:
                with _uninterrupted():
                    child = subprocess.Popen(  # noqa: S603 - the argument vectors are the recipes' own
                        argv,
                        cwd=cwd,
                        env={**os.environ, **(env or {})},
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,
                    )
                code = child.wait()
            except OSError as error:
                raise CityopsError(f"{self._server} cannot be installed: {argv[0]}: {error.strerror}") from error
            except BaseException:
                if child:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()
                raise
        if code:
            raise CityopsError(
                f"installing {self._server} failed: {Path(argv[0]).name} ended with {code}. "
                f"The log is {self._log}; it ends with\n{last_lines(self._log)}"
            )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C is heard when the block is over: amid the start of a process it would leave one that nobody ends."""
    if threading.current_thread() is not threading.main_thread():  # which alone hears signals
        yield
        return
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: heard.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if heard:
            signal.raise_signal(signal.SIGINT)


def installed(recipe: Recipe, cache: Path) -> Path:
    """The folder `recipe` was installed to.

    Raises:
        CityopsError: it is not installed.
    """
    place = recipe.place(cache)
    if not place.is_dir():
        raise CityopsError(
            f"{recipe.server} {recipe.version} is not installed in {cache}: "
            f"run `./cityops servers install {recipe.server.lower()}`"
        )
    return place


def install(recipe: Recipe, cache: Path, say: Callable[[str], None] = lambda _: None) -> Path:
    """Install `recipe` into `cache` unless it is there, and return its folder.

    `say` gets a line for a person when there is something to wait for.

    Raises:
        CityopsError: a tool is missing, a step failed, or `cache` cannot be written.
    """
    place = recipe.place(cache)
    if place.is_dir():
        return place
    try:
        lock = cache / f"{recipe.server.lower()}.lock"
        with held(lock, lambda: say(f"{recipe.server}: another install is at work in {cache}; waiting for it")):
            if not place.is_dir():
                say(f"{recipe.server} {recipe.version}: installing ({recipe.takes} the first time)")
                _build(recipe, cache, place)
    except OSError as error:
        raise CityopsError(f"{recipe.server} cannot be installed in {cache}: {error.strerror or error}") from error
    return place


def _build(recipe: Recipe, cache: Path, place: Path) -> None:
    """Build `recipe` beside `place` and move it there. The caller holds the lock."""
    prefix = f".building-{recipe.server.lower()}-"
    for remains in cache.glob(f"{prefix}*"):
        shutil.rmtree(remains, ignore_errors=True)
    log = recipe.log(cache)
    log.write_bytes(b"")
    building = Path(tempfile.mkdtemp(prefix=prefix, dir=cache))
    try:
        recipe.build(building, Steps(recipe.server, log))
        building.chmod(0o755)
        building.rename(place)
    finally:
        shutil.rmtree(building, ignore_errors=True)


def last_lines(log: Path, lines: int = _LAST_LINES) -> str:
    """The last `lines` of `log`, indented; a placeholder when there are none."""
    try:
        with log.open(encoding="utf-8", errors="replace") as file:
            tail = deque((line.rstrip() for line in file), maxlen=lines)
    except OSError:
        tail = deque()
    return "\n".join(f"  {line}" for line in tail) or "  (nothing)"
