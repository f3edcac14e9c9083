"""A contender: the same two series by a bare loop over aiokafka and msgspec, as one would write it for speed alone.

It decodes, checks the bounds and adds up. No de-duplication, no lateness, no closing, no checkpoint, no store.
Started by `bench.throughput`: `python -m bench.bare_loop BROKER GROUP PROGRESS`.
"""

from __future__ import annotations

import signal
import sys
from collections import defaultdict
from datetime import datetime  # noqa: TC003 - msgspec reads the annotations
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import uvloop
from aiokafka import AIOKafkaConsumer

from bench.accumulators import Cell, FlowCell
from bench.load import TOPIC
from bench.progress import Progress
from city.domains.traffic.events import TrafficFlowObserved  # noqa: TC001 - likewise
from city.event import TICK_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aiokafka.structs import ConsumerRecord

    from bench.accumulators import Flow, Sites


class _Tick(msgspec.Struct, gc=False, tag_field="type", tag=TICK_TYPE):
    """What is not counted."""


class _Event(msgspec.Struct, gc=False, tag_field="type", tag="vn.hanoi.traffic.flow.v1"):
    """What is needed of an event; msgspec reads its time."""

    id: str
    source: str
    time: datetime
    area: str
    data: TrafficFlowObserved


class BareLoop:
    """The two series and nothing else."""

    def __init__(self, progress: Progress) -> None:
        self._decode = msgspec.json.Decoder(_Event | _Tick).decode
        self._progress = progress
        self.flow: Flow = defaultdict(FlowCell)
        self.sites: Sites = defaultdict(Cell)

    async def run(self, broker: str, group: str) -> None:
        """Count until told to stop."""
        consumer = AIOKafkaConsumer(TOPIC, bootstrap_servers=broker, group_id=group, auto_offset_reset="earliest")
        await consumer.start()
        while True:
            for records in (await consumer.getmany(timeout_ms=1_000)).values():
                self.count(records)

    def count(self, records: Iterable[ConsumerRecord[bytes, bytes]]) -> None:
        """Add up one batch."""
        decode, flow, sites = self._decode, self.flow, self.sites
        counted = 0
        for record in records:
            try:
                event = decode(record.value)
            except msgspec.DecodeError:
                continue
            if type(event) is _Tick:
                continue
            at = int(event.time.timestamp())
            data = event.data
            speed, intensity = data.averageVehicleSpeed, data.intensity
            occupancy, congested = data.occupancy, data.congested
            cell = flow[at - at % 10, event.area, data.vehicleType]
            cell.add(speed, intensity, occupancy, congested)
            cell.tell_apart(speed)
            sites[at - at % 60, event.area, event.source].add(speed, intensity, occupancy, congested)
            counted += 1
        self._progress.add(counted)


def main() -> None:
    """Count until told to stop."""
    broker, group, progress = sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        uvloop.run(BareLoop(Progress(Path(progress))).run(broker, group))
    except KeyboardInterrupt:
        return


if __name__ == "__main__":
    main()
