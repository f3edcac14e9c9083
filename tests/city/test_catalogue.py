"""The catalogue: the packs that there are, and every fault that one can have."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import msgspec
import pytest

from city.catalogue import Catalogue, faults_of, load
from city.domain import Domain, Kpi, Measure, Rate, Ratio, Series, Site, Tag
from city.domains.traffic.events import TrafficFlow
from city.domains.traffic.pack import FLOW, INTENSITY, PACK, SITE, SPEED
from city.errors import CatalogueError, UsageError
from city.event import Event
from city.geography import HANOI

RULE = PACK.rules[0]
KPI = PACK.kpis[0]


class Unheard(Event, frozen=True, tag="vn.hanoi.unheard.v1"):
    data: dict[str, int]


def flow(**changed: object) -> Domain:
    return replace(PACK, series=(replace(FLOW, **changed), SITE))  # type: ignore[arg-type]  # each case names a field and a value of its type


def kpi(**changed: object) -> Domain:
    return replace(PACK, kpis=(replace(KPI, **changed), *PACK.kpis[1:]), rules=(RULE,))  # type: ignore[arg-type]  # likewise


def rule(**changed: object) -> Domain:
    return replace(PACK, rules=(replace(RULE, **changed),))  # type: ignore[arg-type]  # likewise


def fresh(**changed: object) -> Domain:
    return replace(PACK, freshness=replace(PACK.freshness, **changed))  # type: ignore[arg-type]  # likewise


def test_the_packs_that_there_are_have_no_fault() -> None:
    found = load()
    assert "traffic" in found.by_name
    assert found.domain("traffic") is found.by_name["traffic"]
    assert found.series["traffic_flow"] is FLOW
    assert found.kpis[KPI.name] is KPI
    assert found.city is HANOI


def test_an_unknown_domain_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UsageError, match=r"no domain 'parking'; there are: .*traffic"):
        load().domain("parking")


def test_a_catalogue_of_nothing_is_empty() -> None:
    assert not Catalogue(HANOI, ()).series


def test_a_good_pack_has_no_fault() -> None:
    assert faults_of((PACK,), HANOI) == []


@pytest.mark.parametrize(
    ("pack", "fault"),
    [
        (flow(window_s=0), "a window lasts 1 to 300 s, not 0"),
        (flow(window_s=301), "a window lasts 1 to 300 s, not 301"),
        (flow(lateness_s=-1), "lateness cannot be negative"),
        (flow(event=Unheard), "made of Unheard, which is no event of the pack"),
        (flow(measures=(*FLOW.measures, Measure("noise", "noise", "dB"))), "has no 'data.noise'"),
        (flow(measures=(replace(SPEED, weight="mass"), *FLOW.measures[1:])), "has no 'data.mass'"),
        (flow(tags=(Tag("lane", "data.lane", ("1",)),)), "has no 'data.lane'"),
        (flow(tags=(Tag("lane", "data.laneId"),)), "tag lane needs a closed vocabulary"),
        (flow(name="traffic_other"), "reads 'traffic_flow', which is no series of the pack"),
        (kpi(measurement="nothing"), "reads 'nothing', which is no series of the pack"),
        (kpi(formula=Ratio("speed_wsum", "noise_sum")), "needs traffic_flow.noise_sum, which is not kept"),
        (kpi(formula=Ratio("noise_sum", "speed_weight_sum")), "needs traffic_flow.noise_sum, which is not kept"),
        (kpi(formula=Rate("intensity_min")), "needs traffic_flow.intensity_min, which is not kept"),
        (kpi(measurement="sources", formula=Rate("noise")), "needs sources.noise, which is not kept"),
        (replace(PACK, rules=(replace(RULE, kpi="nothing"),)), "watches 'nothing', which is no KPI of the pack"),
        (rule(by=("lane",)), "is by 'lane', which is no tag of traffic_flow"),
        (rule(kpi="traffic_silent_sensors", by=("vehicle_type",)), "is by 'vehicle_type', which is no tag of sources"),
        (rule(recovers_at=11.0), "fires below 12 and recovers at 11: at once"),
        (rule(fires="above", recovers_at=13.0), "fires above 12 and recovers at 13: at once"),
        (fresh(alike=("noise",)), "freshness compares 'noise', which no event of that pace has"),
        (replace(PACK, freshness_by={TrafficFlow: replace(PACK.freshness, period_s=0)}), "period ≤ slow ≤ expired"),
        (replace(PACK, freshness_by={Unheard: PACK.freshness}), "freshness of Unheard, which is no event of the pack"),
        (replace(PACK, sites=(Site("s", "01", 21.0, 105.8, Unheard),)), "site s says Unheard, which is no event"),
        (fresh(slow_s=5), "period ≤ slow ≤ expired"),
        (fresh(expired_s=20), "period ≤ slow ≤ expired"),
        (fresh(period_s=0), "period ≤ slow ≤ expired"),
        (replace(PACK, sites=(Site("s", "99999", 21.0, 105.8),)), "site s lies in the unknown area '99999'"),
        (replace(PACK, series=(*PACK.series, FLOW)), "the name 'traffic_flow' is taken by traffic"),
        (replace(PACK, kpis=(*PACK.kpis, KPI)), f"the name '{KPI.name}' is taken by traffic"),
        (replace(PACK, rules=(RULE, RULE)), f"the name '{RULE.name}' is taken by traffic"),
    ],
)
def test_each_fault_is_named(pack: Domain, fault: str) -> None:
    said = faults_of((pack,), HANOI)
    assert any(fault in line for line in said), said
    assert all(line.startswith("traffic: ") for line in said)


@pytest.mark.parametrize(
    "good",
    [
        lambda: flow(window_s=300),
        lambda: flow(window_s=1),
        lambda: flow(lateness_s=0),
        lambda: kpi(formula=Ratio("speed_sum", "speed_count")),
        lambda: kpi(formula=Rate("count")),
        lambda: replace(PACK, sites=(Site("s", "01", 21.0, 105.8),)),
        lambda: replace(PACK, sites=(Site("s", "01", 21.0, 105.8, TrafficFlow),)),
        lambda: replace(PACK, freshness_by={TrafficFlow: PACK.freshness}),
        lambda: replace(PACK, rules=()),
        lambda: rule(recovers_at=12.0),
        lambda: rule(by=("area", "zone", "vehicle_type")),
        lambda: rule(kpi="traffic_silent_sensors", by=("domain", "source")),
    ],
)
def test_what_lies_just_inside_is_no_fault(good: Callable[[], Domain]) -> None:
    assert faults_of((good(),), HANOI) == []


def test_two_packs_cannot_share_a_name() -> None:
    said = faults_of(
        (
            PACK,
            replace(PACK, name="transport"),
        ),
        HANOI,
    )
    assert "transport: the name 'traffic_flow' is taken by traffic" in said


def test_all_faults_are_told_at_once() -> None:
    bad = replace(flow(window_s=0, lateness_s=-1), sites=(Site("s", "99999", 21.0, 105.8),))
    assert len(faults_of((bad,), HANOI)) == 3


def test_the_errors_text_lists_every_fault() -> None:
    assert str(CatalogueError(["one", "two"])).splitlines()[1:] == ["  - one", "  - two"]


# ------------------------------------------------------------------------------------------------ the vocabulary


def test_a_measures_fields_stand_in_the_order_of_a_line() -> None:
    assert SPEED.fields == (
        "speed_count",
        "speed_sum",
        "speed_min",
        "speed_max",
        "speed_wsum",
        "speed_weight_sum",
    )
    assert INTENSITY.fields == ("intensity_count", "intensity_sum", "intensity_max")


def test_a_series_has_area_and_zone_before_its_own_tags() -> None:
    assert FLOW.tag_names == ("area", "zone", "vehicle_type")
    assert SITE.tag_names == ("area", "zone", "source")
    assert FLOW.field_names[:3] == ("count", "final", "speed_count")
    assert len(set(FLOW.field_names)) == len(FLOW.field_names)


@pytest.mark.parametrize(("value", "steps"), [(21.5, 2_150), (0, 0), (0.004, 0), (0.006, 1), (250, 25_000)])
def test_a_value_becomes_whole_steps(value: float, steps: int) -> None:
    assert SPEED.steps(value) == steps


def test_a_domain_has_one_topic() -> None:
    assert PACK.topic == "city.traffic"


def test_packs_are_values() -> None:
    assert isinstance(hash(PACK.kpis), int)
    assert {type(entry) for entry in (*PACK.series, *PACK.kpis)} == {Series, Kpi}


class Boundless(msgspec.Struct):
    """A number without bounds, as a careless pack would have it."""

    averageVehicleSpeed: float | None = None  # noqa: N815 - the model's own name
    intensity: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Careless(Event, frozen=True, tag="vn.hanoi.careless.v1"):
    data: Boundless


def test_what_is_summed_needs_a_least_and_a_greatest_value() -> None:
    series = replace(FLOW, event=Careless, measures=(SPEED, INTENSITY), tags=())
    pack = replace(PACK, events=(Careless,), series=(series,), kpis=(), rules=())
    faults = [fault for fault in faults_of((pack,), HANOI) if "summed" in fault]
    assert faults == [
        f"traffic: series traffic_flow: {name!r} is summed, so it needs a least and a greatest value"
        for name in ("averageVehicleSpeed", "intensity")
    ]


Many = Annotated[int, msgspec.Meta(ge=0, le=100)]


class Deriving(msgspec.Struct):
    """Attributes, and what follows from them."""

    count: Many | None = None

    @property
    def side(self) -> str:
        return "left" if self.count else "right"

    @property
    def twice(self) -> Annotated[int, msgspec.Meta(ge=0, le=200)] | None:
        return None if self.count is None else 2 * self.count

    @property
    def boundless(self) -> int:
        return 0


class Derived(Event, frozen=True, tag="vn.hanoi.derived.v1"):
    data: Deriving


def test_what_follows_from_attributes_can_be_a_tag_and_a_measure_and_needs_bounds_as_they_do() -> None:
    def pack(*paths: str) -> Domain:
        measures = tuple(Measure(path, path, "1") for path in paths)
        series = Series("derived", Derived, 10, 0, measures, (Tag("side", "data.side", ("left", "right")),))
        fresh = replace(PACK.freshness, alike=("count",))
        return replace(PACK, events=(Derived,), series=(series,), kpis=(), rules=(), freshness=fresh)

    assert faults_of((pack("count", "twice"),), HANOI) == []
    (fault,) = faults_of((pack("boundless"),), HANOI)
    assert "'boundless' is summed, so it needs a least and a greatest value" in fault
