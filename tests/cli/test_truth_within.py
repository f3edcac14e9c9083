"""What of a store a recording can speak of: its partitions end at different moments, and the city goes on."""

from __future__ import annotations

import pytest

from city.catalogue import load
from city.instant import NS
from city.partition import partition_of
from cli.truth import _within
from stream_app.truth import Key, Truth

CATALOGUE = load()
AREAS = {partition_of(area.encode(), 4): area for area in CATALOGUE.city.units}
HERE, THERE, SILENT = AREAS[0], AREAS[1], AREAS[2]
TEN = 10 * NS


def points(*places: tuple[str, int]) -> dict[Key, dict[str, float]]:
    """A point of `traffic_flow` in an area, in the n-th window."""
    return {Key("traffic_flow", (("area", area), ("zone", "z")), window * TEN): {"count": 1} for area, window in places}


TRUE = Truth(points((HERE, 1), (HERE, 2), (THERE, 1)))


@pytest.mark.parametrize(
    ("stored", "kept"),
    [
        (points((HERE, 2)), 1),
        (points((HERE, 3)), 0),  # closed since
        (points((THERE, 2)), 0),  # closed there since, though not here
        (points((THERE, 0)), 1),  # before the last one of the file: it should be in it
        (points((SILENT, 1)), 1),
        (points((SILENT, 2)), 0),
    ],
)
def test_a_recording_speaks_of_each_partition_as_far_as_it_goes(stored: dict[Key, dict[str, float]], kept: int) -> None:
    assert len(_within(stored, TRUE, CATALOGUE, {"city.traffic": 4})) == kept


def test_a_plain_file_has_one_end_for_all() -> None:
    stored = points((HERE, 2), (THERE, 2), (SILENT, 2))
    assert _within(stored, TRUE, CATALOGUE, {}) == stored
    assert _within(points((THERE, 3)), TRUE, CATALOGUE, {}) == {}
