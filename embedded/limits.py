"""What the embedded broker can hold, and the rate of events that follows from it.

Source of the broker's own figures: librdkafka 2.16, `rdkafka_mock.c`.
"""

from __future__ import annotations

PARTITIONS = 4
PARTITION_BYTES = 5 * 1024 * 1024
"""At most this much a partition; then the oldest batches are given up, read or not."""

HELD_S = 180.0
"""How long the log must hold: what a worker re-reads after a crash, and the longest rest before it starts again."""

BYTES_PER_EVENT = 300.0
"""PLACEHOLDER until measured."""

FULLEST_SHARE = 0.35
"""The fullest partition's share of the events: areas are not equally busy."""


def most_events_per_s() -> float:
    """The rate up to which the fullest partition still holds `HELD_S` seconds, rounded down to tens."""
    exact = PARTITION_BYTES / BYTES_PER_EVENT / FULLEST_SHARE / HELD_S
    return exact // 10 * 10
