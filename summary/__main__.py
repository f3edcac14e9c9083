"""`python -m summary`: roll-ups and standings of a running city, configured by settings alone."""

from __future__ import annotations

import time

from city.catalogue import load as load_catalogue
from runtime.connect import find_store
from runtime.part import announce, run, start, told_to_stop
from summary.job import Job, next_round_s
from summary.store import StoreOverHttp


def main() -> None:
    """Do a round a minute until told to stop."""
    settings = start()
    stop = told_to_stop()
    catalogue = load_catalogue()
    store = StoreOverHttp(find_store(settings), settings.data_dir / "refused")
    job = Job(store, catalogue)
    announce(settings, "summary")
    while not stop.is_set():
        job.round(int(time.time()))
        stop.wait(next_round_s(time.time()))
    store.close()


if __name__ == "__main__":
    run(main)
