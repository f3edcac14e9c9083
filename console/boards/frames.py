"""An answer of the store → frames, as Grafana's data source for InfluxQL makes them.

https://grafana.com/docs/grafana/latest/developers/plugins/introduction-to-plugin-development/data-frames/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from console.boards.fields import Config

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

Kind = Literal["time", "number", "string", "boolean"]
Value = float | int | str | bool | None

TIME: Final = "Time"
VALUE: Final = "Value"
"""Grafana's names for the columns of a series."""

PLAIN: Final = Config()
"""Nothing is said of how it is shown."""

_ALIAS: Final = re.compile(r"\$(\w+)|\[\[(\w+)\]\]")


@dataclass(frozen=True, slots=True)
class Field:
    """One column. Times are milliseconds since 1970; None is a null.

    Attributes:
        own_name: what its data source calls it; it counts where the panel says nothing.
        config: how it is shown.
    """

    name: str
    kind: Kind
    values: Sequence[Value]
    labels: Mapping[str, str] = field(default_factory=dict)
    own_name: str = ""
    config: Config = PLAIN


@dataclass(frozen=True, slots=True)
class Frame:
    """Columns of one length, out of the target `ref`."""

    ref: str
    fields: tuple[Field, ...]
    name: str = ""

    @property
    def length(self) -> int:
        """How many rows."""
        return len(self.fields[0].values) if self.fields else 0

    @property
    def time(self) -> Field | None:
        """Its times, if it has any."""
        return next((one for one in self.fields if one.kind == "time"), None)

    @property
    def numbers(self) -> tuple[Field, ...]:
        """Its columns of numbers."""
        return tuple(one for one in self.fields if one.kind == "number")


def time_series(ref: str, series: Iterable[Mapping[str, Any]], alias: str) -> tuple[Frame, ...]:
    """A frame for each column of each series, named by the alias; nulls stay, they are gaps."""
    return tuple(_series_frames(ref, series, alias))


def table(ref: str, series: Sequence[Mapping[str, Any]]) -> tuple[Frame, ...]:
    """One frame of all rows, tags as columns; no frame where there is no series."""
    if not series:
        return ()
    first = series[0]
    tags, columns = list(first.get("tags", {})), list(first["columns"])
    rows = [(one.get("tags", {}), values) for one in series for values in one["values"]]
    fields = [_column(_title(columns[0]), [values[0] for _, values in rows])]
    fields += [Field(tag, "string", [own.get(tag) for own, _ in rows]) for tag in tags]
    fields += [
        _column(_title(name), [values[place] for _, values in rows]) for place, name in enumerate(columns) if place
    ]
    return (Frame(ref, tuple(fields), first["name"]),)


def number(ref: str, labels: Mapping[str, str], value: float | None) -> Frame:
    """The frame of a computed number: one field, called as its target."""
    return Frame(ref, (Field(ref, "number", [value], labels),))


def aliased(alias: str, measurement: str, column: str, tags: Mapping[str, str]) -> str:
    """A series' name: `$m`, `$measurement`, `$col`, `$tag_x` and parts of a dotted measurement by number; `[[…]]` too.

    What is not known stays; without an alias the name says all of it.
    """
    if not alias:
        said = f" {{ {', '.join(f'{name}: {value}' for name, value in tags.items())} }}" if tags else ""
        return f"{measurement}.{column}{said}"
    known = {"m": measurement, "measurement": measurement, "col": column}
    known |= {f"tag_{name}": value for name, value in tags.items()}
    known |= {str(place): part for place, part in enumerate(measurement.split("."))}
    return _ALIAS.sub(lambda found: known.get(found[1] or found[2], found[0]), alias)


def _series_frames(ref: str, series: Iterable[Mapping[str, Any]], alias: str) -> Iterator[Frame]:
    for one in series:
        tags = one.get("tags", {})
        times = [row[0] for row in one["values"]]
        for place, column in enumerate(one["columns"][1:], start=1):
            name = aliased(alias, one["name"], column, tags)
            found = _column(VALUE, [row[place] for row in one["values"]])
            value = Field(VALUE, found.kind, found.values, tags, name)
            yield Frame(ref, (Field(TIME, "time", times), value), name)


def _title(column: str) -> str:
    return TIME if column == "time" else column


def _column(name: str, values: list[Any]) -> Field:
    """A column of the kind of its first value that is none; numbers where all are null."""
    first = next((value for value in values if value is not None), None)
    kind: Kind = "boolean" if isinstance(first, bool) else "string" if isinstance(first, str) else "number"
    return Field(name, "time" if name == TIME else kind, values)
