"""Starting and stopping, on a server that is a few lines of Python: teapot 1."""

from __future__ import annotations

import json
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import psutil
import pytest

from city.errors import CityopsError
from infra.native import server as servers
from infra.native.cache import Recipe, install
from infra.native.ports import LOOPBACK, answers, free_port
from infra.native.server import Launch, Server

if TYPE_CHECKING:
    from collections.abc import Iterator

_LISTEN = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[2]))); time.sleep(600)"
_DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + _LISTEN
_DIE = "import sys; print('no beans'); sys.exit(7)"


class Teapot(Server):
    recipe: ClassVar[Recipe] = Recipe(
        "Teapot", (Path(__file__),), r"teapot (\d)", "a moment", lambda folder, _: (folder / "made").touch()
    )
    script = _LISTEN

    def _launch(self, installed: Path, port: int) -> Launch:
        assert (installed / "made").exists()
        return Launch([sys.executable, "-c", self.script, self.home / "marker", str(port)], {})

    def _healthy(self, port: int) -> bool:
        return answers(port)

    def _set_up(self, port: int) -> None:
        (self.home / "set-up").write_text(str(port))


@pytest.fixture
def teapot(tmp_path: Path) -> Iterator[Teapot]:
    install(Teapot.recipe, tmp_path / "cache")
    server = Teapot(tmp_path / "pot", cache=tmp_path / "cache")
    yield server
    server.kill()


def _again(teapot: Teapot, port: int = 0) -> Teapot:
    """The same instance as another process would see it."""
    return Teapot(teapot.home, port, cache=teapot.cache)


def test_a_server_runs_inside_its_context_and_not_after_it(teapot: Teapot) -> None:
    with teapot as running:
        assert running.healthy()
        assert answers(running.port)
        assert running.address == f"{LOOPBACK}:{running.port}"
        assert (running.home / "set-up").read_text() == str(running.port)
        pid = running.pid
    assert pid is not None
    assert not psutil.pid_exists(pid)
    assert teapot.pid is None
    assert not teapot.healthy()


def test_its_folder_is_its_owners_alone(teapot: Teapot) -> None:
    teapot.start()
    assert stat.S_IMODE(teapot.home.stat().st_mode) == 0o700


def test_starting_what_runs_changes_nothing(teapot: Teapot) -> None:
    teapot.start()
    before = (teapot.pid, teapot.port)
    _again(teapot, free_port()).start()
    assert (teapot.pid, teapot.port) == before


def test_another_process_finds_it_and_stops_it(teapot: Teapot) -> None:
    teapot.start()
    other = _again(teapot)
    assert other.pid == teapot.pid
    assert other.stop()
    assert teapot.pid is None
    assert not other.stop()


def test_a_killed_server_comes_back_at_its_address(teapot: Teapot) -> None:
    teapot.start()
    before = (teapot.address, teapot.pid)
    teapot.kill()
    assert teapot.pid is None
    teapot.start()
    assert teapot.address == before[0]
    assert teapot.pid != before[1]


def test_a_foreign_process_with_the_recorded_pid_is_left_alone(teapot: Teapot) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as foreign:
        teapot.home.mkdir()
        (teapot.home / "server.json").write_text(json.dumps({"pid": foreign.pid, "port": free_port()}))
        assert teapot.pid is None
        assert not teapot.stop()
        teapot.kill()
        assert foreign.poll() is None
        foreign.kill()


def test_a_folder_whose_name_begins_with_ours_is_another_instance(teapot: Teapot) -> None:
    longer = Teapot(teapot.home.with_name("pot-two"), cache=teapot.cache)
    with longer:
        teapot.home.mkdir()
        (teapot.home / "server.json").write_bytes((longer.home / "server.json").read_bytes())
        assert teapot.pid is None


def test_a_taken_port_is_named(teapot: Teapot) -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CityopsError, match=rf"Teapot cannot start: port {port} of 127\.0\.0\.1 is taken"):
            _again(teapot, port).start()


def test_a_server_that_ends_at_once_shows_the_end_of_its_log(teapot: Teapot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Teapot, "script", _DIE)
    with pytest.raises(CityopsError, match=r"Teapot ended at its start\. Its log is .*server\.log; .*\n  no beans"):
        teapot.start()


def test_a_server_that_never_answers_is_given_up_and_ended(teapot: Teapot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Teapot, "_healthy", lambda _self, _port: False)
    monkeypatch.setattr(servers, "START_S", 0.3)
    with pytest.raises(CityopsError, match="did not answer within"):
        teapot.start()
    assert teapot.pid is None


def test_a_set_up_that_fails_leaves_no_server_behind(teapot: Teapot, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: Teapot, _port: int) -> None:
        raise CityopsError("no tea")

    monkeypatch.setattr(Teapot, "_set_up", refuse)
    with pytest.raises(CityopsError, match="no tea"):
        teapot.start()
    assert teapot.pid is None


def test_a_server_deaf_to_sigterm_is_killed_in_the_end(teapot: Teapot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Teapot, "script", _DEAF)
    monkeypatch.setattr(servers, "STOP_S", 0.3)
    teapot.start()
    child = teapot._child
    assert teapot.stop()
    assert child is not None
    assert child.returncode == -signal.SIGKILL


def test_without_an_install_the_start_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(CityopsError, match=r"Teapot 1 is not installed .*`\./cityops servers install teapot`"):
        Teapot(tmp_path / "pot", cache=tmp_path / "empty").start()


def test_an_instance_never_started_has_no_address(teapot: Teapot) -> None:
    with pytest.raises(CityopsError, match="Teapot was never started in"):
        _ = teapot.address
