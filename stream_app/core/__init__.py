"""The stream's rules, pure: windows, watermark, aggregates, de-duplication, checkpoint. Imports only `city`.

No socket, no clock, no environment: everything follows from the records and from what was committed.
"""

from stream_app.core.checkpoint import Checkpoint, Start, begin
from stream_app.core.fold import PartitionFold, Record, Said, SideRecord, Snapshot

__all__ = ["Checkpoint", "PartitionFold", "Record", "Said", "SideRecord", "Snapshot", "Start", "begin"]
