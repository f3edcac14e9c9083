"""This machine: Python, packages, settings, disk, clock, ports."""

from __future__ import annotations

import platform
import re
import shutil
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from city.errors import CityopsError
from cli._doctor.finding import Finding, State
from embedded import premises

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from city import catalogue as packs
    from runtime.settings import Settings

OLDEST, NEWEST = (3, 11), (3, 14)
LOCK: Final = Path(__file__).parents[2] / "requirements.lock"
_PINNED: Final = re.compile(r"^([A-Za-z0-9._-]+)==(\S+) \\$", re.MULTILINE)
"""A package that every machine has; those for some only carry a marker behind the version."""

_BUILT: Final = 1_763_769_600
"""22 November 2025: no clock of a machine that runs this can stand before it."""


def python(
    version: tuple[int, int, int] = sys.version_info[:3], kind: str = platform.python_implementation()
) -> Finding:
    """The interpreter."""
    said = f"{kind} {'.'.join(map(str, version))} on {platform.system()} {platform.machine()}"
    if kind != "CPython" or not OLDEST <= version[:2] <= NEWEST:
        return Finding(
            "python", State.WRONG, f"{said}; cityops needs CPython 3.11 to 3.14",
            "name one by CITYOPS_PYTHON=/path/to/python, remove .venv, and start again",
        )  # fmt: skip
    return Finding("python", State.OK, said)


def packages(lock: Path = LOCK, installed: Callable[[str], str] = metadata.version) -> Finding:
    """The packages: those of the lock file in a checkout, whatever was declared in an installed one."""
    if not lock.is_file():
        return Finding("packages", State.OK, f"installed: cityops {installed('cityops')}")
    wanted = dict(_PINNED.findall(lock.read_text(encoding="utf-8")))
    others = [name for name, version in wanted.items() if _version(name, installed) != version]
    if others:
        shown = ", ".join(f"{name} {_version(name, installed) or 'missing'} for {wanted[name]}" for name in others[:3])
        more = f" and {len(others) - 3} more" if len(others) > 3 else ""
        return Finding(
            "packages", State.WRONG, f"not as {lock.name} says: {shown}{more}",
            "remove .venv: the next start makes it anew",
        )  # fmt: skip
    return Finding("packages", State.OK, f"all {len(wanted)} as {lock.name} says")


def _version(name: str, installed: Callable[[str], str]) -> str:
    try:
        return installed(name).removeprefix("v")
    except metadata.PackageNotFoundError:
        return ""


def catalogue(found: packs.Catalogue | CityopsError) -> Finding:
    """The packs, or what is wrong with them."""
    if isinstance(found, CityopsError):
        faults = " ".join(str(found).split())
        return Finding("catalogue", State.WRONG, faults, "mend the packs; `./cityops catalogue --check` tells all")
    return Finding("catalogue", State.OK, f"{found.city.name}; {', '.join(found.by_name)}")


def settings(found: Settings) -> Finding:
    """What is set to something else than its default."""
    fields = type(found).model_fields
    changed = [name for name in fields if getattr(found, name) != fields[name].default]
    return Finding("settings", State.OK, f"set: {', '.join(changed)}" if changed else "all as they are by default")


def disk(settings: Settings, usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage) -> Finding:
    """The data folder, and the room under it."""
    folder = settings.data_dir.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        if folder.exists():
            premises.refuse_foreign(folder)
        free = usage(there)[2]
    except (CityopsError, OSError) as error:
        return Finding("disk", State.WRONG, str(error), "name another folder by --data-dir or data_dir")
    least = premises.LEAST_FREE_BYTES
    said = f"{free / 2**30:.1f} GB free for {settings.data_dir}"
    if free < least:
        todo = f"make room: a city needs {least >> 20} MB to start; or name another folder by --data-dir"
        return Finding("disk", State.WRONG, said, todo)
    if free < 8 * least:
        return Finding("disk", State.NOTE, said, "a city writes about 1 GB a day at the default rate: make room soon")
    return Finding("disk", State.OK, said)


def clock(timezone: str, now: Callable[[], float] = time.time) -> Finding:
    """This machine's clock and its table of time zones. Servers' clocks are compared with it where they answer."""
    try:
        local = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        todo = "install the system's tzdata, or `uv pip install tzdata`"
        return Finding("clock", State.WRONG, f"no time zone {timezone} on this machine", todo)
    stands = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now()))
    if now() < _BUILT:
        todo = "set it, best by NTP: what a sensor says later than 5 s after it is heard is rejected"
        return Finding("clock", State.WRONG, f"the clock stands at {stands}, which is past", todo)
    return Finding("clock", State.OK, f"{stands}, days by {local.key}")


def ports(settings: Settings, *, running: bool) -> Iterator[Finding]:
    """The ports that `up` takes on loopback: free, or taken by the city that runs."""
    wanted: Mapping[str, int] = (
        {"metrics_port": settings.metrics_port}
        | ({} if settings.store_url else {"store_port": settings.store_port})
        | ({"console_port": settings.console_port} if settings.console_port else {})
    )
    if running:
        yield Finding("ports", State.OK, "those of the city that runs")
        return
    try:
        premises.refuse_taken_ports(wanted)
    except CityopsError as error:
        text, _, todo = str(error).partition(": ")
        yield Finding("ports", State.WRONG, text, todo or "choose another")
        return
    yield Finding("ports", State.OK, f"{', '.join(map(str, sorted(wanted.values())))} are free")
