"""Plays one thing at a time: the very commands `./cityops replay` and `./cityops simulate --live`, as a process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from city.errors import CityopsError, UsageError
from console.alerts.firing import clip
from console.replay.offers import SPEEDS
from runtime.connect import find_broker
from runtime.settings import PREFIX

if TYPE_CHECKING:
    from console.replay.offers import Offers
    from runtime.settings import Settings

PATIENCE_S: Final = 10.0
"""How long a replay may take to end in good order."""
OTHER_SEED: Final = 1
"""A scenario is played with another seed than the simulators': the same one would say the same, and be a duplicate."""


@dataclass(frozen=True, slots=True)
class Playing:
    """What is played, or was last.

    Attributes:
        ended: the exit code; None while it plays.
        said: its last line.
        stopped: whether a person ended it.
    """

    name: str
    since_ns: int
    ended: int | None = None
    said: str = ""
    stopped: bool = False


@dataclass
class Player:
    """Starts and stops the process. A second start while one plays is refused."""

    settings: Settings
    now: Playing | None = field(default=None, init=False)
    _process: asyncio.subprocess.Process | None = field(default=None, init=False)
    _reading: asyncio.Task[None] | None = field(default=None, init=False)
    _stopping: bool = field(default=False, init=False)
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def possible(self) -> bool:
        """Whether this console stands beside an embedded broker: a real Kafka is never spoken to from a browser."""
        try:
            return find_broker(self._found()).embedded
        except CityopsError:
            return False

    async def play_file(self, name: str, speed: str, offered: Offers) -> None:
        """Replay a file that is offered.

        Raises:
            UsageError: it is not offered, or no such speed is.
            CityopsError: something plays already.
        """
        if name not in offered.files or speed not in SPEEDS:
            raise UsageError("that is not offered")
        await self._start(name, "replay", str(offered.files[name]), "--speed", speed)

    async def play_scenario(self, name: str, offered: Offers) -> None:
        """Play a scenario live, until stopped.

        Raises:
            UsageError: it is not offered.
            CityopsError: something plays already.
        """
        if name not in offered.scenarios:
            raise UsageError("that is not offered")
        seed = str(self.settings.seed + OTHER_SEED)
        await self._start(name, "simulate", "--live", "--scenario", name, "--seed", seed)

    async def stop(self) -> None:
        """End what plays, in good order; after a while, at once."""
        if self._process is None or self._process.returncode is not None:
            return
        self._stopping = True
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), PATIENCE_S)
        except TimeoutError:
            self._process.kill()

    async def ended(self) -> None:
        """Wait until what plays has ended, and its last line is known."""
        if self._reading is not None:
            await self._reading

    async def _start(self, name: str, *arguments: str) -> None:
        async with self._starting:
            if self.now is not None and self.now.ended is None:
                raise CityopsError(f"{self.now.name} is playing: stop it first")
            outer = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
            try:
                self._process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    *("-m", "cli.main", *arguments),
                    stdin=asyncio.subprocess.DEVNULL,
                    stdout=asyncio.subprocess.DEVNULL,
                    stderr=asyncio.subprocess.PIPE,
                    env=outer | self._found().environment(),
                )
            except OSError as error:
                raise CityopsError(f"{name} cannot be played: {error.strerror}") from error
            self.now, self._stopping = Playing(name, time.time_ns()), False
            self._reading = asyncio.create_task(self._read(self._process, self.now))

    async def _read(self, process: asyncio.subprocess.Process, playing: Playing) -> None:
        assert process.stderr is not None
        while True:
            try:
                line = await process.stderr.readline()
            except ValueError:  # a line longer than anybody would read
                continue
            if not line:
                break
            said = clip(line.decode("utf-8", "replace").strip()).removeprefix("cityops: ")
            self.now = playing = replace(playing, said=said)
        self.now = replace(playing, ended=await process.wait(), stopped=self._stopping)

    def _found(self) -> Settings:
        """The settings without the broker's address: an embedded one has another after each start."""
        embedded = self.settings.broker_embedded
        return self.settings.but(broker="", broker_embedded=False) if embedded else self.settings
