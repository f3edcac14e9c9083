"""mode(): the value that most points have. The rule for ties is that of `influxql/query/call_iterator.go`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from embedded.store.line_protocol import Value


class Point(TypedDict):
    """A value and its time."""

    v: Value
    t: int


def most_frequent(points: Sequence[Point]) -> Value:
    """The value that occurs most often among points sorted by value, then time; of booleans `true` wins a tie.

    Of values that occur equally often it is the one whose first point is not later than the last point counted
    for the one before.
    """
    if isinstance(points[0]["v"], bool):
        return sum(point["v"] is True for point in points) * 2 >= len(points)
    most, frequency, at = points[0]["v"], 0, points[0]["t"]
    value, count, since = most, 0, at
    for point in points:
        if point["v"] != value:
            value, count, since = point["v"], 1, point["t"]
            continue
        count += 1
        if frequency < count or (frequency == count and since <= at):
            most, frequency, at = value, count, point["t"]
    return most
