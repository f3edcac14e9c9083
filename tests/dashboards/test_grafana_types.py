"""The built boards are of Grafana's own types: `@grafana/schema` by tsc, panels, their options and field settings."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.servers import cannot

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA: Final = Path(__file__).with_name("schema")
PRELUDE: Final = (SCHEMA / "board.ts").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def grafana_types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with Grafana's types and tsc in it, in the versions of the lock file."""
    if shutil.which("npm") is None:
        cannot("npm is not on this machine: Grafana's types come from its registry")
    folder = tmp_path_factory.mktemp("schema")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(SCHEMA / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1"]
    try:
        installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    except subprocess.TimeoutExpired:
        cannot("npm does not come to an end: its registry is out of reach")
    else:
        if installed.returncode:
            cannot(f"npm cannot install Grafana's types: {installed.stderr[-300:]}")
    return folder


def checked(folder: Path, boards: dict[str, dict[str, Any]]) -> list[str]:
    """What tsc finds wrong with these boards."""
    names = []
    for name, board in boards.items():
        names.append(f"{name}.ts")
        (folder / names[-1]).write_text(PRELUDE + "\n".join(_typed(board)) + "\n", encoding="utf-8")
    options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--moduleResolution", "bundler"]
    command = ["node_modules/.bin/tsc", *options, "--module", "esnext", *names]
    found = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    faults = [line for line in found.stdout.splitlines() if "error TS" in line]
    assert faults or not found.returncode, found.stdout + found.stderr
    return faults


def _typed(board: dict[str, Any]) -> Iterator[str]:
    """The board as constants with types: literals are held to every name and value that a type has."""
    whole = {name: value for name, value in board.items() if name != "panels"}
    yield f"export const whole: Board = {json.dumps(whole)};"
    for number, panel in enumerate(board["panels"]):
        kind = {"row": "Row", "alertlist": "Untyped"}.get(panel["type"], f'Typed<"{panel["type"]}">')
        yield f"export const panel{number}: {kind} = {json.dumps(panel)};"


@pytest.mark.live
def test_every_board_is_of_grafanas_types(grafana_types: Path, built: dict[str, str]) -> None:
    boards = {
        path.rpartition("/")[2].removesuffix(".json"): json.loads(text)
        for path, text in built.items()
        if path.startswith("boards/vi/")
    }
    assert len(boards) > 10
    assert checked(grafana_types, boards) == []


@pytest.mark.live
def test_the_types_find_what_is_wrong(grafana_types: Path, built: dict[str, str]) -> None:
    def broken(**changes: object) -> dict[str, Any]:
        board = json.loads(built["boards/vi/traffic.json"])
        board["panels"] = [{**board["panels"][1], **changes}]
        return dict(board)

    wrong = {
        "sound": broken(),
        "misspelt": broken(descripton="x"),
        "wrong_value": broken(repeatDirection="z"),
        "wrong_option": broken(options={"colorMode": "loud"}),
        "unknown_option": broken(options={"sparkles": True}),
    }
    assert {fault.partition(".ts")[0] for fault in checked(grafana_types, wrong)} == set(wrong) - {"sound"}
