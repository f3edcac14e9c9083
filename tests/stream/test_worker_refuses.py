"""A worker that only a person can help ends with exit code 78 and one clear line, and commits nothing."""

from __future__ import annotations

import re
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from runtime.part import EX_CONFIG
from stream_app.core.checkpoint import NEVER, Checkpoint
from tests.stream.town import town_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.stream.town import Run, Town

SLOW = """
import asyncio
from stream_app import fast_lane
from stream_app.worker import main

logs = fast_lane.logs

async def late(*asked):
    await asyncio.sleep(1)
    return await logs(*asked)

fast_lane.logs = late
main()
"""
"""A worker whose broker takes its time to say where logs end, which an assignment asks."""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with town_in(tmp_path_factory.mktemp("town")) as made:
        made.publish_hour()
        yield made


def refuses(run: Run, pattern: str) -> None:
    """It ends with the code for a person, its last line says why, and no traceback stands above it."""
    code, log = run.ends(), run.log
    assert code == EX_CONFIG, log[-3_000:]
    assert re.fullmatch(pattern, log.rstrip().splitlines()[-1]), log[-1_000:]
    assert "Traceback" not in log


def test_a_wrong_token_is_one_line_and_nothing_of_the_log_is_committed(town: Town, tmp_path: Path) -> None:
    wrong = tmp_path / "token"
    wrong.write_text("another token")
    run = town.start(group="wrong-token", store_token_file=wrong)
    refuses(run, r"cityops: the store at http://\S+ refuses us \(401 Unauthorized\): check the token, .*'city.*'")
    assert "another token" not in run.log
    assert not any(offset for offset, _ in town.committed("wrong-token").values())


def test_a_missing_token_is_one_line(town: Town, tmp_path: Path) -> None:
    run = town.start(store_token_file=tmp_path / "none")
    assert run.ends() == EX_CONFIG
    assert re.fullmatch(r"cityops: no store token at .*\n", run.log)


def test_a_data_folder_that_cannot_be_written_is_one_line(town: Town, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "run").touch()  # where a folder should be: writing fails as on a full disk
    refuses(town.start(data_dir=tmp_path / "data"), r"cityops: cannot write \S+worker\.json: .*: see data_dir")


def test_a_topic_with_another_number_of_partitions_than_at_the_last_commit_is_one_line(town: Town) -> None:
    before = {number: (3, Checkpoint(3, 3, 1, NEVER, 5, {}).text()) for number in range(4)}
    town.commit("grown", before)
    refuses(town.start(group="grown"), r"cityops: the topic has 4 partitions and had 5: .* restore the partition count")
    assert town.committed("grown") == before


def test_a_committed_offset_beyond_the_end_of_the_log_is_one_line(town: Town) -> None:
    before = {
        0: (0, Checkpoint(0, 0, 1, NEVER, 4, {}).text()),
        1: (10**6, Checkpoint(10**6, 10**6, 1, NEVER, 4, {}).text()),
    }
    town.commit("elsewhere", before)
    run = town.start(group="elsewhere")
    refuses(run, r"cityops: the group has committed offset 1000000, but the log ends at \d+: this is another log\. .*")
    assert town.committed("elsewhere") == before


def test_a_taken_port_for_its_figures_is_one_line(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refuses(town.start(metrics_port=port), rf"cityops: port {port} .* is taken: set metrics_port")


def test_a_worker_that_gives_up_amid_its_assignment_ends_all_the_same(town: Town) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        refuses(town.start(sys.executable, "-c", SLOW, metrics_port=port), r"cityops: port \d+ .* is taken: .*")


def test_a_worker_that_is_told_to_stop_amid_its_assignment_ends_in_order(town: Town) -> None:
    run = town.start(sys.executable, "-c", SLOW).says("Worker ready")
    assert run.stop() == 0, run.log


def test_a_setting_that_cannot_be_is_one_line(town: Town) -> None:
    run = town.start(flush_seconds="soon")
    assert run.ends() == EX_CONFIG
    assert run.log.startswith("cityops: flush_seconds = 'soon' (CITYOPS_FLUSH_SECONDS): ")
    assert run.log.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_line(town: Town, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    run = town.start(data_dir=tmp_path / "file" / "data")
    assert run.ends() == 1
    assert re.fullmatch(r"cityops: data_dir \S+ cannot be made: Not a directory\n", run.log)
