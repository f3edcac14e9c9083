"""What must be so before anything starts: a private data folder, nobody else in it, free ports, a token."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import shutil
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import psutil

from city.errors import CityopsError, UnreachableError, UsageError
from runtime.part import CITY_FILE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

LOCK_FILE = "up.lock"
LEAST_FREE_BYTES = 128 * 1024 * 1024
"""Twice what the embedded store wants to see free before it takes a point."""
_MARKS = {CITY_FILE, LOCK_FILE, "store.duckdb"}
"""Names that no other folder has: where one of them is, a city was."""
_BEFORE_UP = {"run", "logs", "secrets", "servers", "faust", "refused"}
"""What may stand in a data folder before its first `up`. Other folders have such names too, the root of a system first
of all: they are taken for ours only where nothing else is."""


def make_private(data_dir: Path) -> None:
    """Make the data folder, or take one that is empty or ours; nobody else may look into it.

    Raises:
        UsageError: it is a file, or a folder of something else, or not ours to write.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        refuse_foreign(data_dir)
        data_dir.chmod(0o700)
        for name in ("run", "logs", "secrets"):
            (data_dir / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot use {data_dir} as data folder: {error.strerror}") from error


def refuse_foreign(data_dir: Path) -> None:
    """Refuse a folder that holds something else than a city.

    Raises:
        UsageError: nothing in it tells that a city was ever there.
    """
    if not data_dir.is_dir():
        raise UsageError(f"cannot use {data_dir} as data folder: it is a file")
    names = {path.name for path in data_dir.iterdir()}
    if not names & _MARKS and not names <= _BEFORE_UP:
        raise UsageError(f"{data_dir} holds other things and is no data folder of cityops: name another by --data-dir")


def refuse_full_disk(data_dir: Path) -> None:
    """Check that the disk under the folder, made or not, has room for the first minutes of a city.

    Raises:
        CityopsError: it has less than `LEAST_FREE_BYTES`.
    """
    there = next(folder for folder in (data_dir, *data_dir.absolute().parents) if folder.exists())
    total, _, free = shutil.disk_usage(there)
    if total and free < LEAST_FREE_BYTES:  # what has no size is no disk: making the folder there says why not
        raise CityopsError(
            f"the disk of {data_dir} is full ({free >> 20} MB free, at least {LEAST_FREE_BYTES >> 20} are "
            "needed): make room, or name another by --data-dir"
        )


@contextmanager
def sole_use(data_dir: Path) -> Iterator[None]:
    """Hold the data folder for this process; the system lets go of it when the process ends, however it ends.

    Raises:
        CityopsError: another process holds it; names its pid.
    """
    path = data_dir / LOCK_FILE
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                raise
            holder = file.read().strip() or "unknown"
            raise CityopsError(
                f"a city already runs on {data_dir} (pid {holder}): stop it first, or name another --data-dir"
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.seek(0)
            file.truncate(0)


def make_token(path: Path) -> None:
    """Make the store's token, unless there is one; whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink(missing_ok=True)


def refuse_taken_ports(ports: Mapping[str, int]) -> None:
    """Check that each port is free on loopback; `ports` is setting → port.

    Raises:
        CityopsError: one is taken, or two settings name the same one.
    """
    names: dict[int, str] = {}
    for setting, port in ports.items():
        flag = "--" + setting.replace("_", "-")
        if port in names:
            raise UsageError(f"{names[port]} and {flag} both name port {port}: change one")
        names[port] = flag
        if not _is_free(port):
            raise CityopsError(f"port {port} is taken by {_holder(port)}: stop that, or choose another by {flag}")


def await_server(what: str, addresses: Sequence[str]) -> None:
    """Check that one of the servers, each HOST:PORT, takes connections.

    Raises:
        UnreachableError: none does.
    """
    reason = ""
    for address in addresses:
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=5.0).close()
        except OSError as error:
            reason = error.strerror or str(error)
        else:
            return
    raise UnreachableError(f"no {what} at {','.join(addresses)}: {reason}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port whose last owner has just ended is free for a server, which asks the same way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError as error:
            raise CityopsError(f"port {port} is not ours to use: choose one above 1023") from error
        except OSError:
            return False
    return True


def _port(connection: psutil._ntuples.sconn) -> int:
    return connection.laddr.port if connection.laddr else 0


def _holder(port: int) -> str:
    with suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.pid and _port(connection) == port:
                return f"pid {connection.pid} ({psutil.Process(connection.pid).name()})"
    return "a process of somebody else"
