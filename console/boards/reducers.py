"""A series → one value, with Grafana's treatment of nulls.

https://grafana.com/docs/grafana/latest/panels-visualizations/query-transform-data/calculation-types/
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from console.boards.frames import Value
    from console.boards.options import Reducer


def last_not_null(values: Sequence[Value]) -> Value:
    """The last value that is neither null nor NaN; None where there is none."""
    there = (value for value in reversed(values) if not _is_nothing(value))
    return next(there, None)


REDUCERS: Final[Mapping[Reducer, Callable[[Sequence[Value]], Value]]] = {"lastNotNull": last_not_null}


def _is_nothing(value: Value) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))
