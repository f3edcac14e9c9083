"""What there is to visit: the sights people come for, and one local place in every ward and commune.

The sights and where they stand are public knowledge. How visitors share themselves out among them, how long they
stay and how they spread over the day are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from city.domains.tourism.curve import area_below
from city.draw import interpolate
from city.geography import slug

if TYPE_CHECKING:
    from collections.abc import Mapping

    from city.domains.tourism.curve import Curve
    from city.geography import City


class Kind(StrEnum):
    """What sort of place it is: hours, shelter and length of stay follow from it."""

    SHORE = "shore"
    MUSEUM = "museum"
    SHRINE = "shrine"
    VILLAGE = "village"
    NATURE = "nature"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Habit:
    """How people visit a kind of place.

    Attributes:
        arrivals: minute of the day → relative rate of arrivals; zero while it is closed. It begins and ends alike.
        stay_min: how long a visit lasts.
        crowd: people whom the counters see for each visitor whom a register counts: neighbours, passers-by.
        exposure: the share of visitors that heavy rain keeps away; negative where rain drives them in.
    """

    arrivals: Curve
    stay_min: float
    crowd: float
    exposure: float

    def rate(self, minute: float) -> float:
        """The share of a day's visitors who arrive in a minute; a minute before midnight is one of a like yesterday."""
        return interpolate(self.arrivals, minute % 1_440) / area_below(self.arrivals)

    def inside(self, minute: float) -> float:
        """The share of a day's visitors who are inside: those of the last stay, its ends standing for all of it."""
        return self.stay_min * (self.rate(minute) + self.rate(minute - self.stay_min)) / 2


