"""A small city whose figures anybody can check, half an hour of it, and questions filled in as Grafana does."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Final

from city.event import observation

if TYPE_CHECKING:
    from city.catalogue import Catalogue
    from city.domain import Domain, Series

SPAN_S: Final = 1_800
AHEAD_S: Final = 900
"""Points reach past now, so that a real store whose clock goes on during the tests still finds whole ranges."""

AREAS: Final = {"00004": "ba-dinh", "00070": "hoan-kiem", "00082": "hoan-kiem"}
VEHICLES: Final = ("car", "motorcycle")

# In each window of 10 s, for each area: cars at 10 km/h and motorcycles at 40 km/h, so many of them.
COUNTED: Final = {"00004": (2, 4), "00070": (6, 3), "00082": (0, 0)}
SPEED_KMH: Final = {"car": 10.0, "motorcycle": 40.0}

# The sensors of each area by their state; the second of 00070 fell silent, the third of 00082 has never spoken.
STATES: Final = {"00004": (0, 0), "00070": (0, 3), "00082": (0, 1, 3)}
NEVER: Final = ("00082", 3)


def lines(now_s: int) -> str:
    """The points as line protocol, in seconds."""
    written = []
    for second in range((now_s - SPAN_S) // 10 * 10, now_s + AHEAD_S, 10):
        for area, zone in AREAS.items():
            written += [_flow(area, zone, vehicle, second) for vehicle in VEHICLES]
            written += [_source(area, zone, number, second) for number in range(1, len(STATES[area]) + 1)]
        written += [_partition(number, second, now_s) for number in (0, 1)]
    return "\n".join(written)


def others(packs: Catalogue, now_s: int) -> str:
    """Every other pack's series with 1 in every field, so that each of its questions has something to find."""
    seconds = range((now_s - SPAN_S) // 60 * 60, now_s + AHEAD_S, 60)
    return "\n".join(
        line
        for domain in packs.domains
        if domain.name != "traffic"
        for second in seconds
        for line in (*_sources_of(domain, second), *(line for one in domain.series for line in _ones(one, second)))
    )


def _ones(series: Series, second: int) -> list[str]:
    fields = ",".join(f"{name}=1" + "i" * name.endswith(("count", "final")) for name in series.field_names)
    fields = re.sub(r"(_bin\d+=1)", r"\1i", fields)
    tagged = product(*([f",{tag.name}={value}" for value in (*tag.values[:2], "one")[:2]] for tag in series.tags))
    return [
        f"{series.name},area={area}{''.join(tags)},zone={zone} {fields} {second}"
        for tags in tagged
        for area, zone in AREAS.items()
    ]


def _sources_of(domain: Domain, second: int) -> list[str]:
    sources = [
        f"sources,area={area},domain={domain.name},observation={observation(kind)},source={observation(kind)}/{area},"
        f"zone={zone} state={state}i,silent=0,frozen=0,last_event_s={second - 5},age_s=5 {second + late}"
        for area, zone in AREAS.items()
        for kind in domain.events
        for state in [int(area == "00082")]
        for late in range(0, 60, 10)
    ]
    counted = "in=95i,unusable=5i,clock_trouble=1i,damaged=0i,lag=8,write_s=0.25,watermark_delay_s=1"
    counted += ",late=1i,duplicate=2i,open_windows=9i,pending_points=3i,retries=0,worker_share=1"
    partition = f"pipeline,domain={domain.name},partition=0 {counted}"
    return [*sources, *(f"{partition} {second + late}" for late in range(0, 60, 10))]


def _flow(area: str, zone: str, vehicle: str, second: int) -> str:
    count = COUNTED[area][VEHICLES.index(vehicle)]
    speed = SPEED_KMH[vehicle]
    fields = (
        f"count=2i,final=0i,speed_count=2i,speed_sum={2 * speed},speed_min={speed},speed_max={speed},"
        f"speed_wsum={speed * count},speed_weight_sum={float(count)},"
        f"intensity_count=2i,intensity_sum={float(count)},intensity_max={float(count)}"
    )
    if area == "00004":  # the only place that measures these
        fields += ",occupancy_count=2i,occupancy_sum=0.5,occupancy_max=0.25,congested_count=2i,congested_sum=1.0"
    return f"traffic_flow,area={area},vehicle_type={vehicle},zone={zone} {fields} {second}"


def _source(area: str, zone: str, number: int, second: int) -> str:
    state = STATES[area][number - 1]
    age_s = (5.0, 40.0, 400.0, 900.0)[state]
    fields = f"state={state}i,silent={float(state == 3)},frozen={float(state == 2)}"
    if (area, number) != NEVER:
        fields += f",last_event_s={second - age_s},age_s={age_s}"
    return f"sources,area={area},domain=traffic,source=traffic/{area}/{number:03d},zone={zone} {fields} {second}"


def _partition(number: int, second: int, now_s: int) -> str:
    """A partition counts 95 records in each round and rejects 5, 1 of them for its clock."""
    rounds = (second - (now_s - SPAN_S) // 10 * 10) // 10
    counted = f"in={95 * rounds}i,unusable={5 * rounds}i,clock_trouble={rounds}i,damaged=0i"
    fields = f"{counted},lag={float(number * 8)},write_s=0.25,watermark_delay_s={1.0 + number}"
    return f"pipeline,domain=traffic,partition={number} {fields} {second}"


def filled(query: str, start_s: int, end_s: int, interval_s: int = 60, **variables: str) -> str:
    """The query as Grafana sends it: macros and variables replaced; a variable not named is "All"."""
    text = query.replace("$timeFilter", f"time >= {start_s}000ms and time <= {end_s}000ms")
    text = text.replace("$__interval_ms", str(interval_s * 1000)).replace("$__interval", f"{interval_s}s")
    text = re.sub(r"/\^\$(\w+)\$/", lambda found: f"/^{variables.get(found[1], '.*')}$/", text)
    assert "$" not in text.replace("$/", ""), f"nobody fills this in: {text}"
    return text
