"""Prometheus text and health on loopback: the same figures as the `pipeline` series, counted per process."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from city.errors import CityopsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client.core import Metric

Sample = tuple[str, tuple[str, ...], float]
"""Name, label values (domain, partition, and a reason for `rejected`), value."""

COUNTERS: Final = {
    "in": "events counted",
    "late": "events whose window had closed",
    "duplicate": "events counted before",
    "rejected": "records that no rule may count",
    "unattributed": "of the late, duplicate and rejected ones, those of no known source",
    "truncated": "records the log lost before they were read",
    "damaged": "windows never written, for they may be incomplete",
    "points": "points written by this process",
    "refused": "lines the store refused, set aside",
    "retries": "requests to the store that failed",
    "flushes": "flushes that became durable",
    "failed_flushes": "flushes that will be sent again",
    "bounds_hit": "times a bound stopped the reading",
    "overlooked": "events of sources beyond max_series, of which the sources series tells nothing",
}
GAUGES: Final = {
    "lag": "records between the log's end and the fold",
    "open_windows": "open windows, each group counted",
    "pending_points": "closed windows that are not durable yet",
    "watermark_delay_seconds": "how far the partition's clock lies behind now",
    "write_seconds": "the last request to the store",
}


class _Figures(Collector):
    """Asks for the samples whenever somebody looks."""

    def __init__(self, samples: Callable[[], Iterable[Sample]]) -> None:
        self._samples = samples

    def collect(self) -> Iterator[Metric]:
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for name, labels, value in self._samples():
            family = families.get(name)
            if family is None:
                names = ["domain", "partition", "reason"][: len(labels)]
                kind = CounterMetricFamily if name in COUNTERS else GaugeMetricFamily
                family = families[name] = kind(f"cityops_{name}", (COUNTERS | GAUGES)[name], labels=names)
            family.add_metric(list(labels), value)
        yield from families.values()


class Metrics:
    """An HTTP server of `/metrics` and `/health` in a thread of its own.

    Args:
        port: on loopback; 0 takes any.
        samples: the figures now.
        healthy: whether the worker's loop turns.

    Raises:
        CityopsError: the port is taken.
    """

    def __init__(self, port: int, samples: Callable[[], Iterable[Sample]], healthy: Callable[[], bool]) -> None:
        registry = CollectorRegistry()
        registry.register(_Figures(samples))

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path == "/metrics":
                    self._answer(200, generate_latest(registry))
                elif self.path == "/health":
                    self._answer(*((200, b"ok\n") if healthy() else (503, b"the loop stands\n")))
                else:
                    self._answer(404, b"/metrics and /health\n")

            def _answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
                """Say nothing: a probe each second is no news."""

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError as error:
            raise CityopsError(f"port {port} for the worker's figures is taken: set metrics_port") from error
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()
