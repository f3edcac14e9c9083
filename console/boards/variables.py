"""What people choose on a board: which values there are, and which of them an address asks for.

Only a value that is offered is ever taken: what an address states beside is refused, in one line that says so.
https://grafana.com/docs/grafana/latest/dashboards/variables/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from console.boards import interpolate
from console.boards.interpolate import ALL, Chosen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from console.boards.document import CustomVariable, QueryVariable

MOST: Final = 200
"""Values that an address may ask for of one variable."""

_BETWEEN: Final = re.compile(r"(?<!\\),")
_NAMED: Final = re.compile(r"\s:\s")


@dataclass(frozen=True, slots=True)
class Option:
    """One value, and what it is called."""

    value: str
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """What a variable offers, what of it is chosen, and what was asked for in vain."""

    options: tuple[Option, ...]
    chosen: Chosen
    refused: tuple[str, ...] = ()


def named_options(variable: CustomVariable) -> tuple[Option, ...]:
    r"""The options that stand in a variable: `text : value, value, text\, with comma : value`."""
    parts = (part.replace("\\,", ",").strip() for part in _BETWEEN.split(variable.query))
    pairs = (_NAMED.split(part, maxsplit=1) for part in parts if part)
    return tuple(Option(pair[-1].strip(), pair[0].strip()) for pair in pairs)


def found_options(variable: QueryVariable, values: Sequence[str]) -> tuple[Option, ...]:
    """The options that a store's answer gives: each value once, in its order or by the alphabet."""
    once = interpolate.one_of(values)
    return tuple(Option(value, value) for value in (sorted(once) if variable.sort == 1 else once))


def choose(
    variable: QueryVariable | CustomVariable, options: tuple[Option, ...], asked: Sequence[str] | None
) -> Choice:
    """The values that are asked for, as far as they are offered; else the board's own, all, or the first."""
    offered = {option.value for option in options} | ({ALL} if variable.include_all else set())
    wanted = interpolate.one_of(asked or ())[:MOST]
    refused = tuple(value for value in wanted if value not in offered)
    values = tuple(value for value in wanted if value in offered) or _default(variable, options, offered)
    if ALL in values:
        values = (ALL,)
    if not variable.multi:
        values = values[:1]
    meant = tuple(option.value for option in options) if values == (ALL,) else values
    return Choice(options, Chosen(values, meant, variable.all_value), refused)


def _default(
    variable: QueryVariable | CustomVariable, options: tuple[Option, ...], offered: set[str]
) -> tuple[str, ...]:
    current = variable.current.value if variable.current else ()
    kept = tuple(value for value in ((current,) if isinstance(current, str) else current) if value in offered)
    if kept:
        return kept
    if variable.include_all:
        return (ALL,)
    return tuple(option.value for option in options[:1])
