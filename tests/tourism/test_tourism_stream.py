"""Four event types of one domain through the stream: the fold's points are the truth's, derived attributes and all."""

from city.catalogue import faults_of, load
from city.domains.tourism.events import TourismPortal, TourismPresence, TourismPresenceObserved
from city.domains.tourism.pack import PACK
from city.domains.tourism.simulator import SCENARIOS, simulate
from city.event import encode
from city.gate import Gate
from city.geography import CITY_AREA, CITY_ZONE, HANOI
from city.influxql import Is, speakers
from city.instant import NS, nanoseconds
from city.lines import Line
from stream_app.truth import compute
from tests.services.folded import settled

EVENING = nanoseconds("2026-11-21T19:00:00+07:00")


def test_what_the_stream_settles_is_the_truth() -> None:
    said = list(simulate(2026, EVENING, EVENING + 180 * NS, events_per_s=30, scenarios=tuple(SCENARIOS)))
    points = settled(said, PACK, HANOI)
    assert points == compute([Line(encode(event)) for event in said], PACK, HANOI).points
    assert {key.measurement for key in points} == {series.name for series in PACK.series}


def presence(count: int | None, nationality: str | None, number: int = 1) -> TourismPresence:
    time = "2026-11-21T12:00:00.000Z"
    data = TourismPresenceObserved(visitorCount=count, nationality=nationality)
    source = f"tourism/00070/ho-hoan-kiem/{number}"
    return TourismPresence(id="1", source=source, time=time, recordedtime=time, area="00070", data=data)


def test_origin_follows_from_nationality_and_nothing_from_what_is_not_stated() -> None:
    said = [
        presence(5, "VN", 1),
        presence(3, "KR", 2),
        presence(4, "FR", 3),
        presence(7, None, 4),
        presence(None, "JP", 5),
    ]
    points = compute([Line(encode(event)) for event in said], PACK, HANOI).points
    by_origin = {dict(key.tags)["origin"]: fields for key, fields in points.items()}
    assert by_origin["domestic"]["visitors_sum"] == 5
    assert (by_origin["foreign"]["visitors_sum"], by_origin["foreign"]["count"]) == (7, 3)
    assert by_origin["all"]["visitors_sum"] == 7
    foreign = sum(fields.get("foreign_sum", 0) for fields in by_origin.values())
    stated = sum(fields.get("stated_sum", 0) for fields in by_origin.values())
    assert (foreign, stated) == (7, 12), "those without a nationality count for no share"


def test_the_portal_speaks_for_the_whole_city() -> None:
    gate = Gate(PACK.events, HANOI.zone_of)
    said = [event for event in simulate(1, EVENING, EVENING + 60 * NS, events_per_s=15) if type(event) is TourismPortal]
    for event in said:
        gate.admit(encode(event), CITY_AREA.encode(), (), None)
    points = compute([Line(encode(event)) for event in said], PACK, HANOI).points
    assert {(dict(key.tags)["area"], dict(key.tags)["zone"]) for key in points} == {(CITY_AREA, CITY_ZONE)}
    assert {series.name for series in PACK.series if series.citywide} == {"tourism_portal"}


def test_each_kpi_rests_on_the_sources_that_say_its_events() -> None:
    resting = {kpi.name: speakers(PACK, kpi) for kpi in PACK.kpis}
    assert resting["tourism_foreign_share"] == (Is("observation", "presence"),)
    assert resting["tourism_crowding"] == (Is("observation", "crowd"),)
    assert resting["tourism_hotel_occupancy"] == (Is("observation", "lodging"),)
    assert resting["tourism_portal_errors"] == (Is("observation", "portal"),)
    assert resting["tourism_silent_sources"] == ()


def test_the_pack_has_no_fault_and_no_name_that_another_has() -> None:
    assert faults_of(load().domains, HANOI) == []
    assert load().domain("tourism") is PACK