HABITS: Final[Mapping[Kind, Habit]] = {
    Kind.SHORE: Habit(
        ((0, 0.12), (120, 0.07), (270, 0.06), (330, 0.35), (420, 0.45), (540, 0.40), (690, 0.30), (840, 0.35),
         (1_020, 0.75), (1_140, 1.0), (1_230, 0.90), (1_320, 0.40), (1_440, 0.12)),
        stay_min=60, crowd=5.0, exposure=0.85,
    ),
    Kind.MUSEUM: Habit(
        ((0, 0), (479, 0), (480, 0.4), (570, 1.0), (690, 0.6), (780, 0.6), (870, 0.95), (960, 0.5), (1_019, 0.1),
         (1_020, 0), (1_440, 0)),
        stay_min=90, crowd=1.1, exposure=-0.15,
    ),
    Kind.SHRINE: Habit(
        ((0, 0), (419, 0), (420, 0.5), (540, 1.0), (660, 0.7), (780, 0.5), (900, 0.8), (1_020, 0.5), (1_079, 0.2),
         (1_080, 0), (1_440, 0)),
        stay_min=50, crowd=1.5, exposure=0.35,
    ),
    Kind.VILLAGE: Habit(
        ((0, 0), (479, 0), (480, 0.4), (600, 1.0), (720, 0.6), (840, 0.8), (960, 0.7), (1_079, 0.1), (1_080, 0),
         (1_440, 0)),
        stay_min=90, crowd=1.6, exposure=0.5,
    ),
    Kind.NATURE: Habit(
        ((0, 0), (389, 0), (390, 0.5), (510, 1.0), (690, 0.7), (840, 0.3), (960, 0.1), (1_050, 0), (1_440, 0)),
        stay_min=240, crowd=1.2, exposure=0.7,
    ),
    Kind.LOCAL: Habit(
        ((0, 0), (329, 0), (330, 0.6), (480, 0.7), (660, 0.6), (780, 0.4), (960, 0.8), (1_080, 1.0), (1_229, 0.3),
         (1_230, 0), (1_440, 0)),
        stay_min=40, crowd=2.0, exposure=0.4,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Attraction:
    """A place with a register at its gate and counters over its ways.

    Attributes:
        slug: the last part of its sources' names.
        domestic, foreign: its share of the city's visitors of that origin.
    """

    slug: str
    name: str
    kind: Kind
    area: str
    latitude: float
    longitude: float
    domestic: float
    foreign: float


@dataclass(frozen=True, slots=True)
class _Sight:
    """A sight of Hanoi: its unit by name, and its weights among the sights."""

    name: str
    kind: Kind
    unit: str
    latitude: float
    longitude: float
    domestic: float
    foreign: float


_SIGHTS: Final = (
    _Sight("Hồ Hoàn Kiếm", Kind.SHORE, "Hoàn Kiếm", 21.0285, 105.8522, 14, 16),
    _Sight("Phố cổ Hà Nội", Kind.SHORE, "Hoàn Kiếm", 21.0345, 105.8505, 10, 17),
    _Sight("Nhà thờ Lớn", Kind.SHRINE, "Hoàn Kiếm", 21.0287, 105.8489, 3, 5),
    _Sight("Nhà tù Hỏa Lò", Kind.MUSEUM, "Cửa Nam", 21.0253, 105.8465, 5, 8),
    _Sight("Văn Miếu - Quốc Tử Giám", Kind.SHRINE, "Văn Miếu - Quốc Tử Giám", 21.0293, 105.8355, 8, 13),
    _Sight("Hoàng thành Thăng Long", Kind.MUSEUM, "Ba Đình", 21.0353, 105.8403, 5, 6),
    _Sight("Lăng Chủ tịch Hồ Chí Minh", Kind.SHRINE, "Ba Đình", 21.0368, 105.8346, 12, 9),
    _Sight("Chùa Một Cột", Kind.SHRINE, "Ba Đình", 21.0359, 105.8336, 4, 4),
    _Sight("Hồ Tây", Kind.SHORE, "Tây Hồ", 21.0560, 105.8240, 8, 5),
    _Sight("Chùa Trấn Quốc", Kind.SHRINE, "Ba Đình", 21.0480, 105.8369, 3, 5),
    _Sight("Bảo tàng Dân tộc học", Kind.MUSEUM, "Nghĩa Đô", 21.0405, 105.7986, 3, 4),
    _Sight("Làng gốm Bát Tràng", Kind.VILLAGE, "Bát Tràng", 20.9770, 105.9130, 4, 2.5),
    _Sight("Làng lụa Vạn Phúc", Kind.VILLAGE, "Hà Đông", 20.9790, 105.7730, 2, 1),
    _Sight("Làng cổ Đường Lâm", Kind.VILLAGE, "Sơn Tây", 21.1560, 105.4740, 2, 1.2),
    _Sight("Thành Cổ Loa", Kind.SHRINE, "Đông Anh", 21.1160, 105.8720, 2, 0.6),
    _Sight("Chùa Thầy", Kind.SHRINE, "Quốc Oai", 21.0240, 105.6440, 2, 0.4),
    _Sight("Chùa Hương", Kind.NATURE, "Hương Sơn", 20.6180, 105.7460, 6, 1.3),
    _Sight("Vườn quốc gia Ba Vì", Kind.NATURE, "Ba Vì", 21.0600, 105.3620, 4, 0.7),
    _Sight("Đền Sóc", Kind.SHRINE, "Sóc Sơn", 21.2870, 105.8230, 3, 0.3),
)  # fmt: skip

_LOCAL_DOMESTIC: Final = 0.15
_LOCAL_FOREIGN: Final = 0.02
"""What all local places together have of the city's visitors."""


@lru_cache(maxsize=4)
def attractions(city: City) -> tuple[Attraction, ...]:
    """The sights that lie in the city's table, and a local place in each of its units."""
    sights = [(sight, unit) for sight in _SIGHTS if (unit := city.find(sight.unit)) is not None]
    domestic = sum(sight.domestic for sight, _ in sights)
    foreign = sum(sight.foreign for sight, _ in sights)
    left = 1 - _LOCAL_DOMESTIC, 1 - _LOCAL_FOREIGN
    units = len(city.units)
    spread = (_LOCAL_DOMESTIC / units, _LOCAL_FOREIGN / units) if sights else (1 / units, 1 / units)
    return (
        *(
            Attraction(
                slug(sight.name.replace(" - ", " ")),
                sight.name,
                sight.kind,
                unit.code,
                sight.latitude,
                sight.longitude,
                left[0] * sight.domestic / domestic,
                left[1] * sight.foreign / foreign,
            )
            for sight, unit in sights
        ),
        *(
            Attraction("di-tich", f"Di tích {unit.name}", Kind.LOCAL, unit.code, unit.latitude, unit.longitude, *spread)
            for unit in city.units.values()
        ),
    )
