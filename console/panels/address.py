"""Where a board stands in addresses: its state is all in there, so that a link shows what its sender saw."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VARIABLE: Final = "var-"
_GRAFANA: Final = "/d/"
_HOME: Final = "/boards"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for; empty: as the board begins.

    Attributes:
        variables: the values that are asked for, by variable.
        refresh: `off` is never.
        panel: the one panel that is shown alone; 0: all.
    """

    variables: Mapping[str, tuple[str, ...]]
    start: str = ""
    end: str = ""
    refresh: str = ""
    panel: int = 0

    @classmethod
    def of(cls, parameters: Iterable[tuple[str, str]]) -> Wanted:
        """What the parameters of an address ask for."""
        variables: dict[str, tuple[str, ...]] = {}
        others: dict[str, str] = {}
        for name, value in parameters:
            if name.startswith(VARIABLE):
                own = name.removeprefix(VARIABLE)
                variables[own] = (*variables.get(own, ()), value)
            else:
                others[name] = value
        panel = others.get("viewPanel", "")
        return cls(
            variables,
            others.get("from", ""),
            others.get("to", ""),
            others.get("refresh", ""),
            int(panel) if panel.isascii() and panel.isdigit() and len(panel) < 12 else 0,
        )

    def but(self, name: str, values: Iterable[str]) -> Wanted:
        """The same with other values of one variable."""
        return replace(self, variables={**self.variables, name: tuple(values)})

    def at(self, path: str) -> str:
        """The address."""
        pairs = [(f"{VARIABLE}{name}", value) for name, values in self.variables.items() for value in values]
        others = (("from", self.start), ("to", self.end), ("refresh", self.refresh))
        pairs += [pair for pair in others if pair[1]]
        pairs += [("viewPanel", str(self.panel))] if self.panel else []
        return f"{path}?{urlencode(pairs, safe='$')}" if pairs else path


def path_of(prefix: str, uid: str) -> str:
    """A board's page: a board of either language is shown in that of the page."""
    name, _, language = uid.rpartition("-")
    return f"{prefix}{_HOME}/{name if language in {'vi', 'en'} else uid}"


def here(prefix: str, url: str) -> str:
    """An address of Grafana's (`/d/traffic-vi?var-zone=x`) → the console's; any other leads nowhere."""
    split = urlsplit(url)
    if split.scheme or split.netloc or not split.path.startswith(_GRAFANA):
        return ""
    uid = split.path.removeprefix(_GRAFANA).split("/")[0]
    return Wanted.of(parse_qsl(split.query)).at(path_of(prefix, uid))
