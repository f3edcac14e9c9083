"""What the embedded broker can hold, and the rate of events that follows from it.

Source of the broker's own figures: librdkafka 2.16, `rdkafka_mock.c`.
"""

from __future__ import annotations

from typing import Final

PARTITIONS: Final = 4
PARTITION_BYTES: Final = 5 * 1024 * 1024
"""At most this much a partition, as compressed; then the oldest batches are given up, read or not."""

HELD_S: Final = 180.0
"""How long the log must hold: what a worker re-reads after a crash, and the longest rest before it starts again."""

MOST_EVENTS_PER_S: Final = 2000.0
"""The rate of simulated events up to which the fullest partition holds `HELD_S`; a test holds it.

Measured with the traffic simulator and the publisher's batches (gzip, 50 ms): 686 s at 200 events/s, 304 s at
1,000, 204 s at 2,000. Larger batches compress better, so the bytes grow more slowly than the rate.
"""
