from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from city import catalogue
from city.errors import UnreachableError
from cli._status import LiveView, PlainView
from cli.up import closing_lines
from embedded.handshake import await_kafka
from embedded.post import State, Status
from embedded.premises import make_private, sole_use
from runtime.settings import load
from tests.cli.conftest import cityops, fails

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import StoreDouble


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = cityops("up", "--data-dir", "data", "--metrics-port", str(port), cwd=tmp_path)
    fails(result, 1, f"port {port} is taken by pid {os.getpid()}", "--metrics-port")
    assert not (tmp_path / "data").exists(), "what is refused leaves no folder behind"


def test_a_second_city_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    make_private(tmp_path / "data")
    with sole_use(tmp_path / "data"):
        fails(cityops("up", "--data-dir", "data", cwd=tmp_path), 1, "a city already runs on data", str(os.getpid()))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--broker", "127.0.0.1:1"), 1, ["no broker at 127.0.0.1:1: Connection refused"]),
        (("--store-url", "http://127.0.0.1:1"), 1, ["no store token at", "store_token_file"]),
        (("--scenario", "nope"), 2, ["no scenario 'nope'; there are: ", "flood-rush-hour"]),
        (("--data-dir", "/proc/x"), 2, ["cannot use /proc/x as data folder"]),
    ],
)
def test_what_is_not_there_is_one_line(arguments: tuple[str, ...], code: int, words: list[str], tmp_path: Path) -> None:
    fails(cityops("up", *arguments, cwd=tmp_path), code, *words)


def test_a_wrong_token_is_said_before_anything_starts(store: StoreDouble, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another")
    fails(cityops("up", cwd=tmp_path), 1, "refuses our token (401)", store.url)
    assert not (tmp_path / ".cityops").exists()


def test_a_server_that_is_no_influxdb_is_said_before_anything_starts(store: StoreDouble, tmp_path: Path) -> None:
    store.body = b"<html>"
    fails(cityops("up", cwd=tmp_path), 1, "not as InfluxDB does", store.url)


def test_a_server_that_is_no_kafka_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(UnreachableError, match="does not answer as Kafka does"):
            await_kafka([address], patience_s=0.5)


def test_more_partitions_than_the_embedded_broker_has_are_refused(tmp_path: Path) -> None:
    result = cityops("up", cwd=tmp_path, environment={"CITYOPS_PARTITIONS": "12"})
    fails(result, 2, "partitions = 12", "--broker")


def test_the_last_lines_give_addresses_the_place_of_the_token_and_three_commands(tmp_path: Path) -> None:
    folder = tmp_path / "a b"
    lines = closing_lines(load(data_dir=folder, store_port=1234, metrics_port=5678))
    assert "http://127.0.0.1:1234" in lines
    assert "http://127.0.0.1:5678" in lines
    assert str(folder / "secrets" / "store-token") in lines
    commands = [line for line in lines.splitlines() if line.startswith("  ./cityops ")]
    assert len(commands) == 3
    assert all(line.endswith(f"--data-dir '{folder}'") for line in commands)
    assert any(f'FROM "{series}" ' in commands[0] for series in catalogue.load().series)


def test_the_address_of_the_console_is_the_last_thing_said() -> None:
    assert closing_lines(load(console_port=1234)).splitlines()[-1] == "Open in a browser: http://127.0.0.1:1234"
    assert "browser" not in closing_lines(load(console_port=0))


def test_the_first_question_is_about_those_who_speak_at_any_hour() -> None:
    assert 'FROM "traffic_flow" ' in closing_lines(load()), "two thousand sensors; offices are closed on Sundays"


STATUSES = (
    Status("store", State.READY, "http://127.0.0.1:1, pid 7", 0),
    Status("worker", State.RESTING, "was killed by signal 9; again in 1 s", 2),
)


def test_without_a_terminal_each_change_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with PlainView() as view:
        view.show(STATUSES[:1])
        view.show(STATUSES)
        view.show(STATUSES)
        view.close_with("The city runs.")
    lines = [line.split(maxsplit=1)[1] for line in capsys.readouterr().out.splitlines()]
    assert lines == [
        "store        ready       http://127.0.0.1:1, pid 7",
        "worker       restarting  was killed by signal 9; again in 1 s, restarts: 2",
        "city runs.",
    ]


def test_on_a_terminal_every_part_has_its_line_and_the_last_lines_stay_below(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with LiveView() as view:
        view.show(STATUSES)
        view.close_with("The city runs.")
        view.show(STATUSES)
    lines = [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert [line.split()[0] for line in lines[-3:]] == ["store", "worker", "The"]


def test_a_city_that_has_stopped_is_no_longer_said_to_run(capsys: pytest.CaptureFixture[str]) -> None:
    with LiveView() as view:
        view.show(STATUSES)
        view.close_with("The city runs.")
        capsys.readouterr()
        view.show((Status("store", State.STOPPED, "", 0),))
    assert "runs" not in capsys.readouterr().out
