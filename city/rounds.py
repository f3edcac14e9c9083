"""How scenarios go round, in every domain's simulator.

A scenario has no start of its own. What it may strike is split into three groups, each is struck for ten minutes out
of twenty-four, and the groups take turns every eight. So at any instant at least one group is struck, whoever starts
watching sees it within two minutes, and everyone recovers for fourteen minutes before the next turn. Rounds are
counted from 1970-01-01T00:00Z.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from city.draw import Draw, interpolate
from city.errors import UsageError
from city.instant import NS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

ROUND_S: Final = 1_440
STRUCK_S: Final = 600
GROUPS: Final = 3

_STRENGTH: Final = ((0.0, 0.0), (60.0, 1.0), (540.0, 1.0), (600.0, 0.0))  # seconds since struck → 0 to 1


def since_struck_s(group: int, ns: int) -> float:
    """Seconds since a group was struck last, `[0, ROUND_S)`."""
    return (ns / NS - group * (ROUND_S // GROUPS)) % ROUND_S


def is_struck(group: int, ns: int) -> bool:
    """Whether a group's ten minutes last."""
    return since_struck_s(group, ns) < STRUCK_S


def strength(group: int, ns: int) -> float:
    """How hard a group is struck, 0 (not at all) to 1: it grows for a minute and fades for one."""
    return interpolate(_STRENGTH, since_struck_s(group, ns))


def refuse_unknown(names: Iterable[str], known: Collection[str], domain: str) -> None:
    """Refuse a scenario that a domain does not play.

    Raises:
        UsageError: there is one; says which are known.
    """
    for name in names:
        if name not in known:
            raise UsageError(f"no scenario {name!r} for {domain}; there are: {', '.join(known)}")


def drawn(name: str) -> tuple[float, str]:
    """A sort key by which lots decide who is struck, the same for every seed: no statement about real places."""
    return Draw("scenario", name).at(0)[0], name
