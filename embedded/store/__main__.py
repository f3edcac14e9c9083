"""`python -m embedded.store`: the store of a running city, configured by settings alone."""

from __future__ import annotations

from embedded.store.server import run_forever
from runtime import log
from runtime.part import announce, end_with_supervisor, run
from runtime.settings import load


def main() -> None:
    """Serve `<data_dir>/store.duckdb` on loopback until told to stop."""
    settings = load()
    log.configure(settings.log_level)
    token = settings.store_token()
    end_with_supervisor()
    run_forever(
        settings.data_dir / "store.duckdb",
        token,
        settings.store_port,
        lambda url: announce(settings, "store", url=url),
    )


if __name__ == "__main__":
    run(main)
