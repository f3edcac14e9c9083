"""`./cityops worker`: one stream worker against a broker and a store."""

from __future__ import annotations


def worker() -> None:
    """Run one stream worker until Ctrl-C; broker, store and the rest come from the settings."""
    from stream_app.worker import main

    main()
