"""The city's table: whole, consistent, and the data set's."""

import csv
import io
import unicodedata

import pytest

from city.geography import CITY_AREA, CITY_ZONE, HANOI, City, Unit, Zone, slug, without_diacritics
from tests.datasets import dataset


def test_hanoi_has_its_units_in_thirty_zones() -> None:
    kinds = [unit.kind for unit in HANOI.units.values()]
    assert (len(kinds), kinds.count("ward"), kinds.count("commune")) == (126, 51, 75)
    assert len(HANOI.zones) == 30
    assert sum(unit.area_km2 for unit in HANOI.units.values()) == pytest.approx(3_360, rel=0.01)


def test_codes_names_and_zones_are_each_their_own() -> None:
    everyone = [unit for zone in HANOI.zones for unit in zone.units]
    assert len({unit.code for unit in everyone}) == len(everyone)
    assert len({slug(unit.name) for unit in everyone}) == len(everyone)
    assert len({zone.slug for zone in HANOI.zones} | {CITY_ZONE}) == len(HANOI.zones) + 1
    assert CITY_AREA not in HANOI.units


def test_every_area_an_event_may_name_has_a_zone_the_whole_city_among_them() -> None:
    assert HANOI.zone_of[CITY_AREA] == CITY_ZONE
    assert set(HANOI.zone_of) == {CITY_AREA, *HANOI.units}
    assert HANOI.zone_of["00070"] == "hoan-kiem"


def test_names_are_composed_text_and_tags_are_plain() -> None:
    for zone in HANOI.zones:
        assert zone.slug.isascii()
        assert set(zone.slug) <= set("abcdefghijklmnopqrstuvwxyz-")
        for unit in zone.units:
            assert unicodedata.is_normalized("NFC", unit.name)
            assert unit.name_en.isascii()
            assert unit.code.isdigit()


def test_every_point_lies_in_the_region() -> None:
    for unit in HANOI.units.values():
        assert 20.5 < unit.latitude < 21.4
        assert 105.2 < unit.longitude < 106.1


@pytest.mark.parametrize("name", ["00070", "Hoàn Kiếm", "hoàn kiếm", "Hoan Kiem", "HOAN KIEM", "hoan  kiem"])
def test_a_unit_is_found_by_code_and_by_name_as_people_type_it(name: str) -> None:
    found = HANOI.find(name)
    assert found is not None
    assert found.code == "00070"


def test_decomposed_text_finds_the_same_unit() -> None:
    assert HANOI.find(unicodedata.normalize("NFD", "Đống Đa")) == HANOI.find("dong da")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("00070", {"Hoàn Kiếm"}),
        ("quoc tu", {"Văn Miếu - Quốc Tử Giám"}),
        ("Quốc Tử", {"Văn Miếu - Quốc Tử Giám"}),
        ("hoan kiem", {"Hoàn Kiếm", "Cửa Nam"}),  # the zone's units too
        ("HOÀN KIẾM", {"Hoàn Kiếm", "Cửa Nam"}),
        (unicodedata.normalize("NFD", "Hoàn Kiếm"), {"Hoàn Kiếm", "Cửa Nam"}),
        ("thường tín", {"Thường Tín", "Hồng Vân", "Thượng Phúc", "Chương Dương"}),
        ("Thượng P", {"Thượng Phúc"}),
        ("Atlantis", set()),
    ],
)
def test_units_are_searched_by_parts_of_names_with_and_without_diacritics(text: str, names: set[str]) -> None:
    assert {unit.name for unit in HANOI.search(text)} == names


def test_diacritics_that_are_written_tell_names_apart() -> None:
    assert {unit.name for unit in HANOI.search("đông")} < {unit.name for unit in HANOI.search("dong")}


def test_a_search_for_nothing_finds_every_unit() -> None:
    assert len(HANOI.search("")) == 126


def test_nobody_is_found_by_a_name_there_is_not() -> None:
    assert HANOI.find("Atlantis") is None
    assert HANOI.find("") is None


@pytest.mark.parametrize(
    ("name", "plain"),
    [("Đống Đa", "Dong Da"), ("Văn Miếu - Quốc Tử Giám", "Van Mieu - Quoc Tu Giam"), ("Ứng Hoà", "Ung Hoa")],
)
def test_diacritics_come_off(name: str, plain: str) -> None:
    assert without_diacritics(name) == plain


def test_another_city_is_another_table() -> None:
    unit = Unit("X1", "Quảng Trường", "ward", 1.0, 10.0, 20.0)
    small = City("small", "Small", "Europe/Paris", (Zone("Phía Đông", (unit,)),))
    assert small.zone_of == {"01": "city", "X1": "phia-dong"}
    assert small.find("quang truong") is unit


def assert_rows_are_in_the_table(rows: list[dict[str, str]]) -> None:
    for row in rows:
        unit = HANOI.units[row["code"]]
        assert (unit.name, unit.name_en, unit.kind) == (row["name_vi"], row["name_en"], row["kind"])
        assert (unit.area_km2, unit.latitude, unit.longitude) == (
            float(row["area_km2"]),
            float(row["latitude"]),
            float(row["longitude"]),
        )
        assert HANOI.zone_of[unit.code] == slug(row["zone"])


@pytest.mark.dataset
def test_the_table_is_the_data_sets() -> None:
    with dataset("city", "hanoi_units.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["code"] for row in rows} == set(HANOI.units)
    assert_rows_are_in_the_table(rows)


def test_the_table_holds_what_everybody_knows() -> None:
    known = """code,name_vi,name_en,kind,area_km2,latitude,longitude,zone
00004,Ba Đình,Ba Dinh,ward,2.97,21.03853,105.83806,Ba Đình
00433,Nội Bài,Noi Bai,commune,51.64,21.2308,105.79466,Sóc Sơn
10183,Thường Tín,Thuong Tin,commune,28.29,20.87697,105.8413,Thường Tín
"""
    assert_rows_are_in_the_table(list(csv.DictReader(io.StringIO(known))))
