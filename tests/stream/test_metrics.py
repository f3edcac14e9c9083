from __future__ import annotations

import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from city.errors import CityopsError
from stream_app.metrics import COUNTERS, GAUGES, Metrics
from tests.store.web import Client, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from stream_app.metrics import Sample

HERE = ("traffic", "3")
OF_A_PARTITION = {"in", "late", "duplicate", "truncated", "damaged", "lag", "open_windows", "pending_points"}
OF_A_PARTITION |= {"unattributed", "watermark_delay_seconds"}
EVERY: list[Sample] = [
    (name, HERE if name in OF_A_PARTITION else (*HERE, "not-json") if name == "rejected" else (), float(number))
    for number, name in enumerate([*COUNTERS, *GAUGES], start=1)
]


@contextmanager
def metrics(
    samples: Callable[[], Iterable[Sample]] = lambda: EVERY, healthy: Callable[[], bool] = lambda: True
) -> Iterator[Client]:
    server = Metrics(0, samples, healthy)
    try:
        yield Client(f"http://127.0.0.1:{server.port}")
    finally:
        server.close()


def figures(reply: Reply) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    assert reply.status == 200
    families = list(text_string_to_metric_families(reply.body.decode()))
    assert all(family.documentation for family in families)
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def test_every_figure_of_the_table_is_there_for_prometheus_to_read() -> None:
    with metrics() as client:
        found = figures(client.ask("GET", "/metrics"))
    names = ("domain", "partition", "reason")
    assert found == {
        (
            f"cityops_{name}{'_total' if name in COUNTERS else ''}",
            tuple(sorted(zip(names, labels, strict=False))),
        ): value
        for name, labels, value in EVERY
    }


def test_a_counter_is_declared_as_one_and_a_gauge_too() -> None:
    with metrics() as client:
        text = client.ask("GET", "/metrics").body.decode()
    kinds = {family.name.removeprefix("cityops_"): family.type for family in text_string_to_metric_families(text)}
    assert kinds == dict.fromkeys(COUNTERS, "counter") | dict.fromkeys(GAUGES, "gauge")


def test_each_partition_and_each_reason_has_a_row_of_its_own() -> None:
    samples = [
        ("rejected", ("traffic", "0", "not-json"), 2.0),
        ("rejected", ("traffic", "0", "too-large"), 3.0),
        ("rejected", ("traffic", "1", "not-json"), 5.0),
    ]
    with metrics(lambda: samples) as client:
        found = figures(client.ask("GET", "/metrics"))
    assert sorted(found.values()) == [2.0, 3.0, 5.0]


def test_the_figures_are_those_of_the_moment_somebody_looks() -> None:
    lag = iter([7.0, 8.0])
    with metrics(lambda: [("lag", HERE, next(lag))]) as client:
        seen = [list(figures(client.ask("GET", "/metrics")).values()) for _ in range(2)]
    assert seen == [[7.0], [8.0]]


@pytest.mark.parametrize(("healthy", "status", "body"), [(True, 200, b"ok\n"), (False, 503, b"the loop stands\n")])
def test_health_says_whether_the_loop_turns(*, healthy: bool, status: int, body: bytes) -> None:
    with metrics(healthy=lambda: healthy) as client:
        reply = client.ask("GET", "/health")
    assert (reply.status, reply.body) == (status, body)


def test_anything_else_is_not_there() -> None:
    with metrics() as client:
        assert client.ask("GET", "/").status == 404


def test_a_port_that_is_taken_is_one_line_that_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(CityopsError, match=rf"^port {port} .* is taken: set metrics_port$"):
            Metrics(port, list, lambda: True)


def test_a_port_that_was_closed_is_free_again() -> None:
    first = Metrics(0, list, lambda: True)
    first.close()
    Metrics(first.port, list, lambda: True).close()
