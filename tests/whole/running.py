"""The real command line in a folder of its own: `./cityops up`, and other commands that find it."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.part import CITY_FILE, read_json
from tests.whole.city import free_port
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

CITYOPS = Path(__file__).parents[2] / "cityops"


class RunningCity:
    """A city that `./cityops up` runs."""

    def __init__(self, folder: Path) -> None:
        self.data_dir = folder / "city"
        self._folder = folder
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("CITYOPS_")},
            "CITYOPS_DATA_DIR": str(self.data_dir),
            "CITYOPS_STORE_PORT": str(free_port()),
            "CITYOPS_METRICS_PORT": str(free_port()),
            "CITYOPS_CONSOLE_PORT": "0",
        }

    def run(self, *words: str | Path, code: int = 0, limit_s: float = 560) -> str:
        """Run a command to its end; what it printed on standard output.

        Raises:
            AssertionError: another exit code, or a traceback.
        """
        done = subprocess.run(
            [CITYOPS, *words],
            env=self._environment,
            cwd=self._folder,
            capture_output=True,
            text=True,
            timeout=limit_s,
            check=False,
        )
        assert done.returncode == code, f"{words} → {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stderr
        return done.stdout

    @contextmanager
    def up(self, *words: str) -> Iterator[subprocess.Popen[str]]:
        """`./cityops up`, ready; Ctrl-C in the end, after which nothing is left."""
        log = self._folder / "up.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                [CITYOPS, "up", *words],
                env=self._environment,
                cwd=self._folder,
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
                text=True,
                start_new_session=True,
            )
        try:
            wait_until(lambda: self._ready(process, log), 90, "the city is ready")
            yield process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            assert process.wait(15) == 0, log.read_text()
        assert not (self.data_dir / CITY_FILE).exists()

    def _ready(self, process: subprocess.Popen[str], log: Path) -> bool:
        assert process.poll() is None, log.read_text()
        city = read_json(self.data_dir / CITY_FILE)
        return bool(city and city.get("ready"))
