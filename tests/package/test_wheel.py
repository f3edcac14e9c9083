"""The wheel: what is in it, and that it runs in a clean environment, far from the checkout."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import tomllib
import venv
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

from tests.supervisor.conftest import free_port

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ROOMS = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==", re.MULTILINE)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree."""
    folder = tmp_path_factory.mktemp("dist")
    built = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert built.returncode == 0, built.stderr
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with the wheel and the packages of requirements.lock, and no others; its `bin`.

    The packages are linked from this environment: nothing is fetched.
    """
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder, with_pip=False)
    (site,) = folder.glob("lib/python*/site-packages")
    for name in _PIN.findall((ROOT / "requirements.lock").read_text(encoding="utf-8")):
        link(name, site)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    script = folder / "bin" / "cityops"
    module, function = PROJECT["project"]["scripts"]["cityops"].split(":")
    script.write_text(f"#!{folder}/bin/python\nfrom {module} import {function}\n{function}()\n", encoding="utf-8")
    script.chmod(0o755)
    return folder / "bin"


def link(name: str, site: Path) -> None:
    """Link all that a package has in site-packages; one for another platform is not here."""
    try:
        package = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    for top in {file.parts[0] for file in package.files or () if file.parts[0] not in {"..", "__pycache__"}}:
        target = Path(str(package.locate_file(top)))
        if target.exists() and not (site / top).exists():
            (site / top).symlink_to(target)


def run(installed: Path, folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(installed / "cityops"), *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def files(room: str) -> set[str]:
    """The files of a room that belong to the project: what is ignored by git, is hidden or is a cache is none."""
    found = {path for path in (ROOT / room).rglob("*") if path.is_file() and path.suffix not in {".pyc", ".orig"}}
    names = {path.relative_to(ROOT).as_posix() for path in found}
    return {name for name in names if "/." not in name and not name.startswith("infra/secrets/")}


# ------------------------------------------------------------------------------------------------ what is in it


def test_every_room_is_packaged_by_name_and_no_other() -> None:
    there = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert set(ROOMS) == there
    assert sorted(ROOMS) == ROOMS


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_says_that_it_is_typed(room: str) -> None:
    assert (ROOT / room / "py.typed").is_file()
    assert room in PROJECT["tool"]["mypy"]["packages"]


def test_the_wheel_holds_every_file_of_every_room_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    held = {name for name in names if ".dist-info/" not in name and "/." not in name}
    assert held == {name for room in ROOMS for name in files(room)}


@pytest.mark.parametrize(
    "name",
    [
        "city/domains/traffic/samples/ordinary.jsonl",
        "city/domains/traffic/runbook.vi.md",
        "city/domains/traffic/alerts_test.yaml",
        "cli/_new_domain/templates/pack.py.tmpl",
        "dashboards/provisioned/boards/vi/traffic.json",
        "embedded/store/influxql/grammar.lark",
        "infra/docker-compose.yml",
        "infra/native/influxdb/go.mod",
        "infra/native/kafka/pom.xml",
    ],
)
def test_what_is_read_at_run_time_is_in_the_wheel(wheel: Path, name: str) -> None:
    assert name in zipfile.ZipFile(wheel).namelist()


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (one for one in archive.namelist() if one.endswith(".dist-info/METADATA"))
        said = archive.read(name).decode()
        assert f"Version: {PROJECT['project']['version']}\n" in said
        assert "License-Expression: Apache-2.0\n" in said
        assert any(one.endswith("licenses/LICENSE") for one in archive.namelist())
        assert len(re.findall(r"^Requires-Dist: ", said, re.MULTILINE)) == len(PROJECT["project"]["dependencies"])


# ---------------------------------------------------------------------------------------------- what it does


def test_no_room_is_found_but_in_the_wheel_and_nothing_of_the_tests_is_needed(installed: Path, tmp_path: Path) -> None:
    script = "import city, importlib.util as i; print(city.__file__, i.find_spec('pytest'), i.find_spec('tests'))"
    done = subprocess.run(
        [installed / "python", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},  # the launcher's own tells Python where the checkout is
        capture_output=True,
        text=True,
        check=True,
    )
    where, *others = done.stdout.split()
    assert Path(where).is_relative_to(installed.parent)
    assert others == ["None", "None"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--version"], f"cityops {PROJECT['project']['version']}"),
        (["--help"], "Usage: cityops COMMAND"),
        (["catalogue"], "traffic_flow\t"),
        (["catalogue", "--check"], "without fault"),
        (["catalogue", "--areas", "hoan kiem"], "00070\t"),
        (["alerts", "test", "traffic"], "rule tests passed"),
        (["alerts", "check", "traffic"], "without fault"),
        (["settings"], "data_dir\t"),
        (["servers", "status", "--cache", "none"], "kafka     not installed"),
        (["simulate", "traffic", "--for", "1s", "--rate", "20"], "vn.hanoi.traffic.flow.v1"),
        (["doctor"], "ok     packages   installed: cityops"),
    ],
)
def test_a_command_runs_from_the_wheel(installed: Path, arguments: list[str], words: str, tmp_path: Path) -> None:
    ports = {f"CITYOPS_{part}_PORT": str(free_port()) for part in ("STORE", "METRICS", "CONSOLE")}
    done = run(installed, tmp_path, *arguments, **ports)
    assert done.returncode == 0, done.stdout + done.stderr
    assert words in done.stdout


@pytest.mark.parametrize("arguments", [["docs", "build"], ["new-domain", "parking"], ["test"]])
def test_what_needs_a_checkout_says_so(installed: Path, arguments: list[str], tmp_path: Path) -> None:
    done = run(installed, tmp_path, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("cityops: ")
    assert done.stderr.count("\n") == 1


def test_a_city_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    ports = {f"CITYOPS_{part}_PORT": str(free_port()) for part in ("STORE", "METRICS", "CONSOLE")}
    environment = {"PATH": os.environ["PATH"], "PYTHONUTF8": "1", **ports}
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(
            [str(installed / "cityops"), "up", "--rate", "40"], cwd=tmp_path, env=environment, stdout=log, stderr=log
        ) as city,
    ):
        until = time.monotonic() + 120
        said = ""
        while "traffic_flow" not in said:
            assert city.poll() is None, (tmp_path / "log").read_text()
            assert time.monotonic() < until, (tmp_path / "log").read_text()
            time.sleep(0.5)
            said = run(installed, tmp_path, "query", 'SELECT sum("count") FROM "traffic_flow"').stdout
        city.terminate()
        assert city.wait(30) == 0
