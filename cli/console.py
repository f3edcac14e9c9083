"""`./cityops console`: the console alone, beside a running city or any InfluxDB."""

from __future__ import annotations

from typing import Annotated

import typer

from city.errors import UsageError
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
    if not settings.console_port:
        raise UsageError("console_port = 0: say by --port where it shall listen")
    from embedded.premises import refuse_taken_ports

    refuse_taken_ports({"port": settings.console_port})
    from console.app import serve, url_of
    from runtime import log

    log.configure("WARNING" if settings.log_level == "INFO" else settings.log_level)
    print(f"Open in a browser: {url_of(settings)}", flush=True)
    serve(settings)
