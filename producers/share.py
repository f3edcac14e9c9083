"""Several processes say one city: each speaks, and vouches, for partitions of its own.

A partition has one publisher, so its clock stays that of one process, and a window closes when the one who could still
add to it says so. An area belongs to the partition of its key, and a city-wide event to that of the city's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple, Self

from city.errors import UsageError
from city.partition import partition_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Share(NamedTuple):
    """Which of so many processes this is; `1/1` says everything."""

    number: int
    of: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `1/2`.

        Raises:
            UsageError: it is no share.
        """
        found = re.fullmatch(r"(\d{1,3})/(\d{1,3})", text, re.ASCII)
        share = cls(int(found[1]), int(found[2])) if found else cls(0, 0)
        if not 1 <= share.number <= share.of:
            raise UsageError(f"a share is written 1/2 or 2/2, not {text!r}")
        return share

    @property
    def part(self) -> str:
        """The name that this process goes by in a running city."""
        return "producers" if self.number == 1 else f"producers-{self.number}"

    def partitions(self, loads: Mapping[str, float], count: int) -> frozenset[int]:
        """Those of `count` partitions that are ours.

        The heaviest goes to whoever has least so far, so that all have about as much to say. It follows from the
        arguments alone: every process finds the same, and each partition has one.

        Args:
            loads: area → events/s of its sources.
            count: how many partitions there are.
        """
        weights = [0.0] * count
        for area, load in loads.items():
            weights[home(area, count)] += load
        heaviest = sorted(range(count), key=lambda partition: (-weights[partition], partition))
        given: list[list[int]] = [[] for _ in range(self.of)]
        for partition in heaviest:
            least = min(given, key=lambda mine: (sum(weights[at] for at in mine), len(mine)))
            least.append(partition)
        return frozenset(given[self.number - 1])


def home(area: str, count: int) -> int:
    """The partition of an area's events."""
    return partition_of(area.encode(), count)


def areas_in(partitions: frozenset[int], areas: Iterable[str], count: int) -> frozenset[str]:
    """The areas whose events live in these of `count` partitions."""
    return frozenset(area for area in areas if home(area, count) in partitions)
