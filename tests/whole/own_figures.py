"""What a running worker says it has counted, once it has read all that was said."""

from __future__ import annotations

import os
import signal
from collections import Counter, defaultdict
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from runtime.part import read_json, run_file
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.whole.running import RunningCity

_COUNTED = ("in", "late", "duplicate", "rejected")


@contextmanager
def nobody_speaks(city: RunningCity) -> Iterator[None]:
    """The simulators and the ticks hold their breath: the log grows no more."""
    pid = int((read_json(run_file(city.data_dir, "producers")) or {})["pid"])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def counted(city: RunningCity, awaited: Mapping[str, Counter[str]]) -> dict[str, Counter[str]]:
    """Domain → the worker's counters, `rejected:<reason>` among them: those awaited, or the last ones after a minute.

    Figures that have stopped for a moment prove nothing: the next records may be on their way, and the worker learns
    of the log's end at its flushes only.
    """
    url = (read_json(run_file(city.data_dir, "worker")) or {})["metrics"]
    with suppress(AssertionError):  # who asked compares, and shows what differs
        wait_until(lambda: _read(url) == awaited, 60, "the worker has read all")
    return _read(url)


def _read(url: str) -> dict[str, Counter[str]]:
    """The counters by domain, without those that are 0."""
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - an address that the worker announced
        text = answer.read().decode()
    figures: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = sample.name.removeprefix("cityops_").removesuffix("_total")
            if name in _COUNTED:
                reason = f":{sample.labels['reason']}" if "reason" in sample.labels else ""
                figures[sample.labels["domain"]][name + reason] += int(sample.value)
    return {domain: +of for domain, of in figures.items()}
