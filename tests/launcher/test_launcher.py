from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest

from tests.launcher.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.launcher.conftest import Project

DEADLINE_S = 30.0


def told(result: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert result.returncode == 0, result.stderr
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def await_file(path: Path) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not path.exists():
        assert time.monotonic() < deadline, f"never came: {path}"
        time.sleep(0.01)


# ------------------------------------------------------------------------------------------ with a real Python


def test_a_real_environment_is_made_with_pip_where_there_is_no_uv(project: Project, tmp_path: Path) -> None:
    """Nothing is doubled here: a venv with pip of its own, from an empty lock, in a path with spaces."""
    project.add_python("python3.11")
    first = project.run("query", "a b", cwd=tmp_path, PIP_NO_INDEX="1")
    assert told(first)["prefix"] == str(project.root / ".venv")
    assert told(first)["arguments"] == ["query", "a b"]
    assert "with pip" in first.stderr
    second = project.run("--help", cwd=tmp_path)
    assert told(second)["arguments"] == ["--help"]
    assert second.stderr == "", "nothing is set up twice"


@pytest.mark.skipif(shutil.which("uv") is None, reason="the real uv is not on this machine")
def test_a_real_environment_is_made_with_uv(project: Project) -> None:
    """The real uv, from an empty lock; the double's twin."""
    uv = subprocess.run(["uv", "--version"], capture_output=True, check=False)
    if uv.returncode:
        pytest.skip("the uv in PATH is a shim of a version that is not there")
    project.add_python("python3.11")
    project.add_program("uv", f'#!/bin/sh\nPATH="{os.environ["PATH"]}"\nexec uv "$@"\n')
    result = project.run("settings", UV_OFFLINE="1", HOME=None, LC_ALL="C")
    assert told(result)["prefix"] == str(project.root / ".venv")
    assert "with uv" in result.stderr


# --------------------------------------------------------------------------------------- what starts from where


def test_the_working_folder_is_the_persons_and_the_rooms_are_the_projects(project: Project, tmp_path: Path) -> None:
    project.add_python()
    project.add_uv()
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "cli").mkdir(parents=True)
    (elsewhere / "cli" / "main.py").write_text("raise SystemExit('the wrong room')")
    seen = told(project.run(cwd=elsewhere))
    assert seen["cwd"] == str(elsewhere)
    assert seen["path"][0] == str(project.root)


