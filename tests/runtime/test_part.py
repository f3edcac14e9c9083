from __future__ import annotations

import errno
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from city.errors import CityopsError
from runtime import log
from runtime.connect import find_broker, find_store
from runtime.part import announce, read_json, run_file, running, write_json
from runtime.settings import load

ROOT = Path(__file__).parents[2]


def test_a_part_announces_itself_with_its_pid_and_facts(tmp_path: Path) -> None:
    announce(load(data_dir=tmp_path), "broker", address="127.0.0.1:1")
    path = run_file(tmp_path, "broker")
    assert read_json(path) == {"pid": os.getpid(), "address": "127.0.0.1:1"}
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["broker.json"], "no draft is left"


@pytest.mark.parametrize("content", ["", "{", "[1]", '"text"'])
def test_a_file_that_is_not_whole_is_as_good_as_none(content: str, tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text(content)
    assert read_json(tmp_path / "file.json") is None


def test_a_city_is_found_by_its_data_folder(tmp_path: Path) -> None:
    me = psutil.Process()
    (tmp_path / "token").write_text("s3cret")
    city = {
        "pid": me.pid,
        "started": me.create_time(),
        "broker": {"address": "127.0.0.1:1", "embedded": True},
        "store": {"url": "http://127.0.0.1:2"},
    }
    write_json(tmp_path / "city.json", city)
    settings = load(data_dir=tmp_path, store_token_file=tmp_path / "token")
    assert running(tmp_path) == city
    assert (find_broker(settings).address, find_broker(settings).embedded) == ("127.0.0.1:1", True)
    store = find_store(settings)
    assert (store.url, store.token) == ("http://127.0.0.1:2", "s3cret")
    assert "s3cret" not in repr(store)


def test_a_disk_that_is_full_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("json.dump", full)
    with pytest.raises(CityopsError, match=r"cannot write .*worker\.json: No space left on device: make room on"):
        announce(load(data_dir=tmp_path), "worker")
    assert not list((tmp_path / "run").iterdir()), "no draft is left"


def test_a_part_that_is_not_ready_is_one_line(tmp_path: Path) -> None:
    me = psutil.Process()
    write_json(tmp_path / "city.json", {"pid": me.pid, "started": me.create_time(), "ready": False})
    settings = load(data_dir=tmp_path)
    with pytest.raises(CityopsError, match=f"the broker of the city on {tmp_path} is not ready"):
        find_broker(settings)
    with pytest.raises(CityopsError, match=r"the store of the city .* is not ready"):
        find_store(settings)


@pytest.mark.parametrize("started", [{}, {"started": None}, {"started": "x"}, {"started": 0}])
def test_a_process_that_is_not_known_to_be_the_citys_is_not_taken_for_it(
    started: dict[str, object], tmp_path: Path
) -> None:
    write_json(tmp_path / "city.json", {"pid": os.getpid(), **started})
    with pytest.raises(CityopsError, match="no city runs"):
        running(tmp_path)


def test_what_is_set_is_used_whether_a_city_runs_or_not(tmp_path: Path) -> None:
    settings = load(
        data_dir=tmp_path, broker="host:9092", store_url="http://host:8086", store_token_file=tmp_path / "t"
    )
    (tmp_path / "t").write_text("x")
    assert (find_broker(settings).address, find_broker(settings).embedded) == ("host:9092", False)
    assert find_store(settings).url == "http://host:8086"


@pytest.mark.parametrize(
    "left_behind",
    [None, {}, {"pid": "x"}, {"pid": 2**22 + 1}, {"pid": os.getpid(), "started": 1.0}],
    ids=["no file", "empty", "no number", "a dead one", "a pid that is somebody else's by now"],
)
def test_what_a_killed_supervisor_left_behind_is_no_running_city(
    left_behind: dict[str, object] | None, tmp_path: Path
) -> None:
    if left_behind is not None:
        write_json(tmp_path / "city.json", left_behind)
    with pytest.raises(CityopsError, match="no city runs on"):
        running(tmp_path)


def run_script(script: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(ROOT), **environment},
        start_new_session=True,
    )


def test_a_part_ends_when_its_supervisor_is_gone() -> None:
    script = "from runtime.part import *; import time; end_with_supervisor(); time.sleep(600)"
    with run_script(script, CITYOPS_SUPERVISED="1") as process:
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == -15


def test_a_signal_amid_a_wait_ends_the_part_all_the_same() -> None:
    script = (
        "import threading; from runtime.part import told_to_stop\n"
        "stop = told_to_stop(); print('listens', flush=True)\n"
        "while not stop.wait(0): pass"
    )
    for attempt in range(8):
        with run_script(script) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.003 * attempt)  # it is somewhere else within `wait` each time
            process.terminate()
            try:
                assert process.wait(timeout=20) == 0
            finally:
                process.kill()


def test_a_process_that_nobody_supervises_does_not_care_about_its_input() -> None:
    script = "from runtime.part import *; import time; end_with_supervisor(); time.sleep(0.5); print('still here')"
    with run_script(script) as process:
        assert process.communicate(timeout=60)[0] == "still here\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [("UsageError('no such scenario')", 78), ("ConfigurationError('no token')", 78), ("CityopsError('is full')", 1)],
)
def test_what_a_person_should_be_told_is_one_line_and_an_exit_code(error: str, code: int) -> None:
    script = f"from runtime.part import *\nfrom city.errors import *\ndef main(): raise {error}\nrun(main)"
    with run_script(script) as process:
        said = process.communicate(timeout=60)[1]
        assert process.returncode == code
        assert said.startswith("cityops: ")
        assert said.count("\n") == 1


def test_a_log_record_is_one_line_whatever_it_carries(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.root.handlers[:]
    try:
        log.configure("INFO")
        logging.getLogger("part").info("bad event %r and %s", "a\nb", "c\nERROR forged")
        logging.getLogger("part").debug("not shown")
    finally:
        logging.root.handlers[:] = before
        logging.root.setLevel(logging.WARNING)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert " INFO part bad event " in said
    assert said[:11].endswith("T")
