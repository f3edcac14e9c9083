"""Frames as tables: of table panels, of places, and the twin of every picture."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from console.boards import interpolate
from console.boards.display import shown, title
from console.boards.options import Table as TableOptions
from console.draw.pictures import Cell, Column, Nothing, Place, Places, Table, Way

if TYPE_CHECKING:
    from console.boards.document import Panel
    from console.boards.fields import Link
    from console.boards.frames import Field, Frame, Value
    from console.draw.pictures import Look

AREA: Final = "area"
STATE: Final = "state"
NOTHING: Final = "–"
_COLOURED: Final = "color-text"
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Headings:
    """What the columns of a twin are called that no panel names."""

    time: str
    name: str
    value: str


def table(panel: Panel, frames: tuple[Frame, ...], look: Look) -> Table | Nothing:
    """The first frame as a table."""
    told = panel.options
    assert isinstance(told, TableOptions)
    if not frames or not frames[0].length:
        return Nothing(panel.defaults.no_value or "")
    made = of_frame(frames[0], look)
    titles = [column.title for column in made.columns]
    sort = next(
        ((titles.index(one.display_name), one.desc) for one in told.sort_by if one.display_name in titles), None
    )
    return Table(made.columns, made.rows, sort)


def of_frame(frame: Frame, look: Look) -> Table:
    """One frame, a column for each field."""
    columns = tuple(Column(title(field, frame), number=_is_number(field)) for field in frame.fields)
    cells = [[_cell(value, field, look) for value in field.values] for field in frame.fields]
    return Table(columns, tuple(zip(*cells, strict=True)))


def places(panel: Panel, frames: tuple[Frame, ...], look: Look) -> Places | Nothing:
    """How each area stands: what the later layers of a map say is on top."""
    found: dict[str, Place] = {}
    for frame in frames:
        fields = {field.name: field for field in frame.fields}
        if AREA in fields and STATE in fields:
            for area, state in zip(fields[AREA].values, fields[STATE].values, strict=True):
                one = shown(state, fields[STATE].config, look.writing)
                found[str(area)] = Place(state, one.text, one.colour)
    return Places(found) if found else Nothing(panel.defaults.no_value or "")


def twin(panel: Panel, frames: tuple[Frame, ...], look: Look, said: Headings) -> Table:
    """The table behind a picture: tables as they are, series side by side, one line for each moment."""
    if isinstance(panel.options, TableOptions) and frames:
        return of_frame(frames[0], look)
    series = [(frame, frame.time, field) for frame in frames for field in frame.numbers if frame.time is not None]
    computed = [(frame, field) for frame in frames for field in frame.numbers if frame.time is None]
    if not series or all(frame.length == 1 for frame, _, _ in series):
        return _of_figures([*((frame, field) for frame, _, field in series), *computed], frames, look, said)
    moments = sorted({time for _, times, _ in series for time in times.values if isinstance(time, int)})
    names = [title(field, frame, frames) for frame, _, field in series]
    values = [dict(zip(times.values, field.values, strict=True)) for _, times, field in series]
    configs = [field for _, _, field in series]
    rows = tuple(
        (
            _said(look.writing.moment(moment)),
            *(_cell(one.get(moment), field, look) for one, field in zip(values, configs, strict=True)),
        )
        for moment in moments
        if any(one.get(moment) is not None for one in values)
    )
    return Table((Column(said.time, number=False), *(Column(name, number=True) for name in names)), rows)


def written(made: Table) -> str:
    """The table as CSV with raw values; a text that a spreadsheet would compute begins with an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_safe(column.title) for column in made.columns)
    for row in made.rows:
        writer.writerow(_in_file(cell) for cell in row)
    return out.getvalue()


def _of_figures(fields: list[tuple[Frame, Field]], frames: tuple[Frame, ...], look: Look, said: Headings) -> Table:
    rows = []
    for frame, field in fields:
        name = title(field, frame, frames)
        rows.append((_said(name), _cell(field.values[-1] if field.values else None, field, look)))
    return Table((Column(said.name, number=False), Column(said.value, number=True)), tuple(rows))


def _said(text: str) -> Cell:
    """A cell of words."""
    return Cell(text, text)


def _is_number(field: Field) -> bool:
    """Whether it shows numbers, not words for them."""
    return field.kind == "number" and not field.config.mappings


def _cell(value: Value, field: Field, look: Look) -> Cell:
    one = shown(value, field.config, look.writing)
    if value is None:
        # What a panel says of nothing at all would be wrong in a line of a table that has something.
        one = replace(one, text=NOTHING)
    options = field.config.custom.cell_options
    coloured = options is not None and options.type == _COLOURED
    ways = tuple(_way(link, value, look) for link in field.config.links or ())
    named = bool(field.config.mappings) and isinstance(value, str)
    return Cell(one.text, value, one.colour if coloured else "", ways, named)


def _way(link: Link, value: Value, look: Look) -> Way:
    macros = {"__value.raw": interpolate.quoted(str(value)), "__url_time_range": look.time_range}
    return Way(link.title, interpolate.link(link.url, look.chosen, macros))


def _in_file(cell: Cell) -> str | float | None:
    if isinstance(cell.raw, str) or cell.named:
        return _safe(cell.text)
    return cell.raw


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text
