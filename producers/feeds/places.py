"""Where a foreign sensor stands in this city.

By the hash of its name: murmur2 (the very function that places records in Kafka) over the units sorted by code. The
rule needs no second file, so it holds for data sets without coordinates too; a sensor's area depends on nothing but
its name, so that importing part of a data set places it as the whole would; and the load spreads over the city.
What it does not keep is neighbourhood: sensors of one foreign road lie in different areas here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from city.partition import partition_of

if TYPE_CHECKING:
    from city.geography import City


def area_of(name: str, city: City) -> str:
    """The code of the unit that stands for the place `name`, as in `metr-la/773869`."""
    codes = sorted(city.units)
    return codes[partition_of(name.encode(), len(codes))]
