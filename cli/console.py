"""`./cityops console`: the console alone, beside a running city or any InfluxDB."""

from __future__ import annotations

from typing import Annotated

import typer

from cli._options import DataDir  # noqa: TC001 - typer reads the annotation when it runs
from runtime.settings import load


def console(
    data_dir: DataDir = None,
    store_url: Annotated[
        str | None, typer.Option(metavar="URL", help="InfluxDB to read; default: that of the running city.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the console.")] = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; loopback, unless console_guarded is set.")
    ] = None,
) -> None:
    """Show the city in the browser until Ctrl-C."""
    settings = load(data_dir=data_dir, store_url=store_url, console_port=port, console_host=host)
    from console.guard import refuse_open_doors

    refuse_open_doors(settings)
    from console.app import serve
    from runtime import log

    log.configure(settings.log_level)
    print(f"console  http://{settings.console_host}:{settings.console_port}")
    serve(settings)
