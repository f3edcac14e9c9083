from __future__ import annotations

import os
import subprocess
import sys
from shutil import _ntuple_diskusage as usage
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError, UnreachableError, UsageError
from embedded import premises
from embedded.premises import (
    await_server,
    make_private,
    make_token,
    refuse_full_disk,
    refuse_taken_ports,
    sole_use,
)
from embedded.store.writer import FREE_BYTES
from tests.supervisor.conftest import free_port, listener

if TYPE_CHECKING:
    from pathlib import Path


def test_the_data_folder_is_private_even_where_the_umask_is_generous(tmp_path: Path) -> None:
    old = os.umask(0)
    try:
        make_private(tmp_path / "a" / "data")
    finally:
        os.umask(old)
    assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700


def test_a_folder_of_something_else_is_not_taken_for_a_data_folder(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match="holds other things"):
        make_private(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize("names", [("run", "logs", "etc"), ("secrets", "src"), ("servers", "notes.txt")])
def test_names_that_other_folders_have_too_do_not_make_it_ours(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    tmp_path.chmod(0o755)
    with pytest.raises(UsageError, match="holds other things"):
        make_private(tmp_path)
    assert tmp_path.stat().st_mode & 0o777 == 0o755
    assert {path.name for path in tmp_path.iterdir()} == set(names)


@pytest.mark.parametrize("names", [(), ("servers",), ("secrets",), ("faust", "refused"), ("up.lock", "anything else")])
def test_what_the_other_commands_and_a_city_before_leave_is_ours(names: tuple[str, ...], tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).mkdir()
    make_private(tmp_path)
    assert {"run", "logs", "secrets"} <= {path.name for path in tmp_path.iterdir()}


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot use"):
        make_private(tmp_path / "file")


def test_a_second_city_on_the_same_folder_is_refused_and_the_first_one_named(tmp_path: Path) -> None:
    with sole_use(tmp_path), pytest.raises(CityopsError, match=f"pid {os.getpid()}"), sole_use(tmp_path):
        pass


def test_a_killed_city_leaves_its_folder_free(tmp_path: Path) -> None:
    dying = (
        "import os, signal, pathlib, sys; from embedded.premises import sole_use\n"
        "with sole_use(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", dying, str(tmp_path)], check=False, timeout=60)
    with sole_use(tmp_path):
        pass


def test_a_full_disk_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse_full_disk(tmp_path)
    assert premises.LEAST_FREE_BYTES > FREE_BYTES, "a city that starts can store"
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(total=10**9, used=10**9 - 5, free=5))
    with pytest.raises(CityopsError, match="is full"):
        refuse_full_disk(tmp_path)


def test_the_token_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "store-token"
    make_token(path)
    first = path.read_text()
    make_token(path)
    assert path.read_text() == first
    assert len(first.strip()) >= 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path], "no draft is left"


def test_a_taken_port_is_named_with_its_holder_and_the_flag_that_changes_it() -> None:
    with listener() as port, pytest.raises(CityopsError) as caught:
        refuse_taken_ports({"metrics_port": free_port(), "store_port": port})
    assert f"port {port} is taken by pid {os.getpid()}" in str(caught.value)
    assert "--store-port" in str(caught.value)


def test_one_port_for_two_purposes_is_refused() -> None:
    port = free_port()
    with pytest.raises(UsageError, match=f"both name port {port}"):
        refuse_taken_ports({"metrics_port": port, "store_port": port})


def test_a_server_that_is_not_there_is_one_line() -> None:
    with pytest.raises(UnreachableError, match=r"no broker at 127\.0\.0\.1:1: Connection refused"):
        await_server("broker", ["127.0.0.1:1"])


def test_one_answering_server_of_several_is_enough() -> None:
    with listener() as port:
        await_server("broker", ["127.0.0.1:1", f"127.0.0.1:{port}"])
