"""A part of a running city: how a process says that it is ready, ends with its supervisor, and is found."""

from __future__ import annotations

import _thread
import errno
import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psutil

from city.errors import CityopsError, ConfigurationError, UsageError
from runtime import log
from runtime.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from runtime.settings import Settings

SUPERVISED = "CITYOPS_SUPERVISED"
CITY_FILE = "city.json"
PATIENCE_S = 10.0
EX_CONFIG = 78
"""Exit code of a part that only a person can help (`sysexits.h`): the supervisor does not start it again."""


def start() -> Settings:
    """What every part does first: read its settings, set its log up, and see to it that it ends with its supervisor.

    Raises:
        UsageError: a setting is wrong.
    """
    settings = load()
    log.configure(settings.log_level)
    end_with_supervisor()
    return settings


def told_to_stop() -> threading.Event:
    """An event that SIGTERM or SIGINT sets, from now on. For the main thread, which alone hears signals."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: set_from_handler(stop))
    return stop


def set_from_handler(event: threading.Event) -> None:
    """Set an event inside a signal handler.

    `Event.set` takes a lock that the interrupted thread itself may hold, in the midst of `wait`: it would wait for
    itself for ever. Another thread may wait for it.
    """
    _thread.start_new_thread(event.set, ())


def run_file(data_dir: Path, name: str) -> Path:
    """Where the part `name` announces itself."""
    return data_dir / "run" / f"{name}.json"


def announce(settings: Settings, name: str, **facts: object) -> None:
    """Say that the part `name` is ready, with facts others need (an address, a URL).

    Raises:
        CityopsError: the disk does not take it.
    """
    path = run_file(settings.data_dir, name)
    try:
        write_json(path, {"pid": os.getpid(), **facts})
    except OSError as error:
        raise CityopsError(
            f"cannot write {path}: {error.strerror}: make room on the disk of {settings.data_dir}, or name another "
            "folder by data_dir"
            if error.errno in {errno.ENOSPC, errno.EDQUOT}
            else f"cannot write {path}: {error.strerror}: see data_dir"
        ) from error


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a small file whole or not at all, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(value, file, indent=2, sort_keys=True, ensure_ascii=False)
            file.write("\n")
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def read_json(path: Path) -> dict[str, Any] | None:
    """What `write_json` wrote; None when there is no such file, or it is not whole."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def run(main: Callable[[], None]) -> None:
    """Run a part's `main`; what a person should be told becomes one line and an exit code, no traceback."""
    try:
        main()
    except (UsageError, ConfigurationError) as error:
        sys.stderr.write(f"cityops: {error}\n")
        sys.exit(EX_CONFIG)
    except CityopsError as error:
        sys.stderr.write(f"cityops: {error}\n")
        sys.exit(error.exit_code)


def running(data_dir: Path) -> dict[str, Any]:
    """The addresses and pids of the city that runs on `data_dir`, as its supervisor wrote them.

    Shape: `{"pid", "started", "rate",
    "broker": {"address", "embedded", …}, "store": {"url", …}, "worker": {…}, …}`.

    Raises:
        CityopsError: no city runs there; what a killed supervisor left behind does not count.
    """
    city = read_json(data_dir / CITY_FILE)
    if city is None or not _lives(city):
        raise CityopsError(f"no city runs on {data_dir}: start one with `./cityops up`, or name it by --data-dir")
    return city


def _lives(city: dict[str, Any]) -> bool:
    """Whether the supervisor that wrote the file is still there, and its pid not somebody else's by now."""
    try:
        started = psutil.Process(int(city["pid"])).create_time()
        return abs(started - float(city["started"])) < 1
    except (psutil.Error, KeyError, TypeError, ValueError, OverflowError):
        return False


def end_with_supervisor() -> None:
    """Under a supervisor, end this process and what it started when its standard input ends.

    The supervisor holds the other end of that pipe, so nothing outlives it, even killed by SIGKILL: SIGTERM at
    once, SIGKILL after `PATIENCE_S`.
    """
    if os.environ.get(SUPERVISED) != "1":
        return
    threading.Thread(target=_wait_for_end, name="end-with-supervisor", daemon=True).start()


def _wait_for_end() -> None:
    with suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    # The supervisor makes each part the leader of a process group of its own.
    everybody = os.killpg if os.getpgrp() == os.getpid() else os.kill
    everybody(os.getpid(), signal.SIGTERM)
    time.sleep(PATIENCE_S)
    everybody(os.getpid(), signal.SIGKILL)
