"""What a running worker says it has counted, once it has read all that was said."""

from __future__ import annotations

import os
import signal
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from runtime.part import read_json, run_file
from tests.whole.proxy import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def counted(city: RunningCity) -> dict[str, Counter[str]]:
    """Domain → the worker's counters, `rejected:<reason>` among them, when it has read the log to its end."""
    url = (read_json(run_file(city.data_dir, "worker")) or {})["metrics"]
    looks: list[dict[str, Counter[str]]] = []

    def settled() -> bool:
        figures, waiting = _read(url)
        looks.append(figures)
        return not waiting and len(looks) > 1 and looks[-2] == figures

    wait_until(settled, 60, "the worker has read all")
    return looks[-1]


def _read(url: str) -> tuple[dict[str, Counter[str]], float]:
    """The counters by domain, and how many records wait."""
    with urlopen(url, timeout=10) as answer:  # noqa: S310 - an address that the worker announced
        text = answer.read().decode()
    figures: defaultdict[str, Counter[str]] = defaultdict(Counter)
    waiting = 0.0
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            name = sample.name.removeprefix("cityops_").removesuffix("_total")
            if name == "lag":
                waiting += sample.value
            if name in _COUNTED:
                reason = f":{sample.labels['reason']}" if "reason" in sample.labels else ""
                figures[sample.labels["domain"]][name + reason] += int(sample.value)
    return dict(figures), waiting
