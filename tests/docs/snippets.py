"""The fenced blocks of a page, and a tree in which they are run."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.part import read_json
from tests.docs.tree import ROOT, copy_of_the_project
from tests.supervisor.conftest import free_port

if TYPE_CHECKING:
    from pathlib import Path

_FENCE = re.compile(r"^```(?P<language>\w+)(?P<options>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PATIENCE_S = 120.0


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, the classes in its braces, the file it is, its text."""

    language: str
    classes: frozenset[str]
    title: str
    text: str


def blocks(page: str) -> list[Block]:
    """The blocks of a page of `docs/`, in order."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        title = re.search(r'title="([^"]+)"', match["options"])
        classes = frozenset(re.findall(r"\.([\w-]+)", match["options"].partition("{")[2]))
        found.append(Block(match["language"], classes, title[1] if title else "", match["text"]))
    return found


class Tree:
    """A copy of the project in which commands are run as a reader would.

    Args:
        folder: where to make it.
        own_ports: whether the city's ports are apart from everybody's, or those that a reader has.
    """

    def __init__(self, folder: Path, *, own_ports: bool = True) -> None:
        self.folder = copy_of_the_project(folder)
        launcher = self.folder / "cityops"  # the environment is there: only the command line is run
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cli.main "$@"\n')
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(self.folder),
            "PYTHONSAFEPATH": "1",
            "PYTHONUTF8": "1",
        }
        if own_ports:
            self.environment |= {
                "CITYOPS_STORE_PORT": str(free_port()),
                "CITYOPS_METRICS_PORT": str(free_port()),
                "CITYOPS_CONSOLE_PORT": str(free_port()),
            }
        self._city: subprocess.Popen[bytes] | None = None
        self._parts: list[subprocess.Popen[bytes]] = []

    def sh(self, script: str) -> subprocess.CompletedProcess[str]:
        """Run commands, the first failing one ends them."""
        return subprocess.run(
            ["sh", "-e", "-c", script],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )

    def start_city(self, command: str) -> None:
        """Start the city that a block starts, in place of the one that runs, and wait until it is ready."""
        self.stop_city()
        with (self.folder / "city.log").open("wb") as log:
            self._city = subprocess.Popen(
                ["sh", "-c", f"exec {command.strip()}"],
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + PATIENCE_S
        while not (read_json(self.folder / ".cityops" / "city.json") or {}).get("ready"):
            said = (self.folder / "city.log").read_text(encoding="utf-8")
            assert self._city.poll() is None, said
            assert time.monotonic() < until, said
            time.sleep(0.2)

    def stop_city(self) -> None:
        """Stop the city, if one runs."""
        if self._city is not None:
            self._city.terminate()
            self._city.wait(30)
            self._city = None

    def start_part(self, command: str) -> None:
        """Start what a reader leaves running in a terminal of its own."""
        with (self.folder / f"part-{len(self._parts)}.log").open("wb") as log:
            words = ["sh", "-c", f"exec {command.strip()}"]
            part = subprocess.Popen(
                words, cwd=self.folder, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._parts.append(part)

    def stop_parts(self) -> None:
        """End them as Ctrl-C does, the last one first; each must end in order."""
        faults = []
        while self._parts:
            part = self._parts.pop()
            part.send_signal(signal.SIGINT)
            try:
                code = part.wait(30)
            except subprocess.TimeoutExpired:
                part.kill()
                code = part.wait()
            if code not in {0, 130}:
                said = (self.folder / f"part-{len(self._parts)}.log").read_text(encoding="utf-8")
                faults.append(f"{part.args!r} → {code}\n{said}")
        assert not faults, "\n".join(faults)

    def run(self, block: Block) -> str:
        """Do what a block says: write its file, start its city, or run its commands; what they printed.

        A block of class `eventually` may have to be run more than once until it succeeds and prints something.
        """
        if block.title:
            (self.folder / block.title).write_text(block.text, encoding="utf-8")
            return ""
        if block.language != "sh" or "not-run" in block.classes:
            return ""
        if "city" in block.classes:
            self.start_city(block.text)
            return ""
        if "part" in block.classes:
            self.start_part(block.text)
            return ""
        until = time.monotonic() + PATIENCE_S
        while True:
            done = self.sh(block.text)
            if done.returncode == 0 and ("eventually" not in block.classes or done.stdout.strip()):
                return done.stdout
            may_try_again = "eventually" in block.classes and time.monotonic() < until
            assert may_try_again, f"{block.text}\n{done.stdout}\n{done.stderr}"
            time.sleep(1)
