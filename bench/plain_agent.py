"""A contender: the city's two series as Faust's own documentation would have them, one event at a time.

Started by `bench.throughput`: `python -m bench.plain_agent BROKER GROUP PROGRESS`.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import faust

from bench.accumulators import Cell, FlowCell
from bench.load import TOPIC
from bench.progress import Progress

if TYPE_CHECKING:
    from bench.accumulators import Flow, Sites


def main() -> None:
    """Count until told to stop."""
    broker, group, progress = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="cityops-bench-") as folder:
        app = plain_app(broker, group, folder, Progress(Path(progress)))
        faust.Worker(app, loglevel="WARNING", quiet=True).execute_from_commandline()


def plain_app(broker: str, group: str, folder: str, progress: Progress) -> faust.App:
    """The whole application."""
    app = faust.App(
        group, broker=f"kafka://{broker}", datadir=folder, consumer_auto_offset_reset="earliest", web_enabled=False
    )
    topic = app.topic(TOPIC, key_serializer="raw", value_serializer="json")
    flow: Flow = defaultdict(FlowCell)
    sites: Sites = defaultdict(Cell)

    @app.agent(topic)
    async def count(events: Any) -> None:
        async for event in events:
            data = event.get("data")
            if data is None:  # a tick
                continue
            at = int(datetime.fromisoformat(event["time"]).timestamp())
            said = [data.get(name) for name in ("averageVehicleSpeed", "intensity", "occupancy", "congested")]
            cell = flow[at - at % 10, event["area"], data.get("vehicleType")]
            cell.add(*said)
            cell.tell_apart(said[0])
            sites[at - at % 60, event["area"], event["source"]].add(*said)
            progress.add(1)

    return app


if __name__ == "__main__":
    main()
