"""`./cityops up`: the whole city on this machine, until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from city.errors import UsageError
from cli._options import DataDir, seconds
from runtime.settings import load

ANSWER_S = 10.0

if TYPE_CHECKING:
    from embedded.post import Status
    from runtime.settings import Settings


def up(
    data_dir: DataDir = None,
    rate: Annotated[float | None, typer.Option(help="Events a second over all domains; 0: no simulators.")] = None,
    run_for: Annotated[str | None, typer.Option("--for", metavar="TIME", help="Stop after 90s, 5m, 2h.")] = None,
    broker: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Kafka to use, not the embedded one.")] = None,
    store_url: Annotated[
        str | None, typer.Option(metavar="URL", help="InfluxDB to use, not the embedded store.")
    ] = None,
    scenario: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A scenario to play; repeatable.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the simulators.")] = None,
    store_port: Annotated[int | None, typer.Option(help="Port of the embedded store.")] = None,
    metrics_port: Annotated[int | None, typer.Option(help="Port of the worker's figures.")] = None,
    console_port: Annotated[int | None, typer.Option(help="Port of the console; 0: none.")] = None,
) -> None:
    """Run the city on this machine until Ctrl-C: broker, store, worker, simulators and console."""
    settings = load(
        data_dir=data_dir,
        rate=rate,
        broker=broker,
        store_url=store_url,
        scenarios=tuple(scenario) if scenario else None,
        seed=seed,
        store_port=store_port,
        metrics_port=metrics_port,
        console_port=console_port,
    )
    limit_s = None if run_for is None else seconds(run_for)
    refuse_impossible(settings)
    run(settings, limit_s)


def refuse_impossible(settings: Settings) -> None:
    """Refuse what no part could make true.

    Raises:
        UsageError: a rate or a partition count that the embedded broker does not have; an unknown scenario.
        UnreachableError: a server of the person's own that does not answer, or is another kind of server.
    """
    from embedded.limits import HELD_S, MOST_EVENTS_PER_S, PARTITIONS

    if settings.scenarios:
        _refuse_unknown_scenarios(settings)
    if settings.broker:
        from embedded.handshake import await_kafka
        from runtime.kafka_access import kafka_access

        await_kafka(settings.broker.split(","), access=kafka_access(settings))
    else:
        if settings.partitions != PARTITIONS:
            raise UsageError(f"partitions = {settings.partitions}: the embedded broker has {PARTITIONS}; use --broker")
        if settings.rate > MOST_EVENTS_PER_S:
            raise UsageError(
                f"rate = {settings.rate:g}: the embedded broker's log holds the {HELD_S:.0f} s that a crash may need "
                f"up to {MOST_EVENTS_PER_S:g} events/s; ask for less, or give a real Kafka by --broker HOST:PORT"
            )
    if settings.store_url:
        from runtime.ask import ask
        from runtime.connect import find_store

        ask(find_store(settings), "city", "SHOW DATABASES", ANSWER_S)


def _refuse_unknown_scenarios(settings: Settings) -> None:
    from city import catalogue
    from producers.simulators import find, refuse_unknown

    refuse_unknown(settings.scenarios, find(catalogue.load().domains))


def run(settings: Settings, limit_s: float | None) -> None:
    """Take the data folder, start the parts, and watch over them until asked to stop.

    Raises:
        CityopsError: the folder or a port is taken, or a part cannot run.
    """
    from cli._emptying import empty_city
    from cli._follow import followed
    from cli._status import view_for_stdout
    from embedded import premises
    from embedded.parts import parts_of
    from embedded.supervisor import Supervisor

    ports = {"metrics_port": settings.metrics_port}
    if settings.console_port:
        ports["console_port"] = settings.console_port
    if not settings.store_url:
        ports["store_port"] = settings.store_port
    premises.refuse_full_disk(settings.data_dir)
    if not settings.data_dir.exists():  # what is refused leaves no folder behind
        premises.refuse_taken_ports(ports)
    premises.make_private(settings.data_dir)
    with ExitStack() as stack:
        stack.enter_context(premises.sole_use(settings.data_dir))
        premises.refuse_taken_ports(ports)
        if not settings.store_url:
            premises.make_token(settings.token_file)
        view = stack.enter_context(view_for_stdout())
        told = False

        def report(statuses: tuple[Status, ...]) -> None:
            nonlocal told
            view.show(statuses)
            if supervisor.ready and not told:
                told = True
                view.close_with(closing_lines(settings))

        supervisor = Supervisor(
            settings,
            plan=lambda: parts_of(settings),
            environment=os.environ,
            report=report,
            empty=lambda: empty_city(settings),
        )
        stack.enter_context(followed(settings.data_dir / "logs" / "alerts.log", view.say))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.ask_stop())
        signal.signal(signal.SIGUSR1, lambda *_: supervisor.ask_reset())
        supervisor.run(limit_s)


def closing_lines(settings: Settings) -> str:
    """What a person needs once all is ready: addresses, where the token is, three commands to try."""
    from city import catalogue

    where = "" if settings.data_dir == Path(".cityops") else f" --data-dir {shlex.quote(str(settings.data_dir))}"
    store = settings.store_url or f"http://127.0.0.1:{settings.store_port}"
    broker = settings.broker or "embedded, its address is in " + str(settings.data_dir / "city.json")
    found = catalogue.load()
    most = max(found.domains, key=lambda domain: len(domain.sites_in(found.city)), default=None)
    series = most.series[0].name if most and most.series else "sources"  # of those who surely speak at any hour
    question = f'SELECT sum("count") FROM "{series}" WHERE time > now() - 1m GROUP BY "zone"'  # noqa: S608 — a pack's name
    return f"""
The city runs; Ctrl-C stops it.
  store   {store} (token in {settings.token_file})
  worker  http://127.0.0.1:{settings.metrics_port}/metrics
  broker  {broker}
Try, in another terminal:
  ./cityops query '{question}'{where}
  ./cityops query 'SHOW MEASUREMENTS' --format csv{where}
  ./cityops record events.jsonl.gz{where}{_console_line(settings)}"""


def _console_line(settings: Settings) -> str:
    """What most people came for, so it stands last."""
    from embedded.parts import console_url

    return f"\nOpen in a browser: {console_url(settings)}" if settings.console_port else ""
