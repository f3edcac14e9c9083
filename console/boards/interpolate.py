r"""Variables in text, as Grafana fills them in: `$x`, `${x}`, `${x:format}`.

In a question for InfluxDB a value stands in a regular expression only (`/^$area$/`): Grafana escapes it there, and
joins several as `(a|b)`. A question that holds one anywhere else is refused when its board is read, so that nothing
that somebody chose can become anything but a pattern.
https://grafana.com/docs/grafana/latest/dashboards/variables/variable-syntax/
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from city.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ALL: Final = "$__all"
"""The value that stands for all."""

_VARIABLE: Final = re.compile(r"\$(?:\{(\w[\w.]*)(?::(\w+))?\}|(\w+))", re.ASCII)
_PATTERN: Final = re.compile(r"(=~|!~)\s*/(?:[^/\\\n]|\\.)*/")
_SPECIAL: Final = re.compile(r"[\\^$*+?.()|\[\]{}/]")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen of one variable.

    Attributes:
        values: as addresses state them; `$__all` is all of them.
        meant: the values that it stands for.
        all_value: what stands for all of them in a question, unescaped; empty: each of them.
    """

    values: tuple[str, ...]
    meant: tuple[str, ...]
    all_value: str = ""

    @property
    def everything(self) -> bool:
        """Whether all is chosen."""
        return self.values == (ALL,)


def names(text: str) -> frozenset[str]:
    """The variables and macros that a text names."""
    return frozenset(found[1] or found[3] for found in _VARIABLE.finditer(text))


def refuse_outside_patterns(query: str) -> None:
    """Refuse a question that holds a variable outside a regular expression; macros (`$__…`, `$timeFilter`) may be.

    Raises:
        DataError: it does.
    """
    outside = {name for name in names(_PATTERN.sub("", query)) if not _is_macro(name)}
    if outside:
        raise DataError(f"${min(outside)} stands outside a regular expression in: {query}")


def question(query: str, chosen: Mapping[str, Chosen]) -> str:
    """A question with its variables filled in; macros stay.

    Raises:
        DataError: it names a variable that the board has not.
    """

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        if _is_macro(name):
            return found[0]
        if name not in chosen:
            raise DataError(f"no variable is called {name}")
        if found[2] not in {None, "regex"}:
            raise DataError(f"a variable in a question is a pattern, not {found[2]}: {found[0]}")
        return pattern(chosen[name])

    return _VARIABLE.sub(fill, query)


def pattern(chosen: Chosen) -> str:
    """What is chosen, as a regular expression."""
    if chosen.everything and chosen.all_value:
        return chosen.all_value
    escaped = [escape(value) for value in chosen.meant]
    return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"


def escape(value: str) -> str:
    r"""The regular expression of exactly this text; a control character as `\x0a`, so that it ends nothing."""
    escaped = _SPECIAL.sub(lambda found: "\\" + found[0], value)
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", escaped)


def query_parameters(name: str, chosen: Chosen) -> str:
    """`${x:queryparam}`: `var-x=a&var-x=b`."""
    return "&".join(f"var-{name}={quoted(value)}" for value in chosen.values)


def quoted(value: str) -> str:
    """A value as it stands in an address."""
    return quote(value, safe="$")


def link(url: str, chosen: Mapping[str, Chosen], macros: Mapping[str, str]) -> str:
    """An address with its variables filled in, quoted; one that is not known stays as it is written."""
    formats: dict[str | None, Callable[[str, Chosen], str]] = {
        "queryparam": query_parameters,
        None: lambda _, one: ",".join(map(quoted, one.values)),
    }

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[3]
        if name in macros:
            return macros[name]
        if name in chosen and found[2] in formats:
            return formats[found[2]](name, chosen[name])
        return found[0]

    return _VARIABLE.sub(fill, url)


def fill_in(text: str, macros: Mapping[str, str]) -> str:
    """Plain text with macros filled in; what is not known stays."""
    return _VARIABLE.sub(lambda found: macros.get(found[1] or found[3], found[0]), text)


def one_of(values: Sequence[str]) -> tuple[str, ...]:
    """The values without doubles, in their order."""
    return tuple(dict.fromkeys(values))


def _is_macro(name: str) -> bool:
    return name.startswith("__") or name == "timeFilter"
