"""Events about midnight in Hanoi, their truth, and what its roll-ups must be, added up in the plainest way."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from city import catalogue
from city.instant import NS, rfc3339
from city.lines import Line
from city.rollup import HOUR, RESOLUTIONS
from stream_app.core.lineprotocol import escape
from stream_app.truth import Key, Truth, compute

if TYPE_CHECKING:
    from collections.abc import Iterable

    from city.domain import Domain
    from stream_app.truth import Value

CITY: Final = catalogue.load()
TRAFFIC: Final[Domain] = CITY.domain("traffic")
AHEAD_S: Final = 7 * 3_600
MIDNIGHT_S: Final = 1_795_107_600
"""2026-11-20 00:00 in Hanoi, which is 17:00 of the day before in UTC."""

AREAS: Final = ("00004", "00070", "00454")
Points = dict[Key, dict[str, "Value"]]


def truth(start_s: int, end_s: int, every_s: int = 20, seed: int = 1) -> Truth:
    """The settled points of some sensors that speak every `every_s` seconds, each with a value of its own."""
    rng = random.Random(seed)
    lines = [
        Line(json.dumps(_event(rng, area, number, second)).encode())
        for second in range(start_s, end_s, every_s)
        for area in AREAS
        for number in range(2)
    ]
    return compute(lines, TRAFFIC, CITY.city)


def _event(rng: random.Random, area: str, number: int, second: int) -> dict[str, object]:
    data: dict[str, object] = {"averageVehicleSpeed": round(rng.uniform(3, 60), 2)}
    if rng.random() < 0.9:
        data |= {"intensity": rng.randrange(9), "vehicleType": rng.choice(["car", "bus", "motorcycle"])}
    if rng.random() < 0.5:
        data |= {"occupancy": round(rng.random(), 4), "congested": rng.random() < 0.3}
    return {
        "specversion": "1.0",
        "type": "vn.hanoi.traffic.flow.v1",
        "id": str(second),
        "source": f"traffic/{area}/{number + 1:03d}",
        "time": rfc3339(second * NS),
        "recordedtime": rfc3339(second * NS),
        "area": area,
        "data": data,
    }


def as_lines(points: Points) -> str:
    """Points as the worker writes them."""
    return "\n".join(
        f"{key.measurement}{''.join(f',{name}={escape(value)}' for name, value in key.tags)} "
        f"{','.join(_written(name, value) for name, value in fields.items())} {key.start // NS}"
        for key, fields in points.items()
    )


def _written(name: str, value: Value) -> str:
    whole = name in {"count", "final"} or name.endswith("_count") or "_bin" in name
    return f"{name}={value}i" if whole else f"{name}={float(value)!r}"


def added_up(points: Points) -> Points:
    """Every roll-up of these points: sums, minima and maxima by hand, days by the city's clock."""
    rolled: Points = {}
    for series in TRAFFIC.series:
        own = {key: fields for key, fields in points.items() if key.measurement == series.name}
        for resolution in RESOLUTIONS:
            if resolution.seconds > series.window_s:
                name = f"{series.name}_{resolution.name}"
                rolled |= _grouped(own, name, resolution.seconds, [tag.name for tag in series.tags])
                if resolution.seconds >= 900:
                    later = _grouped(own, f"{name}_week", resolution.seconds, [tag.name for tag in series.tags])
                    rolled |= {Key(k.measurement, k.tags, k.start + 604_800 * NS): f for k, f in later.items()}
        rolled |= _by_hour(_grouped(own, f"{series.name}_1h_of_day", HOUR.seconds, []))
    return rolled


def _by_hour(points: Points) -> Points:
    return {
        Key(key.measurement, tuple(sorted((*key.tags, ("hour", _hour(key.start))))), key.start): fields
        for key, fields in points.items()
    }


def _hour(start: int) -> str:
    return f"{(start // NS + AHEAD_S) // 3_600 % 24:02d}"


def _grouped(points: Points, name: str, length_s: int, tags: Iterable[str]) -> Points:
    groups: dict[Key, list[dict[str, Value]]] = defaultdict(list)
    kept = {"area", "zone", *tags}
    for key, fields in points.items():
        second = key.start // NS
        start = (second + AHEAD_S) // length_s * length_s - AHEAD_S
        groups[Key(name, tuple(pair for pair in key.tags if pair[0] in kept), start * NS)].append(fields)
    return {key: _merged(all_fields) for key, all_fields in groups.items()}


def _merged(all_fields: list[dict[str, Value]]) -> dict[str, Value]:
    merged: dict[str, Value] = {}
    for name in {name for fields in all_fields for name in fields} - {"final"}:
        values = [fields[name] for fields in all_fields if name in fields]
        how = min if name.endswith("_min") else max if name.endswith("_max") else sum
        merged[name] = round(how(values), 6)
    return merged
