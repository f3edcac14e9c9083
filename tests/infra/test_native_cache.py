from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from city.errors import CityopsError
from infra.native.cache import Recipe, Steps, default_cache, install, installed

if TYPE_CHECKING:
    from collections.abc import Callable


def _recipe(lock: Path, build: Callable[[Path, Steps], None]) -> Recipe:
    return Recipe("Teapot", (lock,), r"teapot (\S+)", "a moment", build)


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "teapot.lock"
    path.write_text("teapot 1.2.3\n")
    return path


def test_an_install_is_built_once_and_then_found(tmp_path: Path, lock: Path) -> None:
    builds: list[Path] = []

    def build(folder: Path, steps: Steps) -> None:
        builds.append(folder)
        steps.run([sys.executable, "-c", "open('teapot', 'w').write('hot')"], cwd=folder)

    said: list[str] = []
    first = install(_recipe(lock, build), tmp_path / "cache", said.append)
    second = install(_recipe(lock, build), tmp_path / "cache", said.append)

    assert first == second == installed(_recipe(lock, build), tmp_path / "cache")
    assert (first / "teapot").read_text() == "hot"
    assert len(builds) == 1
    assert said == ["Teapot 1.2.3: installing (a moment the first time)"]


def test_another_lock_file_is_another_install(tmp_path: Path, lock: Path) -> None:
    recipe = _recipe(lock, lambda folder, _: (folder / "made").touch())
    before = install(recipe, tmp_path / "cache")
    lock.write_text("teapot 1.2.3 with another lid\n")

    assert recipe.place(tmp_path / "cache") != before
    with pytest.raises(CityopsError, match=r"not installed in .*: run `\./cityops servers install teapot`"):
        installed(recipe, tmp_path / "cache")


def test_a_lock_that_pins_nothing_is_named(tmp_path: Path, lock: Path) -> None:
    lock.write_text("kettle 4\n")
    with pytest.raises(CityopsError, match=r"teapot\.lock pins no version of Teapot"):
        install(_recipe(lock, lambda _, __: None), tmp_path / "cache")


def test_a_failed_step_leaves_nothing_and_shows_the_end_of_its_log(tmp_path: Path, lock: Path) -> None:
    def build(folder: Path, steps: Steps) -> None:
        script = "import sys; [print('line', n) for n in range(40)]; print('no water', file=sys.stderr); sys.exit(3)"
        steps.run([sys.executable, "-uc", script], cwd=folder)

    recipe = _recipe(lock, build)
    with pytest.raises(CityopsError) as failure:
        install(recipe, tmp_path / "cache")

    text = str(failure.value)
    assert "ended with 3" in text
    assert str(recipe.log(tmp_path / "cache")) in text
    assert text.endswith("  line 39\n  no water")
    assert "line 20\n" not in text
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["teapot-install.log", "teapot.lock"]


def test_a_step_that_cannot_start_says_which_program(tmp_path: Path, lock: Path) -> None:
    recipe = _recipe(lock, lambda folder, steps: steps.run([tmp_path / "nowhere"], cwd=folder))
    with pytest.raises(CityopsError, match=r"Teapot cannot be installed: .*nowhere: No such file"):
        install(recipe, tmp_path / "cache")


def test_an_install_killed_in_the_middle_is_done_again(tmp_path: Path, lock: Path) -> None:
    cache = tmp_path / "cache"
    script = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from infra.native.cache import Recipe, install

        def build(folder, steps):
            (folder / "half").touch()
            print("half", flush=True)
            time.sleep(600)

        install(Recipe("Teapot", (Path({str(lock)!r}),), "teapot (.*)", "", build), Path({str(cache)!r}))
    """)
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "half\n"
        child.send_signal(signal.SIGKILL)
    recipe = _recipe(lock, lambda folder, _: (folder / "whole").touch())
    assert list(cache.glob(".building-teapot-*"))
    assert not recipe.place(cache).exists()

    place = install(recipe, cache)

    assert [path.name for path in place.iterdir()] == ["whole"]
    assert not list(cache.glob(".building-teapot-*"))


def test_an_interrupted_step_ends_with_all_that_it_started(tmp_path: Path, lock: Path) -> None:
    # The step starts a process of its own, both write into a pipe; its end is reached only when both have gone.
    read, write = os.pipe()
    inner = "import time; print('ready', flush=True); time.sleep(600)"
    outer = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], stdout={write}, pass_fds=[{write}])"
    )
    with os.fdopen(read) as pipe:
        script = textwrap.dedent(f"""
            import os, signal, sys, threading
            from pathlib import Path
            from infra.native import cache

            real = cache.subprocess.Popen
            cache.subprocess.Popen = lambda *a, **k: real(*a, **k, pass_fds=[{write}])
            recipe = cache.Recipe("Teapot", (Path({str(lock)!r}),), "teapot (.*)", "",
                lambda folder, steps: steps.run([sys.executable, "-c", {outer!r}], cwd=folder))
            cache.install(recipe, Path({str(tmp_path / "cache")!r}))
        """)
        with subprocess.Popen([sys.executable, "-c", script], pass_fds=[write], stderr=subprocess.PIPE) as child:
            os.close(write)
            assert pipe.readline() == "ready\n"
            child.send_signal(signal.SIGINT)
            _, complaint = child.communicate()
            assert b"KeyboardInterrupt" in complaint
        assert pipe.read() == ""


def test_of_two_installs_at_once_one_builds_and_the_other_waits(tmp_path: Path, lock: Path) -> None:
    building, go_on, waiting = threading.Event(), threading.Event(), threading.Event()
    builds: list[Path] = []

    def build(folder: Path, _: Steps) -> None:
        builds.append(folder)
        building.set()
        assert go_on.wait(60)

    places: list[Path] = []
    first = threading.Thread(target=lambda: places.append(install(_recipe(lock, build), tmp_path)))
    first.start()
    assert building.wait(60)
    second = threading.Thread(
        target=lambda: places.append(install(_recipe(lock, build), tmp_path, lambda _: waiting.set()))
    )
    second.start()
    assert waiting.wait(60)
    go_on.set()
    first.join(60)
    second.join(60)

    assert len(builds) == 1
    assert len(set(places)) == 1
    assert len(places) == 2


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, lock: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CityopsError, match=r"cannot be installed in .*/file/cache: Not a directory"):
        install(_recipe(lock, lambda _, __: None), tmp_path / "file" / "cache")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"CITYOPS_SERVERS_DIR": "/a/b", "XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/a/b"),
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "/c/cityops/servers"),
        ({"HOME": "/h"}, "/h/.cache/cityops/servers"),
        ({"CITYOPS_SERVERS_DIR": "", "XDG_CACHE_HOME": "", "HOME": "/h"}, "/h/.cache/cityops/servers"),
    ],
)
def test_the_cache_is_the_one_named_else_the_users(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("CITYOPS_SERVERS_DIR", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert default_cache() == Path(expected)
