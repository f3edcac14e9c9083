"""Courses of values in files, and what people have labelled in them, as the Numenta Anomaly Benchmark writes both."""

from __future__ import annotations

import csv
import json
import math
from datetime import UTC, datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from city.errors import DataError
from city.instant import NS

if TYPE_CHECKING:
    from pathlib import Path

    from city.deviation_trial import Point, Window

HEADER = ["timestamp", "value"]


def course(path: Path) -> list[Point]:
    """The values of a file in the order of time; of a repeated time, the last.

    Raises:
        DataError: the file cannot be read; says where.
    """
    found: dict[int, float] = {}
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file)
            if next(rows, None) != HEADER:
                raise DataError(f"{path}: the first line must be {','.join(HEADER)}")
            for number, row in enumerate(rows, start=2):
                found[_ns(row[0])] = _finite(row[1]) if len(row) == len(HEADER) else _no_row(path, number)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    except (ValueError, IndexError) as error:
        raise DataError(f"{path}:{number}: not a time and a number: {error}") from error
    if not found:
        raise DataError(f"{path} holds no values")
    return sorted(found.items())


def labelled(path: Path) -> dict[str, list[Window]]:
    """Name → windows; of a name that is a path, as in NAB's own `combined_windows.json`, the file's name alone.

    Raises:
        DataError: the file is not of that shape.
    """
    try:
        held: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return {
            PurePath(name).name.removesuffix(".csv"): [(_ns(start), _ns(end)) for start, end in windows]
            for name, windows in held.items()
        }
    except OSError as error:
        raise DataError(f"{path}: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: no labels; write a name with a list of [from, until]") from error


def _ns(text: str) -> int:
    """A time without a zone, taken as it stands: hours and weekdays are those of the place."""
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _no_row(path: Path, number: int) -> float:
    raise DataError(f"{path}:{number}: not a time and a number")
