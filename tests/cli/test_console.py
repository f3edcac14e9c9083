from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from tests.cli.conftest import cityops, fails

if TYPE_CHECKING:
    from pathlib import Path


def test_beyond_loopback_it_is_refused_in_one_line(tmp_path: Path) -> None:
    result = cityops("console", "--host", "192.168.1.7", cwd=tmp_path)
    fails(result, 2, "console_host = 192.168.1.7", "console_guarded")


def test_without_a_port_it_is_refused(tmp_path: Path) -> None:
    fails(cityops("console", "--port", "0", cwd=tmp_path), 2, "--port")


def test_a_taken_port_is_said_so(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        fails(cityops("console", "--port", str(port), cwd=tmp_path), 1, f"port {port} is taken", "--port")
