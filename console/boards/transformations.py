"""Grafana's transformations, those that our boards use: before fields are configured, by their own names.

https://grafana.com/docs/grafana/latest/panels-visualizations/query-transform-data/transform-data/
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, assert_never

from console.boards.document import FilterFields, Merge, Organize
from console.boards.frames import Field, Frame

if TYPE_CHECKING:
    from collections.abc import Iterable

    from console.boards.document import Columns, Transformation
    from console.boards.frames import Value

_LAST: Final = 2**53 - 1
"""Where a column stands that no order names: after all others, in its own order."""


def transformed(frames: tuple[Frame, ...], steps: Iterable[Transformation]) -> tuple[Frame, ...]:
    """The frames after all steps."""
    for step in steps:
        match step:
            case FilterFields(options):
                frames = tuple(_without(frame, options.exclude.names) for frame in frames)
            case Merge():
                frames = merged(frames)
            case Organize(options):
                frames = tuple(_organized(frame, options) for frame in frames)
            case never:
                assert_never(never)
    return frames


def merged(frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """Several tables as one: rows whose common columns are equal become one row, where no other column contradicts.

    As they are, where there are fewer than two, or no column is common to all.
    """
    if len(frames) < 2:
        return frames
    full = [frame for frame in frames if frame.fields]
    columns = {field.name: field for frame in reversed(full) for field in reversed(frame.fields)}
    names = list(dict.fromkeys(field.name for frame in full for field in frame.fields))
    common = [name for name in names if all(name in {field.name for field in frame.fields} for frame in full)]
    if not common:
        return frames
    rows: list[dict[str, Value]] = []
    by_key: dict[tuple[Value, ...], list[dict[str, Value]]] = {}
    for frame in full:
        own = [field.name for field in frame.fields]
        for values in zip(*(field.values for field in frame.fields), strict=True):
            row = dict(zip(own, values, strict=True))
            alike = by_key.setdefault(tuple(row[name] for name in common), [])
            fitting = [one for one in alike if _agree(one, row)]
            for one in fitting:
                one.update(row)
            if not fitting:
                alike.append(row)
                rows.append(row)
    fields = (Field(name, columns[name].kind, [row.get(name) for row in rows]) for name in names)
    return (Frame(full[0].ref, tuple(fields)),)


def _agree(one: dict[str, Value], other: dict[str, Value]) -> bool:
    """Whether nothing that one row says is different in the other; a null says nothing."""
    return all(one.get(name) is None or one[name] == value for name, value in other.items())


def _without(frame: Frame, names: tuple[str, ...]) -> Frame:
    return replace(frame, fields=tuple(field for field in frame.fields if field.name not in names))


def _organized(frame: Frame, columns: Columns) -> Frame:
    kept = [field for field in frame.fields if not columns.exclude_by_name.get(field.name, False)]
    ordered = sorted(kept, key=lambda field: columns.index_by_name.get(field.name, _LAST))
    renamed = (replace(field, name=columns.rename_by_name.get(field.name) or field.name) for field in ordered)
    return replace(frame, fields=tuple(renamed))
