"""`python -m embedded.store`: the store of a running city, configured by settings alone."""

from __future__ import annotations

from embedded.store.server import run_forever
from runtime.part import announce, run, start


def main() -> None:
    """Serve `<data_dir>/store.duckdb` on loopback until told to stop."""
    settings = start()
    token = settings.store_token()
    run_forever(
        settings.data_dir / "store.duckdb",
        token,
        settings.store_port,
        lambda url: announce(settings, "store", url=url),
    )


if __name__ == "__main__":
    run(main)
