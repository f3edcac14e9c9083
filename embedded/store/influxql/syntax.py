"""The syntax tree of the InfluxQL we speak: plain values, made by `parser`, read by everyone else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Ref:
    """A field or a tag by name; `cast` is what stands behind `::` (field, tag, float, integer, …)."""

    name: str
    cast: str = ""


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`*`, `*::field` or `*::tag`."""

    kind: str = ""


@dataclass(frozen=True, slots=True)
class Regex:
    """`/pattern/`, in RE2 syntax."""

    pattern: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number with a point."""

    value: float


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number."""

    value: int


@dataclass(frozen=True, slots=True)
class Text:
    """`'text'`: a value, or a time."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Duration:
    """`1h30m`, in nanoseconds."""

    ns: int


@dataclass(frozen=True, slots=True)
class Call:
    """`name(arguments)`; the name in lower case."""

    name: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """`left op right`; op is in lower case (`and`, `or`)."""

    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Paren:
    """`(inner)`: kept, because a column's name and a condition's meaning depend on nothing else."""

    inner: Expr


Expr = Ref | Wildcard | Regex | Number | Integer | Text | Boolean | Duration | Call | Binary | Paren
Literal = Number | Integer | Text | Boolean | Duration


@dataclass(frozen=True, slots=True)
class Column:
    """One selected expression, with its alias."""

    expr: Expr
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A measurement by name, or all whose name a regular expression matches; maybe of another database."""

    name: str | Regex
    database: str = ""
    retention: str = ""


class Fill(Enum):
    """What stands in a window without points."""

    NULL = "null"
    NONE = "none"
    PREVIOUS = "previous"
    LINEAR = "linear"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Select:
    """`SELECT … FROM … WHERE … GROUP BY … fill() ORDER BY … LIMIT …`."""

    columns: tuple[Column, ...]
    sources: tuple[Source, ...]
    where: Expr | None = None
    dimensions: tuple[Expr, ...] = ()
    fill: Fill = Fill.NULL
    fill_value: float | int = 0
    descending: bool = False
    ordered: bool = False
    zone: str = ""
    limit: int = 0
    offset: int = 0
    series_limit: int = 0
    series_offset: int = 0


Source = Measurement | Select


class Topic(Enum):
    """What a SHOW statement lists."""

    DATABASES = "databases"
    RETENTION = "retention policies"
    MEASUREMENTS = "measurements"
    SERIES = "series"
    TAG_KEYS = "tag keys"
    TAG_VALUES = "tag values"
    FIELD_KEYS = "field keys"


@dataclass(frozen=True, slots=True)
class Show:
    """`SHOW …`. `keys` is the condition of WITH KEY: an operator and its right-hand side."""

    topic: Topic
    database: str = ""
    sources: tuple[Measurement, ...] = ()
    with_measurement: tuple[str, str | Regex] | None = None
    with_key: tuple[str, tuple[str, ...] | Regex] | None = None
    where: Expr | None = None
    limit: int = 0
    offset: int = 0


Statement = Select | Show
Node = Statement | Expr | Measurement


def children(node: Node) -> list[Node]:
    """The nodes directly within a node, in no order that means anything."""
    if isinstance(node, Select):
        parts: list[Node] = [*node.dimensions, *node.sources, *(column.expr for column in node.columns)]
        return parts if node.where is None else [*parts, node.where]
    if isinstance(node, Show):
        return [*node.sources] if node.where is None else [*node.sources, node.where]
    if isinstance(node, Binary):
        return [node.left, node.right]
    if isinstance(node, Paren):
        return [node.inner]
    if isinstance(node, Call):
        return [*node.arguments]
    return [node.name] if isinstance(node, Measurement) and isinstance(node.name, Regex) else []