def test_it_works_through_a_symbolic_link_without_home_and_in_a_plain_locale(project: Project, tmp_path: Path) -> None:
    project.add_python()
    project.add_uv()
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "cityops").symlink_to("../real")
    (tmp_path / "real").symlink_to(project.root / "cityops")
    result = subprocess.run(
        [str(tmp_path / "links" / "cityops"), "Hà Nội"],
        env={**{k: v for k, v in project.environment.items() if k != "HOME"}, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd="/",
    )
    seen = told(result)
    assert seen["utf8"] == 1
    assert seen["arguments"] == ["Hà Nội"]
    assert seen["path"][0] == str(project.root)


def test_what_the_set_up_says_does_not_mix_with_the_commands_output(project: Project) -> None:
    project.add_python()
    project.add_uv()
    result = project.run("settings")
    assert told(result)["arguments"] == ["settings"]
    assert "installing" in result.stderr


# --------------------------------------------------------------------------------------------------- the marker


def test_the_lock_is_installed_once_and_again_when_it_changes(project: Project) -> None:
    project.add_python()
    project.add_uv()
    project.run("settings")
    project.run("query", "x")
    assert len(project.installs()) == 1
    (project.root / "requirements.lock").write_text("# something else\n")
    project.run("settings")
    assert len(project.installs()) == 2


def test_the_packages_for_tests_are_installed_only_for_test(project: Project) -> None:
    project.add_python()
    project.add_uv()
    project.run("settings")
    project.run("test", "-q")
    project.run("test", "-q")
    project.run("settings")
    assert [line.rpartition("/")[2] for line in project.installs()] == ["requirements.lock", "requirements-dev.lock"]
    assert all("--require-hashes" in line for line in project.installs())


def test_a_first_start_by_test_needs_no_second_set_up_for_the_rest(project: Project) -> None:
    project.add_python()
    project.add_uv()
    project.run("test")
    project.run("settings")
    assert len(project.installs()) == 1


def test_a_set_up_that_failed_is_told_and_done_again(project: Project) -> None:
    project.add_python()
    project.add_uv()
    failed = project.run("settings", UV_FAIL="1")
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("cityops: the set-up did not finish")
    assert not (project.root / ".setup.lock").exists()
    assert told(project.run("settings"))["arguments"] == ["settings"]
    assert len(project.installs()) == 2


def test_an_interrupted_set_up_leaves_nothing_of_it_and_is_done_again(project: Project) -> None:
    project.add_python()
    project.add_uv()
    with project.start("settings", UV_SLEEP="600") as process:
        await_file(project.log)
        (project.root / ".venv" / "half-installed").touch()
        os.killpg(process.pid, signal.SIGINT)
        process.communicate(timeout=DEADLINE_S)
    assert process.returncode != 0
    assert not (project.root / ".setup.lock").exists()
    told(project.run("settings"))
    assert not (project.root / ".venv" / "half-installed").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(project: Project) -> None:
    project.add_python()
    project.add_uv()
    project.run("settings")
    python = project.root / ".venv" / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/python")
    told(project.run("settings"))
    assert len(project.installs()) == 2


# --------------------------------------------------------------------------------------------- two at a time


def test_two_starts_at_once_make_one_set_up(project: Project) -> None:
    project.add_python()
    project.add_uv()
    with project.start("one", UV_SLEEP="2") as first, project.start("two", UV_SLEEP="2") as second:
        outputs = [process.communicate(timeout=DEADLINE_S)[0] for process in (first, second)]
    assert [json.loads(output)["arguments"] for output in outputs] == [["one"], ["two"]]
    assert len(project.installs()) == 1
    assert not (project.root / ".setup.lock").exists()


def test_a_guard_given_back_just_after_it_was_found_taken_is_asked_for_again(project: Project) -> None:
    project.add_python()
    project.add_uv()
    taken, mkdir = project.bin / "taken-once", (project.bin / "mkdir").readlink()
    (project.bin / "mkdir").unlink()
    project.add_program("mkdir", f'#!/bin/sh\n[ -e "{taken}" ] || {{ : >"{taken}"; exit 1; }}\nexec {mkdir} "$@"\n')
    told(project.run("settings"))
    assert taken.exists()


def test_the_guard_of_a_killed_set_up_is_taken_over(project: Project) -> None:
    project.add_python()
    project.add_uv()
    with project.start("settings", UV_SLEEP="600") as process:
        await_file(project.log)
        os.killpg(process.pid, signal.SIGKILL)
    assert (project.root / ".setup.lock" / "pid").exists()
    told(project.run("settings"))
    assert not (project.root / ".setup.lock").exists()


# ------------------------------------------------------------------------------------------------ which Python


def test_without_any_python_one_line_says_what_to_install(project: Project) -> None:
    result = project.run("settings")
    assert result.returncode == 1
    assert result.stderr.startswith("cityops: no Python 3.11 to 3.14 that runs: install one")
    assert result.stderr.count("\n") == 1
    assert not (project.root / ".venv").exists()


def test_a_name_in_the_path_that_does_not_run_is_passed_over(project: Project) -> None:
    project.add_program("python3.11", "#!/bin/sh\necho 'pyenv: python3.11: command not found' >&2\nexit 127\n")
    project.add_program("python3.12", "#!/bin/sh\nexit 1\n")
    project.add_python("python3")
    project.add_uv()
    told(project.run("settings"))


def test_a_python_that_its_version_manager_hides_is_found(project: Project) -> None:
    hidden = project.root / ".pyenv" / "versions" / "3.12.1" / "bin"
    hidden.mkdir(parents=True)
    project.add_python("hidden")
    (project.bin / "hidden").rename(hidden / "python")
    project.add_uv()
    told(project.run("settings"))


def test_without_venv_one_line_names_debians_package(project: Project) -> None:
    project.add_python("python3", without="ensurepip")
    result = project.run("settings")
    assert result.returncode == 1
    assert result.stderr.count("\n") == 1
    assert "apt install python3." in result.stderr
    assert "-venv" in result.stderr


def test_a_python_without_venv_is_passed_over_for_one_that_has_it(project: Project) -> None:
    project.add_python("python3.11", without="ensurepip")
    project.add_python("python3")
    told(project.run("settings", PIP_NO_INDEX="1"))


def test_a_python_that_is_named_is_the_only_one_tried(project: Project, tmp_path: Path) -> None:
    project.add_python()
    project.add_uv()
    result = project.run("settings", CITYOPS_PYTHON=str(tmp_path / "missing"))
    assert result.returncode == 1
    assert result.stderr.startswith(f"cityops: CITYOPS_PYTHON={tmp_path / 'missing'} is no Python")
    told(project.run("settings", CITYOPS_PYTHON=shutil.which("python3", path=str(project.bin))))


# --------------------------------------------------------------------------------------------------- the index


def test_the_index_that_pip_was_told_is_uvs_too(project: Project) -> None:
    project.add_python()
    project.add_uv()
    project.run("settings", PIP_INDEX_URL="http://index.invalid/simple")
    (line,) = project.installs()
    assert line.startswith("http://index.invalid/simple|")


def test_an_index_of_uvs_own_is_left_alone(project: Project) -> None:
    project.add_python()
    project.add_uv()
    project.run("settings", PIP_INDEX_URL="http://pip.invalid", UV_DEFAULT_INDEX="http://uv.invalid")
    (line,) = project.installs()
    assert line.startswith("http://uv.invalid|")


# ---------------------------------------------------------------------------------------------------- the file


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not on this machine")
@pytest.mark.parametrize("script", ["cityops", ".ci/run"])
def test_shellcheck_has_nothing_to_say(script: str) -> None:
    result = subprocess.run(["shellcheck", str(ROOT / script)], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_the_locks_are_hashed_and_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "file:" not in text
    assert not any(line.startswith("-") for line in text.splitlines())
    pins = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    assert all("==" in line and line.endswith("\\") for line in pins)


def test_the_locks_agree_and_satisfy_the_project() -> None:
    pins = [
        {line.split(" ")[0] for line in (ROOT / name).read_text().splitlines() if "==" in line and line[0].isalpha()}
        for name in ("requirements.lock", "requirements-dev.lock")
    ]
    assert pins[0] <= pins[1]
