"""A file of Grafana's → a board. A panel that is not known becomes one that says why; the others are drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from msgspec import Raw, Struct

from city.errors import DataError
from city.rules import expression
from console.boards.document import (
    Board,
    CustomVariable,
    Expression,
    GridPos,
    Matcher,
    Math,
    Override,
    Panel,
    QueryVariable,
    Question,
    Row,
    Source,
    Span,
    Strange,
    Target,
    Transformation,
)
from console.boards.fields import Config, Link, Part
from console.boards.interpolate import refuse_outside_patterns
from console.boards.options import Options
from console.boards.units import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

EXPRESSION: Final = "__expr__"
"""The data source of what is computed from other targets."""

_Kind = TypeVar("_Kind")


class _Property(Struct, frozen=True):
    id: str
    value: Any


class _Override(Struct, frozen=True):
    matcher: Matcher
    properties: tuple[_Property, ...]


class _FieldConfig(Struct, frozen=True):
    defaults: Config = Config()
    overrides: tuple[_Override, ...] = ()


class _Asked(Struct, frozen=True):
    datasource: Source


class _Place(Part, frozen=True):
    """What every panel has, also one that is not known."""

    id: int
    type: str
    title: str
    grid_pos: GridPos
    collapsed: bool = False
    panels: tuple[Raw, ...] = ()


class _Known(Part, frozen=True):
    description: str = ""
    targets: tuple[Raw, ...] = ()
    field_config: _FieldConfig = _FieldConfig()
    transformations: tuple[Transformation, ...] = ()
    options: Raw = Raw(b"{}")
    links: tuple[Link, ...] = ()
    interval: str = ""
    time_from: str = ""
    time_shift: str = ""
    repeat: None = None


class _Templating(Struct, frozen=True):
    list: tuple[QueryVariable | CustomVariable, ...] = ()


class _TimePicker(Struct, frozen=True, rename={"now_delay": "nowDelay"}):
    now_delay: str = ""
    refresh_intervals: tuple[str, ...] = ()


class _Document(Part, frozen=True):
    """The file. Its panels are decoded one by one: a strange one must not spoil the others."""

    uid: str
    title: str
    panels: tuple[Raw, ...]
    time: Span
    timezone: str
    templating: _Templating = _Templating()
    description: str = ""
    tags: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()
    refresh: str = ""
    timepicker: _TimePicker = _TimePicker()


def read(text: bytes | str) -> Board:
    """The board of a file.

    Raises:
        DataError: it is no dashboard, or has a kind of variable that is not known.
    """
    document = _decoded(text, _Document)
    for variable in document.templating.list:
        if isinstance(variable, QueryVariable):
            refuse_outside_patterns(variable.query)
    return Board(
        uid=document.uid,
        title=document.title,
        description=document.description,
        tags=document.tags,
        rows=tuple(_rows(document.panels)),
        variables=document.templating.list,
        links=document.links,
        time=document.time,
        timezone=document.timezone,
        now_delay=document.timepicker.now_delay,
        refresh=document.refresh,
        refreshes=document.timepicker.refresh_intervals,
    )


def _decoded(text: bytes | str | Raw, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        raise DataError(str(error)) from error


def _rows(panels: Iterable[Raw]) -> Iterable[Row]:
    """Panels belong to the row above them; those of a collapsed row lie within it."""
    rows: list[tuple[_Place, list[Raw]]] = [(_Place(id=0, type="row", title="", grid_pos=GridPos(0, 0, 24, 0)), [])]
    for raw in panels:
        place = _decoded(raw, _Place)
        if place.type == "row":
            rows.append((place, list(place.panels)))
        else:
            rows[-1][1].append(raw)
    for place, inside in rows:
        if place.title or inside:
            yield Row(id=place.id, title=place.title, collapsed=place.collapsed, panels=tuple(map(_panel, inside)))


def _panel(raw: Raw) -> Panel | Strange:
    place = _decoded(raw, _Place)
    try:
        return _known(place, _decoded(raw, _Known))
    except DataError as error:
        return Strange(id=place.id, title=place.title, grid=place.grid_pos, why=str(error))


def _known(place: _Place, panel: _Known) -> Panel:
    """The panel, if the console knows all of it.

    Raises:
        DataError: something in it is not known.
    """
    try:
        told = msgspec.json.decode(panel.options, type=dict[str, Any])
        options: Options = msgspec.convert({**told, "type": place.type}, Options)
    except msgspec.ValidationError as error:
        raise DataError(f"{place.type}: {error}") from error
    made = Panel(
        id=place.id,
        title=place.title,
        grid=place.grid_pos,
        options=options,
        description=panel.description,
        targets=tuple(map(_target, panel.targets)),
        defaults=panel.field_config.defaults,
        overrides=tuple(map(_override, panel.field_config.overrides)),
        transformations=panel.transformations,
        links=panel.links,
        interval=panel.interval,
        time_from=panel.time_from,
        time_shift=panel.time_shift,
    )
    for config in (made.defaults, *(override.config for override in made.overrides)):
        refuse_unknown(config.unit)
    return made


def _target(raw: Raw) -> Target:
    if _decoded(raw, _Asked).datasource.uid == EXPRESSION:
        computed: Expression = _decoded(raw, Expression)  # type: ignore[arg-type]  # a union of types is one
        if isinstance(computed, Math):
            expression.parse(computed.expression)
        return computed
    question = _decoded(raw, Question)
    refuse_outside_patterns(question.query)
    return question


def _override(raw: _Override) -> Override:
    """Properties by path (`custom.lineWidth`) → one configuration."""
    found: dict[str, Any] = {}
    for one in raw.properties:
        name, _, inner = one.id.partition(".")
        if inner:
            found.setdefault(name, {})[inner] = one.value
        else:
            found[name] = one.value
    try:
        return Override(matcher=raw.matcher, config=msgspec.convert(found, Config))
    except msgspec.ValidationError as error:
        raise DataError(f"an override of {raw.matcher.options}: {error}") from error
