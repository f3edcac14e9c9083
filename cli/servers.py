"""`./cityops servers`: real Kafka and InfluxDB on loopback, without Docker."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import CityopsError, UsageError
from cli._options import DataDir  # noqa: TC001 — typer reads the annotation when it runs

if TYPE_CHECKING:
    from infra.native.server import Server

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Install and run real servers without Docker, on loopback.",
)


class Which(StrEnum):
    """A server by the name people type."""

    kafka = "kafka"
    influxdb = "influxdb"


#: The ports that their clients expect.
_PORTS = {Which.kafka: 9092, Which.influxdb: 8086}
_ServerName = Annotated[Which | None, typer.Argument(metavar="kafka|influxdb", help="One of them; default: both.")]
_Cache = Annotated[
    Path | None,
    typer.Option("--cache", metavar="DIR", help="Where servers are installed (default: CITYOPS_SERVERS_DIR)."),
]
_Port = Annotated[
    int | None,
    typer.Option(min=0, max=65535, help="Port on loopback; 0: a free one (default: 9092, 8086, or the last one)."),
]


@app.command()
def install(server: _ServerName = None, cache: _Cache = None) -> None:
    """Install a server, or both, into the cache; nothing to do where that is done."""
    from infra.native import cache as caches

    for which in _chosen(server):
        recipe = _server(which, None, 0, cache).recipe
        place = caches.install(recipe, cache or caches.default_cache(), lambda line: print(line, flush=True))
        print(f"{recipe.server} {recipe.version} is in {place}")


@app.command()
def start(server: _ServerName = None, data_dir: DataDir = None, port: _Port = None, cache: _Cache = None) -> None:
    """Start a server, or both, wait until it serves, and print its address."""
    if port is not None and server is None:
        raise UsageError("--port needs the server it is for: `./cityops servers start kafka --port 9092`")
    for which in _chosen(server):
        started = _server(which, data_dir, _port(which, data_dir, port), cache)
        started.start()
        print(_line(which, started, "running"))


@app.command()
def stop(server: _ServerName = None, data_dir: DataDir = None) -> None:
    """Stop a server, or both, that `start` has started in this data folder."""
    for which in _chosen(server):
        print(f"{which:<9} {'stopped' if _server(which, data_dir, 0, None).stop() else 'was not running'}")


@app.command()
def status(server: _ServerName = None, data_dir: DataDir = None, cache: _Cache = None) -> None:
    """Say of each server whether it is installed, whether it runs, and where."""
    from infra.native import cache as caches

    for which in _chosen(server):
        found = _server(which, data_dir, 0, cache)
        if found.pid is not None:
            print(_line(which, found, "running" if found.healthy() else "not answering"))
        else:
            installed = found.recipe.place(cache or caches.default_cache()).is_dir()
            print(f"{which:<9} {'stopped' if installed else 'not installed'}")


def _chosen(server: Which | None) -> list[Which]:
    return list(Which) if server is None else [server]


def _server(which: Which, data_dir: Path | None, port: int, cache: Path | None) -> Server:
    from infra.native.influxdb import InfluxDB
    from infra.native.kafka import Kafka
    from runtime.settings import load

    kind: type[Kafka | InfluxDB] = Kafka if which is Which.kafka else InfluxDB
    return kind(load(data_dir=data_dir).data_dir / "servers" / which, port, cache=cache)


def _port(which: Which, data_dir: Path | None, asked: int | None) -> int:
    """The port to start on: the one asked for, else the one this folder had, else the customary one."""
    if asked is not None:
        return asked
    try:
        return _server(which, data_dir, 0, None).port
    except CityopsError:  # never started here
        return _PORTS[which]


def _line(which: Which, server: Server, state: str) -> str:
    """One line about a running server: state, process, address, and what a client needs to come in."""
    from infra.native.influxdb import InfluxDB

    facts = [f"{which:<9} {state}", f"pid {server.pid}"]
    if isinstance(server, InfluxDB):
        facts += [server.url, f"org {server.org}", f"token in {server.token_file}"]
    else:
        facts.append(server.address)
    return "  ".join(facts)
