"""What a statement answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embedded.store.influxql.zone import Zone


@dataclass(frozen=True, slots=True)
class ResultSeries:
    """One series of an answer. With `has_time` the first column of each row is a time in ns, said in `zone`."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    tags: dict[str, str] = field(default_factory=dict)
    has_time: bool = True
    zone: Zone | None = None
